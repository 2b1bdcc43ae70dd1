#include "registry/event_log/local/local_log.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <optional>
#include <thread>

#include "base/bytes.h"
#include "base/mutex.h"
#include "registry/event_log/local/high_water_mark.h"

namespace kpr {
namespace {

constexpr char kPartitionsKey[] = "partitions", kPseudonymKeyKey[] = "pseudonym-key";
constexpr size_t kGroupBytes = 8u << 20;  // what one synced write carries at the most

std::string OffsetKey(uint64_t offset) {
  std::string key;
  PutBigEndian(&key, offset);
  return key;
}

Status FromRocks(const rocksdb::Status& status, const std::string& doing) {
  if (status.ok()) return {};
  if (status.IsCorruption()) {
    return DataLoss(
        fmt::format("{}: {}. The log is damaged before its tail; restore it from a backup or a replica, "
                    "do not continue over it",
                    doing, status.ToString()));
  }
  if (status.IsIOError() && status.ToString().find("lock") != std::string::npos) {
    return FailedPrecondition(
        fmt::format("{}: another process holds the log ({})", doing, status.ToString()));
  }
  return Unavailable(fmt::format("{}: {}", doing, status.ToString()));
}

rocksdb::ColumnFamilyOptions StreamOptions() {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = 32u << 20;
  options.max_write_buffer_number = 3;
  options.compression = rocksdb::kLZ4Compression;
  rocksdb::BlockBasedTableOptions table;
  table.block_size = 64u << 10;
  table.format_version = 5;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

using Steady = std::chrono::steady_clock;
constexpr std::chrono::seconds kMarkPause{1};

class LocalLog : public EventLog {
 public:
  ~LocalLog() override {
    {
      const MutexLock lock(mutex_);
      closing_ = true;
    }
    work_.NotifyAll();
    if (writer_.joinable()) writer_.join();
    for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
    if (db_) db_->Close();
  }

  Status Open(const LocalLogOptions& options) {
    partitions_ = options.partitions;
    guard_ = options.space_guard;
    rocksdb::DBOptions db_options;
    db_options.create_if_missing = true;
    db_options.create_missing_column_families = true;
    db_options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    db_options.recycle_log_file_num = 0;
    db_options.max_total_wal_size = 64u << 20;  // bounds what a start after a kill replays
    db_options.max_background_jobs = 2;
    db_options.paranoid_checks = true;
    db_options.info_log_level = rocksdb::WARN_LEVEL;
    db_options.keep_log_file_num = 4;
    db_options.allow_fallocate = false;  // a small disk must not be full of promises
    KPR_RETURN_IF_ERROR(CheckPartitionCount(db_options, options.directory));
    std::vector<rocksdb::ColumnFamilyDescriptor> families{{rocksdb::kDefaultColumnFamilyName, {}}};
    for (uint32_t i = 0; i < partitions_; ++i)
      families.emplace_back(fmt::format("events-{}", i), StreamOptions());
    families.emplace_back("senders", StreamOptions());
    rocksdb::DB* db = nullptr;
    KPR_RETURN_IF_ERROR(FromRocks(rocksdb::DB::Open(db_options, options.directory, families, &handles_, &db),
                                  "open log " + options.directory));
    db_.reset(db);
    if (const auto s = db_->Put({}, kPartitionsKey, std::to_string(partitions_)); !s.ok()) {
      return FromRocks(s, "write log");
    }
    KPR_RETURN_IF_ERROR(CheckKey(options));
    for (uint32_t stream = 0; stream <= partitions_; ++stream) {
      KPR_ASSIGN_OR_RETURN(const uint64_t end, FindEnd(stream));
      next_.push_back(end);
    }
    mark_.emplace(options.mark);
    KPR_RETURN_IF_ERROR(mark_->Check(next_).WithContext("open log " + options.directory));
    KPR_RETURN_IF_ERROR(mark_->Write(next_));  // where it cannot be written, nobody would be warned
    marked_ = next_;
    {
      const MutexLock lock(mutex_);
      durable_ = next_;
    }
    writer_ = std::thread([this] { WriteLoop(); });
    return {};
  }

  uint32_t partitions() const override { return partitions_; }

  void Append(LogBatch batch, std::function<void(Status)> done) override {
    {
      const MutexLock lock(mutex_);
      if (!closing_ && failure_.ok()) {
        waiting_.push_back({std::move(batch), std::move(done)});
        work_.NotifyOne();
        return;
      }
    }
    done(Unavailable("the log is closed or has failed"));
  }

  Result<std::vector<LogChunk>> Read(uint32_t stream, uint64_t offset, size_t max_bytes) override {
    std::vector<LogChunk> chunks;
    const uint64_t end = End(stream);
    if (offset >= end) return chunks;
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options, handles_[stream + 1]));
    it->SeekForPrev(OffsetKey(offset));
    for (size_t bytes = 0; it->Valid() && bytes < max_bytes; it->Next()) {
      ByteReader key({it->key().data(), it->key().size()});
      ByteReader value({it->value().data(), it->value().size()});
      LogChunk chunk{key.BigEndian<uint64_t>(), value.BigEndian<uint32_t>(), {}};
      if (chunk.first_offset >= end) break;  // written, not yet known to be durable
      chunk.bytes = value.Bytes(value.size());
      if (key.failed() || value.failed())
        return DataLoss(fmt::format("log stream {} offset {}", stream, offset));
      bytes += chunk.bytes.size();
      if (chunk.end() > offset) chunks.push_back(std::move(chunk));
    }
    if (!it->status().ok()) return FromRocks(it->status(), fmt::format("read log stream {}", stream));
    return chunks;
  }

  uint64_t End(uint32_t stream) const override {
    const MutexLock lock(mutex_);
    return durable_[stream];
  }

  uint64_t WaitBeyond(uint32_t stream, uint64_t offset, std::chrono::milliseconds timeout) override {
    const auto end = Steady::now() + timeout;
    const MutexLock lock(mutex_);
    while (durable_[stream] <= offset && !closing_ && more_.WaitUntil(mutex_, end)) continue;
    return durable_[stream];
  }

  Status Failure() const override {
    const MutexLock lock(mutex_);
    return failure_;
  }

  Status Accepting() const override {
    KPR_RETURN_IF_ERROR(Failure());
    return guard_ ? guard_->CheckAppend(0) : Status();
  }

 private:
  struct Waiting {
    LogBatch batch;
    std::function<void(Status)> done;
  };

  // RocksDB would make missing families; a log with another partition count must be refused before that.
  Status CheckPartitionCount(const rocksdb::DBOptions& options, const std::string& directory) const {
    std::vector<std::string> names;
    if (!rocksdb::DB::ListColumnFamilies(options, directory, &names).ok()) return {};  // a new log
    const size_t found = names.size() - 2;
    if (names.size() > 2 && found != partitions_) {
      return FailedPrecondition(
          fmt::format("log {} was created with {} partitions, the configuration says {}: the number is "
                      "fixed for a log's life",
                      directory, found, partitions_));
    }
    return {};
  }

  // With another key every known person would come back as someone else.
  Status CheckKey(const LocalLogOptions& options) {
    if (options.key_id.empty()) return {};
    std::string known;
    const rocksdb::Status read = db_->Get({}, kPseudonymKeyKey, &known);
    if (read.IsNotFound()) {
      rocksdb::WriteOptions synced;
      synced.sync = true;
      return FromRocks(db_->Put(synced, kPseudonymKeyKey, options.key_id), "write log");
    }
    KPR_RETURN_IF_ERROR(FromRocks(read, "read log"));
    if (known == options.key_id) return {};
    return FailedPrecondition(fmt::format(
        "log {}: the pseudonym key is not the one the log was begun with, so persons would not be "
        "known again: restore that key (its id is {}, this one's {})",
        options.directory, known, options.key_id));
  }

  Result<uint64_t> FindEnd(uint32_t stream) {
    std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator({}, handles_[stream + 1]));
    it->SeekToLast();
    if (!it->Valid()) {
      if (!it->status().ok()) return FromRocks(it->status(), "open log");
      return uint64_t{0};
    }
    ByteReader key({it->key().data(), it->key().size()});
    ByteReader value({it->value().data(), it->value().size()});
    return key.BigEndian<uint64_t>() + value.BigEndian<uint32_t>();
  }

  void WriteLoop() {
    while (true) {
      std::vector<Waiting> group;
      {
        const MutexLock lock(mutex_);
        const bool marked = marked_ == durable_;
        while (waiting_.empty() && !closing_) {
          if (marked) {
            work_.Wait(mutex_);
          } else if (!work_.WaitUntil(mutex_, mark_at_)) {
            break;
          }
        }
        if (waiting_.empty() && closing_) break;
        for (size_t bytes = 0; !waiting_.empty() && bytes < kGroupBytes;) {
          bytes += waiting_.front().batch.bytes();
          group.push_back(std::move(waiting_.front()));
          waiting_.pop_front();
        }
      }
      if (!group.empty()) FinishGroup(group);
      if (Steady::now() >= mark_at_) Mark();
    }
    Mark();
  }

  // What cannot be marked now is marked later: a mark that lags is only less watchful.
  void Mark() {
    mark_at_ = Steady::now() + kMarkPause;
    std::vector<uint64_t> durable;
    {
      const MutexLock lock(mutex_);
      durable = durable_;
    }
    if (marked_ != durable && mark_->Write(durable).ok()) marked_ = durable;
  }

  void FinishGroup(const std::vector<Waiting>& group) {
    const Status status = WriteGroup(group);
    {
      const MutexLock lock(mutex_);
      if (status.ok()) {
        durable_ = next_;
      } else {
        next_ = durable_;
        if (status.code() != Code::kResourceExhausted)
          failure_ = status;  // after a failed sync nothing is certain
      }
    }
    more_.NotifyAll();
    for (const Waiting& waiting : group) waiting.done(status);
  }

  Status WriteGroup(const std::vector<Waiting>& group) {
    size_t bytes = 0;
    for (const Waiting& waiting : group) bytes += waiting.batch.bytes();
    if (guard_ != nullptr) KPR_RETURN_IF_ERROR(guard_->CheckAppend(bytes));
    {
      const MutexLock lock(mutex_);
      KPR_RETURN_IF_ERROR(failure_);
    }
    rocksdb::WriteBatch write(bytes + 1024);
    for (uint32_t stream = 0; stream <= partitions_; ++stream) {
      uint32_t records = 0;
      std::vector<rocksdb::Slice> parts{{}};
      for (const Waiting& waiting : group) {
        for (const auto& s : waiting.batch.streams()) {
          if (s.stream != stream) continue;
          records += s.records;
          parts.emplace_back(s.bytes);
        }
      }
      if (records == 0) continue;
      const std::string key = OffsetKey(next_[stream]);
      std::string header;
      PutBigEndian(&header, records);
      parts[0] = header;
      const rocksdb::Slice key_slice(key);
      write.Put(handles_[stream + 1], {&key_slice, 1}, {parts.data(), static_cast<int>(parts.size())});
      next_[stream] += records;
    }
    rocksdb::WriteOptions options;
    options.sync = true;
    return FromRocks(db_->Write(options, &write), "append to log");
  }

  uint32_t partitions_ = 0;
  const SpaceGuard* guard_ = nullptr;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  // Of the writer's thread alone.
  std::vector<uint64_t> next_, marked_;
  std::optional<HighWaterMark> mark_;
  Steady::time_point mark_at_;

  mutable Mutex mutex_;
  ConditionVariable work_, more_;
  std::deque<Waiting> waiting_ KPR_GUARDED_BY(mutex_);
  std::vector<uint64_t> durable_ KPR_GUARDED_BY(mutex_);
  Status failure_ KPR_GUARDED_BY(mutex_);
  bool closing_ KPR_GUARDED_BY(mutex_) = false;
  std::thread writer_;
};

}  // namespace

Result<std::unique_ptr<EventLog>> OpenLocalLog(const LocalLogOptions& options) {
  auto log = std::make_unique<LocalLog>();
  if (Status status = log->Open(options); !status.ok()) return status;
  return std::unique_ptr<EventLog>(std::move(log));
}

}  // namespace kpr

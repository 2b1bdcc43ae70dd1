#include "registry/store/partition_store.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/snapshot.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/utilities/backup_engine.h>

#include <atomic>
#include <filesystem>
#include <random>

#include "base/bytes.h"
#include "base/mutex.h"
#include "registry/store/families.h"
#include "registry/store/rocks.h"

namespace kpr {
namespace {

constexpr char kStateKey[] = "state";
constexpr char kCatalogueKey[] = "catalogue";
constexpr char kEpochKey[] = "epoch", kFormatKey[] = "format";
const std::string kMetadataPrefix = "metadata/";

class RocksPartitionStore : public PartitionStore, public std::enable_shared_from_this<RocksPartitionStore> {
 public:
  ~RocksPartitionStore() override {
    for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
    if (db_) db_->Close();
  }

  Status Open(const std::string& directory, StoreUse use) {
    directory_ = directory;
    write_options_.disableWAL = use == StoreUse::kFilling;
    rocksdb::DB* db = nullptr;
    const rocksdb::Status opened =
        rocksdb::DB::Open(StoreOptions(), directory, FamiliesFor(use), &handles_, &db);
    if (opened.IsInvalidArgument()) return OfAnotherVersion(opened.ToString());
    KPR_RETURN_IF_ERROR(FromRocks(opened, "open store " + directory));
    db_.reset(db);
    KPR_RETURN_IF_ERROR(CheckFormat());
    StoreState state;
    KPR_RETURN_IF_ERROR(ReadState(nullptr, &state));
    next_offset_ = state.next_offset;
    horizon_days_ = state.horizon_days;
    feedback_next_ = state.feedback_next;
    KPR_ASSIGN_OR_RETURN(const std::optional<std::string> catalogue, ReadMeta(kCatalogueKey));
    {
      const MutexLock lock(catalogue_mutex_);
      catalogue_ = catalogue.value_or("");
    }
    KPR_RETURN_IF_ERROR(CountQuarantined());
    return ReadEpoch();
  }

  Status Write(const StoreWrite& write) override {
    rocksdb::WriteBatch batch;
    for (const auto& [subject, bytes] : write.timeline_appends) {
      batch.Merge(handles_[kTimelineFamily], rocksdb::Slice(subject.view().data(), subject.view().size()),
                  bytes);
    }
    for (const std::string& prefix : write.cell_prefix_deletes) {
      const std::string end = AfterPrefix(prefix);
      batch.DeleteRange(handles_[kCellFamily], prefix, end);
      batch.DeleteRange(handles_[kTotalFamily], prefix, end);
    }
    for (const auto& [key, value] : write.cell_deltas) batch.Merge(handles_[kCellFamily], key, value);
    for (const auto& [key, value] : write.total_deltas) batch.Merge(handles_[kTotalFamily], key, value);
    for (const auto& key : write.day_boundary_deletes) batch.Delete(handles_[kDayBoundaryFamily], key);
    for (const auto& [key, value] : write.day_boundary_puts)
      batch.Put(handles_[kDayBoundaryFamily], key, value);
    if (write.catalogue) batch.Put(handles_[kMeta], kCatalogueKey, *write.catalogue);
    for (const auto& [key, value] : write.finding_puts) batch.Put(handles_[kFindingFamily], key, value);
    for (const auto& key : write.finding_deletes) batch.Delete(handles_[kFindingFamily], key);
    for (const auto& [key, value] : write.feedback_puts) batch.Put(handles_[kFeedbackFamily], key, value);
    for (const auto& [key, value] : write.outbox_puts) batch.Put(handles_[kOutboxFamily], key, value);
    for (const auto& key : write.outbox_deletes) batch.Delete(handles_[kOutboxFamily], key);
    for (const auto& [key, value] : write.quarantine_puts) batch.Put(handles_[kQuarantineFamily], key, value);
    for (const auto& key : write.quarantine_deletes) batch.Delete(handles_[kQuarantineFamily], key);
    bool quarantine = !write.quarantine_puts.empty() || !write.quarantine_deletes.empty();
    for (const Put& put : write.puts) {
      quarantine = quarantine || put.table == Table::kQuarantine;
      if (put.value) {
        batch.Put(handles_[FamilyOf(put.table)], put.key, *put.value);
      } else {
        batch.Delete(handles_[FamilyOf(put.table)], put.key);
      }
    }
    for (const auto& [name, value] : write.metadata) {
      std::string bytes;
      PutVarint(&bytes, value);
      batch.Put(handles_[kMeta], kMetadataPrefix + name, bytes);
    }
    if (write.epoch) batch.Put(handles_[kMeta], kEpochKey, EncodeEpoch(*write.epoch));
    std::string state;
    PutVarint(&state, write.next_offset);
    PutSigned(&state, write.horizon_days);
    PutVarint(&state, write.feedback_next);
    if (write.partial_batch) PutVarint(&state, 1);
    batch.Put(handles_[kMeta], kStateKey, state);
    KPR_RETURN_IF_ERROR(Checked(db_->Write(write_options_, &batch), "write store " + directory_));
    horizon_days_ = write.horizon_days;
    feedback_next_ = write.feedback_next;
    next_offset_ = write.next_offset;
    if (write.epoch) epoch_ = *write.epoch;
    if (write.catalogue) {
      const MutexLock lock(catalogue_mutex_);
      catalogue_ = *write.catalogue;
    }
    return quarantine ? CountQuarantined() : Status();
  }

  Status AddInBulk(Table table, const std::function<void(const DeltaSink&)>& give) override {
    rocksdb::ColumnFamilyHandle* family = handles_[FamilyOf(table)];
    const std::string doing = "write store " + directory_, file = directory_ + "/deltas.sst";
    std::error_code error;
    std::filesystem::remove(file, error);  // of a write that failed
    rocksdb::SstFileWriter writer({}, db_->GetOptions(family), family);
    rocksdb::Status status;
    bool any = false;
    give([&](const std::string& key, const std::string& slots) {
      if (!any) status = writer.Open(file);
      any = true;
      if (status.ok()) status = writer.Merge(key, slots);
    });
    if (!any) return {};
    if (status.ok()) status = writer.Finish();
    KPR_RETURN_IF_ERROR(Checked(status, doing));
    rocksdb::IngestExternalFileOptions options;
    options.move_files = true;
    options.write_global_seqno = false;
    return Checked(db_->IngestExternalFile(family, {file}, options), doing);
  }

  Result<std::string> Timeline(const SubjectId& subject) const override {
    std::string bytes;
    const rocksdb::Slice key(subject.view().data(), subject.view().size());
    const rocksdb::Status status = db_->Get({}, handles_[kTimelineFamily], key, &bytes);
    if (!status.ok() && !status.IsNotFound()) return Checked(status, "read timeline");
    return bytes;
  }

  Result<std::vector<std::string>> Timelines(const std::vector<SubjectId>& subjects) const override {
    const size_t n = subjects.size();
    std::vector<rocksdb::Slice> keys;
    keys.reserve(n);
    for (const SubjectId& subject : subjects) keys.emplace_back(subject.view().data(), subject.view().size());
    std::vector<rocksdb::PinnableSlice> values(n);
    std::vector<rocksdb::Status> statuses(n);
    db_->MultiGet({}, handles_[kTimelineFamily], n, keys.data(), values.data(), statuses.data(), true);
    std::vector<std::string> timelines(n);
    for (size_t i = 0; i < n; ++i) {
      if (!statuses[i].ok() && !statuses[i].IsNotFound()) return Checked(statuses[i], "read timelines");
      if (statuses[i].ok()) timelines[i].assign(values[i].data(), values[i].size());
    }
    return timelines;
  }

  Result<std::vector<std::optional<std::string>>> Values(
      Table table, const std::vector<std::string>& keys) const override {
    const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
    std::vector<rocksdb::PinnableSlice> found(keys.size());
    std::vector<rocksdb::Status> statuses(keys.size());
    db_->MultiGet({}, handles_[FamilyOf(table)], keys.size(), slices.data(), found.data(), statuses.data());
    std::vector<std::optional<std::string>> values(keys.size());
    for (size_t i = 0; i < keys.size(); ++i) {
      if (!statuses[i].ok() && !statuses[i].IsNotFound()) return Checked(statuses[i], "read " + directory_);
      if (statuses[i].ok()) values[i] = found[i].ToString();
    }
    return values;
  }

  Status Scan(Table table, std::string_view prefix, const ScanFunction& f) const override {
    return ScanRange(table, prefix, AfterPrefix(prefix), f, nullptr);
  }

  Status ScanRange(Table table, std::string_view first, std::string_view end, const ScanFunction& f,
                   StoreState* state) const override {
    rocksdb::ManagedSnapshot snapshot(db_.get());
    if (state != nullptr) KPR_RETURN_IF_ERROR(ReadState(snapshot.snapshot(), state));
    return ScanAt(snapshot.snapshot(), table, first, end, f);
  }

  Result<std::unique_ptr<Snapshot>> TakeSnapshot() const override {
    auto snapshot = std::make_unique<RocksSnapshot>(this);
    KPR_RETURN_IF_ERROR(ReadState(snapshot->rocks(), snapshot->mutable_state()));
    if (snapshot->state().partial_batch)
      return Unavailable("this node is reading a large changelog batch; retry");
    return std::unique_ptr<Snapshot>(std::move(snapshot));
  }

  uint64_t next_offset() const override { return next_offset_; }
  int32_t horizon_days() const override { return horizon_days_; }
  uint64_t feedback_next() const override { return feedback_next_; }
  uint64_t epoch() const override { return epoch_; }

  uint64_t quarantined() const override { return quarantined_; }

  Result<uint64_t> Metadata(const std::string& name) const override {
    KPR_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, ReadMeta(kMetadataPrefix + name));
    if (!bytes) return uint64_t{0};
    ByteReader reader(*bytes);
    const uint64_t value = reader.Varint();
    if (reader.failed()) return DataLoss(fmt::format("metadata {} of store {}", name, directory_));
    return value;
  }

  Status MergeTotals() override {
    rocksdb::CompactRangeOptions options;
    options.exclusive_manual_compaction = false;
    return Checked(db_->CompactRange(options, handles_[kTotalFamily], nullptr, nullptr),
                   "merge the totals of store " + directory_);
  }

  Status Flush() override { return Checked(db_->Flush({}, handles_), "flush store " + directory_); }

  Status Backup(const std::string& directory) override {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error) return Unavailable(fmt::format("backup {}: {}", directory, error.message()));
    rocksdb::BackupEngine* opened = nullptr;
    KPR_RETURN_IF_ERROR(
        FromRocks(rocksdb::BackupEngine::Open(rocksdb::Env::Default(), BackupOptions(directory), &opened),
                  "open backups " + directory));
    const std::shared_ptr<rocksdb::BackupEngine> engine(opened);
    {
      const MutexLock lock(backup_mutex_);
      backup_ = engine;
    }
    rocksdb::CreateBackupOptions options;
    options.flush_before_backup = true;
    // Not more than what is in the copy: the store may change meanwhile.
    const rocksdb::Status made =
        engine->CreateNewBackupWithMetadata(options, db_.get(), std::to_string(next_offset_));
    {
      const MutexLock lock(backup_mutex_);
      backup_.reset();
    }
    KPR_RETURN_IF_ERROR(FromRocks(made, "backup to " + directory));
    return FromRocks(engine->PurgeOldBackups(2), "purge backups in " + directory);
  }

  void StopBackup() override {
    const MutexLock lock(backup_mutex_);
    if (backup_) backup_->StopBackup();
  }

  bool damaged() const override { return damaged_; }

  std::string catalogue() const override {
    const MutexLock lock(catalogue_mutex_);
    return catalogue_;
  }

 private:
  // The error, and a note where it says that the store is damaged.
  Status Checked(const rocksdb::Status& status, const std::string& doing) const {
    if (status.IsCorruption()) damaged_ = true;
    return FromRocks(status, doing);
  }

  class RocksSnapshot : public Snapshot {
   public:
    explicit RocksSnapshot(const RocksPartitionStore* store)
        : store_(store->shared_from_this()), snapshot_(store->db_.get()) {}
    const StoreState& state() const override { return state_; }
    Result<std::string> Catalogue() const override {
      KPR_ASSIGN_OR_RETURN(const auto catalogue, store_->ReadMeta(kCatalogueKey, snapshot_.snapshot()));
      return catalogue.value_or("");
    }
    Status ScanRange(Table table, std::string_view first, std::string_view end,
                     const ScanFunction& f) const override {
      return store_->ScanAt(snapshot_.snapshot(), table, first, end, f);
    }
    const rocksdb::Snapshot* rocks() const { return snapshot_.snapshot(); }
    StoreState* mutable_state() { return &state_; }

   private:
    const std::shared_ptr<const RocksPartitionStore> store_;
    mutable rocksdb::ManagedSnapshot snapshot_;
    StoreState state_;
  };

  Status ScanAt(const rocksdb::Snapshot* snapshot, Table table, std::string_view first, std::string_view end,
                const ScanFunction& f) const {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot;
    const rocksdb::Slice upper(end.data(), end.size());
    if (!end.empty()) options.iterate_upper_bound = &upper;
    std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options, handles_[FamilyOf(table)]));
    for (it->Seek(rocksdb::Slice(first.data(), first.size())); it->Valid(); it->Next()) {
      if (!f(View(it->key()), View(it->value()))) return {};
    }
    return Checked(it->status(), "scan store " + directory_);
  }

  Status ReadState(const rocksdb::Snapshot* snapshot, StoreState* state) const {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot;
    std::string bytes;
    const rocksdb::Status status = db_->Get(options, handles_[kMeta], kStateKey, &bytes);
    if (status.IsNotFound()) return {};
    KPR_RETURN_IF_ERROR(Checked(status, "read store " + directory_));
    ByteReader reader(bytes);
    state->next_offset = reader.Varint();
    state->horizon_days = static_cast<int32_t>(reader.Signed());
    state->feedback_next = reader.Varint();
    state->partial_batch = !reader.empty() && reader.Varint() != 0;
    return reader.failed() ? DataLoss("state of store " + directory_) : Status();
  }

  // A value that cannot be read is an error, never one that is not there.
  Result<std::optional<std::string>> ReadMeta(const std::string& key,
                                              const rocksdb::Snapshot* snapshot = nullptr) const {
    std::string bytes;
    rocksdb::ReadOptions options;
    options.snapshot = snapshot;
    const rocksdb::Status status = db_->Get(options, handles_[kMeta], key, &bytes);
    if (status.IsNotFound()) return std::optional<std::string>();
    KPR_RETURN_IF_ERROR(Checked(status, "read store " + directory_));
    return std::optional(std::move(bytes));
  }

  Status OfAnotherVersion(const std::string& why) const {
    return FailedPrecondition(fmt::format(
        "open store {}: {}. Another version made this store; run 'kpr rebuild' to recreate it from the log; "
        "on Kafka, delete it and its backups",
        directory_, why));
  }

  // A store that was never opened is given the format.
  Status CheckFormat() {
    KPR_ASSIGN_OR_RETURN(const std::optional<std::string> format, ReadMeta(kFormatKey));
    if (format == kStoreFormat) return {};
    KPR_ASSIGN_OR_RETURN(const std::optional<std::string> epoch, ReadMeta(kEpochKey));
    if (format || epoch)
      return OfAnotherVersion(fmt::format("format {}, not {}", format.value_or("1"), kStoreFormat));
    return Checked(db_->Put({}, handles_[kMeta], kFormatKey, kStoreFormat), "write store " + directory_);
  }

  Status ReadEpoch() {
    KPR_ASSIGN_OR_RETURN(std::optional<std::string> bytes, ReadMeta(kEpochKey));
    if (!bytes) {
      std::random_device random;
      bytes = EncodeEpoch(random());
      KPR_RETURN_IF_ERROR(
          Checked(db_->Put({}, handles_[kMeta], kEpochKey, *bytes), "write store " + directory_));
    }
    epoch_ = ByteReader(*bytes).BigEndian<uint32_t>();
    return {};
  }

  Status CountQuarantined() {
    uint64_t count = 0;
    KPR_RETURN_IF_ERROR(Scan(Table::kQuarantine, "", [&](std::string_view, std::string_view) {
      ++count;
      return true;
    }));
    quarantined_ = count;
    return {};
  }

  static std::string EncodeEpoch(uint64_t epoch) {
    std::string bytes;
    PutBigEndian(&bytes, static_cast<uint32_t>(epoch));
    return bytes;
  }

  std::string directory_;
  rocksdb::WriteOptions write_options_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::atomic<uint64_t> next_offset_ = 0;
  std::atomic<int32_t> horizon_days_ = 0;
  std::atomic<uint64_t> feedback_next_ = 0;
  std::atomic<uint64_t> epoch_ = 0;
  std::atomic<uint64_t> quarantined_ = 0;
  mutable std::atomic<bool> damaged_ = false;
  mutable Mutex catalogue_mutex_;
  std::string catalogue_ KPR_GUARDED_BY(catalogue_mutex_);
  Mutex backup_mutex_;  // the backup that is being made
  std::shared_ptr<rocksdb::BackupEngine> backup_ KPR_GUARDED_BY(backup_mutex_);
};

}  // namespace

Result<std::shared_ptr<PartitionStore>> OpenPartitionStore(const std::string& directory, StoreUse use) {
  auto store = std::make_shared<RocksPartitionStore>();
  if (Status status = store->Open(directory, use); !status.ok()) return status;
  return std::shared_ptr<PartitionStore>(std::move(store));
}

void MergeAtOnce(uint32_t stores) {
  rocksdb::Env::Default()->IncBackgroundThreadsIfNeeded(static_cast<int>(stores),
                                                        rocksdb::Env::Priority::LOW);
}

}  // namespace kpr

#include "registry/replica/changelog_writer.h"

#include <algorithm>

#include "base/ids.h"

namespace kpr {
namespace {

constexpr std::chrono::milliseconds kReadWait{1000}, kSilence{30'000};

// Cells that have come to nothing are stored as empty values.
bool IsThere(Table table, std::string_view value) {
  return !value.empty() || (table != Table::kCells && table != Table::kTotals);
}

}  // namespace

void ChangelogWriter::Changed(Table table, const std::string& key) {
  if (compared_) changed_.insert(ChangeKey(table, key));
}

void ChangelogWriter::Written(const StoreWrite& write) {
  for (const auto& [key, value] : write.cell_deltas) Changed(Table::kCells, key);
  for (const auto& [key, value] : write.total_deltas) Changed(Table::kTotals, key);
  for (const std::string& key : write.day_boundary_deletes) Changed(Table::kDayBoundaries, key);
  for (const auto& [key, value] : write.day_boundary_puts) Changed(Table::kDayBoundaries, key);
  for (const auto& [key, value] : write.finding_puts) Changed(Table::kFindings, key);
  for (const std::string& key : write.finding_deletes) Changed(Table::kFindings, key);
  for (const auto& [key, value] : write.feedback_puts) Changed(Table::kFeedback, key);
  for (const auto& [key, value] : write.quarantine_puts) Changed(Table::kQuarantine, key);
  for (const std::string& key : write.quarantine_deletes) Changed(Table::kQuarantine, key);
  // Which cells go with a prefix is not known here, and memory is bounded: then all is compared again.
  if (!write.cell_prefix_deletes.empty() || changed_.size() > options_.most_changes) {
    writer_.reset();
    compared_ = false;
    changed_.clear();
  }
}

Status ChangelogWriter::Drain(const PartitionStore& store, bool behind, const std::atomic<bool>& stopping) {
  const auto now = Steady::now();
  if (writer_ == nullptr) {
    if (now - failed_at_ < options_.retry) return failure_;
    if (const Status status = BeginWriting(stopping); !status.ok()) return Failed(status);
  }
  // An earlier worker was further: what it published is kept until this one has come as far.
  if (store.next_offset() < last_.state.next_offset) return {};
  if (!compared_) {
    if (const Status status = Compare(store); !status.ok()) return Failed(status);
  }
  const BatchCommitMarker marker{{store.next_offset(), store.horizon_days(), store.feedback_next()},
                                 store.epoch(),
                                 store.catalogue(),
                                 clock_->UnixMillis()};
  const bool changed = !changed_.empty() || !marker.SameStore(last_);
  const auto pause = behind ? options_.interval_behind : changed ? options_.interval : options_.heartbeat;
  if (now - last_written_at_ < pause) return {};
  if (const Status status = WriteBatch(store, marker); !status.ok()) return Failed(status);
  changed_.clear();
  last_ = marker;
  last_written_at_ = now;
  failure_ = {};
  return {};
}

// All is compared again after any failure.
Status ChangelogWriter::Failed(const Status& status) {
  writer_.reset();
  compared_ = false;
  changed_.clear();
  failed_at_ = Steady::now();
  failure_ = status.WithContext("publish cells");
  return failure_;
}

// The only writer first, then what is there: so nothing is added behind the reader's back.
Status ChangelogWriter::BeginWriting(const std::atomic<bool>& stopping) {
  KPR_ASSIGN_OR_RETURN(auto writer, changelog_->Producer(partition_));
  KPR_RETURN_IF_ERROR(writer->Begin());
  KPR_ASSIGN_OR_RETURN(const auto reader, changelog_->Reader(partition_));
  KPR_RETURN_IF_ERROR(reader->Seek(0));
  published_.clear();
  last_ = {};
  auto heard = Steady::now();
  for (bool caught_up = false; !caught_up;) {
    if (stopping) return Unavailable("stopping");
    if (Steady::now() - heard > kSilence) return Unavailable("the cluster does not give what was published");
    KPR_ASSIGN_OR_RETURN(const ChangelogReader::Poll poll, reader->Read(kReadWait));
    if (!poll.records.empty()) heard = Steady::now();
    for (const ChangelogRecord& record : poll.records) {
      if (IsMarker(record)) {
        KPR_ASSIGN_OR_RETURN(last_, DecodeMarker(record));
        continue;
      }
      KPR_ASSIGN_OR_RETURN(const Change change, DecodeChange(record));
      if (change.value) {
        published_[record.key] = Fnv1a(*change.value);
      } else {
        published_.erase(record.key);
      }
    }
    caught_up = poll.caught_up;
  }
  writer_ = std::move(writer);
  return {};
}

Status ChangelogWriter::Compare(const PartitionStore& store) {
  changed_.clear();
  for (const Table table : kPublishedTables) {
    KPR_RETURN_IF_ERROR(store.Scan(table, "", [&](std::string_view key, std::string_view value) {
      std::string change_key = ChangeKey(table, key);
      const auto it = published_.find(change_key);
      const bool same = it != published_.end() && it->second == Fnv1a(value);
      if (it != published_.end() && IsThere(table, value)) published_.erase(it);
      if (!same && IsThere(table, value)) changed_.insert(std::move(change_key));
      return true;
    }));
  }
  for (auto& [key, hash] : published_) changed_.insert(key);  // no longer there
  published_ = {};
  compared_ = true;
  return {};
}

Status ChangelogWriter::RecordsOf(const PartitionStore& store, const std::vector<std::string>& keys,
                                  std::vector<ChangelogRecord>* records) const {
  std::map<Table, std::vector<std::string>> by_table;
  for (const std::string& key : keys) {
    KPR_ASSIGN_OR_RETURN(Change change, DecodeChange({key, std::nullopt, 0}));
    by_table[change.table].push_back(std::move(change.key));
  }
  for (const auto& [table, table_keys] : by_table) {
    KPR_ASSIGN_OR_RETURN(const auto values, store.Values(table, table_keys));
    for (size_t i = 0; i < table_keys.size(); ++i) {
      std::string key = ChangeKey(table, table_keys[i]);
      if (values[i] && IsThere(table, *values[i])) {
        records->push_back(EncodeChange(std::move(key), store.next_offset(), *values[i]));
      } else {
        records->push_back({std::move(key), std::nullopt, 0});
      }
    }
  }
  return {};
}

Status ChangelogWriter::WriteBatch(const PartitionStore& store, const BatchCommitMarker& marker) {
  std::vector<std::string> keys(changed_.begin(), changed_.end());
  std::sort(keys.begin(), keys.end());
  for (size_t at = 0;;) {
    const size_t end = std::min(at + options_.at_once, keys.size());
    std::vector<ChangelogRecord> records;
    KPR_RETURN_IF_ERROR(RecordsOf(
        store,
        {keys.begin() + static_cast<std::ptrdiff_t>(at), keys.begin() + static_cast<std::ptrdiff_t>(end)},
        &records));
    at = end;
    if (at == keys.size()) records.push_back(EncodeMarker(marker));
    KPR_RETURN_IF_ERROR(writer_->Write(records));
    if (at == keys.size()) return {};
  }
}

}  // namespace kpr

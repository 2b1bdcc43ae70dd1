// Publishes a partition's cells, findings and what else queries read, as its worker's store has them. What is
// published under a log position is exactly the store at that position, whoever published before: on taking
// over, the store is compared with all that is in the changelog.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/clock.h"
#include "registry/apply/partition.h"
#include "registry/replica/changelog_record.h"

namespace kpr {

struct ChangelogWriterOptions {
  std::chrono::milliseconds interval{250};          // between publications
  std::chrono::milliseconds interval_behind{2000};  // while much of the log waits to be applied
  std::chrono::milliseconds heartbeat{1000};        // at the latest, though nothing has changed
  std::chrono::milliseconds retry{1000};            // after an error
  size_t most_changes = 2'000'000;                  // remembered; beyond it all is compared again
  size_t at_once = 50'000;                          // records written as one
};

class ChangelogWriter : public ChangelogSink {
 public:
  // `changelog` and `clock` outlive the publisher.
  ChangelogWriter(Changelog* changelog, const Clock* clock, uint32_t partition,
                  ChangelogWriterOptions options)
      : changelog_(changelog), clock_(clock), partition_(partition), options_(options) {}

  void Written(const StoreWrite& write) override;
  Status Drain(const PartitionStore& store, bool behind, const std::atomic<bool>& stopping) override;

 private:
  using Steady = std::chrono::steady_clock;
  Status BeginWriting(const std::atomic<bool>& stopping);
  Status Failed(const Status& status);
  Status Compare(const PartitionStore& store);
  Status WriteBatch(const PartitionStore& store, const BatchCommitMarker& marker);
  Status RecordsOf(const PartitionStore& store, const std::vector<std::string>& keys,
                   std::vector<ChangelogRecord>* records) const;
  void Changed(Table table, const std::string& key);

  Changelog* changelog_;
  const Clock* clock_;
  const uint32_t partition_;
  const ChangelogWriterOptions options_;
  std::unique_ptr<ChangelogProducer> writer_;            // while this worker is the writer
  std::unordered_map<std::string, uint64_t> published_;  // key to hash of value, until it is compared
  bool compared_ = false;
  std::unordered_set<std::string> changed_;  // since the last publication
  BatchCommitMarker last_;
  Steady::time_point last_written_at_{}, failed_at_{};
  Status failure_;  // reported until the next try
};

}  // namespace kpr

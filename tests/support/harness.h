// A register on a temporary folder for tests: real log, real stores, real threads.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "indicators/aggregation/cell_updater.h"
#include "indicators/engine/plan.h"
#include "kpr/v1/event.pb.h"
#include "registry/apply/registry.h"
#include "registry/event_log/local/local_log.h"

namespace kpr::test {

class TempFolder {
 public:
  TempFolder();
  ~TempFolder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

const PlanHolder& DefaultPlan();

class Harness {
 public:
  // `plan` outlives the harness.
  explicit Harness(uint32_t partitions, size_t batch_bytes = 2u << 20,
                   const PlanHolder* plan = &DefaultPlan());
  ~Harness() { Close(); }

  void Open();
  Status TryOpen();  // leaves nothing open where it fails
  void Close();
  // Appends as the ingest edge would: an identity change goes to both timelines' partitions. Who sent an
  // event stands in its source.district, which the edge would drop; "test" where nothing does.
  void Append(const std::vector<v1::Event>& events);
  // With `set_back`: an operator's correction, back to the day.
  void Tick(Date horizon, bool set_back = false);
  // Bytes as they are, which need not be a record.
  void AppendBytes(uint32_t partition, const std::string& bytes);
  void WaitApplied();
  std::map<std::string, std::string> Export() const;
  // Findings in force, as sorted keys.
  std::vector<std::string> Findings() const;
  std::vector<std::string> VerifyDifferences();
  // Throws the registry away, rebuilds it from the log and opens it again.
  void Rebuild();
  EventLog& log() { return *log_; }
  Registry& registry() { return *registry_; }
  const PlanHolder& plan() const { return *plan_; }
  std::string registry_folder() const { return folder_.path() + "/registry"; }

 private:
  PartitionReaders stores() const;
  void AppendBatch(LogBatch batch);

  TempFolder folder_;
  uint32_t partitions_;
  size_t batch_bytes_;
  const PlanHolder* plan_;
  CellUpdater updater_{plan_};
  std::unique_ptr<EventLog> log_;
  std::unique_ptr<Registry> registry_;
};

}  // namespace kpr::test

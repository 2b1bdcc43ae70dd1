#include "tests/support/harness.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <future>

#include "base/embedded.h"
#include "indicators/aggregation/export.h"
#include "indicators/reference/verify.h"
#include "kpr/v1/log.pb.h"
#include "registry/apply/rebuild.h"
#include "registry/facts/encode_event.h"
#include "registry/facts/subject.h"
#include "registry/log_record/routing.h"

namespace kpr::test {

namespace {

// In memory where there is room: what these tests are about is not the disk, which tests/crash and
// test_disk.py are.
std::filesystem::path FolderForTests() {
  constexpr uintmax_t kRoom = uintmax_t{1} << 30;
  const std::filesystem::path memory = "/dev/shm";
  std::error_code error;
  const bool room = std::filesystem::space(memory, error).available >= kRoom && !error;
  return room ? memory : std::filesystem::temp_directory_path();
}

}  // namespace

TempFolder::TempFolder() {
  static std::atomic<int> next = 0;
  static const auto base = FolderForTests();
  path_ = (base / ("kpr-test-" + std::to_string(getpid()) + "-" + std::to_string(next++))).string();
  std::filesystem::create_directories(path_);
}

const PlanHolder& DefaultPlan() {
  static const PlanHolder holder([] {
    auto catalogue = LoadCatalogue(embedded::Catalogue(), embedded::Instruments());
    EXPECT_TRUE(catalogue.ok()) << catalogue.status().message();
    auto compiled = Compile(std::move(*catalogue));
    EXPECT_TRUE(compiled.ok()) << compiled.status().message();
    return std::move(*compiled);
  }());
  return holder;
}

Harness::Harness(uint32_t partitions, size_t batch_bytes, const PlanHolder* plan)
    : partitions_(partitions), batch_bytes_(batch_bytes), plan_(plan) {
  Open();
}

void Harness::Open() {
  const Status status = TryOpen();
  ASSERT_TRUE(status.ok()) << status.message();
}

Status Harness::TryOpen() {
  KPR_ASSIGN_OR_RETURN(log_, OpenLocalLog({folder_.path() + "/log", partitions_, nullptr}));
  RegistryOptions options;
  options.directory = registry_folder();
  options.partition.batch_bytes = batch_bytes_;
  options.partition.idle_wait = std::chrono::milliseconds(2);
  options.partition.backfill_subjects = 1;  // so that many changes come on either side of the cursor
  auto registry = Registry::Open(options, log_.get(), &updater_);
  if (!registry.ok()) {
    Close();
    return registry.status();
  }
  registry_ = std::move(*registry);
  registry_->Start();
  return {};
}

void Harness::Close() {
  if (registry_) registry_->Stop();
  registry_.reset();
  log_.reset();
}

void Harness::AppendBatch(LogBatch batch) {
  std::promise<Status> done;
  log_->Append(std::move(batch), [&](const Status& status) { done.set_value(status); });
  const Status status = done.get_future().get();
  ASSERT_TRUE(status.ok()) << status.message();
}

void Harness::Append(const std::vector<v1::Event>& events) {
  LogBatch batch;
  for (const v1::Event& event : events) {
    v1::LogRecord record;
    *record.mutable_event() = event;
    const std::string& sender = event.source().district();
    record.set_sender(sender.empty() ? "test" : sender);
    const auto timelines = TimelinesOf(event);
    ASSERT_TRUE(timelines.ok()) << event.DebugString();
    std::vector<uint32_t> streams;
    for (const SubjectId& subject : *timelines) {
      const uint32_t stream = PartitionOf(subject, partitions_);
      if (std::find(streams.begin(), streams.end(), stream) == streams.end()) streams.push_back(stream);
    }
    for (uint32_t stream : streams) batch.Add(stream, record.SerializeAsString());
  }
  AppendBatch(std::move(batch));
}

void Harness::AppendBytes(uint32_t partition, const std::string& bytes) {
  LogBatch batch;
  batch.Add(partition, bytes);
  AppendBatch(std::move(batch));
}

void Harness::Tick(Date horizon, bool set_back) {
  LogBatch batch;
  v1::LogRecord record;
  record.mutable_tick()->set_horizon_days(horizon.days);
  record.mutable_tick()->set_set_back(set_back);
  for (uint32_t i = 0; i < partitions_; ++i) batch.Add(i, record.SerializeAsString());
  AppendBatch(std::move(batch));
}

void Harness::WaitApplied() {
  // However slow the machine, as long as anything is applied.
  uint64_t applied = ~uint64_t{0};
  for (uint64_t now = 0; now != applied;) {
    if (registry_->WaitApplied(std::chrono::seconds(60))) return;
    applied = now;
    now = 0;
    for (uint32_t i = 0; i < partitions_; ++i) now += registry_->store(i)->next_offset();
  }
  for (uint32_t i = 0; i < partitions_; ++i) {
    ADD_FAILURE() << "partition " << i << " at " << registry_->store(i)->next_offset() << " of "
                  << log_->End(i) << ": " << registry_->error(i).message();
  }
}

PartitionReaders Harness::stores() const {
  PartitionReaders stores;
  for (uint32_t i = 0; i < partitions_; ++i) stores.push_back(registry_->store(i));
  return stores;
}

std::map<std::string, std::string> Harness::Export() const {
  auto cells = ExportCells(stores());
  EXPECT_TRUE(cells.ok()) << cells.status().message();
  return *cells;
}

std::vector<std::string> Harness::Findings() const {
  auto keys = ExportFindings(stores());
  EXPECT_TRUE(keys.ok()) << keys.status().message();
  return *keys;
}

std::vector<std::string> Harness::VerifyDifferences() {
  auto verification = Verify(log_.get(), stores(), *plan_->Get(), {});
  EXPECT_TRUE(verification.ok()) << verification.status().message();
  return verification->differences;
}

void Harness::Rebuild() {
  registry_->Stop();
  registry_.reset();
  std::filesystem::remove_all(folder_.path() + "/registry");
  const Status status = RebuildInto(
      folder_.path() + "/registry", log_.get(), &updater_, [] { return false; },
      [](const RebuildProgress&) {}, {.subjects = 3});  // in several writes
  ASSERT_TRUE(status.ok()) << status.message();
  Close();
  Open();
}

}  // namespace kpr::test

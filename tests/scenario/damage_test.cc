// A record that cannot be applied stops nobody, and a store that cannot be read is never taken for a new one.
#include "tests/support/damage.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "indicators/aggregation/export.h"
#include "kpr/v1/log.pb.h"
#include "tests/support/registry_fixture.h"

namespace kpr::test {
namespace {

std::string EventWithout(const std::string& what) {
  v1::LogRecord record;
  record.set_sender("test");
  v1::Event& event = *record.mutable_event();
  event.set_event_id("00000000-0000-4000-8000-000000000001");
  event.set_occurred_on("2024-01-01");
  event.set_municipality("0301");
  event.mutable_subject()->set_municipality("0301");
  if (what == "date") event.clear_occurred_on();
  if (what == "subject") event.clear_subject();
  return record.SerializeAsString();
}

std::string Forwarded(const std::string& fact) {
  v1::LogRecord record;
  record.mutable_forwarded()->set_subject(std::string(16, '\1'));
  record.mutable_forwarded()->set_fact(fact);
  return record.SerializeAsString();
}

std::string ForwardedByAnEarlierVersion() {
  v1::LogRecord record;
  record.mutable_forwarded()->set_subject(std::string(16, '\1'));
  record.mutable_forwarded()->set_earlier_fact(std::string(88, '\1'));
  return record.SerializeAsString();
}

TEST(QuarantineTest, WhatCannotBeAppliedIsSkippedCountedAndShown) {
  RegistryFixture world(&DefaultPlan(), 2);
  world.Start(1, 21, "2024-01-01");
  world.Settle("2024-12-31");
  const std::string broken[] = {"no record",   EventWithout("date"),     EventWithout("subject"),
                                Forwarded(""), Forwarded("half a fact"), std::string("\x7A\x00", 2)};
  for (const std::string& bytes : broken) world.harness().AppendBytes(1, bytes);
  world.harness().AppendBytes(1, ForwardedByAnEarlierVersion());  // is none of them
  world.Start(2, 21, "2024-01-01");
  world.Settle("2025-01-31");
  const ResultRow row = world.Value("nursing_home_residents", "2024");
  EXPECT_EQ(row.ValueOr(0), 2) << "what comes after them is applied";
  EXPECT_EQ(world.harness().registry().store(1)->quarantined(), std::size(broken));

  v1::GetIndicatorValuesRequest request;
  request.set_indicator("occupancy");
  EXPECT_EQ(world.Get(request).quarantined, std::size(broken)) << "each answer says so";

  const auto differences = world.harness().VerifyDifferences();
  EXPECT_TRUE(differences.empty()) << differences.front();
  const auto cells = world.harness().Export();
  world.harness().Rebuild();
  world.harness().WaitApplied();
  EXPECT_EQ(world.harness().Export(), cells);
  EXPECT_EQ(world.harness().registry().store(1)->quarantined(), std::size(broken)) << "after a rebuild";
}

TEST(QuarantineTest, WhatALaterVersionCanReadIsAppliedThen) {
  RegistryFixture world(&DefaultPlan(), 1);
  world.Start(1, 21, "2024-01-01");
  world.Settle("2024-12-31");
  world.Start(2, 21, "2024-01-01");
  world.Settle("2025-01-31");
  const auto cells = world.harness().Export();
  world.harness().Close();
  // As an earlier version would have left it: a record noted, here one that can be read.
  {
    auto store = OpenPartitionStore(world.harness().registry_folder() + "/partition-0");
    ASSERT_TRUE(store.ok()) << store.status().message();
    StoreWrite write;
    write.next_offset = (*store)->next_offset();
    write.horizon_days = (*store)->horizon_days();
    write.feedback_next = (*store)->feedback_next();
    write.quarantine_puts = {{std::string(8, '\0'), "a kind of record that this version does not know"}};
    ASSERT_TRUE((*store)->Write(write).ok());
    EXPECT_EQ((*store)->quarantined(), 1u);
  }
  world.harness().Open();
  EXPECT_EQ(world.harness().registry().store(0)->quarantined(), 0u);
  EXPECT_EQ(world.harness().Export(), cells) << "applied once, however often it is tried";
}

namespace fs = std::filesystem;

// What cannot be opened is set aside and filled from the log, what cannot be read is rebuilt by the scrubber:
// in the end the figures are right, and in between nothing else is told.
TEST(DamageTest, AFlippedBitInTheStoreNeverChangesAFigureAndIsRepaired) {
  RegistryFixture world(&DefaultPlan(), 1);
  Harness& harness = world.harness();
  const fs::path store = harness.registry_folder() + "/partition-0",
                 good = harness.registry_folder() + "/good";
  // In two rounds, so that what is written once and what is written always are in files of their own.
  for (const uint64_t round : {0, 1}) {
    for (uint64_t person = 1; person <= 20; ++person) world.Start(100 * round + person, 21, "2024-01-01");
    world.Settle(round == 0 ? "2024-12-30" : "2024-12-31");
    harness.Close();
    ASSERT_TRUE((*OpenPartitionStore(store))->Flush().ok());
    harness.Open();
  }
  const auto cells = harness.Export();
  harness.Close();
  fs::copy(store, good, fs::copy_options::recursive);
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(good)) {
    if (entry.path().extension() == ".sst") files.push_back(entry.path().filename());
  }
  int set_aside = 0, rebuilt = 0, harmless = 0;
  for (const fs::path& file : files) {
    const uintmax_t size = fs::file_size(good / file);
    for (uintmax_t at = 7; at < size; at += std::max<uintmax_t>(1, size / 6)) {
      for (const auto& entry : fs::directory_iterator(harness.registry_folder())) {
        if (entry.path().filename().string().starts_with("partition-0")) fs::remove_all(entry.path());
      }
      fs::copy(good, store, fs::copy_options::recursive);
      FlipBit(store / file, at);
      ForgetBlocks();
      harness.Open();
      harness.registry().WaitComplete(std::chrono::seconds(30));
      harness.WaitApplied();
      const auto exported = ExportCells({harness.registry().store(0)});
      if (exported.ok()) {
        EXPECT_EQ(*exported, cells) << file << " at " << at;
      }
      const ScrubReport report = harness.registry().scrubber().Scrub(0);
      EXPECT_TRUE(report.status.ok()) << report.status.message();
      EXPECT_EQ(harness.Export(), cells) << file << " at " << at;
      const bool was_set_aside = fs::exists(store.string() + ".damaged");
      ++(was_set_aside ? set_aside : report.replaced ? rebuilt : harmless);
      harness.Close();
    }
  }
  EXPECT_GT(set_aside, 5);
  EXPECT_GT(rebuilt, 5);
  std::cout << set_aside << " flipped bits set the store aside at its opening, " << rebuilt
            << " made the scrubber rebuild it, " << harmless << " were without effect\n";
}

}  // namespace
}  // namespace kpr::test

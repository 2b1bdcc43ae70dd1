// A store that differs from the log is found and replaced while the register runs.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "tests/support/damage.h"
#include "tests/support/registry_fixture.h"

namespace kpr::test {
namespace {

namespace fs = std::filesystem;

// Twenty residents, and what is asked of them.
class ScrubTest : public testing::Test {
 protected:
  ScrubTest() {
    for (uint64_t person = 1; person <= 20; ++person) world_.Start(person, 21, "2024-01-01");
    world_.Settle("2024-12-31");
  }

  Harness& harness() { return world_.harness(); }
  double Residents() { return world_.Value("nursing_home_residents", "2024").ValueOr(0); }
  ScrubReport Scrub() { return harness().registry().scrubber().Scrub(0); }

  // As a fault of ours, or a bit that no checksum covers, would leave the store.
  void Tamper(const std::function<void(StoreWrite*)>& how) {
    const auto store = std::const_pointer_cast<PartitionStore>(
        std::dynamic_pointer_cast<const PartitionStore>(harness().registry().store(0)));
    StoreWrite write;
    write.next_offset = store->next_offset();
    write.horizon_days = store->horizon_days();
    write.feedback_next = store->feedback_next();
    how(&write);
    ASSERT_TRUE(store->Write(write).ok());
  }

  void LoseCells() {
    Tamper([](StoreWrite* w) {
      for (int first = 0; first < 255; ++first)
        w->cell_prefix_deletes.push_back(std::string(1, static_cast<char>(first)));
    });
  }

  KeyValue AnyEntry(Table table) {
    KeyValue entry;
    EXPECT_TRUE(harness()
                    .registry()
                    .store(0)
                    ->Scan(table, "",
                           [&](std::string_view key, std::string_view value) {
                             entry = {std::string(key), std::string(value)};
                             return false;
                           })
                    .ok());
    return entry;
  }

  RegistryFixture world_{&DefaultPlan(), 1};
};

TEST_F(ScrubTest, AStoreThatIsAsTheLogSaysStays) {
  const ScrubReport report = Scrub();
  EXPECT_TRUE(report.status.ok()) << report.status.message();
  EXPECT_EQ(report.position, harness().log().End(0));
  EXPECT_GT(report.entries, 20u);
  EXPECT_EQ(report.differences, 0u) << report.first;
  EXPECT_FALSE(report.replaced);
}

TEST_F(ScrubTest, EachKindOfDifferenceIsFoundAndRepaired) {
  const auto cells = harness().Export();
  const std::pair<const char*, std::function<void(StoreWrite*)>> ways[] = {
      {"cells", [&](StoreWrite* w) { w->cell_deltas.push_back(AnyEntry(Table::kCells)); }},
      {"totals", [&](StoreWrite* w) { w->total_deltas.push_back(AnyEntry(Table::kTotals)); }},
      {"cells", [&](StoreWrite* w) { w->cell_prefix_deletes.push_back(AnyEntry(Table::kCells).first); }},
      {"timelines",
       [&](StoreWrite* w) {
         const KeyValue timeline = AnyEntry(Table::kTimelines);
         std::string other = timeline.first;
         other.back() = static_cast<char>(~other.back());
         w->timeline_appends.emplace_back(SubjectId::FromView(other), timeline.second);
       }},
      {"findings", [&](StoreWrite* w) { w->finding_puts.emplace_back("x", ""); }},
      {"day boundaries", [&](StoreWrite* w) { w->day_boundary_puts.emplace_back("x", "y"); }},
  };
  for (const auto& [table, way] : ways) {
    Tamper(way);
    const ScrubReport report = Scrub();
    EXPECT_TRUE(report.status.ok()) << report.status.message();
    EXPECT_GT(report.differences, 0u) << table;
    EXPECT_TRUE(report.first.starts_with(table)) << report.first << ", not " << table;
    EXPECT_TRUE(report.replaced);
    EXPECT_EQ(harness().Export(), cells);
    EXPECT_EQ(Scrub().differences, 0u);
  }
}

TEST_F(ScrubTest, ThePartitionGoesOnInItsNewStoreAlsoAfterAStart) {
  LoseCells();
  EXPECT_EQ(Residents(), 0);
  ASSERT_TRUE(Scrub().replaced);
  EXPECT_EQ(Residents(), 20);
  const std::string former = harness().registry_folder() + "/partition-0";
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (fs::exists(former) && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_FALSE(fs::exists(former)) << "nobody reads it";
  world_.Start(21, 21, "2024-01-01");
  world_.Settle("2025-01-31");
  EXPECT_EQ(Residents(), 21);
  const auto cells = harness().Export();
  harness().Close();
  harness().Open();
  EXPECT_EQ(harness().Export(), cells);
  EXPECT_TRUE(fs::exists(former + ".1"));
}

TEST_F(ScrubTest, WhoReadsTheFormerStoreReadsItToTheEnd) {
  LoseCells();
  const auto snapshot = harness().registry().store(0)->TakeSnapshot();
  ASSERT_TRUE(snapshot.ok());
  ASSERT_TRUE(Scrub().replaced);
  size_t cells = 0, timelines = 0;
  const auto count = [](size_t* n) {
    return [n](std::string_view, std::string_view) {
      ++*n;
      return true;
    };
  };
  EXPECT_TRUE((*snapshot)->ScanRange(Table::kCells, "", "", count(&cells)).ok());
  EXPECT_TRUE((*snapshot)->ScanRange(Table::kTimelines, "", "", count(&timelines)).ok());
  EXPECT_EQ(cells, 0u);
  EXPECT_EQ(timelines, 20u);
}

TEST_F(ScrubTest, AStoreThatCannotBeReadIsRebuiltWithoutBeingAsked) {
  const auto cells = harness().Export();
  harness().Close();
  const fs::path folder = harness().registry_folder() + "/partition-0";
  ASSERT_TRUE((*OpenPartitionStore(folder))->Flush().ok());
  harness().Open();
  // All blocks of data of every file, so that the writer meets one; the store may have done with some.
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".sst") continue;
    std::error_code gone;
    const uintmax_t size = fs::file_size(entry.path(), gone);
    for (uintmax_t at = 0; !gone && at + 1500 < size; at += 64) FlipBit(entry.path(), at);
  }
  ForgetBlocks();
  for (uint64_t person = 1; person <= 20; ++person) world_.End(person, 21, "2024-06-30");
  world_.Settle("2025-01-31");  // waits until all is applied, so until the scrubber has rebuilt the store
  EXPECT_TRUE(fs::exists(folder.string() + ".1"));
  EXPECT_NE(harness().Export(), cells);
  EXPECT_TRUE(harness().VerifyDifferences().empty());
  EXPECT_EQ(Scrub().differences, 0u);
}

TEST_F(ScrubTest, EventsThatComeMeanwhileAreNoDifference) {
  uint64_t person = 100;
  Date day = Date::FromYmd(2025, 1, 1);
  for (int i = 0; i < 3; ++i) {
    LoseCells();
    std::atomic<bool> enough = false;
    std::thread sender([&] {
      for (int round = 0; round < 100 && !enough; ++round) {
        world_.Start(person++, 21, "2024-02-01");
        world_.Settle((day = day + 1).ToString());
      }
    });
    EXPECT_TRUE(Scrub().replaced);
    const ScrubReport again = Scrub();
    enough = true;
    sender.join();
    EXPECT_TRUE(again.status.ok()) << again.status.message();
    EXPECT_EQ(again.differences, 0u) << again.first;
  }
  EXPECT_TRUE(harness().VerifyDifferences().empty());
}

TEST_F(ScrubTest, WhatIsBuiltAndNotTakenOverIsRemoved) {
  fs::create_directories(harness().registry_folder() + "/partition-0.building/x");
  EXPECT_EQ(Scrub().differences, 0u);
  EXPECT_FALSE(fs::exists(harness().registry_folder() + "/partition-0.building"));
}

TEST_F(ScrubTest, AStartInTheMiddleOfFillingIsNotReadyEither) {
  const std::string folder = harness().registry_folder();
  harness().Close();
  fs::remove_all(folder);
  const auto log = OpenLocalLog({fs::path(folder).parent_path() / "log", 1, nullptr});
  ASSERT_TRUE(log.ok()) << log.status().message();
  CellUpdater updater(&DefaultPlan());
  RegistryOptions options;
  options.directory = folder;
  // It is not started, so that nothing is applied.
  const auto ready = [&] { return (*Registry::Open(options, log->get(), &updater))->Ready().code(); };
  EXPECT_EQ(ready(), Code::kUnavailable);
  {
    const auto store = OpenPartitionStore(folder + "/partition-0");
    StoreWrite write;
    write.next_offset = 1;
    ASSERT_TRUE((*store)->Write(write).ok());
  }
  EXPECT_EQ(ready(), Code::kUnavailable);
}

TEST_F(ScrubTest, AnEmptyStoreIsNotReadyBeforeItIsFilled) {
  harness().Close();
  fs::remove_all(harness().registry_folder());
  harness().Open();
  v1::GetIndicatorValuesRequest request;
  request.set_indicator("nursing_home_residents");
  const Query query(&harness().plan(), &harness().registry());
  Result<ResultTable> answer = query.Get(request);
  while (answer.status().code() == Code::kUnavailable) answer = query.Get(request);
  ASSERT_TRUE(answer.ok()) << answer.status().message();
  EXPECT_EQ(answer->positions, std::vector<uint64_t>{harness().log().End(0)});
}

}  // namespace
}  // namespace kpr::test

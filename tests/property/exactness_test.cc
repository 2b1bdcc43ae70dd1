// I2 and I3: whatever the events, their order, batching, duplication and partition count, the cells are what
// a naive batch over the effective events gives, and a rebuild from the log gives the same bytes.
//
// KPR_HISTORIES sets how many worlds are tried, KPR_SEED tries one alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "tests/support/harness.h"
#include "tests/support/random_history.h"

namespace kpr::test {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// The calendar reaches the day; now and then it has been years ahead before, and an operator sets it back.
void TickTo(Date horizon, std::mt19937_64* random, Harness* harness) {
  const bool wrong_clock = (*random)() % 4 == 0;
  if (wrong_clock) harness->Tick(horizon + 1 + static_cast<int32_t>((*random)() % 1500));
  if (wrong_clock && (*random)() % 2 == 0) harness->WaitApplied();
  harness->Tick(horizon, wrong_clock);
}

// Sends the world in a random order, with copies, in random batches, the calendar moving in between.
void Send(const RandomHistory& history, std::mt19937_64* random, Harness* harness) {
  std::vector<v1::Event> arriving = history.events;
  for (const v1::Event& event : history.events) {
    if ((*random)() % 8 == 0) arriving.push_back(event);
  }
  std::shuffle(arriving.begin(), arriving.end(), *random);
  size_t tick = 0;
  for (size_t at = 0; at < arriving.size();) {
    const size_t n = std::min<size_t>(1 + (*random)() % 20, arriving.size() - at);
    harness->Append({arriving.begin() + static_cast<std::ptrdiff_t>(at),
                     arriving.begin() + static_cast<std::ptrdiff_t>(at + n)});
    at += n;
    if (tick < history.horizons.size() && (*random)() % 3 == 0)
      TickTo(history.horizons[tick++], random, harness);
    if ((*random)() % 4 == 0) harness->WaitApplied();
  }
  while (tick < history.horizons.size()) TickTo(history.horizons[tick++], random, harness);
  harness->WaitApplied();
}

std::string Joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += "\n  " + line;
  return text;
}

void CheckWorld(uint64_t seed) {
  const RandomHistory history = MakeHistory(seed);
  std::mt19937_64 random(seed + 1);
  const std::string replay =
      "replay: KPR_SEED=" + std::to_string(seed) + " build/release/tests/property_test";
  std::map<std::string, std::string> first_export;
  std::vector<std::string> first_findings;
  for (const uint32_t partitions :
       {1u + static_cast<uint32_t>(seed % 3), 1u + static_cast<uint32_t>((seed + 1) % 3)}) {
    Harness harness(partitions, seed % 2 == 0 ? 1 : 2u << 20);
    Send(history, &random, &harness);
    const auto differences = harness.VerifyDifferences();
    ASSERT_TRUE(differences.empty()) << replay << Joined(differences);
    const auto exported = harness.Export();
    const auto findings = harness.Findings();
    if (first_export.empty()) {
      first_export = exported;
      first_findings = findings;
    }
    ASSERT_EQ(exported, first_export) << replay << " (another order and partition count)";
    ASSERT_EQ(findings, first_findings) << replay << " (another order and partition count)";
    // A store that is rebuilt beside the one in use is equal to it, table by table.
    for (uint32_t i = 0; i < partitions && seed % 4 == 0; ++i) {
      const ScrubReport scrubbed = harness.registry().scrubber().Scrub(i);
      ASSERT_TRUE(scrubbed.status.ok()) << replay << " " << scrubbed.status.message();
      ASSERT_EQ(scrubbed.differences, 0u) << replay << " (scrub) " << scrubbed.first;
    }
    harness.Rebuild();
    harness.WaitApplied();
    ASSERT_EQ(harness.Export(), exported) << replay << " (rebuild)";
    ASSERT_EQ(harness.Findings(), findings) << replay << " (rebuild)";
  }
}

TEST(Exactness, EveryWorldEqualsTheNaiveBatch) {
  const uint64_t only = FromEnvironment("KPR_SEED", 0);
  if (only != 0) return CheckWorld(only);
  const uint64_t worlds = FromEnvironment("KPR_HISTORIES", 1000);
  std::vector<std::thread> threads;
  // A world mostly waits, for the disk and for its own threads.
  const uint64_t at_once = 4 * std::max(1u, std::thread::hardware_concurrency());
  for (uint64_t turn = 0; turn < at_once; ++turn) {
    threads.emplace_back([&, turn] {
      for (uint64_t seed = 1 + turn; seed <= worlds && !HasFailure(); seed += at_once)
        CheckWorld(seed * 7919);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::cout << worlds << " worlds, seeds 7919 to " << worlds * 7919 << " in steps of 7919\n";
}

// The same id with other content: the first in the log counts, whatever the batching, and so says a rebuild.
TEST(Exactness, OfConflictingContentsTheFirstInTheLogStands) {
  size_t conflicts = 0;
  for (uint64_t seed = 1; seed <= 40 && !HasFatalFailure(); ++seed) {
    RandomHistory history = MakeHistory(seed * 104'729);
    std::erase_if(history.events, [](const v1::Event& event) { return event.has_identity_changed(); });
    std::mt19937_64 random(seed);
    const size_t originals = history.events.size();
    for (size_t i = 0; i < originals; ++i) {
      if (random() % 4 != 0) continue;
      v1::Event other = history.events[i];
      SetDay(Date::FromYmd(2020, 3, 1 + static_cast<int>(random() % 28)), &other);
      history.events.push_back(std::move(other));
    }
    Harness harness(2, 1);
    Send(history, &random, &harness);
    const auto differences = harness.VerifyDifferences();
    ASSERT_TRUE(differences.empty()) << "seed " << seed << Joined(differences);
    const auto exported = harness.Export();
    const auto findings = harness.Findings();
    conflicts += findings.size();
    harness.Rebuild();
    harness.WaitApplied();
    ASSERT_EQ(harness.Export(), exported);
    ASSERT_EQ(harness.Findings(), findings);
  }
  EXPECT_GT(conflicts, 100u);
}

}  // namespace
}  // namespace kpr::test

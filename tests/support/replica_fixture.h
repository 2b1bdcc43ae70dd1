// What the tests of changelog writer and replica are set in: a log of random changes with the state after
// each of them in a plain map; two workers' stores; a replica.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/slots.h"
#include "registry/apply/backfill_state.h"
#include "registry/replica/changelog_writer.h"
#include "registry/replica/replica.h"
#include "tests/support/memory_changelog.h"

namespace kpr {

namespace fs = std::filesystem;
inline constexpr int64_t kMinute = 60'000, kHour = 60 * kMinute;
inline constexpr Table kTables[] = {Table::kCells, Table::kTotals, Table::kDayBoundaries, Table::kFindings,
                                    Table::kFeedback};

using Contents = std::map<std::pair<Table, std::string>, std::string>;

// The keys that differ.
inline std::string Difference(const Contents& shown, const Contents& wanted) {
  std::string out;
  const auto tell = [&](const Contents& these, const Contents& others, const char* what) {
    for (const auto& [name, value] : these) {
      const auto other = others.find(name);
      if (other == others.end() || other->second != value)
        out += what + std::to_string(static_cast<int>(name.first)) + "/" + name.second + " ";
    }
  };
  tell(shown, wanted, "shown ");
  tell(wanted, shown, "wanted ");
  return out;
}

// A log of random changes, and the state after each of them.
class Truth {
 public:
  Truth(std::mt19937_64* random, size_t length) : random_(random) {
    states_.push_back({});
    for (uint64_t i = 1; i <= length; ++i) Add(i);
  }
  const StoreWrite& Change(uint64_t position) const { return changes_[position]; }
  const Contents& After(uint64_t position) const { return states_[position]; }
  uint64_t end() const { return changes_.size(); }

 private:
  uint64_t Draw(uint64_t below) { return (*random_)() % below; }
  std::string Key() { return std::string(1, static_cast<char>('a' + Draw(3))) + std::to_string(Draw(8)); }

  void AddTo(Table table, std::vector<KeyValue>* deltas) {
    for (uint64_t n = Draw(4); n > 0; --n) {
      const std::string key = Key();
      const auto slot = static_cast<uint32_t>(Draw(3));
      auto& cell = cells_[{table, key}];
      // Often back to nothing: then the cell goes.
      const int64_t amount =
          cell[slot] != 0 && Draw(2) == 0 ? -cell[slot] : 1 + static_cast<int64_t>(Draw(5));
      if ((cell[slot] += amount) == 0) cell.erase(slot);
      deltas->emplace_back(key, EncodeSlots(Slots{{slot, amount}}));
    }
  }

  void Add(uint64_t position) {
    StoreWrite write;
    write.next_offset = position;
    write.horizon_days = static_cast<int32_t>(position / 10);
    write.feedback_next = position / 7;
    if (position == 1) write.catalogue = BackfillState{{{1, 1, "version"}}, {}, ""}.Encode();
    if (Draw(30) == 0) {
      const std::string prefix(1, static_cast<char>('a' + Draw(3)));
      write.cell_prefix_deletes.push_back(prefix);
      std::erase_if(cells_, [&](const auto& cell) { return cell.first.second.starts_with(prefix); });
    }
    AddTo(Table::kCells, &write.cell_deltas);
    AddTo(Table::kTotals, &write.total_deltas);
    const std::string value = std::to_string(position);
    if (Draw(5) == 0) Put(Table::kDayBoundaries, Key(), value, &write.day_boundary_puts);
    if (Draw(5) == 0) Put(Table::kFeedback, Key(), value, &write.feedback_puts);
    if (Draw(3) == 0) {
      Put(Table::kFindings, Key(), value, &write.finding_puts);
    } else if (Draw(2) == 0) {
      write.finding_deletes.push_back(Key());
      rows_.erase({Table::kFindings, write.finding_deletes.back()});
    }
    changes_.push_back(std::move(write));
    Contents contents = rows_;
    for (const auto& [name, slots] : cells_) {
      if (!slots.empty()) contents[name] = EncodeSlots(slots);
    }
    states_.push_back(std::move(contents));
  }

  void Put(Table table, const std::string& key, const std::string& value, std::vector<KeyValue>* puts) {
    puts->emplace_back(key, value);
    rows_[{table, key}] = value;
  }

  std::mt19937_64* random_;
  std::vector<StoreWrite> changes_;
  std::vector<Contents> states_;
  std::map<std::pair<Table, std::string>, Slots> cells_;
  Contents rows_;
};

class ReplicaTest : public testing::Test {
 protected:
  ReplicaTest()
      : folder_(fs::temp_directory_path() / ("kpr-replica-" + std::to_string(getpid()))),
        seed_(getenv("KPR_SEED") ? std::strtoull(getenv("KPR_SEED"), nullptr, 10) : 1) {}
  ~ReplicaTest() override { CloseAll(); }

  struct Worker {
    std::shared_ptr<PartitionStore> store;
    std::unique_ptr<ChangelogWriter> publisher;
  };

  void CloseAll() {
    workers_.clear();
    replica_.reset();
    fs::remove_all(folder_);
  }

  void Begin(uint64_t seed) {
    CloseAll();
    fs::create_directories(folder_);
    random_.seed(seed);
    changelog_ = std::make_unique<MemoryChangelog>(&clock_, &random_);
    for (int i = 0; i < 2; ++i) workers_.push_back({Open("worker" + std::to_string(i)), nullptr});
  }

  std::shared_ptr<PartitionStore> Open(const std::string& name) {
    auto store = OpenPartitionStore((folder_ / name).string());
    EXPECT_TRUE(store.ok()) << store.status().message();
    return std::move(*store);
  }

  void TakeOver(Worker* worker) {
    ChangelogWriterOptions options;
    options.interval = options.interval_behind = options.heartbeat = options.retry =
        std::chrono::milliseconds(0);
    options.most_changes = 20;
    options.at_once = 1 + Draw(10);
    worker->publisher = std::make_unique<ChangelogWriter>(changelog_.get(), &clock_, 0, options);
  }

  void Apply(Worker* worker, const Truth& truth) {
    const uint64_t position = worker->store->next_offset();
    if (position == truth.end()) return;
    const StoreWrite& write = truth.Change(position);
    ASSERT_TRUE(worker->store->Write(write).ok());
    if (worker->publisher) worker->publisher->Written(write);
  }

  Status Drain(Worker* worker) { return worker->publisher->Drain(*worker->store, false, stopping_); }

  void OpenReplica(size_t pending_bytes) {
    ReplicaOptions options;
    options.timelines = false;
    options.pending_bytes = pending_bytes;
    auto replica =
        Replica::Open(0, (folder_ / "replica").string(), options, changelog_.get(), nullptr, &clock_);
    ASSERT_TRUE(replica.ok()) << replica.status().message();
    replica_ = std::move(*replica);
  }

  // Nothing, or the state at the position it names.
  void Check(const Truth& truth, size_t* shown) {
    if (!replica_->Ready().ok()) return;
    const auto snapshot = replica_->store()->TakeSnapshot();
    if (!snapshot.ok()) return;
    Contents contents;
    for (const Table table : kTables) {
      ASSERT_TRUE((*snapshot)
                      ->ScanRange(table, "", "",
                                  [&](std::string_view key, std::string_view value) {
                                    contents[{table, std::string(key)}] = value;
                                    return true;
                                  })
                      .ok());
    }
    const uint64_t position = (*snapshot)->state().next_offset;
    ASSERT_EQ(Difference(contents, truth.After(position)), "") << "at position " << position;
    ASSERT_EQ((*snapshot)->state().feedback_next, position / 7);
    ASSERT_TRUE(replica_->Has(1));
    ++*shown;
  }

  // The first worker applies so many changes and publishes.
  void WriteBatch(const Truth& truth, int changes) {
    for (int i = 0; i < changes; ++i) Apply(&workers_[0], truth);
    ASSERT_TRUE(Drain(&workers_[0]).ok());
  }

  // More than enough steps to come to the end.
  void Follow() {
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(replica_->TailCells().ok());
  }

  uint64_t Draw(uint64_t below) { return random_() % below; }

  const fs::path folder_;
  const uint64_t seed_;
  ManualClock clock_{1'700'000'000'000};
  std::mt19937_64 random_;
  std::unique_ptr<MemoryChangelog> changelog_;
  std::vector<Worker> workers_;
  std::unique_ptr<Replica> replica_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace kpr

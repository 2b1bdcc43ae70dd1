#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <random>

#include "base/slots.h"
#include "registry/store/chain_store.h"
#include "registry/store/partition_store.h"

namespace kpr {
namespace {

TEST(PartitionStoreTest, OneWriteIsAllOrNothingAndStays) {
  const auto folder = std::filesystem::temp_directory_path() / ("kpr-store-" + std::to_string(getpid()));
  std::filesystem::remove_all(folder);
  SubjectId subject;
  subject.bytes[5] = 9;
  {
    auto store = OpenPartitionStore(folder.string());
    ASSERT_TRUE(store.ok()) << store.status().message();
    for (uint64_t i = 1; i <= 3; ++i) {
      StoreWrite write;
      write.timeline_appends.emplace_back(subject, std::to_string(i));
      write.cell_deltas.emplace_back("cell", EncodeSlots({{1, 5}}));
      write.next_offset = i;
      write.horizon_days = 100;
      ASSERT_TRUE((*store)->Write(write).ok());
    }
  }
  auto store = OpenPartitionStore(folder.string());
  EXPECT_EQ(*(*store)->Timeline(subject), "123");
  EXPECT_EQ((*store)->next_offset(), 3u);
  EXPECT_EQ((*store)->horizon_days(), 100);
  std::string cell;
  EXPECT_TRUE((*store)
                  ->Scan(Table::kCells, "ce",
                         [&](std::string_view, std::string_view value) {
                           cell = value;
                           return true;
                         })
                  .ok());
  EXPECT_EQ(cell, EncodeSlots({{1, 15}}));
  store->reset();
  std::filesystem::remove_all(folder);
}

// Many changes of a cell are merged in the order that suits the store: in memory, on disk, in bulk, and all.
TEST(PartitionStoreTest, CellsAreTheSumsOfTheirChanges) {
  const auto folder = std::filesystem::temp_directory_path() / ("kpr-merge-" + std::to_string(getpid()));
  std::filesystem::remove_all(folder);
  auto store = OpenPartitionStore(folder.string());
  ASSERT_TRUE(store.ok()) << store.status().message();
  std::mt19937_64 random(3);
  std::map<std::string, Slots> cells, totals;
  for (int i = 0; i < 400; ++i) {
    StoreWrite write;
    for (auto* table : {&cells, &totals}) {
      auto& deltas = table == &cells ? write.cell_deltas : write.total_deltas;
      for (uint64_t cell = random() % 5; cell < 5; cell += 3) {
        const std::string key = "cell " + std::to_string(cell);
        const SlotAmount change{static_cast<uint32_t>(random() % 40), static_cast<int64_t>(random() % 3) - 1};
        if (change.amount == 0) continue;
        deltas.emplace_back(key, EncodeSlots({{change}}));
        (*table)[key][change.slot] += change.amount;
      }
    }
    const bool in_bulk = i % 7 == 0;
    for (const Table table : {Table::kCells, Table::kTotals}) {
      const auto& deltas = table == Table::kCells ? write.cell_deltas : write.total_deltas;
      const auto give = [&](const DeltaSink& add) {
        for (const auto& [key, slots] : deltas) add(key, slots);
      };
      ASSERT_TRUE(!in_bulk || (*store)->AddInBulk(table, give).ok());
    }
    ASSERT_TRUE(in_bulk || (*store)->Write(write).ok());
    const bool out = i == 100 || i == 250;
    ASSERT_TRUE(!out || (*store)->Flush().ok());
    ASSERT_TRUE(i != 300 || (*store)->MergeTotals().ok());
  }
  // One comes to nothing.
  StoreWrite last;
  for (auto& [slot, amount] : cells["cell 0"]) {
    if (amount != 0) last.cell_deltas.emplace_back("cell 0", EncodeSlots({{SlotAmount{slot, -amount}}}));
    amount = 0;
  }
  ASSERT_TRUE((*store)->Write(last).ok());
  for (const auto& [table, sums] : {std::pair(Table::kCells, &cells), std::pair(Table::kTotals, &totals)}) {
    size_t found = 0;
    EXPECT_TRUE((*store)
                    ->Scan(table, "",
                           [&, &expected = *sums](std::string_view key, std::string_view value) {
                             EXPECT_EQ(value, EncodeSlots(expected.at(std::string(key)))) << key;
                             ++found;
                             return true;
                           })
                    .ok());
    EXPECT_EQ(found, sums->size());
  }
  store->reset();
  std::filesystem::remove_all(folder);
}

using Spoil = std::function<void(rocksdb::DB*, std::vector<rocksdb::ColumnFamilyHandle*>*)>;

// Makes a store, changes it and opens it again.
void ExpectRefused(const Spoil& spoil) {
  const auto folder = std::filesystem::temp_directory_path() / ("kpr-old-store-" + std::to_string(getpid()));
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(OpenPartitionStore(folder.string()).ok());
  std::vector<std::string> names;
  ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, folder.string(), &names).ok());
  {
    // As one made it: its merge operators are not needed to add a family.
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const std::string& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, folder.string(), families, &handles, &db).ok());
    spoil(db, &handles);
    for (auto* handle : handles) ASSERT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
    delete db;
  }
  const auto store = OpenPartitionStore(folder.string());
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.status().code(), Code::kFailedPrecondition);
  EXPECT_NE(store.status().message().find("run 'kpr rebuild'"), std::string::npos)
      << store.status().message();
  std::filesystem::remove_all(folder);
}

// A store of another version says what to do, and is left as it is.
TEST(PartitionStoreTest, AStoreWithAFamilyThatIsUnknownIsRefused) {
  ExpectRefused([](rocksdb::DB* db, auto* handles) {
    rocksdb::ColumnFamilyHandle* closes = nullptr;
    ASSERT_TRUE(db->CreateColumnFamily({}, "closes", &closes).ok());
    handles->push_back(closes);
  });
}

TEST(PartitionStoreTest, AStoreOfAnotherFormatIsRefused) {
  ExpectRefused([](rocksdb::DB* db, auto*) { ASSERT_TRUE(db->Delete({}, "format").ok()); });
  ExpectRefused([](rocksdb::DB* db, auto*) { ASSERT_TRUE(db->Put({}, "format", "3").ok()); });
}

// A copy is the store at one position; the newest is whole or is refused, and what is numbered after it is
// numbered again.
TEST(PartitionStoreTest, ACheckpointIsTheStore) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / ("kpr-backup-" + std::to_string(getpid()));
  fs::remove_all(folder);
  fs::create_directories(folder);
  const std::string copies = folder / "copies";
  EXPECT_TRUE(ListBackups(copies).empty());
  uint64_t epoch = 0;
  {
    auto store = OpenPartitionStore(folder / "store");
    ASSERT_TRUE(store.ok()) << store.status().message();
    epoch = (*store)->epoch();
    for (uint64_t i = 1; i <= 3; ++i) {
      StoreWrite write;
      write.finding_puts = {{"finding " + std::to_string(i), ""}};
      write.cell_deltas = {{"cell", EncodeSlots({{1, 5}})}};
      write.next_offset = i * 10;
      ASSERT_TRUE((*store)->Write(write).ok());
      ASSERT_TRUE((*store)->Backup(copies).ok());
    }
  }
  auto found = ListBackups(copies);
  ASSERT_EQ(found.size(), 2u);  // the oldest is gone
  std::sort(found.begin(), found.end(), [](auto& a, auto& b) { return a.next_offset < b.next_offset; });
  EXPECT_EQ(found[1].next_offset, 30u);
  ASSERT_TRUE(Restore(found[1], folder / "restored").ok());
  EXPECT_EQ(Restore(found[1], folder / "restored").code(), Code::kFailedPrecondition);
  {
    auto restored = OpenPartitionStore(folder / "restored");
    ASSERT_TRUE(restored.ok()) << restored.status().message();
    EXPECT_EQ((*restored)->next_offset(), 30u);
    EXPECT_NE((*restored)->epoch(), epoch);
    const auto cells = (*restored)->Values(Table::kCells, {"cell", "none"});
    EXPECT_EQ(*cells->at(0), EncodeSlots({{1, 15}}));
    EXPECT_FALSE(cells->at(1));
    EXPECT_TRUE((*restored)->Values(Table::kFindings, {"finding 3"})->at(0));
  }
  for (const auto& entry : fs::recursive_directory_iterator(folder / "copies" / "shared_checksum")) {
    std::ofstream(entry.path(), std::ios::in | std::ios::out).seekp(20).put('x');
  }
  EXPECT_FALSE(Restore(found[1], folder / "damaged").ok());
  EXPECT_FALSE(fs::exists(folder / "damaged"));
  fs::remove_all(folder);
}

// What another format, or damage, leaves is made again from the log.
TEST(ChainStoreTest, IsEmptiedWhereItCannotBeUsed) {
  namespace fs = std::filesystem;
  const auto folder = fs::temp_directory_path() / ("kpr-chains-" + std::to_string(getpid()));
  const auto fill = [&] {
    fs::remove_all(folder);
    auto store = OpenChainStore(folder);
    ASSERT_TRUE(store.ok()) << store.status().message();
    ASSERT_TRUE((*store)->Write({{"a", "chain"}}, 7).ok());
  };
  const auto expect = [&](const std::string& chain, uint64_t next_offset) {
    auto store = OpenChainStore(folder);
    ASSERT_TRUE(store.ok()) << store.status().message();
    EXPECT_EQ(*(*store)->Get("a"), chain);
    EXPECT_EQ((*store)->next_offset(), next_offset);
  };
  fill();
  expect("chain", 7);
  {
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, folder, &db).ok());
    ASSERT_TRUE(db->Put({}, "\001format", "1").ok());
    delete db;
  }
  expect("", 0);
  fill();
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with("MANIFEST"))
      std::ofstream(entry.path(), std::ios::in | std::ios::out).seekp(20).put('x');
  }
  expect("", 0);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace kpr

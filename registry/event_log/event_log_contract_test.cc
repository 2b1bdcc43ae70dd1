// What any event log must do, and what the local one does with damage (I1).
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "registry/event_log/local/local_log.h"

namespace kpr {
namespace {

namespace fs = std::filesystem;

class LogTest : public testing::Test {
 protected:
  LogTest() {
    folder_ = fs::temp_directory_path() / ("kpr-log-" + std::to_string(getpid()) + "-" +
                                           testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~LogTest() override { fs::remove_all(folder_); }

  Result<std::unique_ptr<EventLog>> Open(uint32_t partitions = 3, const SpaceGuard* guard = nullptr) {
    return OpenLocalLog({(folder_ / "log").string(), partitions, guard});
  }

  static Status AppendNow(EventLog* log, LogBatch batch) {
    std::promise<Status> done;
    log->Append(std::move(batch), [&](const Status& status) { done.set_value(status); });
    return done.get_future().get();
  }

  static std::vector<std::string> ReadAll(EventLog* log, uint32_t stream) {
    std::vector<std::string> records;
    for (uint64_t at = 0; at < log->End(stream);) {
      auto chunks = log->Read(stream, at, 1000);
      EXPECT_TRUE(chunks.ok()) << chunks.status().message();
      for (const LogChunk& chunk : *chunks) {
        EXPECT_EQ(chunk.first_offset, records.size());
        EXPECT_TRUE(chunk.ForEach([&](uint64_t, std::string_view record) { records.emplace_back(record); }));
      }
      at = chunks->back().end();
    }
    return records;
  }

  // The newest write-ahead file, which holds what was appended last.
  fs::path Wal() const {
    fs::path newest;
    for (const auto& entry : fs::directory_iterator(folder_ / "log")) {
      if (entry.path().extension() == ".log" && fs::file_size(entry) > 0 && entry.path() > newest)
        newest = entry.path();
    }
    return newest;
  }

  // A copy of the files as a kill would leave them, while the log is open: nothing is flushed on the way.
  void CopyAsKilled() { fs::copy(folder_ / "log", folder_ / "killed", fs::copy_options::recursive); }

  fs::path folder_;
};

TEST_F(LogTest, RecordsComeBackInOrderAfterReopening) {
  std::vector<std::vector<std::string>> expected(4);
  for (int session = 0; session < 3; ++session) {
    auto log = Open();
    ASSERT_TRUE(log.ok()) << log.status().message();
    for (int i = 0; i < 50; ++i) {
      LogBatch batch;
      for (uint32_t stream = 0; stream < 4; ++stream) {
        for (int k = 0; k < i % 3; ++k) {
          const std::string record =
              std::to_string(session) + "/" + std::to_string(i) + "/" + std::to_string(k);
          batch.Add(stream, record);
          expected[stream].push_back(record);
        }
      }
      if (!batch.empty()) {
        ASSERT_TRUE(AppendNow(log->get(), std::move(batch)).ok());
      }
    }
    for (uint32_t stream = 0; stream < 4; ++stream) EXPECT_EQ(ReadAll(log->get(), stream), expected[stream]);
  }
}

TEST_F(LogTest, ReadingFromInsideAChunkGivesTheChunk) {
  auto log = Open();
  LogBatch batch;
  for (int i = 0; i < 10; ++i) batch.Add(1, std::string(1, static_cast<char>('a' + i)));
  ASSERT_TRUE(AppendNow(log->get(), std::move(batch)).ok());
  auto chunks = (*log)->Read(1, 7, 1);
  ASSERT_EQ(chunks->size(), 1u);
  EXPECT_EQ(chunks->front().first_offset, 0u);
  EXPECT_TRUE((*log)->Read(1, 10, 1)->empty());
}

TEST_F(LogTest, WaitBeyondSeesAnAppend) {
  auto log = Open();
  auto waiting =
      std::async(std::launch::async, [&] { return (*log)->WaitBeyond(2, 0, std::chrono::seconds(10)); });
  LogBatch batch;
  batch.Add(2, "x");
  ASSERT_TRUE(AppendNow(log->get(), std::move(batch)).ok());
  EXPECT_EQ(waiting.get(), 1u);
}

TEST_F(LogTest, AnotherPartitionCountIsRefused) {
  { ASSERT_TRUE(Open(3).ok()); }
  const auto log = Open(4);
  ASSERT_FALSE(log.ok());
  EXPECT_EQ(log.status().code(), Code::kConflict);
  EXPECT_NE(log.status().message().find("3 partitions"), std::string::npos) << log.status().message();
}

TEST_F(LogTest, ASecondOwnerIsRefused) {
  auto log = Open();
  const auto second = Open();
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), Code::kConflict) << second.status().message();
}

TEST_F(LogTest, AFullDiskRefusesAndALaterAppendGoesOn) {
  const uint64_t free = SpaceGuard(folder_.string(), 0).FreeBytes();
  const SpaceGuard full(folder_.string(), free * 2);
  auto log = Open(3, &full);
  LogBatch batch;
  batch.Add(0, "x");
  EXPECT_EQ(AppendNow(log->get(), std::move(batch)).code(), Code::kExhausted);
  EXPECT_FALSE((*log)->Accepting().ok());
  EXPECT_EQ((*log)->End(0), 0u);
  log->reset();
  auto again = Open();
  LogBatch second;
  second.Add(0, "y");
  EXPECT_TRUE(AppendNow(again->get(), std::move(second)).ok());
  EXPECT_EQ(ReadAll(again->get(), 0), std::vector<std::string>{"y"});
}

class DamageTest : public LogTest {
 protected:
  // A log with synced records, copied as a kill would leave it.
  void Prepare() {
    auto log = Open();
    ASSERT_TRUE(log.ok());
    for (int i = 0; i < 200; ++i) {
      LogBatch batch;
      batch.Add(0, "record " + std::to_string(i) + std::string(100, 'x'));
      ASSERT_TRUE(AppendNow(log->get(), std::move(batch)).ok());
    }
    CopyAsKilled();
    log->reset();
    fs::remove_all(folder_ / "log");
  }
  void Restore() {
    fs::remove_all(folder_ / "log");
    fs::copy(folder_ / "killed", folder_ / "log", fs::copy_options::recursive);
  }
};

TEST_F(DamageTest, ATornTailIsCutAndEveryWholeRecordStands) {
  Prepare();
  for (const uint64_t cut : {1u, 7u, 50u, 120u, 1000u}) {
    Restore();
    fs::resize_file(Wal(), fs::file_size(Wal()) - cut);
    auto log = Open();
    ASSERT_TRUE(log.ok()) << "cut " << cut << ": " << log.status().message();
    const auto records = ReadAll(log->get(), 0);
    ASSERT_GT(records.size(), 180u);
    for (size_t i = 0; i < records.size(); ++i)
      EXPECT_TRUE(records[i].starts_with("record " + std::to_string(i) + "x"));
  }
}

TEST_F(DamageTest, AFlippedBitIsRefused) {
  Prepare();
  const uint64_t size = [&] {
    Restore();
    return fs::file_size(Wal());
  }();
  int refused = 0;
  constexpr int kTrials = 40;
  for (int trial = 0; trial < kTrials; ++trial) {
    Restore();
    // Anywhere in the first nine tenths: with whole records behind it, it cannot be a torn tail.
    const auto at = static_cast<std::streamoff>(size * 9 / 10 * static_cast<uint64_t>(trial) / kTrials + 7);
    std::fstream file(Wal(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(at);
    const char byte = static_cast<char>(file.get() ^ (1 << (trial % 8)));
    file.seekp(at);
    file.put(byte);
    file.close();
    const auto log = Open();
    if (!log.ok()) {
      EXPECT_EQ(log.status().code(), Code::kDamaged) << log.status().message();
      ++refused;
    }
  }
  EXPECT_EQ(refused, kTrials);
}

}  // namespace
}  // namespace kpr

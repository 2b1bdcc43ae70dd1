// The local log: the contract, and what it does with damage and full disks (I1).
#include "registry/event_log/local/local_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "registry/event_log/contract.h"
#include "registry/event_log/local/high_water_mark.h"

namespace kpr {
namespace {

namespace fs = std::filesystem;
using test::AppendNow;
using test::ReadAll;

fs::path FreshFolder() {
  static int next = 0;
  const fs::path folder =
      fs::temp_directory_path() / ("kpr-log-" + std::to_string(getpid()) + "-" + std::to_string(next++));
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

class LocalPlace : public test::LogPlace {
 public:
  ~LocalPlace() override { fs::remove_all(folder_); }
  Result<std::unique_ptr<EventLog>> Open(uint32_t partitions) override {
    return OpenLocalLog({(folder_ / "log").string(), partitions, nullptr});
  }

 private:
  fs::path folder_ = FreshFolder();
};

using test::LogContract;
INSTANTIATE_TEST_SUITE_P(Local, LogContract,
                         testing::Values(test::LogKind{"local",
                                                       [] { return std::make_unique<LocalPlace>(); }}));

class LogTest : public testing::Test {
 protected:
  ~LogTest() override { fs::remove_all(folder_); }

  Result<std::unique_ptr<EventLog>> Open(uint32_t partitions = 3, const SpaceGuard* guard = nullptr) {
    return OpenLocalLog({(folder_ / "log").string(), partitions, guard});
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

  fs::path folder_ = FreshFolder();
};

TEST_F(LogTest, ASecondOwnerIsRefused) {
  auto log = Open();
  const auto second = Open();
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), Code::kFailedPrecondition) << second.status().message();
}

TEST_F(LogTest, AFullDiskRefusesAndALaterAppendGoesOn) {
  const uint64_t free = SpaceGuard(folder_.string(), 0).FreeBytes();
  const SpaceGuard full(folder_.string(), free * 2);
  auto log = Open(3, &full);
  LogBatch batch;
  batch.Add(0, "x");
  EXPECT_EQ(AppendNow(log->get(), std::move(batch)).code(), Code::kResourceExhausted);
  EXPECT_FALSE((*log)->Accepting().ok());
  EXPECT_EQ((*log)->End(0), 0u);
  log->reset();
  auto again = Open();
  LogBatch second;
  second.Add(0, "y");
  EXPECT_TRUE(AppendNow(again->get(), std::move(second)).ok());
  EXPECT_EQ(ReadAll(again->get(), 0), std::vector<std::string>{"y"});
}

class MarkTest : public LogTest {
 protected:
  Result<std::unique_ptr<EventLog>> OpenMarked() {
    return OpenLocalLog({(folder_ / "log").string(), 3, nullptr, "", Mark()});
  }
  void AppendTo(EventLog* log, int records) {
    for (int i = 0; i < records; ++i) {
      LogBatch batch;
      batch.Add(static_cast<uint32_t>(i % 4), "x");
      ASSERT_TRUE(AppendNow(log, std::move(batch)).ok());
    }
  }
  std::string Mark() const { return (folder_ / "mark").string(); }
};

TEST_F(MarkTest, ALogThatHasLostItsEndIsNotOpened) {
  AppendTo(OpenMarked()->get(), 8);
  fs::copy(folder_ / "log", folder_ / "earlier", fs::copy_options::recursive);
  AppendTo(OpenMarked()->get(), 6);
  ASSERT_TRUE(OpenMarked().ok());
  for (const char* left : {"earlier", "nothing"}) {
    fs::remove_all(folder_ / "log");
    if (fs::exists(folder_ / left)) fs::copy(folder_ / left, folder_ / "log", fs::copy_options::recursive);
    const auto log = OpenMarked();
    ASSERT_FALSE(log.ok()) << left;
    EXPECT_EQ(log.status().code(), Code::kDataLoss);
    EXPECT_NE(log.status().message().find("of 4 records"), std::string::npos) << log.status().message();
  }
  fs::remove(Mark());
  EXPECT_TRUE(OpenMarked().ok()) << "without the mark nothing is missed";
}

// As after a kill: nobody has closed the log.
TEST_F(MarkTest, AnOpenLogIsMarkedToo) {
  auto log = OpenMarked();
  AppendTo(log->get(), 8);
  const std::vector<uint64_t> beyond = {3, 2, 2, 2};
  for (const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);;) {
    if (HighWaterMark(Mark()).Check({0, 0, 0, 0}).message().find("0 of 2 records, partition 1") !=
        std::string::npos)
      break;
    ASSERT_LT(std::chrono::steady_clock::now(), end);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(HighWaterMark(Mark()).Check(beyond).ok());
}

TEST_F(MarkTest, AFileThatIsNoMarkIsTold) {
  AppendTo(OpenMarked()->get(), 1);
  for (const std::string text : {"", "kpr log mark 2\n1\n", "kpr log mark 1\n1\nx\n", "kpr log mark 1\n"}) {
    std::ofstream(Mark()) << text;
    EXPECT_EQ(OpenMarked().status().code(), Code::kUnavailable) << text;
  }
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
    // Anywhere in the first nine tenths: with whole records behind it, it cannot be a partial_batch tail.
    const auto at = static_cast<std::streamoff>(size * 9 / 10 * static_cast<uint64_t>(trial) / kTrials + 7);
    std::fstream file(Wal(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(at);
    const char byte = static_cast<char>(file.get() ^ (1 << (trial % 8)));
    file.seekp(at);
    file.put(byte);
    file.close();
    const auto log = Open();
    if (!log.ok()) {
      EXPECT_EQ(log.status().code(), Code::kDataLoss) << log.status().message();
      ++refused;
    }
  }
  EXPECT_EQ(refused, kTrials);
}

}  // namespace
}  // namespace kpr

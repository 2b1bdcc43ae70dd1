#include <atomic>
#include <future>
#include <thread>

#include "registry/event_log/contract.h"

namespace kpr::test {

Status AppendNow(EventLog* log, LogBatch batch) {
  std::promise<Status> done;
  log->Append(std::move(batch), [&](const Status& status) { done.set_value(status); });
  return done.get_future().get();
}

std::vector<std::string> ReadAll(EventLog* log, uint32_t stream) {
  std::vector<std::string> records;
  for (uint64_t at = 0; at < log->End(stream);) {
    auto chunks = log->Read(stream, at, 1000);
    EXPECT_TRUE(chunks.ok()) << chunks.status().message();
    if (!chunks.ok() || chunks->empty()) break;
    for (const LogChunk& chunk : *chunks) {
      EXPECT_EQ(chunk.first_offset, records.size());
      EXPECT_TRUE(chunk.ForEach([&](uint64_t, std::string_view record) { records.emplace_back(record); }));
    }
    at = chunks->back().end();
  }
  return records;
}

TEST_P(LogContract, RecordsComeBackInOrderAfterReopening) {
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

TEST_P(LogContract, ReadingFromInsideGivesWhatHoldsTheOffset) {
  auto log = Open();
  LogBatch batch;
  for (int i = 0; i < 10; ++i) batch.Add(1, std::string(1, static_cast<char>('a' + i)));
  ASSERT_TRUE(AppendNow(log->get(), std::move(batch)).ok());
  auto chunks = (*log)->Read(1, 7, 1);
  ASSERT_TRUE(chunks.ok()) << chunks.status().message();
  ASSERT_EQ(chunks->size(), 1u);
  EXPECT_LE(chunks->front().first_offset, 7u);
  EXPECT_GT(chunks->front().end(), 7u);
  EXPECT_TRUE((*log)->Read(1, 10, 1)->empty());
  // Back again, as a second reader would.
  EXPECT_LE((*log)->Read(1, 2, 1)->front().first_offset, 2u);
}

TEST_P(LogContract, WaitBeyondSeesAnAppend) {
  auto log = Open();
  auto waiting =
      std::async(std::launch::async, [&] { return (*log)->WaitBeyond(2, 0, std::chrono::seconds(10)); });
  LogBatch batch;
  batch.Add(2, "x");
  ASSERT_TRUE(AppendNow(log->get(), std::move(batch)).ok());
  EXPECT_EQ(waiting.get(), 1u);
}

TEST_P(LogContract, AnotherPartitionCountIsRefused) {
  {
    auto log = Open(3);
    ASSERT_TRUE(log.ok());
    LogBatch batch;
    batch.Add((*log)->senders_stream(), "x");
    ASSERT_TRUE(AppendNow(log->get(), std::move(batch)).ok());
  }
  const auto log = Open(4);
  ASSERT_FALSE(log.ok());
  EXPECT_EQ(log.status().code(), Code::kFailedPrecondition);
  EXPECT_NE(log.status().message().find("3 partitions"), std::string::npos) << log.status().message();
}

TEST_P(LogContract, AfterStopAppendingNothingIsTaken) {
  auto log = Open();
  (*log)->StopAppending();
  LogBatch batch;
  batch.Add(0, "x");
  const Status status = AppendNow(log->get(), std::move(batch));
  EXPECT_TRUE(status.ok() || status.code() == Code::kUnavailable) << status.message();
}

TEST_P(LogContract, ManyAppendersKeepEachOnesOrder) {
  constexpr int kAppenders = 4, kEach = 200;
  auto log = Open();
  std::vector<std::thread> appenders;
  for (int a = 0; a < kAppenders; ++a) {
    appenders.emplace_back([&, a] {
      std::promise<void> all;
      std::atomic<int> left = kEach;
      for (int i = 0; i < kEach; ++i) {
        LogBatch batch;
        batch.Add(1, std::to_string(a) + "/" + std::to_string(i), "key");
        (*log)->Append(std::move(batch), [&](const Status& status) {
          EXPECT_TRUE(status.ok()) << status.message();
          if (--left == 0) all.set_value();
        });
      }
      all.get_future().wait();
    });
  }
  for (std::thread& appender : appenders) appender.join();
  const auto records = ReadAll(log->get(), 1);
  ASSERT_EQ(records.size(), static_cast<size_t>(kAppenders * kEach));
  std::vector<int> next(kAppenders, 0);
  for (const std::string& record : records) {
    const int appender = record[0] - '0';
    EXPECT_EQ(record, std::to_string(appender) + "/" + std::to_string(next[appender]++));
  }
}

}  // namespace kpr::test

// The Kafka log: the contract on librdkafka's mock and, with KPR_KAFKA naming a cluster, on a real one; then
// what it does with errors that the mock injects.
#include "registry/event_log/kafka/kafka_log.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <future>
#include <set>
#include <thread>

#include "registry/event_log/contract.h"
#include "registry/event_log/kafka/kafka_changelog.h"
#include "registry/event_log/kafka/producer.h"
#include "registry/event_log/kafka/topics.h"

namespace kpr {
namespace {

using test::AppendNow;
using test::ReadAll;

std::string FreshPrefix() {
  static int next = 0;
  return "t" + std::to_string(getpid()) + "-" + std::to_string(next++);
}

class MockCluster {
 public:
  explicit MockCluster(int brokers = 1) {
    char reason[256];
    handle_ = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), reason, sizeof reason);
    cluster_ = rd_kafka_mock_cluster_new(handle_, brokers);
  }
  ~MockCluster() {
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(handle_);
  }
  KafkaOptions Options(uint32_t partitions) {
    KafkaOptions options;
    options.bootstrap = rd_kafka_mock_cluster_bootstraps(cluster_);
    options.prefix = "mock";
    options.partitions = partitions;
    if (!made_) {
      rd_kafka_mock_topic_create(cluster_, "mock.events", static_cast<int>(partitions), 1);
      rd_kafka_mock_topic_create(cluster_, "mock.senders", 1, 1);
    }
    made_ = true;
    return options;
  }
  rd_kafka_mock_cluster_t* get() { return cluster_; }

 private:
  rd_kafka_t* handle_;
  rd_kafka_mock_cluster_t* cluster_;
  bool made_ = false;
};

class MockPlace : public test::LogPlace {
 public:
  Result<std::unique_ptr<EventLog>> Open(uint32_t partitions) override {
    return OpenKafkaLog(cluster_.Options(partitions));
  }

 private:
  MockCluster cluster_;
};

const char* RealCluster() {
  return std::getenv("KPR_KAFKA");
}

KafkaOptions RealOptions(uint32_t partitions) {
  KafkaOptions options;
  options.bootstrap = RealCluster();
  options.prefix = FreshPrefix();
  options.partitions = partitions;
  options.replication = options.min_insync = 1;
  return options;
}

class RealPlace : public test::LogPlace {
 public:
  Result<std::unique_ptr<EventLog>> Open(uint32_t partitions) override {
    options_.partitions = partitions;
    KPR_RETURN_IF_ERROR(CheckTopics(options_));
    return OpenKafkaLog(options_);
  }

 private:
  KafkaOptions options_ = RealOptions(1);
};

std::vector<test::LogKind> Kinds() {
  std::vector<test::LogKind> kinds = {{"mock", [] { return std::make_unique<MockPlace>(); }}};
  if (RealCluster() != nullptr) kinds.push_back({"real", [] { return std::make_unique<RealPlace>(); }});
  return kinds;
}

using test::LogContract;
INSTANTIATE_TEST_SUITE_P(Kafka, LogContract, testing::ValuesIn(Kinds()),
                         [](const auto& kind) { return kind.param.name; });

// Errors of the cluster in the middle of things: everything is acknowledged in the end, nothing is lost.
TEST(KafkaFaults, InjectedErrorsLoseNothing) {
  MockCluster cluster;
  KafkaOptions options = cluster.Options(2);
  // librdkafka takes the success of a later request as proof of the earlier ones. A broker checks sequences,
  // so that holds; the mock does not check them, so it gets one request at a time and errors that say "not
  // kept".
  options.client["max.in.flight"] = "1";
  auto log = OpenKafkaLog(options);
  ASSERT_TRUE(log.ok()) << log.status().message();
  std::atomic<int> acknowledged = 0;
  constexpr int kBatches = 300;
  for (int i = 0; i < kBatches; ++i) {
    if (i % 50 == 10) {
      rd_kafka_mock_push_request_errors(cluster.get(), 0 /* Produce */, 2,
                                        RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                                        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
    }
    LogBatch batch;
    batch.Add(0, "a" + std::to_string(i));
    batch.Add(1, "b" + std::to_string(i));
    batch.Add(2, "c" + std::to_string(i));
    (*log)->Append(std::move(batch), [&](const Status& status) {
      EXPECT_TRUE(status.ok()) << status.message();
      ++acknowledged;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  for (int i = 0; i < 600 && acknowledged < kBatches; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  ASSERT_EQ(acknowledged, kBatches);
  for (uint32_t stream = 0; stream < 3; ++stream) {
    const auto records = ReadAll(log->get(), stream);
    const std::set<std::string> distinct(records.begin(), records.end());
    EXPECT_EQ(distinct.size(), static_cast<size_t>(kBatches))
        << "stream " << stream << " holds " << records.size() << ", ends at " << (*log)->End(stream);
  }
}

// librdkafka 2.0.2 may fail for good after a disconnect: the producer is recreated and sends again.
TEST(KafkaFaults, AProducerThatFailsForGoodIsRecreated) {
  MockCluster cluster;
  const KafkaOptions options = cluster.Options(1);
  auto producer = kafka::Producer::Open(options);
  ASSERT_TRUE(producer.ok());
  std::atomic<int> acknowledged = 0;
  constexpr int kBatches = 200;
  for (int i = 0; i < kBatches; ++i) {
    if (i % 60 == 30) (*producer)->FailForTest();
    LogBatch batch;
    batch.Add(0, "a" + std::to_string(i));
    batch.Add(1, "c" + std::to_string(i));
    (*producer)->Append(std::move(batch), [&](const Status& status) {
      EXPECT_TRUE(status.ok()) << status.message();
      ++acknowledged;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  for (int i = 0; i < 400 && acknowledged < kBatches; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(acknowledged, kBatches);
  EXPECT_GE((*producer)->restarts(), 2u);
  auto log = OpenKafkaLog(options);
  ASSERT_TRUE(log.ok()) << log.status().message();
  for (uint32_t stream = 0; stream < 2; ++stream) {
    const auto records = ReadAll(log->get(), stream);
    EXPECT_EQ(std::set<std::string>(records.begin(), records.end()).size(), static_cast<size_t>(kBatches));
  }
}

// A sender that resumes after what its chain holds must not lose what the chain says has come.
TEST(KafkaFaults, TheSendersStreamIsNeverAhead) {
  MockCluster cluster;
  const KafkaOptions options = cluster.Options(1);
  auto log = OpenKafkaLog(options);
  ASSERT_TRUE(log.ok());
  rd_kafka_mock_topic_set_error(cluster.get(), "mock.events", RD_KAFKA_RESP_ERR_NO_ERROR);
  // The events' broker takes its time; the senders' stream may not be written meanwhile.
  rd_kafka_mock_broker_push_request_error_rtts(cluster.get(), 1, 0, 1, RD_KAFKA_RESP_ERR_NO_ERROR, 1500);
  std::promise<Status> done;
  LogBatch batch;
  batch.Add(0, "event");
  batch.Add(1, "chain");
  (*log)->Append(std::move(batch), [&](const Status& status) { done.set_value(status); });
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  EXPECT_EQ((*log)->End(1), 0u);
  EXPECT_TRUE(done.get_future().get().ok());
  EXPECT_EQ((*log)->End(1), 1u);
}

TEST(KafkaFaults, StopAnswersWhatTheClusterDoesNot) {
  MockCluster cluster;
  const KafkaOptions options = cluster.Options(1);
  auto log = OpenKafkaLog(options);
  ASSERT_TRUE(log.ok());
  rd_kafka_mock_broker_set_down(cluster.get(), 1);
  std::promise<Status> done;
  LogBatch batch;
  batch.Add(0, "x");
  (*log)->Append(std::move(batch), [&](const Status& status) { done.set_value(status); });
  auto answer = done.get_future();
  EXPECT_EQ(answer.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
  (*log)->StopAppending();
  ASSERT_EQ(answer.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_EQ(answer.get().code(), Code::kUnavailable);
}

class Topics : public testing::Test {
 protected:
  void SetUp() override {
    if (RealCluster() == nullptr) GTEST_SKIP() << "KPR_KAFKA names no cluster";
  }
};

TEST_F(Topics, AreMadeOnceAndTakenAgain) {
  const KafkaOptions options = RealOptions(3);
  for (int i = 0; i < 2; ++i) {
    const Status status = CheckTopics(options);
    EXPECT_TRUE(status.ok()) << status.message();
  }
}

TEST_F(Topics, AnotherNumberOfPartitionsIsRefused) {
  KafkaOptions options = RealOptions(3);
  ASSERT_TRUE(CheckTopics(options).ok());
  options.partitions = 4;
  const Status status = CheckTopics(options);
  EXPECT_EQ(status.code(), Code::kFailedPrecondition);
  EXPECT_NE(status.message().find("has 3 partitions"), std::string::npos) << status.message();
}

TEST_F(Topics, FewerReplicasThanAskedForAreRefused) {
  KafkaOptions options = RealOptions(1);
  ASSERT_TRUE(CheckTopics(options).ok());
  options.replication = 3;
  EXPECT_EQ(CheckTopics(options).code(), Code::kFailedPrecondition);
}

TEST_F(Topics, MoreInsyncReplicasThanTheTopicAsksForAreRefused) {
  KafkaOptions options = RealOptions(1);
  ASSERT_TRUE(CheckTopics(options).ok());
  options.min_insync = 2;
  const Status status = CheckTopics(options);
  EXPECT_NE(status.message().find("min.insync.replicas"), std::string::npos) << status.message();
}

// A worker that was paused and lost its partition wakes up and writes on: the brokers refuse it.
TEST_F(Topics, AReplacedWriterOfCellsIsRefused) {
  const KafkaOptions options = RealOptions(1);
  ASSERT_TRUE(CheckTopics(options).ok());
  const auto changelog = MakeKafkaChangelog(options);
  const auto first = std::move(*changelog->Producer(0)), second = std::move(*changelog->Producer(0));
  ASSERT_TRUE(first->Begin().ok());
  ASSERT_TRUE(first->Write({{"cell", "old", 0}}).ok());
  ASSERT_TRUE(second->Begin().ok());
  EXPECT_EQ(first->Write({{"cell", "late", 0}}).code(), Code::kFailedPrecondition);
  EXPECT_FALSE(first->Write({{"cell", "later", 0}}).ok());
  ASSERT_TRUE(second->Write({{"cell", "new", 0}}).ok());
  const auto reader = std::move(*changelog->Reader(0));
  ASSERT_TRUE(reader->Seek(0).ok());
  std::vector<std::string> values;
  for (bool caught_up = false; !caught_up;) {
    const auto poll = reader->Read(std::chrono::seconds(1));
    ASSERT_TRUE(poll.ok()) << poll.status().message();
    for (const ChangelogRecord& record : poll->records) values.push_back(record.value.value_or("gone"));
    caught_up = poll->caught_up;
  }
  EXPECT_EQ(values, (std::vector<std::string>{"old", "new"}));
  const auto later = reader->Read(std::chrono::seconds(1));
  EXPECT_TRUE(later.ok() && later->caught_up) << "nothing has come, and it is not the end";
}

// Two nodes begin a new log at once, with different keys: one of them is refused.
TEST_F(Topics, ALogIsBegunWithOneKey) {
  KafkaOptions options = RealOptions(2);
  ASSERT_TRUE(CheckTopics(options).ok());
  options.begin = true;
  options.key_id = "one";
  ASSERT_TRUE(OpenKafkaLog(options).ok());
  options.key_id = "another";
  const auto other = OpenKafkaLog(options);
  ASSERT_FALSE(other.ok());
  EXPECT_NE(other.status().message().find("pseudonym_key"), std::string::npos) << other.status().message();
}

}  // namespace
}  // namespace kpr

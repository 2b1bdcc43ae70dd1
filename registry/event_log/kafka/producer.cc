#include "registry/event_log/kafka/producer.h"

#include <fmt/format.h>

#include <array>

#include "base/bytes.h"

namespace kpr::kafka {
namespace {

using Steady = std::chrono::steady_clock;
constexpr std::chrono::seconds kSlow{5};
constexpr int kPollMs = 1, kPurgeMs = 5000;

std::string_view TakeBytes(std::string_view* from) {
  ByteReader reader(*from);
  const std::string_view bytes = reader.Bytes(reader.Varint());
  from->remove_prefix(static_cast<size_t>(bytes.data() + bytes.size() - from->data()));
  return bytes;
}

}  // namespace

Result<std::unique_ptr<Producer>> Producer::Open(const KafkaOptions& options) {
  std::unique_ptr<Producer> producer(new Producer(options));
  KPR_RETURN_IF_ERROR(producer->Connect());
  producer->thread_ = std::thread([p = producer.get()] { p->Run(); });
  return producer;
}

Producer::~Producer() {
  Stop();
  {
    const MutexLock lock(mutex_);
    closing_ = true;
  }
  work_.NotifyAll();
  if (thread_.joinable()) thread_.join();
  Disconnect();
}

Status Producer::Connect() {
  KPR_ASSIGN_OR_RETURN(
      client_, NewClient(RD_KAFKA_PRODUCER, options_,
                         {{"enable.idempotence", "true"},
                          {"acks", "all"},
                          {"message.timeout.ms", "0"},
                          {"linger.ms", "2"},
                          {"compression.codec", "lz4"},
                          {"queue.buffering.max.messages", "500000"},
                          {"queue.buffering.max.kbytes", "262144"},
                          {"socket.timeout.ms", "10000"},
                          {"retry.backoff.ms", "50"}},
                         this, [](rd_kafka_conf_t* conf) { rd_kafka_conf_set_dr_msg_cb(conf, Delivered); }));
  events_.reset(rd_kafka_topic_new(client_.get(), options_.events().c_str(), nullptr));
  senders_.reset(rd_kafka_topic_new(client_.get(), options_.senders().c_str(), nullptr));
  return {};
}

void Producer::Disconnect() {
  disconnecting_ = true;
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  const auto deadline = Steady::now() + std::chrono::milliseconds(kPurgeMs);
  while (rd_kafka_outq_len(client_.get()) > 0 && Steady::now() < deadline) rd_kafka_poll(client_.get(), 10);
  events_.reset();
  senders_.reset();
  client_.reset();
  disconnecting_ = false;
}

void Producer::Append(LogBatch batch, std::function<void(Status)> done) {
  {
    const MutexLock lock(mutex_);
    if (!stopped_) {
      incoming_.push_back({std::move(batch), std::move(done), Steady::now()});
      work_.NotifyOne();
      return;
    }
  }
  done(Unavailable("the log is closing"));
}

void Producer::Stop() {
  const MutexLock lock(mutex_);
  stopped_ = true;
  work_.NotifyAll();
}

Status Producer::Accepting() const {
  const Steady::duration oldest = oldest_;
  if (oldest.count() == 0 || Steady::now().time_since_epoch() - oldest < kSlow) return {};
  return Unavailable("Kafka has not acknowledged an append for seconds: are enough brokers in sync?");
}

void Producer::Run() {
  while (TakeIncoming()) {
    while (!to_hand_over_.empty() && HandOver(to_hand_over_.front())) to_hand_over_.pop_front();
    rd_kafka_poll(client_.get(), kPollMs);
    if (fail_for_test_.exchange(false))
      rd_kafka_test_fatal_error(client_.get(), RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "test");
    if (rd_kafka_fatal_error(client_.get(), nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR) failed_ = true;
    if (failed_) Restart();
    Settle();
  }
}

// False: all is over.
bool Producer::TakeIncoming() {
  bool stopped = false;
  {
    const MutexLock lock(mutex_);
    while (active_.empty() && incoming_.empty() && !stopped_ && !closing_) work_.Wait(mutex_);
    for (Waiting& waiting : incoming_) {
      active_.push_back(std::move(waiting));
      BeginPhase(&active_.back(), false);
      to_hand_over_.push_back(&active_.back());
    }
    incoming_.clear();
    stopped = stopped_;
    if (closing_ && active_.empty()) return false;
    while (stopped && active_.empty() && !closing_) work_.Wait(mutex_);
  }
  if (stopped && !active_.empty()) GiveUp();
  return true;
}

void Producer::BeginPhase(Waiting* waiting, bool senders) {
  waiting->senders = senders;
  waiting->stream = 0;
  waiting->records = waiting->keys = {};
}

bool Producer::HandOver(Waiting* waiting) {
  for (const auto& streams = waiting->batch.streams(); waiting->stream < streams.size(); ++waiting->stream) {
    const LogBatch::Stream& s = streams[waiting->stream];
    if ((s.stream == options_.partitions) != waiting->senders) continue;
    if (waiting->records.data() == nullptr) {
      waiting->records = s.bytes;
      waiting->keys = s.keys;
    }
    while (!waiting->records.empty()) {
      std::string_view records = waiting->records, keys = waiting->keys;
      const std::string_view record = TakeBytes(&records), key = TakeBytes(&keys);
      if (!HandOverMessage(waiting, s.stream, record, key)) return false;
      waiting->records = records;
      waiting->keys = keys;
    }
    waiting->records = waiting->keys = {};
  }
  return true;
}

rd_kafka_resp_err_t Producer::ProduceWithHeaders(Waiting* waiting, std::string_view record,
                                                 std::string_view key) {
  const std::string partitions = std::to_string(options_.partitions);
  std::array<rd_kafka_vu_t, 7> parts{};
  const auto mem = [](rd_kafka_vtype_t type, std::string_view bytes) {
    rd_kafka_vu_t part{};
    part.vtype = type;
    part.u.mem.ptr = const_cast<char*>(bytes.data());
    part.u.mem.size = bytes.size();
    return part;
  };
  const auto header = [](const char* name, const std::string& value) {
    rd_kafka_vu_t part{};
    part.vtype = RD_KAFKA_VTYPE_HEADER;
    part.u.header.name = name;
    part.u.header.val = value.data();
    part.u.header.size = static_cast<ssize_t>(value.size());
    return part;
  };
  parts[0].vtype = RD_KAFKA_VTYPE_RKT;
  parts[0].u.rkt = senders_.get();
  parts[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  parts[1].u.i32 = 0;
  parts[2] = mem(RD_KAFKA_VTYPE_VALUE, record);
  parts[3] = mem(RD_KAFKA_VTYPE_KEY, key);
  parts[4] = header(kPartitionsHeader, partitions);
  parts[5] = header(kKeyHeader, options_.key_id);
  parts[6].vtype = RD_KAFKA_VTYPE_OPAQUE;
  parts[6].u.ptr = waiting;
  const Error error(rd_kafka_produceva(client_.get(), parts.data(), parts.size()));
  return error == nullptr ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_error_code(error.get());
}

// The message's bytes stay in the batch until it is answered, so nothing is copied.
bool Producer::HandOverMessage(Waiting* waiting, uint32_t stream, std::string_view record,
                               std::string_view key) {
  const auto of = [](std::string_view bytes) { return const_cast<char*>(bytes.data()); };
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  if (waiting->senders) {
    error = ProduceWithHeaders(waiting, record, key);
  } else if (rd_kafka_produce(events_.get(), static_cast<int32_t>(stream), 0, of(record), record.size(),
                              key.empty() ? nullptr : of(key), key.size(), waiting) != 0) {
    error = rd_kafka_last_error();
  }
  if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) return false;
  if (error == RD_KAFKA_RESP_ERR__FATAL) {
    failed_ = true;
    return false;
  }
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    ++waiting->under_way;
  } else if (waiting->failure.ok()) {
    waiting->failure = FromKafka(error, "append to Kafka");
  }
  return true;
}

void Producer::Delivered(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque) {
  auto* producer = static_cast<Producer*>(opaque);
  if (producer->disconnecting_) return;
  auto* waiting = static_cast<Waiting*>(message->_private);
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (rd_kafka_fatal_error(client, nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      producer->failed_ = true;  // all that is not acknowledged goes again
      return;
    }
    if (waiting->failure.ok()) waiting->failure = FromKafka(message->err, "append to Kafka");
  }
  --waiting->under_way;
}

// Answers what is done, and sends the senders' stream of what else is durable.
void Producer::Settle() {
  for (auto it = active_.begin(); it != active_.end();) {
    Waiting& waiting = *it;
    const bool handed_over = waiting.stream == waiting.batch.streams().size();
    if (!handed_over || waiting.under_way > 0) {
      ++it;
      continue;
    }
    if (!waiting.senders && waiting.failure.ok()) {
      BeginPhase(&waiting, true);
      to_hand_over_.push_back(&waiting);
      ++it;
      continue;
    }
    waiting.done(waiting.failure);
    it = active_.erase(it);
  }
  oldest_ = active_.empty() ? Steady::duration{} : active_.front().since.time_since_epoch();
}

void Producer::Restart() {
  Disconnect();
  while (!Connect().ok()) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  ++restarts_;
  failed_ = false;
  to_hand_over_.clear();
  for (Waiting& waiting : active_) {
    waiting.under_way = 0;
    BeginPhase(&waiting, waiting.senders);
    to_hand_over_.push_back(&waiting);
  }
}

void Producer::GiveUp() {
  Disconnect();
  to_hand_over_.clear();
  for (Waiting& waiting : active_) waiting.done(Unavailable("the log is closing; send again"));
  active_.clear();
  oldest_ = Steady::duration{};
  while (!Connect().ok()) std::this_thread::sleep_for(std::chrono::milliseconds(100));
}

}  // namespace kpr::kafka

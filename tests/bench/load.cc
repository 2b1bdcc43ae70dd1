#include "tests/bench/load.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "ingest/simulator/municipality.h"
#include "ingest/simulator/simulate.h"
#include "registry/codelists/codelists.h"
#include "tests/bench/measure.h"

namespace kpr {
namespace {

constexpr int kBatchEvents = 500;
constexpr double kEventsPerRecipient = 13.6;  // of the simulator, in three years

using Dated = std::pair<int64_t, std::string>;  // sent at, event

std::vector<v1::EventBatch> MakeBatches(std::vector<Dated> events, const std::string& sender, Load* load) {
  std::stable_sort(events.begin(), events.end(),
                   [](const Dated& a, const Dated& b) { return a.first < b.first; });
  std::vector<v1::EventBatch> batches;
  uint64_t sequence = 0;
  std::string previous = Uuid().ToString();
  v1::Event event;
  for (const auto& [sent_at, bytes] : events) {
    Must(event.ParseFromString(bytes) ? Status() : Internal("load"));
    event.set_sequence(++sequence);
    event.set_previous_event_id(previous);
    previous = event.event_id();
    if (batches.empty() || batches.back().events_size() == kBatchEvents) {
      batches.emplace_back().set_batch(batches.size());
      batches.back().set_sender(sender);
    }
    batches.back().add_events(event.SerializeAsString());
    ++load->events;
    load->bytes += static_cast<uint64_t>(batches.back().events().rbegin()->size());
  }
  return batches;
}

}  // namespace

Load MakeLoad(uint64_t wanted) {
  simulator::Options options;
  options.from = Date::FromYmd(2022, 1, 1);
  options.to = Date::FromYmd(2024, 12, 31);
  // Whole municipalities at full size, until they make the number: thinning all of them out would leave cells
  // with one person each. None that is more than its stream's part of it.
  double recipients = 0;
  for (const Municipality m : MunicipalitiesOn(options.to)) {
    const simulator::Stocks stocks = simulator::StocksOf(m, 1);
    const double own = stocks.long_stay + stocks.time_limited + stocks.housing + stocks.home;
    if (recipients * kEventsPerRecipient > static_cast<double>(wanted)) break;
    if (own * kEventsPerRecipient * kLoadStreams > static_cast<double>(wanted)) continue;
    options.municipalities.push_back(m);
    recipients += own;
  }
  std::vector<std::vector<Dated>> dealt(kLoadStreams);
  size_t index = 0;
  Municipality last;
  Must(simulator::SimulateTo(options, [&](Municipality municipality, const v1::Event& event) -> Status {
    index += municipality != last ? 1 : 0;
    last = municipality;
    dealt[index % kLoadStreams].emplace_back(event.sent_at().seconds(), event.SerializeAsString());
    return {};
  }));
  Load load;
  for (size_t i = 0; i < kLoadStreams; ++i)
    load.batches[i] = MakeBatches(std::move(dealt[i]), fmt::format("bench-{}", i), &load);
  return load;
}

std::unique_ptr<v1::Ingest::Stub> NewStub(int port) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return v1::Ingest::NewStub(grpc::CreateCustomChannel(fmt::format("127.0.0.1:{}", port),
                                                       grpc::InsecureChannelCredentials(), arguments));
}

std::vector<double> SendAll(int port, const std::vector<v1::EventBatch>& batches, double batches_per_second) {
  const auto stub = NewStub(port);
  grpc::ClientContext context;
  const auto stream = stub->SubmitEvents(&context);
  std::vector<double> seconds(batches.size());
  std::vector<Steady::time_point> written(batches.size());
  std::mutex mutex;
  std::condition_variable room;
  size_t open = 0;
  std::thread reader([&] {
    v1::Receipt receipt;
    for (size_t i = 0; stream->Read(&receipt); ++i) {
      seconds[i] = Since(written[i]);
      Must(receipt.state() == v1::Receipt::STATE_DURABLE && receipt.results_size() == 0
               ? Status()
               : FailedPrecondition("not all taken"));
      std::lock_guard lock(mutex);
      --open;
      room.notify_one();
    }
  });
  const auto began = Steady::now();
  for (size_t i = 0; i < batches.size(); ++i) {
    if (batches_per_second > 0) {
      std::this_thread::sleep_until(
          began + std::chrono::duration_cast<Steady::duration>(
                      std::chrono::duration<double>(static_cast<double>(i) / batches_per_second)));
    }
    {
      std::unique_lock lock(mutex);
      room.wait(lock, [&] { return open < 4; });
      ++open;
    }
    written[i] = Steady::now();
    stream->Write(batches[i]);
  }
  stream->WritesDone();
  reader.join();
  Must(stream->Finish().ok() ? Status() : Internal("stream ended early"));
  return seconds;
}

std::vector<double> SendLoad(const std::vector<int>& ports, const Load& load, double events_per_second) {
  std::mutex mutex;
  std::vector<double> all;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < load.batches.size(); ++i) {
    threads.emplace_back([&, i] {
      const double batches = static_cast<double>(load.batches[i].size());
      const double share = batches / static_cast<double>(load.events);
      const auto seconds = SendAll(ports[i % ports.size()], load.batches[i], events_per_second * share);
      std::lock_guard lock(mutex);
      all.insert(all.end(), seconds.begin(), seconds.end());
    });
  }
  for (std::thread& thread : threads) thread.join();
  return all;
}

Load PartOf(Load load, double first, double last) {
  load.events = load.bytes = 0;
  for (auto& batches : load.batches) {
    const auto at = [&](double share) {
      return batches.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(batches.size()));
    };
    batches = std::vector<v1::EventBatch>(at(first), at(last));
    for (const v1::EventBatch& batch : batches) {
      load.events += static_cast<uint64_t>(batch.events_size());
      load.bytes += batch.ByteSizeLong();
    }
  }
  return load;
}

}  // namespace kpr

// The figures of docs/performance.md, in one run: a bare gRPC echo of the same messages as the limit, then
// durable ingest, single-event acknowledgements, acknowledged-to-visible, live apply and rebuild with the
// whole catalogue. Prints a Markdown table. tests/bench/bench.sh puts db_bench and the start after a kill
// beside it.
//
//   pipeline_bench DIRECTORY [EVENTS | apply]
#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <mutex>
#include <thread>

#include "access/authorizer.h"
#include "app/serve.h"
#include "base/clock.h"
#include "base/probe.h"
#include "base/swappable.h"
#include "indicators/aggregation/cell_updater.h"
#include "ingest/rpc/ingest_service.h"
#include "kpr/v1/indicator.grpc.pb.h"
#include "kpr/v1/ingest.grpc.pb.h"
#include "kpr/v1/operations.grpc.pb.h"
#include "registry/apply/rebuild.h"
#include "registry/apply/registry.h"
#include "registry/event_log/local/local_log.h"
#include "tests/bench/load.h"
#include "tests/bench/measure.h"

namespace kpr {
namespace {

namespace fs = std::filesystem;
constexpr int kCallers = 128;

// A Markdown table for who reads, and a line of name and number for each figure for tests/bench/figures.py.
class Report {
 public:
  explicit Report(const std::string& directory) : figures_(directory + "/figures") {}

  void Row(const std::string& what, const std::string& figure, const std::string& budget) {
    std::cout << fmt::format("| {} | {} | {} |", what, figure, budget) << std::endl;
  }
  void Figure(const std::string& name, double value) {
    figures_ << fmt::format("{} {:.1f}", name, value) << std::endl;
  }

 private:
  std::ofstream figures_;
};

// The limit: the same messages, parsed and answered, nothing kept.
class Echo : public v1::Ingest::WithCallbackMethod_SubmitEvents<v1::Ingest::Service> {
 public:
  grpc::ServerBidiReactor<v1::EventBatch, v1::Receipt>* SubmitEvents(grpc::CallbackServerContext*) override {
    class Reactor : public grpc::ServerBidiReactor<v1::EventBatch, v1::Receipt> {
     public:
      Reactor() { StartRead(&batch_); }
      void OnReadDone(bool ok) override {
        if (!ok) return Finish(grpc::Status::OK);
        receipt_.set_batch(batch_.batch());
        receipt_.set_state(v1::Receipt::STATE_DURABLE);
        StartWrite(&receipt_);
      }
      void OnWriteDone(bool) override { StartRead(&batch_); }
      void OnDone() override { delete this; }

     private:
      v1::EventBatch batch_;
      v1::Receipt receipt_;
    };
    return new Reactor;
  }
};

void BenchEcho(const Load& load, Report* report) {
  Echo echo;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&echo);
  const auto server = builder.BuildAndStart();
  const auto began = Steady::now();
  SendLoad({port}, load);
  const double seconds = Since(began);
  report->Row("bare gRPC echo of the same messages, 4 streams, batches of 500",
              fmt::format("{:.0f} events/s", static_cast<double>(load.events) / seconds), "the limit");
  report->Figure("echo_events_per_s", static_cast<double>(load.events) / seconds);
  server->Shutdown();
}

// A server of its own process's making, stopped at the end of the scope.
class Server {
 public:
  explicit Server(const std::string& directory) {
    config_.directory = directory;
    config_.listen = "127.0.0.1:0";
    config_.plaintext_loopback = true;
    config_.metrics_listen = "";
    std::promise<int> ready;
    auto port = ready.get_future();
    thread_ = std::thread([this, ready = std::move(ready)]() mutable {
      Must(Serve(
          config_, [&](int p) { ready.set_value(p); }, [this](const auto&) { stop_.get_future().wait(); }));
    });
    port_ = port.get();
  }
  ~Server() {
    stop_.set_value();
    thread_.join();
  }
  int port() const { return port_; }

 private:
  Config config_;
  std::promise<void> stop_;
  std::thread thread_;
  int port_ = 0;
};

uint64_t BehindOf(v1::Operations::Stub* stub) {
  grpc::ClientContext context;
  v1::NodeStatus status;
  if (!stub->GetStatus(&context, {}, &status).ok()) return 1;
  uint64_t behind = 0;
  for (const auto& p : status.partitions()) behind += p.log_end() - p.applied();
  return behind;
}

void BenchIngest(const std::string& directory, const Load& load, Report* report) {
  Server server(directory);
  const auto sent = Steady::now();
  SendLoad({server.port()}, load);
  const double seconds = Since(sent);
  report->Row("durable ingest, 4 streams, batches of 500, applying at the same time",
              fmt::format("{:.0f} events/s", static_cast<double>(load.events) / seconds), "300,000 events/s");
  report->Figure("ingest_events_per_s", static_cast<double>(load.events) / seconds);
  const auto began = Steady::now();
  const auto stub = v1::Operations::NewStub(
      grpc::CreateChannel(fmt::format("127.0.0.1:{}", server.port()), grpc::InsecureChannelCredentials()));
  while (BehindOf(stub.get()) > 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  report->Row("from the first event to all applied, ingest and apply together",
              fmt::format("{:.0f} events/s", static_cast<double>(load.events) / (seconds + Since(began))),
              "");
  report->Figure("ingest_and_apply_events_per_s",
                 static_cast<double>(load.events) / (seconds + Since(began)));
}

void BenchSingles(const std::string& directory, const Load& load, Report* report) {
  Server server(directory);
  constexpr double kSeconds = 5;
  std::atomic<bool> stop = false;
  std::mutex mutex;
  std::vector<double> all;
  std::vector<std::thread> threads;
  const auto began = Steady::now();
  for (int caller = 0; caller < kCallers; ++caller) {
    threads.emplace_back([&, caller] {
      const auto stub = NewStub(server.port());
      grpc::ClientContext context;
      const auto stream = stub->SubmitEvents(&context);
      std::vector<double> mine;
      v1::Receipt receipt;
      const auto& batches = load.batches[static_cast<size_t>(caller % kLoadStreams)];
      for (size_t i = static_cast<size_t>(caller); !stop; ++i) {
        v1::EventBatch one;
        one.set_sender(fmt::format("caller-{}", caller));
        const v1::EventBatch& batch = batches[i % batches.size()];
        one.add_events(batch.events(static_cast<int>(i) % batch.events_size()));
        const auto at = Steady::now();
        stream->Write(one);
        if (!stream->Read(&receipt)) break;
        mine.push_back(Since(at));
      }
      stream->WritesDone();
      while (stream->Read(&receipt)) {
      }
      (void)stream->Finish();
      std::lock_guard lock(mutex);
      all.insert(all.end(), mine.begin(), mine.end());
    });
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(kSeconds));
  stop = true;
  for (std::thread& thread : threads) thread.join();
  report->Row("durable ingest of single events, 128 callers",
              fmt::format("{:.0f} acks/s, p50 {:.1f} ms, p99 {:.1f} ms",
                          static_cast<double>(all.size()) / Since(began), Percentile(all, 0.5) * 1000,
                          Percentile(all, 0.99) * 1000),
              "10,000 acks/s, p99 25 ms");
  report->Figure("single_acks_per_s", static_cast<double>(all.size()) / Since(began));
  report->Figure("single_ack_p99_ms", Percentile(all, 0.99) * 1000);
}

// Receipts at 20,000 events a second, and how long after each one the registry has applied what it covers.
void BenchVisible(const std::string& directory, const Load& load, Report* report) {
  const PlanHolder plan(std::move(*LoadPlan({})));
  CellUpdater updater(&plan);
  fs::create_directories(directory);
  auto log = OpenLocalLog({directory + "/log", 4, nullptr});
  Must(log.status());
  RegistryOptions options;
  options.directory = directory + "/registry";
  auto registry = Registry::Open(options, log->get(), &updater);
  Must(registry.status());
  (*registry)->Start();
  const SystemClock clock;
  Probe probe;
  AdmissionController admission({0}, &clock);
  const Swappable<Policy> policy(Policy::AllowLoopback());
  const Authorizer authorizer(&policy, nullptr);
  const auto pseudonymizer = Pseudonymizer::Create(std::string(32, 'b'));
  const Swappable<Instruments> instruments(InstrumentsOf(*plan.Get()));
  IngestService service({log->get(), &(*registry)->chains(), registry->get(), true, &*pseudonymizer,
                         &authorizer, &admission, &clock, &probe, &instruments});
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::experimental::LocalServerCredentials(LOCAL_TCP), &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  // The first half fills the register at full speed, the rest comes at the rate.
  const auto& batches = load.batches[0];
  const size_t half = batches.size() / 2;
  SendAll(port, {batches.begin(), batches.begin() + static_cast<std::ptrdiff_t>(half)});
  (*registry)->WaitApplied(std::chrono::seconds(600));
  std::atomic<bool> done = false;
  std::vector<double> lags;
  std::thread watcher([&] {
    while (!done) {
      std::vector<uint64_t> ends;
      for (uint32_t i = 0; i < 4; ++i) ends.push_back((*log)->End(i));  // durable: acknowledged from now on
      const auto at = Steady::now();
      for (uint32_t i = 0; i < 4; ++i) {
        while ((*registry)->store(i)->next_offset() < ends[i])
          std::this_thread::sleep_for(std::chrono::microseconds(200));
      }
      lags.push_back(Since(at));
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  });
  const size_t sent = std::min<size_t>(batches.size() - half, 400);
  SendAll(port,
          {batches.begin() + static_cast<std::ptrdiff_t>(half),
           batches.begin() + static_cast<std::ptrdiff_t>(half + sent)},
          40);
  done = true;
  watcher.join();
  report->Row("durable to visible in a live value, at 20,000 events/s",
              fmt::format("p50 {:.0f} ms, p99 {:.0f} ms, worst {:.0f} ms", Percentile(lags, 0.5) * 1000,
                          Percentile(lags, 0.99) * 1000, Percentile(lags, 1) * 1000),
              "p99 1 s");
  report->Figure("visible_p99_ms", Percentile(lags, 0.99) * 1000);
  server->Shutdown();
  (*registry)->Stop();
}

// The log that BenchIngest left, applied again live, then rebuilt.
void BenchApply(const std::string& directory, Report* report) {
  const PlanHolder plan(std::move(*LoadPlan({})));
  CellUpdater updater(&plan);
  auto log = OpenLocalLog({directory + "/log", 4, nullptr});
  Must(log.status());
  uint64_t records = 0;
  for (uint32_t i = 0; i < 4; ++i) records += (*log)->End(i);
  fs::remove_all(directory + "/registry");
  RegistryOptions options;
  options.directory = directory + "/registry";
  auto began = Steady::now();
  {
    auto registry = Registry::Open(options, log->get(), &updater);
    Must(registry.status());
    (*registry)->Start();
    while (!(*registry)->WaitApplied(std::chrono::seconds(1))) {
    }
    const double seconds = Since(began);
    report->Row("apply with the whole catalogue, live",
                fmt::format("{:.0f} records/s", static_cast<double>(records) / seconds), "100,000 events/s");
    report->Figure("apply_records_per_s", static_cast<double>(records) / seconds);
    (*registry)->Stop();
  }
  fs::remove_all(directory + "/registry");
  began = Steady::now();
  Must(RebuildInto(
      directory + "/registry", log->get(), &updater, [] { return false; }, [](const RebuildProgress&) {}));
  report->Row("rebuild from the log with the whole catalogue",
              fmt::format("{:.0f} records/s", static_cast<double>(records) / Since(began)),
              "500,000 events/s");
  report->Figure("rebuild_records_per_s", static_cast<double>(records) / Since(began));
}

int Main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: pipeline_bench DIRECTORY [EVENTS | apply]\n";
    return 2;
  }
  spdlog::set_default_logger(spdlog::stderr_logger_mt("bench"));  // the table is alone on standard output
  const std::string directory = argv[1];
  fs::create_directories(directory);
  Report report(directory);
  if (argc > 2 && std::string(argv[2]) == "apply") {  // of a log that an earlier run left
    BenchApply(directory + "/a", &report);
    return 0;
  }
  const uint64_t wanted = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000;
  const Load load = MakeLoad(wanted);
  std::cout << fmt::format(
      "{} events of {} bytes on average\n\n| what | measured | budget |\n|---|---|---|\n", load.events,
      load.bytes / load.events);
  BenchEcho(load, &report);
  BenchIngest(directory + "/a", load, &report);
  BenchSingles(directory + "/b", load, &report);
  BenchVisible(directory + "/c", load, &report);
  BenchApply(directory + "/a", &report);
  return 0;
}

}  // namespace
}  // namespace kpr

int main(int argc, char** argv) {
  return kpr::Main(argc, argv);
}

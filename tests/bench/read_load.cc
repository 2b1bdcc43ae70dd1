// Readers who keep a running server busy until their standard input ends: watches of all municipalities by
// month, each of another indicator and year where there are enough, explanations one after another, and one
// reader who asks for the country, whose times are told at the end.
//
//   read_load PORT WATCHES EQUAL EXPLAINERS
//     EQUAL  1: all watches ask the same question
#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>

#include "kpr/v1/indicator.grpc.pb.h"
#include "tests/bench/measure.h"

namespace kpr {
namespace {

using Stub = v1::Indicators::Stub;

// Ends its calls when it is told to.
class Readers {
 public:
  explicit Readers(int port) : target_(fmt::format("127.0.0.1:{}", port)), stub_(NewStub()) {
    grpc::ClientContext context;
    Must(stub_->ListIndicators(&context, {}, &indicators_).ok() ? Status() : Unavailable("no indicators"));
  }

  void Watch(int number, bool equal) {
    threads_.emplace_back([this, number, equal] {
      const int n = equal ? 0 : number, kinds = indicators_.definitions_size();
      v1::GetIndicatorValuesRequest request;
      request.set_indicator(indicators_.definitions(n % kinds).id());
      request.set_level(v1::LEVEL_MUNICIPALITY);
      request.set_from_period(std::to_string(2020 + n / kinds));
      request.set_to_period("2024");
      const auto stub = NewStub();
      for (bool first = true; !stopping_; first = false) {
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
        const auto reader = stub->WatchIndicatorValues(&context, request);
        bool answered = false;
        for (v1::IndicatorTable table; reader->Read(&table); answered = true) {
          ++tables_;
          if (first && !answered) ++begun_;
        }
        if (first && !answered) ++begun_;  // refused
        const grpc::Status status = reader->Finish();
        if (status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED) Refused();
      }
    });
  }

  void Explain(int number) {
    threads_.emplace_back([this, number] {
      v1::ExplainIndicatorValueRequest request;
      request.set_indicator(indicators_.definitions(number % indicators_.definitions_size()).id());
      request.set_period("2023");
      request.set_area("0");
      while (!stopping_) {
        grpc::ClientContext context;
        v1::IndicatorExplanation answer;
        const grpc::Status status = stub_->ExplainIndicatorValue(&context, request, &answer);
        if (status.ok()) {
          ++explained_;
        } else {
          Refused();
        }
      }
    });
  }

  void Ask() {
    threads_.emplace_back([this] {
      v1::GetIndicatorValuesRequest request;
      request.set_indicator(indicators_.definitions(0).id());
      request.set_level(v1::LEVEL_COUNTRY);
      request.set_from_period("2022");
      request.set_to_period("2024");
      while (!stopping_) {
        grpc::ClientContext context;
        v1::IndicatorTable answer;
        const auto began = Steady::now();
        if (stub_->GetIndicatorValues(&context, request, &answer).ok()) asked_.push_back(Since(began) * 1000);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
    });
  }

  // Until so many watches have had their first answer.
  void WaitBegun(int watches) const {
    while (begun_ < watches) std::this_thread::yield();
  }

  void Stop() {
    stopping_ = true;
    for (std::thread& thread : threads_) thread.join();
    std::cout << fmt::format(
        "{} tables watched, {} explanations, {} refused; {} questions p50 {:.1f} ms, p99 {:.1f} ms\n",
        tables_.load(), explained_.load(), refused_.load(), asked_.size(),
        asked_.empty() ? 0 : Percentile(asked_, 0.5), asked_.empty() ? 0 : Percentile(asked_, 0.99));
  }

 private:
  // Waits as long as the server asks to, or until the end.
  void Refused() {
    ++refused_;
    const auto began = Steady::now();
    while (!stopping_ && Since(began) < 1) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }

  std::unique_ptr<Stub> NewStub() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return v1::Indicators::NewStub(
        grpc::CreateCustomChannel(target_, grpc::InsecureChannelCredentials(), arguments));
  }

  const std::string target_;
  const std::unique_ptr<Stub> stub_;
  v1::ListIndicatorsResponse indicators_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> begun_ = 0;
  std::atomic<uint64_t> tables_ = 0, explained_ = 0, refused_ = 0;
  std::vector<double> asked_;  // milliseconds
  std::vector<std::thread> threads_;
};

}  // namespace
}  // namespace kpr

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: read_load PORT WATCHES EQUAL EXPLAINERS\n";
    return 2;
  }
  kpr::Readers readers(std::atoi(argv[1]));
  for (int i = 0; i < std::atoi(argv[2]); ++i) readers.Watch(i, std::atoi(argv[3]) != 0);
  for (int i = 0; i < std::atoi(argv[4]); ++i) readers.Explain(i);
  readers.Ask();
  readers.WaitBegun(std::atoi(argv[2]));
  std::cout << "ready\n" << std::flush;
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  readers.Stop();
  return 0;
}

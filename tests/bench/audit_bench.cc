// The audit log by itself: audit_bench FOLDER [RECORDS]. Durable records from many callers and from one, a
// proof, and the check of the whole log.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>
#include <vector>

#include "registry/audit/audit_log.h"
#include "registry/audit/verify.h"

namespace kpr {
namespace {

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// As an explanation of twenty subjects.
v1::AuditRecord Sample() {
  v1::AuditRecord record;
  record.set_kind(v1::AuditRecord::KIND_PERSONS_READ);
  record.set_principal("urn:kpr:reader");
  record.set_method("kpr.v1.Indicators/ExplainIndicatorValue");
  record.set_subject("medication_review 2024 4601");
  for (int i = 0; i < 20; ++i) record.add_persons("0123456789abcdef0123456789abcdef");
  return record;
}

double Quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[static_cast<size_t>(q * static_cast<double>(values.size() - 1))];
}

int Run(const std::string& folder, int records) {
  const SystemClock clock;
  audit::AuditOptions options;
  options.folder = folder + "/audit";
  options.origin = "kpr.example/audit";
  options.key_file = folder + "/key";
  options.signing_key = folder + "/signing-key";
  options.mark_file = folder + "/mark";
  options.clock = &clock;
  auto log = audit::AuditLog::Open(options);
  if (!log.ok()) return std::cerr << log.status().message() << '\n', 1;
  for (const int callers : {1, 32, 256}) {
    std::atomic<int> left = callers == 1 ? std::min(records, 2000) : records;
    const int all = left;
    std::atomic<int> failed = 0;
    std::vector<std::vector<double>> waits(static_cast<size_t>(callers));
    std::vector<std::thread> threads;
    const double begin = Seconds();
    for (auto& own : waits) {
      threads.emplace_back([&] {
        while (left-- > 0) {
          const double at = Seconds();
          if (!(*log)->Record(Sample()).ok()) ++failed;
          own.push_back(1000 * (Seconds() - at));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    const double seconds = Seconds() - begin;
    if (failed > 0) return std::cerr << failed << " records were not taken\n", 1;
    std::vector<double> together;
    for (const auto& own : waits) together.insert(together.end(), own.begin(), own.end());
    std::cout << fmt::format("{:4} callers: {:9.0f} durable records/s, p50 {:.2f} ms, p99 {:.2f} ms\n",
                             callers, all / seconds, Quantile(together, 0.5), Quantile(together, 0.99));
  }
  log->reset();
  log = audit::AuditLog::Open(options);
  if (!log.ok()) return std::cerr << log.status().message() << '\n', 1;
  const uint64_t size = (*log)->size();
  std::vector<double> proofs;
  for (uint64_t i = 0; i < 500; ++i) {
    const double at = Seconds();
    if (!(*log)->Prove(i * 7919 % size).ok()) return std::cerr << "no proof\n", 1;
    proofs.push_back(1000 * (Seconds() - at));
  }
  std::cout << fmt::format("a proof among {}: p50 {:.2f} ms, p99 {:.2f} ms\n", size, Quantile(proofs, 0.5),
                           Quantile(proofs, 0.99));
  const double begin = Seconds();
  const auto verified = audit::VerifyFiles(options.folder + "/public", (*log)->verifier_key());
  if (!verified.ok()) return std::cerr << verified.status().message() << '\n', 1;
  std::cout << fmt::format("the whole log checked in {:.2f} s\n", Seconds() - begin);
  return 0;
}

}  // namespace
}  // namespace kpr

int main(int argc, char** argv) {
  if (argc < 2) return std::cerr << "usage: audit_bench FOLDER [RECORDS]\n", 2;
  return kpr::Run(argv[1], argc > 2 ? std::atoi(argv[2]) : 200'000);
}

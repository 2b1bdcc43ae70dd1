// Sends made-up events to running ingest nodes as fast as they take them, or at a rate, and says how it went.
//
//   send_bench EVENTS FIRST LAST RATE PORT...
//     EVENTS       of the whole load, which is the same each time
//     FIRST, LAST  which part of it is sent, from 0 to 1
//     RATE         events a second; 0 as fast as can be
#include <fmt/format.h>

#include <cstdlib>

#include "tests/bench/load.h"
#include "tests/bench/measure.h"

int main(int argc, char** argv) {
  if (argc < 6) {
    std::cerr << "usage: send_bench EVENTS FIRST LAST RATE PORT...\n";
    return 2;
  }
  std::vector<int> ports;
  for (int i = 5; i < argc; ++i) ports.push_back(std::atoi(argv[i]));
  const kpr::Load load =
      kpr::PartOf(kpr::MakeLoad(std::strtoull(argv[1], nullptr, 10)), std::atof(argv[2]), std::atof(argv[3]));
  std::cout << "ready\n" << std::flush;
  const auto began = kpr::Steady::now();
  const auto receipts = kpr::SendLoad(ports, load, std::atof(argv[4]));
  const double seconds = kpr::Since(began);
  std::cout << fmt::format(
      "{} events acknowledged in {:.1f} s, {:.0f} a second; receipts p50 {:.0f} ms, p99 {:.0f} ms\n",
      load.events, seconds, static_cast<double>(load.events) / seconds, kpr::Percentile(receipts, 0.5) * 1000,
      kpr::Percentile(receipts, 0.99) * 1000);
  return 0;
}

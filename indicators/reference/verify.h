// Compares a register's cells with the naive batch over its log.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "indicators/engine/plan.h"
#include "registry/event_log/event_log.h"
#include "registry/read/partition_reader.h"

namespace kpr {

struct Verification {
  size_t events = 0;
  size_t cells = 0;                      // of a period, place and stratum
  std::vector<std::string> differences;  // at most 20, readable
};

struct VerifyOptions {
  size_t events_at_once = 2'000'000;  // held in memory; subjects are taken in as many slices as it needs
  std::function<void(const std::string& step)> progress = [](const std::string&) {};
};

// At the stores' own positions; the outbox must be empty and every figure of the plan complete.
Result<Verification> Verify(EventLog* log, const PartitionReaders& stores, const Plan& plan,
                            const VerifyOptions& options);

// A stored cell's key in words.
std::string DescribeCell(const std::string& key, const Catalogue& catalogue);

}  // namespace kpr

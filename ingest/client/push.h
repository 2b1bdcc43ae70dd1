// The sender's side: events from files to the server, with receipts, resending and resuming.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "ingest/client/connection.h"

namespace kpr {

struct PushOptions {
  ClientOptions client;
  std::vector<std::string> files;
  std::string sender;  // empty: each file's stem
  bool his1135 = false;
  bool resume = false;  // send only what the server says is missing
  size_t batch_events = 500;
  int parallel = 4;      // files at once
  std::string receipts;  // file that gets the id of every acknowledged event
  bool progress = true;
  int give_up_seconds = 60;  // of a server that cannot be reached
};

struct PushResult {
  uint64_t sent = 0, accepted = 0, duplicates = 0, refused = 0;
  uint64_t there = 0;  // not sent, as the server has them
};

// Every event of the files is acknowledged or refused when this is OK.
Result<PushResult> Push(const PushOptions& options, const std::atomic<bool>& stop);

}  // namespace kpr

// Connects to the server's own port and watches that it answers: a listener that has run out of descriptors
// never accepts again, and nothing else shows it.
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "base/status.h"

namespace kpr {

class Watchdog {
 public:
  // `address` is server.listen, with the port that was bound.
  explicit Watchdog(std::string address) : address_(std::move(address)), thread_([this] { Run(); }) {}
  ~Watchdog();

  // Why the server is to be started again; OK while it answers. Any thread.
  Status Failure() const;

 private:
  void Run();

  const std::string address_;
  std::atomic<bool> stopping_ = false, silent_ = false;
  std::thread thread_;
};

}  // namespace kpr

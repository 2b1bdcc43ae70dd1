// What the parts of a running register tell about themselves. Core code calls verbs; app/ turns them into
// metrics. Every verb is thread-safe and cheap; none takes a person, a sender or a municipality.
#pragma once

#include <cstdint>

namespace kpr {

// Of comparing a partition's store with the log.
enum class ScrubOutcome { kEqual, kRebuilt, kFailed };

class Probe {
 public:
  virtual ~Probe() = default;
  virtual void StreamOpened() {}
  virtual void StreamClosed() {}
  virtual void CallRefused() {}  // unknown or unentitled caller, too many streams
  virtual void BatchReceived(uint64_t /*bytes*/) {}
  virtual void BatchDurable(uint64_t /*accepted*/, uint64_t /*duplicates*/, uint64_t /*refused*/,
                            double /*seconds*/) {}
  virtual void BatchThrottled() {}
  virtual void Applied(uint64_t /*records*/, double /*seconds*/) {}
  virtual void Scrubbed(ScrubOutcome) {}
  virtual void QueryAnswered(double /*seconds*/) {}
};

}  // namespace kpr

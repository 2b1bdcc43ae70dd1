// A municipality's EHR system as a sender: facts go in as they happen, events come out in the order they are
// sent, with sequence, chain, and the noise of reality.
#pragma once

#include <functional>
#include <queue>
#include <string>
#include <vector>

#include "base/status.h"
#include "ingest/simulator/options.h"
#include "ingest/simulator/random.h"
#include "kpr/v1/event.pb.h"

namespace kpr::simulator {

class Sender {
 public:
  using Take = std::function<Status(const v1::Event&)>;

  Sender(Municipality municipality, const Noise& noise, Random random, Take take)
      : municipality_(municipality), noise_(noise), random_(random), take_(std::move(take)) {}

  // `event` has subject, fact and occurred_on.
  void Emit(v1::Event event);
  // Sends all that is due before the day.
  Status SendBefore(Date day);
  uint64_t sent() const { return sequence_; }

 private:
  struct Due {
    int64_t at_ms = 0;
    uint64_t order = 0;
    v1::Event event;
    bool operator>(const Due& other) const {
      return at_ms != other.at_ms ? at_ms > other.at_ms : order > other.order;
    }
  };
  void Schedule(v1::Event event, int64_t at_ms);
  int64_t SendTime(Date day);

  Municipality municipality_;  // as of the last day simulated
  Noise noise_;
  Random random_;
  Take take_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  uint64_t order_ = 0, sequence_ = 0;
  std::string previous_ = Uuid().ToString();
};

}  // namespace kpr::simulator

// Events to send to a server, made before the clock runs, and the sending of them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "kpr/v1/ingest.grpc.pb.h"

namespace kpr {

inline constexpr int kLoadStreams = 4;

// Events of the whole country in the order they are sent, dealt to the streams by municipality; each stream
// is one sender with a chain of its own.
struct Load {
  std::vector<std::vector<v1::EventBatch>> batches{kLoadStreams};
  uint64_t events = 0, bytes = 0;
};
Load MakeLoad(uint64_t wanted);  // about so many

std::unique_ptr<v1::Ingest::Stub> NewStub(int port);  // on a connection of its own
// Sends the stream's batches with at most four unanswered; gives the seconds from each write to its receipt.
std::vector<double> SendAll(int port, const std::vector<v1::EventBatch>& batches,
                            double batches_per_second = 0);
// All streams at once, each to the next of the ports and at its share of the rate; gives all batches'
// seconds.
std::vector<double> SendLoad(const std::vector<int>& ports, const Load& load, double events_per_second = 0);
// The part of each stream between the two shares of it, from 0 to 1.
Load PartOf(Load load, double first, double last);

}  // namespace kpr

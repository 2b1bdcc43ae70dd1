// The senders' chains for those who answer from them.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/status.h"
#include "registry/sender_chain/chain.h"

namespace kpr {

// Thread-safe.
class ChainReader {
 public:
  virtual ~ChainReader() = default;
  // The names of all that have sent.
  virtual Result<std::vector<std::string>> Senders() const = 0;
  // The sender's chain over everything that is durable at the call. kUnavailable: not read within the
  // timeout.
  virtual Result<Chain> SenderChain(const std::string& sender, std::chrono::milliseconds timeout) const = 0;
};

}  // namespace kpr

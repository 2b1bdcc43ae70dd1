// Small keyed values with a log position: the senders' chains.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "registry/read/partition_reader.h"

namespace kpr {

class ChainStore {
 public:
  virtual ~ChainStore() = default;
  virtual Status Write(const std::vector<KeyValue>& puts, uint64_t next_offset) = 0;
  virtual Result<std::string> Get(std::string_view sender) const = 0;
  virtual Status Scan(const ScanFunction& f) const = 0;
  virtual uint64_t next_offset() const = 0;
};

Result<std::unique_ptr<ChainStore>> OpenChainStore(const std::string& directory);

}  // namespace kpr

// The last cells that were recomputed at an earlier position. Thread-safe; a computation holds up the others.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "indicators/query/cell_source.h"

namespace kpr {

class RecomputedCache {
 public:
  using Compute = std::function<Result<std::unique_ptr<CellSource>>()>;
  // The cells under the key, computed if they are not there. The least recently used go first.
  Result<std::shared_ptr<const CellSource>> Get(const std::string& key, const Compute& compute);

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const CellSource> cells;
  };
  Mutex mutex_;
  std::list<Entry> entries_ KPR_GUARDED_BY(mutex_);  // most recently used first
};

}  // namespace kpr

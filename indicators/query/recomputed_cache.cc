#include "indicators/query/recomputed_cache.h"

#include <algorithm>

#include "base/limits.h"

namespace kpr {

Result<std::shared_ptr<const CellSource>> RecomputedCache::Get(const std::string& key,
                                                               const Compute& compute) {
  const MutexLock lock(mutex_);
  const auto it =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.key == key; });
  if (it != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, it);
    return entries_.front().cells;
  }
  KPR_ASSIGN_OR_RETURN(auto cells, compute());
  entries_.push_front({key, std::move(cells)});
  if (entries_.size() > limits::kRecomputedSources) entries_.pop_back();
  return entries_.front().cells;
}

}  // namespace kpr

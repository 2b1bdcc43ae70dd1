// The port through which whoever keeps figures learns of changed timelines, and answers with additions to the
// cells for the same write. The registry knows nothing of indicators.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "registry/store/partition_store.h"
#include "registry/timeline/history.h"

namespace kpr {

// What one micro-batch changes. One thread.
class ChangeBatch {
 public:
  virtual ~ChangeBatch() = default;
  // The data's calendar stands at `horizon`. Nothing differs before `from`.
  virtual void Changed(const History& before, const History& after, Date from, Date horizon) = 0;
  virtual void HorizonMoved(const History& history, Date before, Date after) = 0;
  virtual std::vector<KeyValue> CellDeltas() = 0;
};

// Thread-safe: one batch per partition may be open at a time.
class TimelineObserver {
 public:
  virtual ~TimelineObserver() = default;
  virtual std::unique_ptr<ChangeBatch> Begin() = 0;
  // Content hash of what the cells are computed by.
  virtual std::string catalogue() const = 0;
};

}  // namespace kpr

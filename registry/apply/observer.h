// The port through which whoever keeps figures learns of changed timelines, and answers with additions to the
// cells for the same write. The registry knows nothing of indicators.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "registry/apply/computed.h"
#include "registry/store/partition_store.h"
#include "registry/timeline/history.h"

namespace kpr {

struct CellDeltas {
  std::vector<KeyValue> cells, totals;
};

// Which figures a change is told for: all, or those in `numbers`, or those not in it.
struct FigureFilter {
  enum class Mode { kAll, kOnly, kAllBut };
  Mode mode = Mode::kAll;
  const std::vector<uint32_t>* numbers = nullptr;
};

// What one micro-batch changes. One thread.
class ChangeBatch {
 public:
  virtual ~ChangeBatch() = default;
  // What the batch computes, the same from its beginning to its end.
  virtual const std::vector<Figure>& figures() const = 0;
  // Nothing differs before `from`.
  virtual void Changed(const History& before, const History& after, Date from, FigureFilter filter) = 0;
  virtual CellDeltas Take() = 0;
};

// Thread-safe: one batch per partition may be open at a time.
class TimelineObserver {
 public:
  virtual ~TimelineObserver() = default;
  virtual std::unique_ptr<ChangeBatch> Begin() = 0;
};

}  // namespace kpr

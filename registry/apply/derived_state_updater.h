// The port through which whoever keeps versions learns of changed timelines, and answers with additions to
// the cells for the same write. The registry knows nothing of indicators.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "registry/apply/backfill_state.h"
#include "registry/codelists/code_ends.h"
#include "registry/store/partition_store.h"
#include "registry/timeline/subject_state.h"

namespace kpr {

struct CellDeltas {
  std::vector<KeyValue> cells, totals;
};

// Which versions a change is applied to: all, or those in `numbers`, or those not in it.
struct VersionFilter {
  enum class Mode { kAll, kOnly, kAllBut };
  Mode mode = Mode::kAll;
  const std::vector<uint32_t>* numbers = nullptr;
};

// What one micro-batch changes. One thread.
class ChangeBatch {
 public:
  virtual ~ChangeBatch() = default;
  // What the batch computes, the same from its beginning to its end.
  virtual const std::vector<IndicatorVersion>& versions() const = 0;
  // When the codes of municipalities end, as the batch computes.
  virtual const CodeEnds& code_ends() const = 0;
  // The subject counts as before, but codes end otherwise than by `before`.
  virtual void CodesChanged(const SubjectState& state, const CodeEnds& before, Date until,
                            VersionFilter filter) = 0;
  // Nothing differs before `from`. Figures are kept up to `until`, the end of the calendar's year.
  virtual void Changed(const SubjectState& before, const SubjectState& after, Date from, Date until,
                       VersionFilter filter) = 0;
  // The calendar's year has turned: what was kept up to the day before `from` is kept up to `until`.
  virtual void YearRollover(const SubjectState& state, Date from, Date until, VersionFilter filter) = 0;
  // It has gone back: what was kept from `from` to `until` is so no more.
  virtual void YearRollback(const SubjectState& state, Date from, Date until, VersionFilter filter) = 0;
  virtual size_t bytes() const = 0;  // of what there is to take; vectors may hold twice as much
  // Gives the deltas of cells by rising key, one by one, and those of totals; nothing is left.
  virtual std::vector<KeyValue> TakeInto(const DeltaSink& cells) = 0;
  virtual CellDeltas Take() = 0;  // the same, all at once
};

// Thread-safe: one batch per partition may be open at a time.
class DerivedStateUpdater {
 public:
  virtual ~DerivedStateUpdater() = default;
  virtual std::unique_ptr<ChangeBatch> Begin() = 0;
};

}  // namespace kpr

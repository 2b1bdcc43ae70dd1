// Where a query's cells come from: the stores as they are, or recomputed from the timelines as they
// stood at an earlier log position.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "indicators/cells/total.h"
#include "indicators/engine/plan.h"
#include "registry/read/registry_reader.h"

namespace kpr {

class CellSource {
 public:
  using CellFunction = std::function<bool(const CellKey&, std::string_view encoded)>;
  using TotalFunction = std::function<bool(const TotalKey&, std::string_view encoded)>;

  virtual ~CellSource() = default;
  // Every cell of an indicator, until `f` gives false; a key may come several times.
  virtual Status Scan(uint32_t indicator, ReferencePeriod period, const CellFunction& f) const = 0;
  // The same of its totals with a year of [from, to] in them.
  virtual Status ScanTotals(uint32_t indicator, ReferencePeriod period, TotalsBy by, int from, int to,
                            const TotalFunction& f) const = 0;
  virtual Date horizon() const = 0;  // day 0 before the first tick
  virtual const std::vector<uint64_t>& positions() const = 0;
};

// As the stores are at the call; `registry` outlives it.
Result<std::unique_ptr<CellSource>> LiveCells(const RegistryReader& registry);

// One indicator, and what coverage needs, from the facts below `positions`. Reads every timeline; the
// partitions side by side.
Result<std::unique_ptr<CellSource>> CellsAt(const RegistryReader& registry, const v1::Definition& definition,
                                            const Catalogue& catalogue, std::vector<uint64_t> positions);

// The newest tick below the position.
Result<Date> HorizonAt(const PartitionReader& store, uint64_t position);

// The definition alone, with the instruments it may name.
Result<Plan> PlanOf(const v1::Definition& definition, const Catalogue& catalogue);

// The facts among `all` that stood in the log before `position`.
std::vector<Fact> FactsBelow(const std::vector<Fact>& all, uint64_t position);

}  // namespace kpr

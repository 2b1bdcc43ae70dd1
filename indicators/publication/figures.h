// The figures of a draft: one indicator by a table of the plan, from the cells of one log position.
#pragma once

#include <set>

#include "indicators/query/query.h"
#include "kpr/v1/publication.pb.h"

namespace kpr::publication {

// What every figure depends on beside the cells.
struct FigureOptions {
  const v1::PublicationPlan* plan = nullptr;
  std::set<uint16_t> excluded;  // municipalities of the structure year: in no figure and in no sum
};

// Sets the plan's pools as its policy says: as in the last release of the series, where that was of the same
// municipalities by the same rule, so that nothing is learnt from who comes and goes; else by the inhabitants
// at the source's horizon.
Status SetPools(const v1::PublicationPlan& last, const CellSource& source, v1::PublicationPlan& plan);

// All rows of the table, with what is behind each amount and without states. Areas that have no cell have
// rows too, and so have municipalities that are shown in a pool.
Result<v1::ReleaseTable> ComputeTable(const Query& query, const CellSource& source,
                                      const v1::TablePlan& table, const FigureOptions& options);

}  // namespace kpr::publication

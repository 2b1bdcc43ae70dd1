// Answers about live values: rolls cells up to areas and strata and computes the statistics. Reads the
// stores, changes nothing. Thread-safe.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "indicators/engine/plan.h"
#include "indicators/query/comparison.h"
#include "indicators/query/explanation.h"
#include "indicators/query/recomputed_cache.h"
#include "indicators/query/result_table.h"
#include "registry/attributes/municipality_data.h"
#include "registry/read/registry_reader.h"

namespace kpr {

// A definition and the plan it is of.
struct ResolvedIndicator {
  std::shared_ptr<const Plan> plan;
  size_t at = 0;

  const v1::Definition& definition() const { return plan->catalogue.definitions[at]; }
  const IndicatorPlan& indicator() const { return plan->indicators[at]; }
  std::shared_ptr<const v1::Definition> shared_definition() const { return {plan, &definition()}; }
};

// Of a publication, in codes of its structure year.
struct PublishedPlaces {
  std::set<uint16_t> excluded;  // municipalities that are in no figure
  PoolAreas pools;              // of those that have no figure of their own
};

class Query {
 public:
  // Both outlive the query.
  Query(const PlanHolder* plan, const RegistryReader* registry) : plan_(plan), registry_(registry) {}

  // Definitions whose cells are complete in every partition, by file name.
  std::vector<v1::Definition> Definitions() const;
  // kInvalid names the field that is wrong; kNotFound: no such indicator; kUnavailable: not ready, retry.
  Result<ResultTable> Get(const v1::GetIndicatorValuesRequest& request) const;
  // All stores as they are at the call, for many questions about one state.
  Result<std::shared_ptr<const CellSource>> Snapshot() const;
  // One indicator as it was at a position, a token of an earlier answer: what is kept while nothing has come
  // since, else computed again from all timelines.
  Result<std::shared_ptr<const CellSource>> SourceAt(const std::string& indicator, uint32_t version,
                                                     const std::string& position) const;
  // For a publication: as Get, of what is in a municipality of the structure year and is not excluded.
  Result<ResultTable> GetFrom(const CellSource& source, const v1::GetIndicatorValuesRequest& request,
                              const PublishedPlaces& places) const;
  // Of the contributing subjects those from number `first` on, at most `most`.
  Result<Explanation> Explain(const v1::ExplainIndicatorValueRequest& request, uint64_t first,
                              uint64_t most) const;
  Result<std::vector<Revision>> Revisions(const v1::ListIndicatorRevisionsRequest& request) const;
  // By attributes that the register holds: `data`.
  Result<Comparison> Compare(const v1::CompareMunicipalitiesRequest& request,
                             const MunicipalityData& data) const;

  // The newest version whose cells are complete, unless one is named.
  Result<ResolvedIndicator> Resolve(const std::string& id, uint32_t version) const;

 private:
  Result<std::shared_ptr<const CellSource>> SourceFor(const ResolvedIndicator& resolved,
                                                      const v1::GetIndicatorValuesRequest& request) const;
  Result<ResultTable> TableFrom(const ResolvedIndicator& resolved, const CellSource& source,
                                const v1::GetIndicatorValuesRequest& request,
                                const PublishedPlaces* places = nullptr) const;
  Result<std::vector<uint64_t>> PositionsFor(const std::string& as_of, const std::string& position) const;

  const PlanHolder* plan_;
  const RegistryReader* registry_;
  mutable RecomputedCache recomputed_;
};

}  // namespace kpr

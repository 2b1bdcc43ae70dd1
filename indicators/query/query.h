// Answers about live values: rolls cells up to areas and strata and puts the statistics on. Reads the stores,
// changes nothing. Thread-safe.
#pragma once

#include <list>
#include <memory>
#include <mutex>

#include "indicators/cells/plan_holder.h"
#include "indicators/query/cell_source.h"
#include "kpr/v1/indicator.pb.h"
#include "registry/apply/register_view.h"

namespace kpr {

class Query {
 public:
  // Both outlive the query.
  Query(const PlanHolder* plan, const RegisterView* registry) : plan_(plan), registry_(registry) {}

  v1::ListResponse List() const;
  Result<v1::GetResponse> Get(const v1::GetRequest& request) const;
  Result<v1::ExplainResponse> Explain(const v1::ExplainRequest& request) const;
  Result<v1::CompareResponse> Compare(const v1::CompareRequest& request) const;
  Result<v1::RevisionsResponse> Revisions(const v1::RevisionsRequest& request) const;

 private:
  // A definition and the plan it is of.
  struct Chosen {
    std::shared_ptr<const Plan> plan;
    size_t at = 0;
    const v1::Definition& definition() const { return plan->catalogue.definitions[at]; }
    const IndicatorPlan& indicator() const { return plan->indicators[at]; }
  };
  Result<Chosen> Choose(const std::string& id, uint32_t version) const;
  Result<std::shared_ptr<const CellSource>> SourceFor(const Chosen& chosen,
                                                      const v1::GetRequest& request) const;
  Result<std::vector<uint64_t>> PositionsFor(const std::string& as_of,
                                             const std::vector<uint64_t>& at_position) const;

  const PlanHolder* plan_;
  const RegisterView* registry_;
  mutable std::mutex walking_;  // each explanation reads every timeline: one at a time
  mutable std::mutex mutex_;    // guards what follows: the last cells worked out anew
  struct Past {
    std::string of;
    std::shared_ptr<const CellSource> cells;
  };
  mutable std::list<Past> past_;
};

}  // namespace kpr

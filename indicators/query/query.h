// Answers about live values: rolls cells up to areas and strata and puts the statistics on. Reads the stores,
// changes nothing. Thread-safe.
#pragma once

#include <mutex>

#include "indicators/engine/plan.h"
#include "kpr/v1/indicator.pb.h"
#include "registry/apply/registry.h"

namespace kpr {

class Query {
 public:
  // Both outlive the query.
  Query(const Plan* plan, const Registry* registry) : plan_(plan), registry_(registry) {}

  v1::ListResponse List() const;
  Result<v1::GetResponse> Get(const v1::GetRequest& request) const;
  Result<v1::ExplainResponse> Explain(const v1::ExplainRequest& request) const;

 private:
  const Plan* plan_;
  const Registry* registry_;
  mutable std::mutex explaining_;
};

}  // namespace kpr

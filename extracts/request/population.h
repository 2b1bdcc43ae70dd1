// Whom an extract is about: the request's population as an indicator that counts them by month. Pure.
#pragma once

#include <memory>
#include <set>
#include <vector>

#include "indicators/engine/evaluate.h"
#include "kpr/v1/extract.pb.h"

namespace kpr::extract {

// kInvalid: not a population, in words for whoever wrote it.
Status CheckPopulation(const v1::ExtractRequest& request);

// Of the areas that a request names; every one where it names none.
class Geography {
 public:
  explicit Geography(const v1::ExtractRequest& request);
  bool Covers(Municipality municipality) const;

 private:
  std::set<uint16_t> municipalities_, counties_;
};

// Not thread-safe; keeps its working memory from person to person.
class Population {
 public:
  // Of a request without findings.
  static Result<std::unique_ptr<Population>> Create(const v1::ExtractRequest& request);
  // Whether the person is in it in any month of the time frame, by a service in the geography.
  bool Has(const SubjectState& state);
  // The first and last day of the time frame.
  Date first() const { return first_; }
  Date last() const { return last_; }
  const Geography& geography() const { return geography_; }

 private:
  Population(const v1::ExtractRequest& request, Plan plan);

  const Plan plan_;
  const Geography geography_;
  Date first_, last_;
  Evaluator evaluator_;
  std::vector<Contribution> contributions_;
};

}  // namespace kpr::extract

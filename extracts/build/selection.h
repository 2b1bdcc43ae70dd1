// The first reading of an extract: who is in it, how many rows each table has, and how much is at risk.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "extracts/build/timeline_source.h"
#include "extracts/request/population.h"
#include "extracts/rows/projection.h"
#include "extracts/rows/risk.h"

namespace kpr::extract {

// What a request means, ready to run. Not thread-safe.
class RequestPlan {
 public:
  // Of a request without findings. `key`: of extracts.
  static Result<std::unique_ptr<RequestPlan>> Create(const v1::ExtractRequest& request, std::string_view key);

  const v1::ExtractRequest& request() const { return request_; }
  const std::vector<TablePlan>& tables() const { return tables_; }
  const ProjectPseudonymizer& pseudonyms() const { return pseudonyms_; }
  std::vector<Rows> NoRows() const;
  // Gives these codes as "other" from now on.
  void Group(std::span<const v1::GroupedCodes> grouped) { projection_.Group({tables_, grouped}); }
  // The rows of the person in each table; false where the person is not to be in the extract. With `by`,
  // `places` becomes where releases count them.
  bool RowsOf(const SubjectId& person, const std::vector<Fact>& facts, std::vector<Rows>* rows,
              ReleasedBy by = ReleasedBy::kNothing, std::vector<Value>* places = nullptr);

 private:
  RequestPlan(const v1::ExtractRequest& request, ProjectPseudonymizer pseudonyms,
              std::unique_ptr<Population> population, std::vector<std::unique_ptr<IndicatorRows>> indicators);

  const v1::ExtractRequest request_;
  const std::vector<TablePlan> tables_;
  const ProjectPseudonymizer pseudonyms_;
  const std::unique_ptr<Population> population_;
  Projection projection_;
};

struct Selection {
  std::vector<SubjectId> persons;  // in the order of their tokens
  std::vector<uint64_t> rows;      // by table
  v1::ExtractRisk risk;
};

// An extract of the same project that its recipient has already.
struct EarlierExtract {
  std::string id;
  std::unique_ptr<RequestPlan> plan;
  std::vector<uint64_t> positions;
  std::vector<SubjectId> persons;     // sorted
  std::vector<std::string> contents;  // as Held has them
};

struct ReadingOptions {
  std::function<Status()> proceed = [] { return Status(); };  // not OK ends the reading; asked often
  std::function<void(double)> progress = [](double) {};       // share of the reading
};

// Before that, where rare codes are grouped: which are. Counted over all who may be in it.
Status FindRareCodes(const TimelineSource& source, RequestPlan* plan, const RiskPolicy& policy,
                     const ReadingOptions& options, std::vector<v1::GroupedCodes>* grouped);

// Whoever is at risk is left out where the request says so. kFailedPrecondition: it does not, and there is
// somebody; `selection` then has the risk and nothing else. Any other status: what `proceed` said.
Status Select(const TimelineSource& source, RequestPlan* plan, const RiskPolicy& policy,
              const std::vector<EarlierExtract>& earlier, const ReadingOptions& options,
              Selection* selection);

// The same from a sample of the persons, at once, and so roughly that nobody's being in it shows.
struct Estimate {
  uint64_t persons = 0, rows = 0;  // to one digit; 0: too few to say
  double at_risk = 0;              // share, to tenths: of those who are alone in their class in the sample
};
inline constexpr uint64_t kFewestEstimated = 3'200;  // fifty in the sample
// `beside_releases`: as the policy has it.
Result<Estimate> EstimateSize(const TimelineSource& source, RequestPlan* plan, ReleasedBy beside_releases);

}  // namespace kpr::extract

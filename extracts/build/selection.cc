#include "extracts/build/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/limits.h"
#include "extracts/rows/eligible.h"
#include "registry/log_record/routing.h"

namespace kpr::extract {

Result<std::unique_ptr<RequestPlan>> RequestPlan::Create(const v1::ExtractRequest& request,
                                                         std::string_view key) {
  KPR_ASSIGN_OR_RETURN(ProjectPseudonymizer pseudonyms, ProjectPseudonymizer::Create(key, request.project()));
  KPR_ASSIGN_OR_RETURN(auto population, Population::Create(request));
  std::vector<std::unique_ptr<IndicatorRows>> indicators;
  for (const TablePlan& plan : TablesOf(request)) {
    indicators.emplace_back();
    if (plan.table->kind != TableKind::kIndicator) continue;
    KPR_ASSIGN_OR_RETURN(indicators.back(), IndicatorRows::Create(plan.table, population.get()));
  }
  return std::unique_ptr<RequestPlan>(
      new RequestPlan(request, std::move(pseudonyms), std::move(population), std::move(indicators)));
}

RequestPlan::RequestPlan(const v1::ExtractRequest& request, ProjectPseudonymizer pseudonyms,
                         std::unique_ptr<Population> population,
                         std::vector<std::unique_ptr<IndicatorRows>> indicators)
    : request_(request),
      tables_(TablesOf(request)),
      pseudonyms_(std::move(pseudonyms)),
      population_(std::move(population)),
      projection_(&request_, &tables_, population_.get(), &pseudonyms_, std::move(indicators)) {}

std::vector<Rows> RequestPlan::NoRows() const {
  std::vector<Rows> rows;
  for (const TablePlan& table : tables_) rows.push_back({table.width(), {}});
  return rows;
}

bool RequestPlan::RowsOf(const SubjectId& person, const std::vector<Fact>& facts, std::vector<Rows>* rows,
                         ReleasedBy by, std::vector<Value>* places) {
  const SubjectState state = Fold(person, facts);
  if (!MayBeGiven(state, population_->first(), population_->last()) || !population_->Has(state)) return false;
  projection_.Append(state, rows);
  if (by != ReleasedBy::kNothing) *places = PlacesOf(state, population_->first(), population_->last(), by);
  return true;
}

namespace {

// What the first reading remembers of each person.
struct Candidate {
  SubjectId person;
  uint64_t token = 0;
};

std::vector<std::string> NamesOf(const std::vector<EarlierExtract>& earlier) {
  std::vector<std::string> names;
  for (const EarlierExtract& extract : earlier) names.push_back(extract.id);
  return names;
}

// What the extract told of what could point to the person, and releases of its time beside it.
uint64_t ToldOf(const EarlierExtract& extract, const SubjectId& person, std::vector<Fact> facts,
                ReleasedBy by) {
  if (!std::binary_search(extract.persons.begin(), extract.persons.end(), person)) return RiskTable::kNotInIt;
  const uint64_t position =
      extract.positions[PartitionOf(person, static_cast<uint32_t>(extract.positions.size()))];
  std::erase_if(facts, [&](const Fact& fact) { return fact.offset >= position; });
  std::vector<Rows> rows = extract.plan->NoRows();
  std::vector<Value> places;
  extract.plan->RowsOf(person, facts, &rows, by, &places);
  return RiskTable::IdentityOf(extract.plan->tables(), rows, places);
}

class Selector {
 public:
  Selector(RequestPlan* plan, const std::vector<EarlierExtract>& earlier, ReleasedBy by)
      : plan_(plan),
        earlier_(earlier),
        rows_(plan->NoRows()),
        by_(by),
        risks_(&plan->tables(), NamesOf(earlier), by != ReleasedBy::kNothing) {}

  void Take(const SubjectId& person, const std::vector<Fact>& facts) {
    for (Rows& rows : rows_) rows.values.clear();
    if (!plan_->RowsOf(person, facts, &rows_, by_, &places_)) return;
    candidates_.push_back({person, plan_->pseudonyms().Person(person)});
    for (const Rows& rows : rows_) counts_.push_back(static_cast<uint32_t>(rows.size()));
    std::vector<uint64_t> told;
    for (const EarlierExtract& extract : earlier_) told.push_back(ToldOf(extract, person, facts, by_));
    risks_.Add(rows_, told, places_);
  }

  size_t size() const { return candidates_.size(); }
  uint64_t all_rows() const { return std::accumulate(counts_.begin(), counts_.end(), uint64_t{0}); }
  RiskTable::Assessment Assess(const RiskPolicy& policy) const { return risks_.Assess(policy); }

  // Those who are not left out.
  Status Finish(const std::vector<bool>& left_out, Selection* selection) const {
    std::vector<size_t> order;
    selection->rows.assign(rows_.size(), 0);
    for (size_t i = 0; i < candidates_.size(); ++i) {
      if (left_out[i]) continue;
      order.push_back(i);
      for (size_t t = 0; t < rows_.size(); ++t) selection->rows[t] += counts_[i * rows_.size() + t];
    }
    std::sort(order.begin(), order.end(),
              [&](size_t a, size_t b) { return candidates_[a].token < candidates_[b].token; });
    for (size_t i = 0; i < order.size(); ++i) {
      if (i > 0 && candidates_[order[i]].token == candidates_[order[i - 1]].token)
        return Internal("two persons have one token; use another name for the project");
      selection->persons.push_back(candidates_[order[i]].person);
    }
    return {};
  }

 private:
  RequestPlan* plan_;
  const std::vector<EarlierExtract>& earlier_;
  std::vector<Rows> rows_;  // of one person
  const ReleasedBy by_;
  std::vector<Value> places_;  // of the same
  RiskTable risks_;
  std::vector<Candidate> candidates_;
  std::vector<uint32_t> counts_;  // rows by person and table
};

}  // namespace

Status FindRareCodes(const TimelineSource& source, RequestPlan* plan, const RiskPolicy& policy,
                     const ReadingOptions& options, std::vector<v1::GroupedCodes>* grouped) {
  RareCodes codes(plan->tables(), policy.k);
  std::vector<Rows> rows = plan->NoRows();
  Status stopped;
  KPR_RETURN_IF_ERROR(source.ForEach(
      256,
      [&](const SubjectId& person, const std::vector<Fact>& facts) {
        for (Rows& table : rows) table.values.clear();
        if (plan->RowsOf(person, facts, &rows)) stopped = codes.Add(rows);
        if (stopped.ok()) stopped = options.proceed();
        return stopped.ok();
      },
      options.progress));
  KPR_RETURN_IF_ERROR(stopped);
  *grouped = codes.Find();
  return {};
}

Status Select(const TimelineSource& source, RequestPlan* plan, const RiskPolicy& policy,
              const std::vector<EarlierExtract>& earlier, const ReadingOptions& options,
              Selection* selection) {
  Selector selector(plan, earlier, policy.beside_releases);
  Status stopped;
  KPR_RETURN_IF_ERROR(source.ForEach(
      256,
      [&](const SubjectId& person, const std::vector<Fact>& facts) {
        selector.Take(person, facts);
        stopped = options.proceed();
        if (selector.size() > limits::kExtractPersons)
          stopped = ResourceExhausted(
              fmt::format("more than {} persons: ask for fewer years, areas or a narrower population",
                          limits::kExtractPersons));
        return stopped.ok();
      },
      options.progress));
  KPR_RETURN_IF_ERROR(stopped);
  RiskTable::Assessment assessment = selector.Assess(policy);
  v1::ExtractRisk& risk = selection->risk = std::move(assessment.risk);
  if (risk.below() > 0 && !plan->request().withhold_small_classes()) {
    std::vector<std::string> asked(risk.identifying().begin(), risk.identifying().end());
    const bool by_releases = std::erase(asked, RiskTable::kReleases) > 0;
    return FailedPrecondition(fmt::format(
        "{} of {} persons share what could point to them with fewer than {}, or differ in too little{}: "
        "{}set "
        "withhold_small_classes",
        risk.below(), risk.persons(), risk.k(),
        by_releases ? "; municipalities count too, since releases are by them" : "",
        asked.empty() ? ""
                      : fmt::format("ask for less of {}, in wider groups, or ", fmt::join(asked, ", "))));
  }
  risk.set_withheld(risk.below());
  return selector.Finish(assessment.below, selection);
}

namespace {

uint64_t ToOneDigit(uint64_t number) {
  uint64_t unit = 1;
  while (number / unit >= 10) unit *= 10;
  return (number + unit / 2) / unit * unit;
}

}  // namespace

Result<Estimate> EstimateSize(const TimelineSource& source, RequestPlan* plan, ReleasedBy beside_releases) {
  constexpr uint32_t kShare = 4;
  constexpr uint64_t kTimes = 256 / kShare;
  const std::vector<EarlierExtract> none;
  Selector selector(plan, none, beside_releases);
  KPR_RETURN_IF_ERROR(source.ForEach(
      kShare,
      [&](const SubjectId& person, const std::vector<Fact>& facts) {
        selector.Take(person, facts);
        return true;
      },
      [](double) {}));
  Estimate estimate;
  if (selector.size() * kTimes < kFewestEstimated) return estimate;
  estimate.persons = ToOneDigit(selector.size() * kTimes);
  estimate.rows = ToOneDigit(selector.all_rows() * kTimes);
  // A class with one in the sample has about as many as the sample is smaller than the whole.
  const auto assessment = selector.Assess({2, 1});
  constexpr double kTenths = 10;
  estimate.at_risk = std::round(kTenths * static_cast<double>(assessment.risk.below()) /
                                static_cast<double>(selector.size())) /
                     kTenths;
  return estimate;
}

}  // namespace kpr::extract

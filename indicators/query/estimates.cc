#include "indicators/query/estimates.h"

#include <algorithm>
#include <set>

#include "indicators/measures/measure.h"
#include "indicators/statistics/interval.h"
#include "indicators/statistics/percentile.h"
#include "indicators/statistics/survey_mean.h"

namespace kpr {
namespace {

constexpr double kConfidence = 0.95;

int64_t At(const Slots& slots, uint32_t slot) {
  const auto it = slots.find(slot);
  return it == slots.end() ? 0 : it->second;
}

// How many are behind the slot of a role or class.
int64_t Behind(const EstimateInput& input, const ComponentPlan& c, const Row& row, uint32_t slot) {
  if (c.counts_subjects)
    return At(row.slots, (input.of_provider ? slot::kSubjectsAtProvider : slot::kSubjects) + slot);
  return At(row.slots, slot) / (slot < slot::kClassBase ? input.indicator->unit : 1);
}

int NumeratorClass(const v1::Component& component) {
  for (int i = 0; i < component.classes_size(); ++i) {
    if (component.classes(i).id() == component.numerator_class()) return i;
  }
  return 0;
}

// Adds the estimates of one row.
class Estimator {
 public:
  Estimator(const v1::Definition& definition, const Row& row, ResultRow* out)
      : d_(definition), row_(row), out_(out), scale_(d_.scale() == 0 ? 1 : d_.scale()) {}

  void Add() {
    switch (d_.kind()) {
      case v1::KIND_PROPORTION:
        return AddProportion();
      case v1::KIND_MEAN:
        return AddMean();
      case v1::KIND_MEDIAN_DAYS:
        return AddMedian();
      case v1::KIND_RATE:
        return AddValue(scale_ * out_->numerator / out_->denominator,
                        ByarInterval(out_->numerator, kConfidence), scale_ / out_->denominator,
                        v1::INTERVAL_METHOD_BYAR);
      case v1::KIND_COUNT:
        return AddValue(scale_ * out_->numerator, std::nullopt, 1, v1::INTERVAL_METHOD_UNSPECIFIED);
      case v1::KIND_RATIO:
        return AddValue(scale_ * out_->numerator / out_->denominator, std::nullopt, 1,
                        v1::INTERVAL_METHOD_UNSPECIFIED);
      case v1::KIND_UNSPECIFIED:
      case v1::Kind_INT_MIN_SENTINEL_DO_NOT_USE_:
      case v1::Kind_INT_MAX_SENTINEL_DO_NOT_USE_:
        return;
    }
  }

  void AddResponseRate() {
    if (out_->invited == 0) return;
    Estimate estimate{v1::ESTIMATE_NAME_RESPONSE_RATE};
    estimate.value = 100.0 * static_cast<double>(out_->responded) / static_cast<double>(out_->invited);
    estimate.unit = "%";
    estimate.decimals = 1;
    out_->estimates.push_back(std::move(estimate));
  }

 private:
  void AddValue(double value, const std::optional<Interval>& interval, double interval_scale,
                v1::IntervalMethod method, v1::EstimateName name = v1::ESTIMATE_NAME_VALUE) {
    Estimate estimate{name};
    estimate.value = value;
    estimate.unit = d_.unit();
    estimate.decimals = DecimalsOf(d_);
    if (interval) {
      estimate.lower = interval->lower * interval_scale;
      estimate.upper = interval->upper * interval_scale;
      estimate.method = method;
    }
    out_->estimates.push_back(std::move(estimate));
  }

  void AddProportion() {
    const auto yes =
        At(row_.slots, slot::kClassBase + static_cast<uint32_t>(NumeratorClass(d_.components(0))));
    const int64_t denominator = At(row_.slots, slot::kDenominator);
    out_->numerator = static_cast<double>(yes);
    AddValue(scale_ * static_cast<double>(yes) / static_cast<double>(denominator),
             WilsonInterval(yes, denominator, kConfidence), scale_, v1::INTERVAL_METHOD_WILSON);
  }

  void AddMean() {
    const int64_t denominator = At(row_.slots, slot::kDenominator);
    const double sum = static_cast<double>(At(row_.slots, slot::kSum)) / 1000;
    const double squares = static_cast<double>(At(row_.slots, slot::kSumSquares)) / 1e6;
    out_->numerator = sum;
    AddValue(scale_ * sum / static_cast<double>(denominator),
             MeanInterval(denominator, sum, squares, kConfidence), scale_, v1::INTERVAL_METHOD_NORMAL);
    if (!row_.by_municipality.empty()) AddWeighted();
  }

  void AddWeighted() {
    std::vector<SampleStratum> strata;
    for (const auto& [municipality, slots] : row_.by_municipality) {
      strata.push_back({static_cast<double>(At(slots, slot::kInvited)), At(slots, slot::kDenominator),
                        static_cast<double>(At(slots, slot::kSum)) / 1e3,
                        static_cast<double>(At(slots, slot::kSumSquares)) / 1e6});
    }
    const auto mean = StratifiedMean(strata);
    if (!mean) return;
    const double reach = TwoSidedZ(kConfidence) * mean->standard_error;
    AddValue(scale_ * mean->mean, Interval{mean->mean - reach, mean->mean + reach}, scale_,
             v1::INTERVAL_METHOD_STRATIFIED, v1::ESTIMATE_NAME_WEIGHTED);
  }

  void AddMedian() {
    std::map<int, int64_t> histogram;
    for (auto it = row_.slots.lower_bound(slot::kHistogramBase);
         it != row_.slots.lower_bound(slot::kSubjects); ++it)
      histogram[static_cast<int>(it->first - slot::kHistogramBase)] = it->second;
    for (const auto& [p, name] : {std::pair{0.5, v1::ESTIMATE_NAME_VALUE},
                                  {0.25, v1::ESTIMATE_NAME_PERCENTILE_25},
                                  {0.75, v1::ESTIMATE_NAME_PERCENTILE_75},
                                  {0.9, v1::ESTIMATE_NAME_PERCENTILE_90}}) {
      if (const auto days = Percentile(histogram, p))
        AddValue(*days, std::nullopt, 1, v1::INTERVAL_METHOD_UNSPECIFIED, name);
    }
  }

  const v1::Definition& d_;
  const Row& row_;
  ResultRow* out_;
  const double scale_;
};

bool AnyAmount(const Row& row) {
  return std::any_of(row.slots.begin(), row.slots.end(), [](const auto& s) { return s.second != 0; });
}

v1::MissingReason ReasonFor(const EstimateInput& input, const Row& row) {
  const v1::Definition& d = *input.definition;
  const int64_t denominator = At(row.slots, slot::kDenominator);
  if (!AnyAmount(row)) {
    if (input.declared_only && input.coverage.declared == 0 && input.coverage.municipalities > 0)
      return v1::MISSING_REASON_NOT_DECLARED;
    if (input.coverage.reporting == 0) return v1::MISSING_REASON_NOT_REPORTED;
  }
  if (d.kind() == v1::KIND_COUNT) return v1::MISSING_REASON_UNSPECIFIED;
  if (denominator <= 0) return v1::MISSING_REASON_EMPTY_DENOMINATOR;
  if (d.minimum() != 0 &&
      static_cast<double>(denominator) / static_cast<double>(input.indicator->unit) < d.minimum())
    return v1::MISSING_REASON_BELOW_MINIMUM;
  return v1::MISSING_REASON_UNSPECIFIED;
}

// A role's components are of different subjects, or count persons one by one.
void AddBehind(const EstimateInput& input, const Row& row, ResultRow* out) {
  std::set<std::pair<uint32_t, SubjectKind>> added;
  for (const ComponentPlan& c : input.indicator->components) {
    if (!added.emplace(c.slot, c.subject).second) continue;
    const int64_t count = Behind(input, c, row, c.slot);
    kpr::Behind& role = c.slot == slot::kNumerator ? out->behind_numerator : out->behind_denominator;
    const bool reported = c.measure->field == v1::Component::kReported;
    (reported ? role.providers : role.persons) += count;
  }
  // In these kinds the numerator is a class, or the same persons again.
  const v1::Definition& d = *input.definition;
  if (d.kind() == v1::KIND_PROPORTION) {
    const auto k = slot::kClassBase + static_cast<uint32_t>(NumeratorClass(d.components(0)));
    out->behind_numerator.persons = Behind(input, input.indicator->components.front(), row, k);
  }
  if (d.kind() == v1::KIND_MEAN || d.kind() == v1::KIND_MEDIAN_DAYS)
    out->behind_numerator = out->behind_denominator;
}

}  // namespace

uint32_t DecimalsOf(const v1::Definition& definition) {
  const bool whole = definition.kind() == v1::KIND_COUNT || definition.kind() == v1::KIND_MEDIAN_DAYS;
  return definition.decimals() != 0 || whole ? definition.decimals() : 1;
}

ResultRow MakeResultRow(const EstimateInput& input) {
  static const Row kNothing;
  const v1::Definition& d = *input.definition;
  const Row& row = input.row == nullptr ? kNothing : *input.row;
  ResultRow out;
  out.coverage = input.coverage;
  out.carried_forward = row.carried_forward;
  if (input.not_comparable) {
    out.reason = v1::MISSING_REASON_NOT_COMPARABLE;
    return out;
  }
  const double unit = static_cast<double>(input.indicator->unit);
  out.denominator = static_cast<double>(At(row.slots, slot::kDenominator)) / unit;
  out.numerator = static_cast<double>(At(row.slots, slot::kNumerator)) / unit;
  for (int i = 0; i < d.components(0).classes_size(); ++i)
    out.classes.push_back(At(row.slots, slot::kClassBase + static_cast<uint32_t>(i)));
  out.invited = static_cast<uint64_t>(At(row.slots, slot::kInvited));
  out.responded = static_cast<uint64_t>(At(row.slots, slot::kResponded));
  AddBehind(input, row, &out);
  out.reason = ReasonFor(input, row);
  if (out.reason != v1::MISSING_REASON_UNSPECIFIED) return out;
  Estimator estimator(d, row, &out);
  estimator.Add();
  estimator.AddResponseRate();
  return out;
}

}  // namespace kpr

#include "indicators/query/value.h"

#include <algorithm>

#include "indicators/statistics/interval.h"
#include "indicators/statistics/percentile.h"
#include "indicators/statistics/survey_mean.h"

namespace kpr {
namespace {

constexpr double kLevel = 0.95;
constexpr double kPercentiles[] = {0.25, 0.75, 0.9};

int64_t At(const Slots& slots, uint32_t slot) {
  const auto it = slots.find(slot);
  return it == slots.end() ? 0 : it->second;
}

int NumeratorClass(const v1::Component& component) {
  for (int i = 0; i < component.classes_size(); ++i) {
    if (component.classes(i).id() == component.numerator_class()) return i;
  }
  return 0;
}

void SetInterval(const std::optional<Interval>& interval, double scale, v1::Value* value) {
  if (!interval) return;
  value->set_lower(interval->lower * scale);
  value->set_upper(interval->upper * scale);
}

void SetMedian(const Slots& slots, v1::Value* value) {
  std::map<int, int64_t> histogram;
  for (auto it = slots.lower_bound(slot::kHistogramBase); it != slots.end(); ++it)
    histogram[static_cast<int>(it->first - slot::kHistogramBase)] = it->second;
  if (const auto median = Percentile(histogram, 0.5)) value->set_value(*median);
  for (const double p : kPercentiles) {
    if (const auto days = Percentile(histogram, p)) value->add_percentiles(*days);
  }
}

SampleStratum StratumOf(const Slots& slots) {
  return {static_cast<double>(At(slots, slot::kInvited)), At(slots, slot::kDenominator),
          static_cast<double>(At(slots, slot::kSum)) / 1e3,
          static_cast<double>(At(slots, slot::kSumSquares)) / 1e6};
}

void SetWeighted(const Row& row, double scale, v1::Value* value) {
  std::vector<SampleStratum> strata;
  for (const auto& [municipality, slots] : row.by_municipality) strata.push_back(StratumOf(slots));
  const auto mean = StratifiedMean(strata);
  if (!mean) return;
  const double reach = TwoSidedZ(kLevel) * mean->standard_error;
  value->set_weighted(scale * mean->mean);
  value->set_weighted_lower(scale * (mean->mean - reach));
  value->set_weighted_upper(scale * (mean->mean + reach));
}

void SetByKind(const v1::Definition& d, const Row& row, int64_t denominator, v1::Value* value) {
  const Slots& slots = row.slots;
  const double scale = d.scale() == 0 ? 1 : d.scale();
  switch (d.kind()) {
    case v1::PROPORTION: {
      const int64_t yes =
          At(slots, slot::kClassBase + static_cast<uint32_t>(NumeratorClass(d.components(0))));
      value->set_numerator(static_cast<double>(yes));
      value->set_value(scale * static_cast<double>(yes) / static_cast<double>(denominator));
      SetInterval(WilsonInterval(yes, denominator, kLevel), scale, value);
      return;
    }
    case v1::MEAN: {
      const double sum = static_cast<double>(At(slots, slot::kSum)) / 1000;
      const double squares = static_cast<double>(At(slots, slot::kSumSquares)) / 1e6;
      value->set_numerator(sum);
      value->set_value(scale * sum / static_cast<double>(denominator));
      SetInterval(MeanInterval(denominator, sum, squares, kLevel), scale, value);
      if (!row.by_municipality.empty()) SetWeighted(row, scale, value);
      return;
    }
    case v1::MEDIAN_DAYS:
      return SetMedian(slots, value);
    case v1::RATE:
      value->set_value(scale * value->numerator() / value->denominator());
      return SetInterval(ByarInterval(value->numerator(), kLevel), scale / value->denominator(), value);
    default:
      value->set_value(scale * value->numerator() / value->denominator());
  }
}

bool AnyAmount(const Row* row) {
  return row != nullptr &&
         std::any_of(row->slots.begin(), row->slots.end(), [](const auto& s) { return s.second != 0; });
}

}  // namespace

v1::Value MakeValue(const ValueInput& input) {
  static const Row kNothing;
  const v1::Definition& d = *input.definition;
  const Row& row = input.row == nullptr ? kNothing : *input.row;
  v1::Value value;
  value.set_municipalities(input.coverage.municipalities);
  value.set_municipalities_reporting(input.coverage.reporting);
  value.set_municipalities_declared(input.coverage.declared);
  value.set_carried_forward(row.carried_forward);
  if (input.not_available) {
    value.set_missing_reason("NOT_AVAILABLE");
    return value;
  }
  const double unit = static_cast<double>(input.unit);
  const int64_t denominator = At(row.slots, slot::kDenominator);
  value.set_denominator(static_cast<double>(denominator) / unit);
  value.set_numerator(static_cast<double>(At(row.slots, slot::kNumerator)) / unit);
  for (int i = 0; i < d.components(0).classes_size(); ++i)
    value.add_classes(At(row.slots, slot::kClassBase + static_cast<uint32_t>(i)));
  value.set_invited(static_cast<uint64_t>(At(row.slots, slot::kInvited)));
  value.set_responded(static_cast<uint64_t>(At(row.slots, slot::kResponded)));
  if (!AnyAmount(&row) && input.declared_only && input.coverage.declared == 0 &&
      input.coverage.municipalities > 0) {
    value.set_missing_reason("NOT_DECLARED");
  } else if (!AnyAmount(&row) && input.coverage.reporting == 0) {
    value.set_missing_reason("NOT_REPORTED");
  } else if (d.kind() == v1::COUNT) {
    value.set_value((d.scale() == 0 ? 1 : d.scale()) * value.numerator());
  } else if (denominator <= 0) {
    value.set_missing_reason("EMPTY_DENOMINATOR");
  } else if (d.minimum() != 0 && value.denominator() < d.minimum()) {
    value.set_missing_reason("BELOW_MINIMUM");
  } else {
    SetByKind(d, row, denominator, &value);
  }
  return value;
}

}  // namespace kpr

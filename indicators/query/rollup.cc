#include "indicators/query/rollup.h"

#include <fmt/format.h>

#include <algorithm>

#include "indicators/statistics/interval.h"
#include "registry/codelists/codelists.h"

namespace kpr {
namespace {

constexpr double kLevel = 0.95;

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

}  // namespace

std::vector<uint32_t> AreasOf(const CellKey& key, v1::Level level) {
  if (level == v1::COUNTRY) return {0};
  if (level == v1::PROVIDER_LEVEL)
    return key.provider == 0 ? std::vector<uint32_t>{} : std::vector<uint32_t>{key.provider};
  std::vector<uint32_t> areas;
  for (size_t i = 0; i < key.municipality_count; ++i) {
    const Municipality municipality{key.municipalities[i]};
    const uint32_t area = level == v1::COUNTY ? municipality.county() : municipality.code;
    if (std::find(areas.begin(), areas.end(), area) == areas.end()) areas.push_back(area);
  }
  return areas;
}

std::pair<uint32_t, uint32_t> Coverage::Of(v1::Level level, uint32_t area, Date day) const {
  static const std::set<uint16_t> kNobody;
  const auto it = reported_.find(day.year());
  const std::set<uint16_t>& reported = it == reported_.end() ? kNobody : it->second;
  uint32_t reporting = 0, in_force = 0;
  for (const Municipality municipality : MunicipalitiesOn(day)) {
    if (level == v1::COUNTY && municipality.county() != area) continue;
    if (level == v1::MUNICIPALITY && municipality.code != area) continue;
    ++in_force;
    reporting += reported.contains(municipality.code) ? 1 : 0;
  }
  return {reporting, in_force};
}

v1::Value MakeValue(const v1::Definition& d, int64_t unit, const Slots& slots, bool any_cell,
                    std::pair<uint32_t, uint32_t> coverage) {
  v1::Value value;
  const double scale = d.scale() == 0 ? 1 : d.scale();
  const int64_t denominator = At(slots, slot::kDenominator), numerator = At(slots, slot::kNumerator);
  value.set_denominator(static_cast<double>(denominator) / static_cast<double>(unit));
  value.set_numerator(static_cast<double>(numerator) / static_cast<double>(unit));
  for (int i = 0; i < d.components(0).classes_size(); ++i) {
    value.add_classes(At(slots, slot::kClassBase + static_cast<uint32_t>(i)));
  }
  value.set_invited(static_cast<uint64_t>(At(slots, slot::kInvited)));
  value.set_responded(static_cast<uint64_t>(At(slots, slot::kResponded)));
  value.set_municipalities_reporting(coverage.first);
  value.set_municipalities(coverage.second);
  if (!any_cell && coverage.first == 0) {
    value.set_missing_reason("NOT_REPORTED");
    return value;
  }
  if (d.kind() == v1::COUNT) {
    value.set_value(scale * value.numerator());
    return value;
  }
  if (denominator <= 0) {
    value.set_missing_reason("EMPTY_DENOMINATOR");
    return value;
  }
  switch (d.kind()) {
    case v1::PROPORTION: {
      const int64_t yes =
          At(slots, slot::kClassBase + static_cast<uint32_t>(NumeratorClass(d.components(0))));
      value.set_numerator(static_cast<double>(yes));
      value.set_value(scale * static_cast<double>(yes) / static_cast<double>(denominator));
      SetInterval(WilsonInterval(yes, denominator, kLevel), scale, &value);
      break;
    }
    case v1::MEAN: {
      const double sum = static_cast<double>(At(slots, slot::kSum)) / 1000;
      const double squares = static_cast<double>(At(slots, slot::kSumSquares)) / 1e6;
      value.set_numerator(sum);
      value.set_value(scale * sum / static_cast<double>(denominator));
      SetInterval(MeanInterval(denominator, sum, squares, kLevel), scale, &value);
      break;
    }
    case v1::MEDIAN_DAYS: {
      std::map<int, int64_t> histogram;
      for (auto it = slots.lower_bound(slot::kHistogramBase); it != slots.end(); ++it) {
        histogram[static_cast<int>(it->first - slot::kHistogramBase)] = it->second;
      }
      if (const auto median = MedianDays(histogram)) value.set_value(*median);
      break;
    }
    default:
      value.set_value(scale * static_cast<double>(numerator) / static_cast<double>(denominator));
  }
  return value;
}

std::string AreaCode(v1::Level level, uint32_t area) {
  switch (level) {
    case v1::COUNTY:
      return fmt::format("{:02}", area);
    case v1::MUNICIPALITY:
      return fmt::format("{:04}", area);
    case v1::PROVIDER_LEVEL:
      return fmt::format("{:09}", area);
    default:
      return "0";
  }
}

std::string AreaName(v1::Level level, uint32_t area, Date day) {
  switch (level) {
    case v1::COUNTRY:
      return "Norge";
    case v1::COUNTY:
      return area == 0 ? "Ikke fordelt" : CountyName(static_cast<uint16_t>(area), day);
    case v1::MUNICIPALITY:
      return MunicipalityName({static_cast<uint16_t>(area)}, day);
    default:
      return "";
  }
}

}  // namespace kpr

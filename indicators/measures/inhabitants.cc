#include "indicators/measures/inhabitants.h"

#include <fmt/format.h>

#include "indicators/evaluation/pieces.h"
#include "indicators/measures/measure.h"
#include "registry/facts/report_facts.h"

namespace kpr {
namespace {

std::string Check(const v1::Component& c) {
  const auto starts = [](uint32_t age) {
    return std::find(kAgeBandStarts.begin(), kAgeBandStarts.end(), static_cast<int>(age)) !=
           kAgeBandStarts.end();
  };
  const auto& n = c.inhabitants();
  if (!starts(n.from_age()) || (n.to_age() != 0 && !starts(n.to_age() + 1)))
    return "inhabitants from and to the ends of age bands";
  return "";
}

void Compile(const v1::Component& c, Instruments, ComponentPlan* plan) {
  const auto& n = c.inhabitants();
  for (size_t band = 0; band < kAgeBandStarts.size(); ++band) {
    if (kAgeBandStarts[band] <= static_cast<int>(n.from_age())) plan->first_band = static_cast<int>(band);
    if (n.to_age() == 0 || kAgeBandStarts[band] <= static_cast<int>(n.to_age()))
      plan->last_band = static_cast<int>(band);
  }
}

void EmitCount(const PlanStep& step, const Fact& count, int month, int64_t sign, Evaluation* evaluation) {
  const ComponentPlan& c = *step.component;
  const InhabitantsFact inhabitants{count};
  for (int band = c.first_band; band <= c.last_band; ++band) {
    for (const bool men : {true, false}) {
      CellKey key = evaluation->KeyOf(step, CellPlace::At(count.municipality, {}), count.occurred_on);
      key.sex = men ? 1 : 2;
      key.age = static_cast<uint8_t>(band + 1);
      const int64_t number = men ? inhabitants.men(band) : inhabitants.women(band);
      evaluation->Emit(key, month, c.slot, sign * number * step.indicator->unit);
    }
  }
}

std::string Describe(const v1::Component& c) {
  const auto& n = c.inhabitants();
  return n.to_age() == 0 ? fmt::format("inhabitants aged {} or more", n.from_age())
                         : fmt::format("inhabitants aged {} to {}", n.from_age(), n.to_age());
}

}  // namespace

void EvaluateInhabitants(const PlanStep& step, Evaluation* evaluation) {
  const ObservationGrid& grid = evaluation->grid();
  const Fact* last = nullptr;
  for (size_t i = 0; i < grid.size(); ++i) {
    StatedValues stated;
    const Fact* now = ReportOn(FactKind::kInhabitants, grid[i].day, *evaluation, &stated);
    if (now == last) continue;
    const int month = MonthOf(grid[i].day);
    if (last != nullptr) EmitCount(step, *last, month, -1, evaluation);
    if (now != nullptr && !evaluation->EmittedBefore(i)) EmitCount(step, *now, month, +1, evaluation);
    last = now;
  }
}

extern const Measure kInhabitantCount;
const Measure kInhabitantCount = {
    .field = v1::Component::kInhabitants,
    .subjects = {v1::SUBJECT_TYPE_MUNICIPALITY},
    .sort = Always<MeasuringType::kStock>,
    .check = Check,
    .compile = Compile,
    .evaluate = EvaluateInhabitants,
    .describe = Describe,
    .facts = [](const v1::Component&) { return std::set{FactKind::kInhabitants}; },
};

}  // namespace kpr

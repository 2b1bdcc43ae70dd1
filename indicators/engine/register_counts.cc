#include "indicators/engine/register_counts.h"

#include <algorithm>
#include <set>

#include "base/limits.h"
#include "indicators/evaluation/own_coverage.h"
#include "indicators/measures/inhabitants.h"
#include "registry/facts/descriptor.h"
#include "registry/facts/report_facts.h"

namespace kpr {
namespace {

void FactsForCoverage(Evaluation* evaluation) {
  for (const Fact& fact : evaluation->state().effective) {
    if (!evaluation->InRange(fact.occurred_on) || !DescriptorOf(fact.kind)->municipality_reports) continue;
    CellKey key;
    key.indicator = kFactsIndicator;
    key.place = CellPlace::At(fact.municipality, {});
    evaluation->Emit(key, MonthOf(fact.occurred_on), slot::kDenominator, 1);
  }
}

// Who tells of one of these need not tell of another.
void FactsWithOwnCoverage(Evaluation* evaluation) {
  for (const Fact& fact : evaluation->state().effective) {
    if (!evaluation->InRange(fact.occurred_on)) continue;
    for (const int number : OwnCoverageOf(fact)) {
      CellKey key;
      key.indicator = kOwnCoverageIndicator;
      key.place = CellPlace::At(fact.municipality, {});
      evaluation->Emit(key, MonthOf(fact.occurred_on), slot::kClassBase + static_cast<uint32_t>(number), 1);
    }
  }
}

void DeclaredMonths(Evaluation* evaluation) {
  std::set<std::pair<uint16_t, int>> declared;
  for (const Fact& fact : evaluation->state().effective) {
    if (fact.kind != FactKind::kPeriodComplete) continue;
    const DeclarationFact declaration{fact};
    const int first = declaration.first_month();
    const int last = std::min(declaration.last_month(), first + limits::kDeclaredMonths - 1);
    for (int month = first; month <= last; ++month) declared.emplace(fact.municipality.code, month);
  }
  for (const auto& [code, month] : declared) {
    if (!evaluation->InRange(MonthEnd(month))) continue;
    CellKey key;
    key.indicator = kDeclaredIndicator;
    key.place = CellPlace::At({code}, {});
    // The month is the class: totals by the year tell it too.
    evaluation->Emit(key, month, slot::kClassBase + static_cast<uint32_t>(month % 12), 1);
  }
}

// For the municipality's size group.
void AllInhabitants(Evaluation* evaluation) {
  ComponentPlan all;
  all.last_band = static_cast<int>(kAgeBandStarts.size()) - 1;
  IndicatorPlan indicator;
  indicator.number = kInhabitantsIndicator;
  evaluation->UseGrid(ReferencePeriod::kLastDay);
  EvaluateInhabitants({&indicator, &all, ReferencePeriod::kLastDay}, evaluation);
}

// For indicators of some industries only.
void Industry(Evaluation* evaluation) {
  evaluation->UseGrid(ReferencePeriod::kLastDay);
  const ObservationGrid& grid = evaluation->grid();
  const auto& facts = evaluation->state().effective;
  int32_t last = 0;
  for (size_t i = 0; i < grid.size(); ++i) {
    int32_t now = 0;
    for (const Fact& fact : facts) {
      if (fact.occurred_on <= grid[i].day && fact.kind == FactKind::kCapacity &&
          CapacityFact{fact}.industry() != kNotStated)
        now = CapacityFact{fact}.industry();
    }
    CellKey key;
    key.indicator = kIndustryIndicator;
    key.place.provider = facts.front().provider.number;
    if (!evaluation->EmittedBefore(i))
      evaluation->Emit(key, MonthOf(grid[i].day), slot::kDenominator, now - last);
    last = now;
  }
}

}  // namespace

void EvaluateRegisterCounts(Evaluation* evaluation) {
  const SubjectKind kind = evaluation->state().subject.kind();
  FactsForCoverage(evaluation);
  FactsWithOwnCoverage(evaluation);
  if (kind == SubjectKind::kMunicipality) {
    DeclaredMonths(evaluation);
    AllInhabitants(evaluation);
  }
  if (kind == SubjectKind::kProvider) Industry(evaluation);
}

}  // namespace kpr

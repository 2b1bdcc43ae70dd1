// Flows: what happened in a month.
#include <algorithm>

#include "base/limits.h"
#include "indicators/engine/evaluate.h"
#include "indicators/survey/score.h"
#include "registry/facts/assessment_facts.h"
#include "registry/facts/place_facts.h"
#include "registry/facts/report_facts.h"
#include "registry/facts/survey_facts.h"

namespace kpr {

void Evaluator::FactsForCoverage() {
  for (const Fact& fact : state_->effective) {
    if (!InRange(fact.occurred_on) || !DescriptorOf(fact.kind)->municipality_reports) continue;
    CellKey key;
    key.indicator = kFactsIndicator;
    key.place = CellPlace::At(fact.municipality, {});
    Emit(key, MonthOf(fact.occurred_on), slot::kDenominator, 1);
  }
}

void Evaluator::DeclaredMonths() {
  std::set<std::pair<uint16_t, int>> declared;
  for (const Fact& fact : state_->effective) {
    if (fact.kind != FactKind::kPeriodComplete) continue;
    const DeclarationFact declaration{fact};
    const int first = declaration.first_month();
    const int last = std::min(declaration.last_month(), first + limits::kDeclaredMonths - 1);
    for (int month = first; month <= last; ++month) declared.emplace(fact.municipality.code, month);
  }
  for (const auto& [code, month] : declared) {
    if (!InRange(MonthEnd(month))) continue;
    CellKey key;
    key.indicator = kDeclaredIndicator;
    key.place = CellPlace::At({code}, {});
    Emit(key, month, slot::kDenominator, 1);
  }
}

static_assert(slot::kHistogramBase + limits::kHistogramDays < slot::kSubjects);

// Each fact is observed on its own day.
void Evaluator::FactFlow(const PlanStep& step) {
  const ComponentPlan& c = *step.component;
  std::vector<Date> days;
  std::vector<Municipality> municipalities;
  if (c.fact.kind == FactKind::kPersonDetails) {
    if (!InRange(state_->death)) return;
    days.push_back(state_->death);
    municipalities.emplace_back();
  } else {
    for (const Fact& fact : state_->effective) {
      if (!InRange(fact.occurred_on) || !c.fact.IsOfKind(fact) || !c.fact.PassesTest(fact)) continue;
      days.push_back(fact.occurred_on);
      municipalities.push_back(fact.municipality);
    }
  }
  if (days.empty()) return;
  grid_.Clear();
  for (const Date day : days) grid_.Add({day, day});
  grid_built_ = false;  // the observations at ends of months are gone
  for (Attributions& places : attributions_) places.computed = false;
  predicates_.SetSubject(*state_, grid_);
  const BitSet& who = predicates_.Of(c.where);
  LookUpClasses(c);
  const bool served = !c.serving_types.empty();
  for (size_t i = 0; i < days.size(); ++i) {
    if (!who.Has(i) || Excluded(days[i])) continue;
    const CellPlace place = served ? AttributionsOf(c)[i] : CellPlace::At(municipalities[i], {});
    if (place.municipality_count == 0 || place.municipalities[0] == 0) continue;
    const CellKey key = KeyOf(step, place, days[i]);
    Emit(key, MonthOf(days[i]), c.slot, step.indicator->unit);
    const uint32_t classes = ClassesAt(c, i);
    for (uint32_t k = 0; classes >> k != 0; ++k) {
      if ((classes >> k & 1) != 0) Emit(key, MonthOf(days[i]), slot::kClassBase + k, 1);
    }
  }
}

// By the latest grant for each stay: after the stay before it began, not declined, not after its first day.
void Evaluator::WaitingFlow(const PlanStep& step) {
  const ComponentPlan& c = *step.component;
  Date stay_before = kFirstDate;
  for (const Spell& stay : state_->spells) {  // by start
    if (!c.types.Has(stay.type) || stay.start > state_->death) continue;
    const Date after = stay_before;
    stay_before = stay.start;
    if (!InRange(stay.start) || Excluded(stay.start)) continue;
    const Fact* grant = nullptr;
    for (const Fact& fact : state_->effective) {
      if (fact.occurred_on > stay.start) break;
      const bool granted =
          fact.kind == FactKind::kPlaceGranted && c.types.Has(PlaceFact{fact}.service_type());
      if (granted && fact.occurred_on > after &&
          !DeclinedBy(*state_, PlaceFact{fact}.application(), stay.start))
        grant = &fact;
    }
    if (grant == nullptr) continue;
    const int days = stay.start - grant->occurred_on, month = MonthOf(stay.start);
    const CellKey key =
        KeyOf(step, CellPlace::At(stay.municipality, stay.providers.front().provider), stay.start);
    Emit(key, month, c.slot, step.indicator->unit);
    if (step.indicator->histogram) {
      const int shown = std::min(days, limits::kHistogramDays);
      Emit(key, month, slot::kHistogramBase + static_cast<uint32_t>(shown), 1);
    }
    for (uint32_t i = 0; i < c.classes.size(); ++i) {
      if (c.classes[i].up_to_days != 0 && days > c.classes[i].up_to_days) continue;
      Emit(key, month, slot::kClassBase + i, 1);
      break;
    }
  }
}

void Evaluator::ScoreFlow(const PlanStep& step) {
  const ComponentPlan& c = *step.component;
  const auto first_between = [&](Date from, Date to) -> const Fact* {
    for (const Fact& fact : state_->effective) {
      if (fact.occurred_on > to) break;
      if (fact.kind == FactKind::kFunctionAssessment && fact.occurred_on >= from &&
          FunctionAssessmentFact{fact}.mean_score() >= 0)
        return &fact;
    }
    return nullptr;
  };
  for (const Spell& spell : state_->spells) {
    if (!c.types.Has(spell.type)) continue;
    const Fact* start = first_between(spell.start - c.near_days, spell.start + c.near_days);
    const Fact* later = first_between(spell.start + c.from_days, spell.start + c.to_days);
    if (start == nullptr || later == nullptr) continue;
    const Date day = later->occurred_on;
    if (!InRange(day) || day > LastDay(spell, *state_) || Excluded(day)) continue;
    const int64_t thousandths =
        int64_t{FunctionAssessmentFact{*later}.mean_score() - FunctionAssessmentFact{*start}.mean_score()} *
        10;
    const CellKey key = KeyOf(step, CellPlace::At(spell.municipality, spell.ProviderOn(day)), day);
    Emit(key, MonthOf(day), c.slot, 1);
    Emit(key, MonthOf(day), slot::kSum, thousandths);
    Emit(key, MonthOf(day), slot::kSumSquares, thousandths * thousandths);
  }
}

void Evaluator::SurveyFlow(const PlanStep& step) {
  const SurveyPlan& survey = step.component->survey;
  const auto& facts = state_->effective;
  const auto find = [&](FactKind kind) {
    return std::find_if(facts.begin(), facts.end(), [&](const Fact& fact) {
      return fact.kind == kind && SurveyFact{fact}.instrument() == survey.instrument &&
             SurveyFact{fact}.respondent() == survey.respondent;
    });
  };
  const auto invitation = find(FactKind::kSurveyInvitation);
  if (invitation == facts.end() || !InRange(invitation->occurred_on)) return;
  const CellKey key =
      KeyOf(step, CellPlace::At(invitation->municipality, invitation->provider), invitation->occurred_on);
  const int month = MonthOf(invitation->occurred_on);
  Emit(key, month, slot::kInvited, 1);
  const auto response = find(FactKind::kSurveyResponse);
  if (response == facts.end()) return;
  Emit(key, month, slot::kResponded, 1);
  CountSurveyAnswers(step, key, month, *response);
}

void Evaluator::CountSurveyAnswers(const PlanStep& step, const CellKey& key, int month,
                                   const Fact& response) {
  const ComponentPlan& c = *step.component;
  if (c.measure == ComponentPlan::Measure::kSurveyItem) {
    const int answer = 100 * SurveyFact{response}.answer(c.survey.items.front());
    Emit(key, month, c.slot, 1);
    for (uint32_t i = 0; i < c.classes.size(); ++i) {
      if (c.classes[i].to != 0 && (answer < c.classes[i].from || answer > c.classes[i].to)) continue;
      Emit(key, month, slot::kClassBase + i, 1);
      break;
    }
    return;
  }
  std::vector<int> answers;
  for (const int item : c.survey.items) answers.push_back(SurveyFact{response}.answer(item));
  const auto index =
      SurveyIndexThousandths(answers, c.survey.reversed, c.survey.scale_min, c.survey.scale_max);
  if (!index) return;
  Emit(key, month, c.slot, 1);
  Emit(key, month, slot::kSum, *index);
  Emit(key, month, slot::kSumSquares, *index * *index);
}

}  // namespace kpr

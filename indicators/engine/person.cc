#include "indicators/engine/person.h"

#include <algorithm>

namespace kpr {
namespace {

bool Is(const Fact& fact, v1::FactType type) {
  switch (type) {
    case v1::FULL_MEDICATION_REVIEW:
      return fact.kind == FactKind::kMedicationReview && fact.type == 1;
    case v1::MEDICATION_RECONCILIATION:
      return fact.kind == FactKind::kMedicationReview && fact.type == 2;
    case v1::ASSESSED_BY_DOCTOR:
      return fact.kind == FactKind::kDoctorAssessment;
    case v1::ASSESSED_BY_DENTAL_STAFF:
      return fact.kind == FactKind::kDentalAssessment;
    case v1::NUTRITION_ASSESSED:
      return fact.kind == FactKind::kNutritionAssessment;
    case v1::FUNCTION_ASSESSED:
      return fact.kind == FactKind::kFunctionAssessment;
    default:
      return false;
  }
}

}  // namespace

bool PersonView::Holds(const PredicatePlan& p, Window window) const {
  using Test = PredicatePlan::Test;
  const auto holds = [&](const PredicatePlan& q) { return Holds(q, window); };
  switch (p.test) {
    case Test::kTrue:
      return true;
    case Test::kAll:
      return std::all_of(p.of.begin(), p.of.end(), holds);
    case Test::kAny:
      return std::any_of(p.of.begin(), p.of.end(), holds);
    case Test::kNot:
      return !holds(p.of.front());
    case Test::kServiceActive:
      return std::any_of(history_.spells.begin(), history_.spells.end(), [&](const Spell& spell) {
        return (p.types >> spell.type & 1) != 0 && Active(spell, window, p.pauses_interrupt);
      });
    case Test::kFactWithin:
      return HasFact(p.fact, p.months == 0 ? kFirstDate : window.day.MinusMonths(p.months), window.day);
    case Test::kAge: {
      if (history_.birth.days == kUnknownDay) return false;
      const int age = AgeOn(history_.birth, window.day);
      return p.age_from <= age && age <= p.age_to;
    }
    case Test::kWaiting:
      return std::any_of(history_.effective.begin(), history_.effective.end(), [&](const Fact& fact) {
        return fact.kind == FactKind::kPlaceApplied && Waiting(fact, p.types, window.day);
      });
  }
  return false;
}

bool PersonView::Active(const Spell& spell, Window window, bool pauses_interrupt) const {
  const Date until = std::min(LastDay(spell), window.day);
  Date day = std::max(spell.start, window.first);
  if (day > until) return false;
  if (!pauses_interrupt) return true;
  // Step over the pauses to the first day that none of them covers.
  for (bool moved = true; moved && day <= until;) {
    moved = false;
    for (const Pause& pause : spell.pauses) {
      if (pause.from <= day && day < pause.until) {
        day = pause.until;
        moved = true;
      }
    }
  }
  return day <= until;
}

bool PersonView::Waiting(const Fact& application, uint32_t types, Date day) const {
  if ((types >> application.type & 1) == 0 || application.occurred_on > day || history_.death < day)
    return false;
  if (Declined(application, day)) return false;
  for (const Spell& spell : history_.spells) {
    if (spell.start > day) break;
    if ((types >> spell.type & 1) != 0 && spell.start >= application.occurred_on) return false;
  }
  return true;
}

bool PersonView::Declined(const Fact& application, Date day) const {
  for (const Fact& fact : history_.effective) {
    if (fact.occurred_on > day) break;
    if (fact.kind == FactKind::kPlaceDeclined && fact.service == application.service) return true;
  }
  return false;
}

bool PersonView::HasFact(v1::FactType type, Date after, Date until) const {
  const auto& facts = history_.effective;  // by date: the window is one stretch of it
  auto it = std::upper_bound(facts.begin(), facts.end(), after,
                             [](Date date, const Fact& fact) { return date < fact.occurred_on; });
  for (; it != facts.end() && it->occurred_on <= until; ++it) {
    if (Is(*it, type)) return true;
  }
  return false;
}

}  // namespace kpr

#include "indicators/evaluation/predicate_evaluator.h"

#include <algorithm>

#include "registry/facts/place_facts.h"

namespace kpr {

Date LastDay(const Spell& spell, const SubjectState& state) {
  return std::min(spell.end, state.death);
}

Date Expiry(Date fact, int months) {
  const int month = MonthOf(fact) + months;
  const Date month_before = MonthEnd(month - 1);
  // The same day of the month, or the first of the next where the month is shorter.
  return std::min(month_before + fact.day(), MonthEnd(month) + 1);
}

Date Birthday(Date birth, int age) {
  return Expiry(birth, 12 * age);  // of 29 February: 1 March in common years
}

bool DeclinedBy(const SubjectState& state, uint64_t application, Date day) {
  for (const Fact& fact : state.effective) {
    if (fact.occurred_on > day) break;
    if (fact.kind == FactKind::kPlaceDeclined && PlaceFact{fact}.application() == application) return true;
  }
  return false;
}

Date Closing(const SubjectState& state, const Fact& application, const CodeSet& types) {
  Date closing = state.death == kNoEnd ? kNoEnd : state.death + 1;
  for (const Fact& fact : state.effective) {
    // Whenever it was declined, it is not open from that day on.
    if (fact.kind == FactKind::kPlaceDeclined &&
        PlaceFact{fact}.application() == PlaceFact{application}.application())
      closing = std::min(closing, fact.occurred_on);
  }
  for (const Spell& spell : state.spells) {
    if (types.Has(spell.type) && spell.start >= application.occurred_on)
      closing = std::min(closing, spell.start);
  }
  return closing;
}

PredicateEvaluator::PredicateEvaluator(const std::vector<PredicatePlan>* predicates)
    : predicates_(predicates), sets_(predicates->size()), computed_(predicates->size(), 0) {}

void PredicateEvaluator::SetSubject(const SubjectState& state, const ObservationGrid& grid) {
  state_ = &state;
  grid_ = &grid;
  ++turn_;
}

const BitSet& PredicateEvaluator::Of(uint32_t predicate) {
  if (computed_[predicate] != turn_) {
    Compute(predicate);
    computed_[predicate] = turn_;
  }
  return sets_[predicate];
}

void PredicateEvaluator::Compute(uint32_t number) {
  using Test = PredicatePlan::Test;
  const PredicatePlan& p = (*predicates_)[number];
  BitSet& observations = sets_[number];
  observations.Reset(grid_->size(), p.test == Test::kTrue || p.test == Test::kAll || p.test == Test::kNot);
  switch (p.test) {
    case Test::kTrue:
      break;
    case Test::kAll:
      for (const uint32_t q : p.of) {
        observations.And(Of(q));
        if (observations.empty()) break;
      }
      break;
    case Test::kAny:
      for (const uint32_t q : p.of) observations.Or(Of(q));
      break;
    case Test::kNot:
      observations.Without(Of(p.of.front()));
      break;
    case Test::kServiceActive:
      Service(p, &observations);
      break;
    case Test::kFactWithin:
      FactsWithin(p, &observations);
      break;
    case Test::kAge:
      Age(p, &observations);
      break;
    case Test::kWaiting:
      Waiting(p, &observations);
      break;
    case Test::kHours: {
      const auto& hours = Hours(p.types);
      for (size_t i = 0; i < hours.size(); ++i) {
        if (p.from <= hours[i] && hours[i] <= p.to) observations.Fill(i, i + 1);
      }
      break;
    }
    case Test::kDeathAt:
      if (state_->death != kNoEnd && p.types.Has(static_cast<uint32_t>(state_->death_place)))
        observations.Fill(grid_->AtOrAfter(state_->death), grid_->size());
      break;
  }
}

void PredicateEvaluator::Service(const PredicatePlan& p, BitSet* observations) const {
  for (const Spell& spell : state_->spells) {
    if (p.types.Has(spell.type)) AddActive(spell, p.pauses_interrupt, observations);
  }
}

void PredicateEvaluator::AddActive(const Spell& spell, bool pauses_interrupt, BitSet* observations) const {
  const Date last = LastDay(spell, *state_);
  const size_t begin = grid_->AtOrAfter(spell.start), end = grid_->BeginningAfter(last);
  if (begin >= end || last < spell.start) return;  // begun after death: never given
  if (!pauses_interrupt || spell.pauses.empty()) return observations->Fill(begin, end);
  for (size_t i = begin; i < end; ++i) {
    const ObservationWindow& window = (*grid_)[i];
    const Date until = std::min(last, window.day);
    Date day = std::max(spell.start, window.first);
    // Step over the pauses to the first day that none of them covers.
    for (bool merged = true; merged && day <= until;) {
      merged = false;
      for (const Pause& pause : spell.pauses) {
        if (pause.from <= day && day < pause.until) {
          day = pause.until;
          merged = true;
        }
      }
    }
    if (day <= until) observations->Fill(i, i + 1);
  }
}

void PredicateEvaluator::FactsWithin(const PredicatePlan& p, BitSet* observations) const {
  const auto expiry = [&](const Fact& fact) {
    return p.months == 0 ? kNoEnd : Expiry(fact.occurred_on, p.months);
  };
  const auto fill = [&](const Fact& fact, Date end) {
    const size_t begin = grid_->AtOrAfter(fact.occurred_on);
    observations->Fill(begin, std::max(begin, grid_->AtOrAfter(end)));
  };
  const Fact* latest = nullptr;
  for (const Fact& fact : state_->effective) {  // by date
    if (!p.fact.IsOfKind(fact)) continue;
    if (!p.latest) {
      if (p.fact.PassesTest(fact)) fill(fact, expiry(fact));
      continue;
    }
    if (latest != nullptr && p.fact.PassesTest(*latest))
      fill(*latest, std::min(fact.occurred_on, expiry(*latest)));
    latest = &fact;
  }
  if (latest != nullptr && p.fact.PassesTest(*latest)) fill(*latest, expiry(*latest));
}

void PredicateEvaluator::Age(const PredicatePlan& p, BitSet* observations) const {
  if (state_->birth.days == kUnknownDay) return;
  const size_t begin = grid_->AtOrAfter(p.from == 0 ? state_->birth : Birthday(state_->birth, p.from));
  const size_t end = p.to >= 1000 ? grid_->size() : grid_->AtOrAfter(Birthday(state_->birth, p.to + 1));
  if (begin < end) observations->Fill(begin, end);
}

void PredicateEvaluator::Waiting(const PredicatePlan& p, BitSet* observations) const {
  for (const Fact& fact : state_->effective) {
    if (fact.kind != FactKind::kPlaceApplied || !p.types.Has(PlaceFact{fact}.service_type())) continue;
    const size_t begin = grid_->AtOrAfter(fact.occurred_on),
                 end = grid_->AtOrAfter(Closing(*state_, fact, p.types));
    if (begin < end) observations->Fill(begin, end);
  }
}

const std::vector<int32_t>& PredicateEvaluator::Hours(const CodeSet& types) {
  hours_.assign(grid_->size(), 0);
  BitSet active;
  for (const Spell& spell : state_->spells) {
    if (!types.Has(spell.type) || spell.hours == 0) continue;
    active.Reset(grid_->size(), false);
    AddActive(spell, true, &active);
    for (size_t i = 0; i < hours_.size(); ++i) {
      if (active.Has(i)) hours_[i] += spell.hours;
    }
  }
  return hours_;
}

}  // namespace kpr

#include "indicators/engine/truth.h"

#include <algorithm>

namespace kpr {

Date LastDay(const Spell& spell, const History& history) {
  return std::min(spell.end, history.death);
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

bool DeclinedBy(const History& history, uint64_t application, Date day) {
  for (const Fact& fact : history.effective) {
    if (fact.occurred_on > day) break;
    if (fact.kind == FactKind::kPlaceDeclined && fact.service == application) return true;
  }
  return false;
}

Date Closing(const History& history, const Fact& application, uint32_t types) {
  Date closing = history.death == kNoEnd ? kNoEnd : history.death + 1;
  for (const Fact& fact : history.effective) {
    // Whenever it was declined, it is not open from that day on.
    if (fact.kind == FactKind::kPlaceDeclined && fact.service == application.service)
      closing = std::min(closing, fact.occurred_on);
  }
  for (const Spell& spell : history.spells) {
    if ((types >> spell.type & 1) != 0 && spell.start >= application.occurred_on)
      closing = std::min(closing, spell.start);
  }
  return closing;
}

Truth::Truth(const Plan* plan)
    : plan_(plan), sets_(plan->predicates.size()), computed_(plan->predicates.size(), 0) {}

void Truth::About(const History& history, const Axis& axis) {
  history_ = &history;
  axis_ = &axis;
  ++turn_;
}

const PositionSet& Truth::Of(uint32_t predicate) {
  if (computed_[predicate] != turn_) {
    Compute(predicate);
    computed_[predicate] = turn_;
  }
  return sets_[predicate];
}

void Truth::Compute(uint32_t number) {
  using Test = PredicatePlan::Test;
  const PredicatePlan& p = plan_->predicates[number];
  PositionSet& looks = sets_[number];
  looks.Reset(axis_->size(), p.test == Test::kTrue || p.test == Test::kAll || p.test == Test::kNot);
  switch (p.test) {
    case Test::kTrue:
      break;
    case Test::kAll:
      for (const uint32_t q : p.of) {
        looks.And(Of(q));
        if (looks.empty()) break;
      }
      break;
    case Test::kAny:
      for (const uint32_t q : p.of) looks.Or(Of(q));
      break;
    case Test::kNot:
      looks.Without(Of(p.of.front()));
      break;
    case Test::kServiceActive:
      Service(p, &looks);
      break;
    case Test::kFactWithin:
      FactsWithin(p, &looks);
      break;
    case Test::kAge:
      Age(p, &looks);
      break;
    case Test::kWaiting:
      Waiting(p, &looks);
      break;
    case Test::kHours: {
      const auto& hours = Hours(p.types);
      for (size_t i = 0; i < hours.size(); ++i) {
        if (p.from <= hours[i] && hours[i] <= p.to) looks.Fill(i, i + 1);
      }
      break;
    }
    case Test::kDeathAt:
      if (history_->death != kNoEnd && (p.types >> history_->death_place & 1) != 0)
        looks.Fill(axis_->AtOrAfter(history_->death), axis_->size());
      break;
  }
}

void Truth::Service(const PredicatePlan& p, PositionSet* looks) const {
  for (const Spell& spell : history_->spells) {
    if ((p.types >> spell.type & 1) != 0) AddActive(spell, p.pauses_interrupt, looks);
  }
}

void Truth::AddActive(const Spell& spell, bool pauses_interrupt, PositionSet* looks) const {
  const Date last = LastDay(spell, *history_);
  const size_t begin = axis_->AtOrAfter(spell.start), end = axis_->BeginningAfter(last);
  if (begin >= end || last < spell.start) return;  // begun after death: never given
  if (!pauses_interrupt || spell.pauses.empty()) return looks->Fill(begin, end);
  for (size_t i = begin; i < end; ++i) {
    const Window& window = (*axis_)[i];
    const Date until = std::min(last, window.day);
    Date day = std::max(spell.start, window.first);
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
    if (day <= until) looks->Fill(i, i + 1);
  }
}

void Truth::FactsWithin(const PredicatePlan& p, PositionSet* looks) const {
  const auto expiry = [&](const Fact& fact) {
    return p.months == 0 ? kNoEnd : Expiry(fact.occurred_on, p.months);
  };
  const auto fill = [&](const Fact& fact, Date end) {
    const size_t begin = axis_->AtOrAfter(fact.occurred_on);
    looks->Fill(begin, std::max(begin, axis_->AtOrAfter(end)));
  };
  const Fact* latest = nullptr;
  for (const Fact& fact : history_->effective) {  // by date
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

void Truth::Age(const PredicatePlan& p, PositionSet* looks) const {
  if (history_->birth.days == kUnknownDay) return;
  const size_t begin = axis_->AtOrAfter(p.from == 0 ? history_->birth : Birthday(history_->birth, p.from));
  const size_t end = p.to >= 1000 ? axis_->size() : axis_->AtOrAfter(Birthday(history_->birth, p.to + 1));
  if (begin < end) looks->Fill(begin, end);
}

void Truth::Waiting(const PredicatePlan& p, PositionSet* looks) const {
  for (const Fact& fact : history_->effective) {
    if (fact.kind != FactKind::kPlaceApplied || (p.types >> fact.type & 1) == 0) continue;
    const size_t begin = axis_->AtOrAfter(fact.occurred_on),
                 end = axis_->AtOrAfter(Closing(*history_, fact, p.types));
    if (begin < end) looks->Fill(begin, end);
  }
}

const std::vector<int32_t>& Truth::Hours(uint32_t types) {
  hours_.assign(axis_->size(), 0);
  PositionSet active;
  for (const Spell& spell : history_->spells) {
    if ((types >> spell.type & 1) == 0 || spell.hours == 0) continue;
    active.Reset(axis_->size(), false);
    AddActive(spell, true, &active);
    for (size_t i = 0; i < hours_.size(); ++i) {
      if (active.Has(i)) hours_[i] += spell.hours;
    }
  }
  return hours_;
}

}  // namespace kpr

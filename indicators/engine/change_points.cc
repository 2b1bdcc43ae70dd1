#include "indicators/engine/change_points.h"

#include <algorithm>

namespace kpr {
namespace {

// Adds the days on which services begin, end and pause; returns the last one.
Date AddSpells(const SubjectState& state, std::vector<Date>* days) {
  Date ending = kFirstDate;
  for (const Spell& spell : state.spells) {
    const Date last = LastDay(spell, state);
    ending = std::max(ending, last == kNoEnd ? kNoEnd : last + 1);
    days->push_back(spell.start);
    days->push_back(last + 1);
    for (const Pause& pause : spell.pauses) {
      days->push_back(pause.from);
      days->push_back(pause.until);
    }
  }
  return ending;
}

Date AddDeadlinesAfterFacts(const Deadline& deadline, const SubjectState& state, std::vector<Date>* days) {
  Date ending = kFirstDate;
  for (const Fact& fact : state.effective) {
    if (fact.kind != deadline.after_fact) continue;
    days->push_back(fact.occurred_on + deadline.days);
    ending = std::max(ending, fact.occurred_on + deadline.days);
  }
  return ending;
}

// Adds the days on which follow-ups are counted; returns the last one.
Date AddDeadlines(const Plan& plan, const SubjectState& state, std::vector<Date>* days) {
  Date ending = kFirstDate;
  for (const Deadline& deadline : plan.deadlines) {
    if (deadline.after_fact != FactKind{}) {
      ending = std::max(ending, AddDeadlinesAfterFacts(deadline, state, days));
      continue;
    }
    for (const Spell& spell : state.spells) {
      const Date from = deadline.after_end ? spell.end : spell.start;
      if (!deadline.types.Has(spell.type) || from == kNoEnd) continue;
      days->push_back(from + deadline.days);
      ending = std::max(ending, from + deadline.days);
    }
  }
  return ending;
}

// Adds the days of facts and those on which they no longer count; returns the last on which one matters.
Date AddFacts(const Plan& plan, const SubjectState& state, std::vector<Date>* days) {
  Date ending = kFirstDate;
  for (const Fact& fact : state.effective) {
    days->push_back(fact.occurred_on);
    if (plan.counted_facts.contains(fact.kind)) ending = std::max(ending, fact.occurred_on);
    if (fact.kind == FactKind::kPlaceApplied) ending = std::max(ending, Closing(state, fact, {}));
    if (const auto it = plan.months.find(fact.kind); it != plan.months.end()) {
      for (const int months : it->second) days->push_back(Expiry(fact.occurred_on, months));
    }
  }
  return ending;
}

void AddPerson(const Plan& plan, const Evaluation& evaluation, std::vector<Date>* days) {
  const SubjectState& state = evaluation.state();
  // After it the person counts in no stock.
  const Date ending =
      std::max({AddSpells(state, days), AddDeadlines(plan, state, days), AddFacts(plan, state, days)});
  if (state.death != kNoEnd) {
    days->push_back(state.death);
    days->push_back(state.death + 1);
  }
  if (state.birth.days != kUnknownDay) {
    for (const int age : plan.ages) days->push_back(Birthday(state.birth, age));
  }
  for (const int year : evaluation.excluded_years()) {
    days->push_back(Date::FromYmd(year, 1, 1));
    days->push_back(Date::FromYmd(year + 1, 1, 1));
  }
  // What has ended stays in sight to the end of its year, where the person grows older.
  const Date in_sight = ending >= kNoEnd ? kNoEnd : Date::FromYmd(ending.year(), 12, 31);
  std::erase_if(*days, [&](Date day) { return day > in_sight || day >= kNoEnd; });
}

}  // namespace

std::vector<Date> ChangePointsOf(const Plan& plan, const Evaluation& evaluation) {
  const SubjectState& state = evaluation.state();
  std::vector<Date> days;
  if (state.subject.kind() == SubjectKind::kPerson) {
    AddPerson(plan, evaluation, &days);
  } else {
    for (const Fact& fact : state.effective) {
      days.push_back(fact.occurred_on);
      if (const Date until = evaluation.ReportUntil(fact); until < kNoEnd) days.push_back(until);
    }
  }
  // Before a first fact there is nothing to see.
  if (!state.effective.empty()) {
    const Date first = state.effective.front().occurred_on;
    std::erase_if(days, [&](Date day) { return day < first; });
  }
  std::sort(days.begin(), days.end());
  return days;
}

}  // namespace kpr

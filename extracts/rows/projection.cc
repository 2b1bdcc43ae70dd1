#include "extracts/rows/projection.h"

#include <algorithm>

#include "indicators/evaluation/predicate_evaluator.h"

namespace kpr::extract {
namespace {

constexpr int kOldest = 100;  // years on the first day: born before, all in one group

// Days of pause within [first, last], days in several pauses once.
int PausedDays(const Spell& spell, Date first, Date last) {
  std::vector<std::pair<Date, Date>> pauses;
  for (const Pause& pause : spell.pauses)
    pauses.emplace_back(std::max(pause.from, first), std::min(pause.until, last + 1));
  std::sort(pauses.begin(), pauses.end());
  int days = 0;
  Date counted = first;
  for (const auto& [from, until] : pauses) {
    const Date begin = std::max(from, counted);
    if (until <= begin) continue;
    days += until - begin;
    counted = until;
  }
  return days;
}

Value OrMissing(std::optional<int64_t> number) {
  return number ? *number : kMissing;
}

Value OfCode(int64_t code) {
  return code == 0 ? kMissing : code;
}

// Rows in the order of their values, so that nothing tells in which order they came.
void Sort(size_t begin, Rows* rows) {
  std::vector<std::vector<Value>> own;
  for (size_t i = begin; i < rows->size(); ++i) own.emplace_back((*rows)[i].begin(), (*rows)[i].end());
  if (own.size() < 2) return;
  std::sort(own.begin(), own.end());
  auto to = rows->values.begin() + static_cast<ptrdiff_t>(begin * rows->width);
  for (const std::vector<Value>& row : own) to = std::copy(row.begin(), row.end(), to);
}

}  // namespace

struct Projection::Person {
  const SubjectState& state;
  Value token = 0;
  int shift = 0;
  const Spell* latest = nullptr;  // begun, of those in the frame and geography
};

Projection::Projection(const v1::ExtractRequest* request, const std::vector<TablePlan>* tables,
                       const Population* population, const ProjectPseudonymizer* pseudonyms,
                       std::vector<std::unique_ptr<IndicatorRows>> indicators)
    : request_(*request),
      tables_(*tables),
      geography_(population->geography()),
      pseudonyms_(*pseudonyms),
      first_(population->first()),
      last_(population->last()),
      indicators_(std::move(indicators)) {}

Value Projection::DateOf(const Person& person, Date day) const {
  if (day.days == kUnknownDay) return kMissing;
  if (request_.dates() == v1::DATE_PRECISION_EXACT) return day.days;
  if (request_.dates() == v1::DATE_PRECISION_SHIFTED) return day.days + person.shift;
  return Period::Containing(PeriodKind::kMonth, day).first().days;
}

Value Projection::BirthYear(Date birth) const {
  if (birth.days == kUnknownDay) return kMissing;
  const int width = static_cast<int>(std::max(1u, request_.birth_years()));
  const int year = std::max(birth.year(), first_.year() - kOldest);
  return year - year % width;
}

// Of the oldest the first day of the first year that is told.
Date Projection::BirthDate(Date birth) const {
  const int oldest = first_.year() - kOldest;
  return birth.days != kUnknownDay && birth.year() < oldest ? Date::FromYmd(oldest, 1, 1) : birth;
}

Value Projection::OfPerson(const Person& person, const Variable& variable) const {
  const SubjectState& state = person.state;
  const bool dead = state.death <= last_;
  if (variable.origin == Origin::kSex) return OfCode(state.sex);
  if (variable.origin == Origin::kBirthYear) return BirthYear(state.birth);
  if (variable.origin == Origin::kBirthDate) return DateOf(person, BirthDate(state.birth));
  if (variable.origin == Origin::kDeathDate) return dead ? DateOf(person, state.death) : kMissing;
  if (variable.origin == Origin::kDeathPlace) return dead ? OfCode(state.death_place) : kMissing;
  if (variable.origin == Origin::kLatestMunicipality)
    return person.latest == nullptr ? kMissing : person.latest->municipality.code;
  if (variable.origin == Origin::kLatestCounty)
    return person.latest == nullptr ? kMissing : person.latest->municipality.county();
  return kMissing;
}

Value Projection::OfFact(const Person& person, const Fact& fact, const Variable& variable) const {
  if (variable.origin == Origin::kDate) return DateOf(person, fact.occurred_on);
  if (variable.origin == Origin::kMunicipality) return OfCode(fact.municipality.code);
  if (variable.origin == Origin::kProvider)
    return fact.provider.number == 0 ? kMissing : PackToken(pseudonyms_.ProviderToken(fact.provider));
  const FieldDescriptor& field = *variable.field;
  if (field.type == FieldType::kText) return PackText(field.text(fact));
  const std::optional<int64_t> number = field.number(fact);
  if (field.type != FieldType::kReference || !number) return OrMissing(number);
  return PackToken(pseudonyms_.Reference(static_cast<uint64_t>(*number)));
}

Value Projection::OfSpell(const Person& person, const Spell& spell, const Variable& variable) const {
  const Date end = LastDay(spell, person.state), seen = std::min(end, last_);
  const Date begin = std::max(spell.start, first_);
  if (variable.origin == Origin::kService) return PackToken(pseudonyms_.Reference(spell.service));
  if (variable.origin == Origin::kServiceType) return OfCode(spell.type);
  if (variable.origin == Origin::kMunicipality) return OfCode(spell.municipality.code);
  if (variable.origin == Origin::kProvider) {
    const Provider provider = spell.ProviderOn(seen);
    return provider.number == 0 ? kMissing : PackToken(pseudonyms_.ProviderToken(provider));
  }
  if (variable.origin == Origin::kStart) return DateOf(person, spell.start);
  if (variable.origin == Origin::kEnd) return end <= last_ ? DateOf(person, end) : kMissing;
  if (variable.origin == Origin::kHours) return OfCode(spell.hours);
  if (variable.origin == Origin::kDays) return seen - begin + 1;
  if (variable.origin == Origin::kPausedDays) return PausedDays(spell, begin, seen);
  return kMissing;
}

Value Projection::OfIndicator(const Person& person, const IndicatorRows& indicator, const IndicatorRow& row,
                              const Variable& variable) const {
  if (variable.origin == Origin::kPeriod) return DateOf(person, row.period);
  if (variable.origin == Origin::kMunicipality) return row.municipality.code;
  return indicator.ValueOf(row, variable);
}

bool Projection::Overlaps(const Spell& spell, const SubjectState& state) const {
  return geography_.Covers(spell.municipality) && spell.start <= last_ && LastDay(spell, state) >= first_ &&
         LastDay(spell, state) >= spell.start;
}

void Projection::Append(const SubjectState& state, std::vector<Rows>* tables) {
  Person person{state, PackToken(pseudonyms_.Person(state.subject)), 0, nullptr};
  if (request_.dates() == v1::DATE_PRECISION_SHIFTED) person.shift = pseudonyms_.ShiftDays(state.subject);
  for (const Spell& spell : state.spells) {
    if (Overlaps(spell, state) && (person.latest == nullptr || spell.BeganAfter(*person.latest)))
      person.latest = &spell;
  }
  for (size_t i = 0; i < tables_.size(); ++i) {
    const size_t begin = (*tables)[i].size();
    AppendTable(person, i, &(*tables)[i]);
    Sort(begin, &(*tables)[i]);
  }
}

void Projection::AppendTable(const Person& person, size_t table, Rows* rows) {
  const TablePlan& plan = tables_[table];
  const auto add = [&](const auto& value_of) {
    rows->values.push_back(person.token);
    for (const Variable* variable : plan.columns)
      rows->values.push_back(groups_.Grouped(*variable, value_of(*variable)));
  };
  const TableKind kind = plan.table->kind;
  if (kind == TableKind::kPersons) add([&](const Variable& variable) { return OfPerson(person, variable); });
  if (IndicatorRows* indicator = indicators_[table].get(); indicator != nullptr) {
    indicator->ForEach(person.state, [&](const IndicatorRow& row) {
      add([&](const Variable& variable) { return OfIndicator(person, *indicator, row, variable); });
    });
  }
  for (const Fact& fact : person.state.effective) {
    const bool given = kind == TableKind::kFacts && fact.kind == plan.table->fact &&
                       InFrame(fact.occurred_on) && geography_.Covers(fact.municipality);
    if (given) add([&](const Variable& variable) { return OfFact(person, fact, variable); });
  }
  for (const Spell& spell : person.state.spells) {
    if (kind == TableKind::kSpells && Overlaps(spell, person.state))
      add([&](const Variable& variable) { return OfSpell(person, spell, variable); });
  }
}

}  // namespace kpr::extract

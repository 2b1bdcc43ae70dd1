#include "indicators/engine/evaluate.h"

#include <algorithm>

#include "registry/codelists/codelists.h"

namespace kpr {
namespace {

int PeriodMonths(Span span) {
  return span == Span::kYear ? 12 : span == Span::kTertial ? 4 : 1;
}

}  // namespace

bool Evaluator::Excluded(Date day) const {
  return !excluded_.empty() && std::find(excluded_.begin(), excluded_.end(), day.year()) != excluded_.end();
}

CellKey Evaluator::KeyOf(const PlanPart& part, const CellPlace& place, Date age_on) const {
  CellKey key;
  key.indicator = part.indicator->number;
  key.span = part.span;
  key.place = place;
  if (history_->subject.kind() == SubjectKind::kPerson) {
    key.sex = history_->sex == 1 || history_->sex == 2 ? static_cast<uint8_t>(history_->sex) : 0;
    key.age = AgeBand(history_->birth, age_on);
  }
  return key;
}

void Evaluator::Emit(CellKey key, int month, uint32_t slot, int64_t amount) {
  if (amount == 0) return;
  key.year = static_cast<uint16_t>(month / 12);
  out_->push_back({key, slot::InMonth(static_cast<uint32_t>(month % 12), slot), part_, amount});
}

// One turning point of a count of days.
void Evaluator::EmitDay(const CellKey& key, Date day, uint32_t slot, int64_t amount) {
  if (!Due(day)) return;
  Emit(key, MonthOf(day), slot, amount);
  Emit(key, MonthOf(day), slot::kDayTurns + slot, amount * day.days);
}

// What a municipality reports of itself holds until the next report, or until its code is no longer in force.
Date Evaluator::ReportUntil(const Fact& report) const {
  return history_->subject.kind() == SubjectKind::kMunicipality ? InForceUntil(report.municipality) : kNoEnd;
}

void Evaluator::CollectPersonTurns() {
  Date ending = kFirstDate;  // after it the person counts in no level
  for (const Spell& spell : history_->spells) {
    const Date last = LastDay(spell, *history_);
    ending = std::max(ending, last == kNoEnd ? kNoEnd : last + 1);
    turns_.push_back(spell.start);
    turns_.push_back(last + 1);
    for (const Pause& pause : spell.pauses) {
      turns_.push_back(pause.from);
      turns_.push_back(pause.until);
    }
  }
  for (const Fact& fact : history_->effective) {
    turns_.push_back(fact.occurred_on);
    if (fact.kind == FactKind::kPlaceApplied) ending = std::max(ending, Closing(*history_, fact, 0));
    if (const auto it = plan_->months.find(fact.kind); it != plan_->months.end()) {
      for (const int months : it->second) turns_.push_back(Expiry(fact.occurred_on, months));
    }
  }
  if (history_->death != kNoEnd) {
    turns_.push_back(history_->death);
    turns_.push_back(history_->death + 1);
  }
  if (history_->birth.days != kUnknownDay) {
    for (const int age : plan_->ages) turns_.push_back(Birthday(history_->birth, age));
  }
  for (const int year : excluded_) {
    turns_.push_back(Date::FromYmd(year, 1, 1));
    turns_.push_back(Date::FromYmd(year + 1, 1, 1));
  }
  // What has ended stays in sight to the end of its year, where the person grows older.
  const Date in_sight = ending >= kNoEnd ? kNoEnd : Date::FromYmd(ending.year(), 12, 31);
  std::erase_if(turns_, [&](Date turn) { return turn > in_sight || turn >= kNoEnd; });
}

void Evaluator::CollectTurns() {
  turns_.clear();
  if (history_->subject.kind() == SubjectKind::kPerson) {
    CollectPersonTurns();
  } else {
    for (const Fact& fact : history_->effective) {
      turns_.push_back(fact.occurred_on);
      if (const Date until = ReportUntil(fact); until < kNoEnd) turns_.push_back(until);
    }
  }
  // Before a first fact there is nothing to see.
  if (!history_->effective.empty()) {
    const Date first = history_->effective.front().occurred_on;
    std::erase_if(turns_, [&](Date turn) { return turn < first; });
  }
  std::sort(turns_.begin(), turns_.end());
}

// Looks at the end of every month in which the level can change, from `from_`'s on.
void Evaluator::BuildAxis(Span span) {
  const int length = PeriodMonths(span);
  const bool whole = span != Span::kLastDay;
  std::vector<int> months;
  months.reserve(2 * turns_.size() + 1);
  // When advancing, the month before shows what is told already.
  const int begin = from_ == kFirstDate ? INT32_MIN : MonthOf(from_) - (advancing_ ? 1 : 0);
  const int end = MonthOf(until_);
  if (from_ != kFirstDate && begin <= end) months.push_back(begin);
  for (const Date turn : turns_) {
    const int month = MonthOf(turn);
    if (begin <= month && month <= end) months.push_back(month);
    // What ended in a period is out of sight in the next.
    const int next = (month / length + 1) * length;
    if (whole && begin <= next && next <= end) months.push_back(next);
  }
  std::sort(months.begin(), months.end());
  months.erase(std::unique(months.begin(), months.end()), months.end());
  axis_.Clear();
  for (const int month : months) {
    const Date day = MonthEnd(month);
    axis_.Add({whole ? MonthEnd(month / length * length - 1) + 1 : day, day});
  }
  const bool person = history_->subject.kind() == SubjectKind::kPerson;
  bands_.assign(axis_.size(), 0);
  for (size_t i = 0; person && i < axis_.size(); ++i) bands_[i] = AgeBand(history_->birth, axis_[i].day);
  axis_span_ = span;
  axis_built_ = true;
  for (Places& places : places_) places.computed = false;
  truth_.About(*history_, axis_);
}

void Evaluator::RunPart(const PlanPart& part) {
  using M = ComponentPlan::Measure;
  const bool level = part.component->sort == AmountSort::kLevel;
  if (level && (!axis_built_ || axis_span_ != part.span)) BuildAxis(part.span);
  switch (part.component->measure) {
    case M::kOne:
    case M::kGrantedHours:
      return PersonLevel(part);
    case M::kStays:
      return StayLevel(part);
    case M::kReported:
      return level ? ReportLevel(part) : ReportDayTurns(part);
    case M::kInhabitants:
      return InhabitantLevel(part);
    case M::kStayDays:
      return StayDayTurns(part);
    case M::kFactCount:
      return FactFlow(part);
    case M::kWaitingTime:
      return WaitingFlow(part);
    case M::kScoreChange:
      return ScoreFlow(part);
    case M::kSurveyIndex:
    case M::kSurveyItem:
      return SurveyFlow(part);
  }
}

void Evaluator::Evaluate(const History& history, Date from, Date until, std::vector<Contribution>* out) {
  from_ = from;
  until_ = until;
  advancing_ = false;
  Run(history, out);
}

void Evaluator::Advance(const History& history, Date from, Date until, std::vector<Contribution>* out) {
  from_ = from;
  until_ = until;
  advancing_ = true;
  Run(history, out);
}

void Evaluator::Run(const History& history, std::vector<Contribution>* out) {
  if (history.moved || history.effective.empty() || until_ < from_) return;
  history_ = &history;
  out_ = out;
  excluded_ = ManyMunicipalityYears(history);
  axis_built_ = false;
  part_ = 0;
  CollectTurns();
  FactsForCoverage();
  if (history.subject.kind() == SubjectKind::kMunicipality) {
    DeclaredMonths();
    Inhabitants();
  }
  if (history.subject.kind() == SubjectKind::kProvider) Industry();
  for (const PlanPart& part : plan_->PartsOf(history.subject.kind())) {
    ++part_;
    RunPart(part);
  }
}

}  // namespace kpr

#include "indicators/engine/evaluate.h"

#include <algorithm>

#include "registry/codelists/codelists.h"

namespace kpr {
namespace {

int PeriodMonths(ReferencePeriod period) {
  return period == ReferencePeriod::kYear ? 12 : period == ReferencePeriod::kTertial ? 4 : 1;
}

}  // namespace

bool Evaluator::Excluded(Date day) const {
  return !excluded_.empty() && std::find(excluded_.begin(), excluded_.end(), day.year()) != excluded_.end();
}

CellKey Evaluator::KeyOf(const PlanStep& step, const CellPlace& place, Date age_on) const {
  CellKey key;
  key.indicator = step.indicator->number;
  key.period = step.period;
  key.place = place;
  if (state_->subject.kind() == SubjectKind::kPerson) {
    key.sex = state_->sex == 1 || state_->sex == 2 ? static_cast<uint8_t>(state_->sex) : 0;
    key.age = AgeBand(state_->birth, age_on);
  }
  return key;
}

void Evaluator::Emit(CellKey key, int month, uint32_t slot, int64_t amount) {
  if (amount == 0) return;
  key.year = static_cast<uint16_t>(month / 12);
  out_->push_back({key, slot::InMonth(static_cast<uint32_t>(month % 12), slot), step_, amount});
}

// One change point of person-days.
void Evaluator::EmitDay(const CellKey& key, Date day, uint32_t slot, int64_t amount) {
  if (!InRange(day)) return;
  Emit(key, MonthOf(day), slot, amount);
  Emit(key, MonthOf(day), slot::kDayWeighted + slot, amount * day.days);
}

// What a municipality reports of itself holds until the next report, or until its code is no longer in force.
Date Evaluator::ReportUntil(const Fact& report) const {
  return state_->subject.kind() == SubjectKind::kMunicipality ? InForceUntil(report.municipality) : kNoEnd;
}

void Evaluator::CollectPersonChangePoints() {
  Date ending = kFirstDate;  // after it the person counts in no stock
  for (const Spell& spell : state_->spells) {
    const Date last = LastDay(spell, *state_);
    ending = std::max(ending, last == kNoEnd ? kNoEnd : last + 1);
    change_points_.push_back(spell.start);
    change_points_.push_back(last + 1);
    for (const Pause& pause : spell.pauses) {
      change_points_.push_back(pause.from);
      change_points_.push_back(pause.until);
    }
  }
  for (const Fact& fact : state_->effective) {
    change_points_.push_back(fact.occurred_on);
    if (plan_->counted_facts.contains(fact.kind)) ending = std::max(ending, fact.occurred_on);
    if (fact.kind == FactKind::kPlaceApplied) ending = std::max(ending, Closing(*state_, fact, {}));
    if (const auto it = plan_->months.find(fact.kind); it != plan_->months.end()) {
      for (const int months : it->second) change_points_.push_back(Expiry(fact.occurred_on, months));
    }
  }
  if (state_->death != kNoEnd) {
    change_points_.push_back(state_->death);
    change_points_.push_back(state_->death + 1);
  }
  if (state_->birth.days != kUnknownDay) {
    for (const int age : plan_->ages) change_points_.push_back(Birthday(state_->birth, age));
  }
  for (const int year : excluded_) {
    change_points_.push_back(Date::FromYmd(year, 1, 1));
    change_points_.push_back(Date::FromYmd(year + 1, 1, 1));
  }
  // What has ended stays in sight to the end of its year, where the person grows older.
  const Date in_sight = ending >= kNoEnd ? kNoEnd : Date::FromYmd(ending.year(), 12, 31);
  std::erase_if(change_points_,
                [&](Date change_point) { return change_point > in_sight || change_point >= kNoEnd; });
}

void Evaluator::CollectChangePoints() {
  change_points_.clear();
  if (state_->subject.kind() == SubjectKind::kPerson) {
    CollectPersonChangePoints();
  } else {
    for (const Fact& fact : state_->effective) {
      change_points_.push_back(fact.occurred_on);
      if (const Date until = ReportUntil(fact); until < kNoEnd) change_points_.push_back(until);
    }
  }
  // Before a first fact there is nothing to see.
  if (!state_->effective.empty()) {
    const Date first = state_->effective.front().occurred_on;
    std::erase_if(change_points_, [&](Date change_point) { return change_point < first; });
  }
  std::sort(change_points_.begin(), change_points_.end());
}

// Observes the end of every month in which the stock can change, from `from_`'s on.
void Evaluator::BuildGrid(ReferencePeriod period) {
  const int length = PeriodMonths(period);
  const bool whole = period != ReferencePeriod::kLastDay;
  std::vector<int> months;
  months.reserve(2 * change_points_.size() + 1);
  // When advancing, the month before shows what is emitted_before already.
  const int begin = from_ == kFirstDate ? INT32_MIN : MonthOf(from_) - (advancing_ ? 1 : 0);
  const int end = MonthOf(until_);
  if (from_ != kFirstDate && begin <= end) months.push_back(begin);
  for (const Date change_point : change_points_) {
    const int month = MonthOf(change_point);
    if (begin <= month && month <= end) months.push_back(month);
    // What ended in a period is out of sight in the next.
    const int next = (month / length + 1) * length;
    if (whole && begin <= next && next <= end) months.push_back(next);
  }
  std::sort(months.begin(), months.end());
  months.erase(std::unique(months.begin(), months.end()), months.end());
  grid_.Clear();
  for (const int month : months) {
    const Date day = MonthEnd(month);
    grid_.Add({whole ? MonthEnd(month / length * length - 1) + 1 : day, day});
  }
  const bool person = state_->subject.kind() == SubjectKind::kPerson;
  bands_.assign(grid_.size(), 0);
  for (size_t i = 0; person && i < grid_.size(); ++i) bands_[i] = AgeBand(state_->birth, grid_[i].day);
  grid_period_ = period;
  grid_built_ = true;
  for (Attributions& places : attributions_) places.computed = false;
  predicates_.SetSubject(*state_, grid_);
}

void Evaluator::UseGrid(ReferencePeriod period) {
  if (!grid_built_ || grid_period_ != period) BuildGrid(period);
}

void Evaluator::RunStep(const PlanStep& step) {
  using M = ComponentPlan::Measure;
  const bool stock = step.component->sort == MeasuringType::kStock;
  if (step.subjects) return SubjectStock(step);
  if (stock) UseGrid(step.period);
  switch (step.component->measure) {
    case M::kOne:
    case M::kGrantedHours:
      return PersonStock(step);
    case M::kStays:
      return StayStock(step);
    case M::kReported:
      return stock ? ReportedStock(step) : ReportedDays(step);
    case M::kInhabitants:
      return InhabitantStock(step);
    case M::kStayDays:
      return StayDays(step);
    case M::kFactCount:
      return FactFlow(step);
    case M::kWaitingTime:
      return WaitingFlow(step);
    case M::kScoreChange:
      return ScoreFlow(step);
    case M::kSurveyIndex:
    case M::kSurveyItem:
      return SurveyFlow(step);
  }
}

void Evaluator::Evaluate(const SubjectState& state, Date from, Date until, std::vector<Contribution>* out) {
  from_ = from;
  until_ = until;
  advancing_ = false;
  Run(state, out);
}

void Evaluator::Advance(const SubjectState& state, Date from, Date until, std::vector<Contribution>* out) {
  from_ = from;
  until_ = until;
  advancing_ = true;
  Run(state, out);
}

void Evaluator::Run(const SubjectState& state, std::vector<Contribution>* out) {
  if (state.merged || state.effective.empty() || until_ < from_) return;
  state_ = &state;
  out_ = out;
  excluded_ = ManyMunicipalityYears(state);
  grid_built_ = false;
  step_ = 0;
  for (Presences& presences : presences_) presences.computed = false;
  CollectChangePoints();
  FactsForCoverage();
  if (state.subject.kind() == SubjectKind::kMunicipality) {
    DeclaredMonths();
    Inhabitants();
  }
  if (state.subject.kind() == SubjectKind::kProvider) Industry();
  for (const PlanStep& step : plan_->StepsOf(state.subject.kind())) {
    ++step_;
    RunStep(step);
  }
}

}  // namespace kpr

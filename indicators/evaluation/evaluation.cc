#include "indicators/evaluation/evaluation.h"

namespace kpr {
namespace {

int PeriodMonths(ReferencePeriod period) {
  return period == ReferencePeriod::kYear ? 12 : period == ReferencePeriod::kTertial ? 4 : 1;
}

}  // namespace

void Evaluation::Begin(const SubjectState& state, const EvaluationRange& range,
                       std::vector<Contribution>* out) {
  state_ = &state;
  range_ = range;
  out_ = out;
  step_ = 0;
  excluded_ = ManyMunicipalityYears(state);
  grid_built_ = false;
}

bool Evaluation::Excluded(Date day) const {
  return !excluded_.empty() && std::find(excluded_.begin(), excluded_.end(), day.year()) != excluded_.end();
}

Date Evaluation::ReportUntil(const Fact& report) const {
  return state_->subject.kind() == SubjectKind::kMunicipality ? code_ends_->Of(report.municipality) : kNoEnd;
}

CellKey Evaluation::KeyOf(const PlanStep& step, const CellPlace& place, Date age_on) const {
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

void Evaluation::Emit(CellKey key, int month, uint32_t slot, int64_t amount) {
  if (amount == 0) return;
  key.year = static_cast<uint16_t>(month / 12);
  out_->push_back({key, slot::InMonth(static_cast<uint32_t>(month % 12), slot), step_, amount});
}

// One change point of person-days.
void Evaluation::EmitDay(const CellKey& key, Date day, uint32_t slot, int64_t amount) {
  if (!InRange(day)) return;
  Emit(key, MonthOf(day), slot, amount);
  Emit(key, MonthOf(day), slot::kDayWeighted + slot, amount * day.days);
}

void Evaluation::EmitDays(const PlanStep& step, const CellPlace& place, Date begin, Date end,
                          int64_t amount) {
  if (!range_.advancing) begin = std::max(begin, range_.from);
  if (begin >= end || amount == 0) return;
  const CellKey key = KeyOf(step, place, begin);
  EmitDay(key, begin, step.component->slot, amount);
  if (end < kNoEnd) EmitDay(key, end, step.component->slot, -amount);
}

void Evaluation::BuildGrid(ReferencePeriod period) {
  const int length = PeriodMonths(period);
  const bool whole = period != ReferencePeriod::kLastDay;
  std::vector<int> months;
  months.reserve(2 * change_points_.size() + 1);
  // When advancing, the month before shows what is emitted_before already.
  const int begin = range_.from == kFirstDate ? INT32_MIN : MonthOf(range_.from) - (range_.advancing ? 1 : 0);
  const int end = MonthOf(range_.until);
  if (range_.from != kFirstDate && begin <= end) months.push_back(begin);
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
  ObserveGrid();
}

// What was worked out for another grid no longer holds.
void Evaluation::ObserveGrid() {
  for (Attributions& places : attributions_) places.computed = false;
  predicates_.SetSubject(*state_, grid_);
}

void Evaluation::UseDays(const std::vector<Date>& days) {
  grid_.Clear();
  for (const Date day : days) grid_.Add({day, day});
  grid_built_ = false;  // the observations at ends of months are gone
  ObserveGrid();
}

void Evaluation::UseGrid(ReferencePeriod period) {
  if (grid_built_ && grid_period_ == period) return;
  BuildGrid(period);
  grid_period_ = period;
  grid_built_ = true;
}

void Evaluation::LookUpClasses(const ComponentPlan& c) {
  classes_.clear();
  for (const ClassPlan& k : c.classes) classes_.push_back(&predicates_.Of(k.where));
}

uint32_t Evaluation::ClassesAt(const ComponentPlan& c, size_t observation, const Fact* fact) const {
  uint32_t classes = 0;
  for (uint32_t i = 0; i < classes_.size(); ++i) {
    if (!classes_[i]->Has(observation)) continue;
    const FactFilter& tested = c.classes[i].fact;
    if (tested.value != nullptr && (fact == nullptr || !tested.PassesTest(*fact))) continue;
    classes |= 1u << i;
    if (!c.classes_overlap) break;
  }
  return classes;
}

}  // namespace kpr

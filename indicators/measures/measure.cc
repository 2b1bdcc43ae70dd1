#include "indicators/measures/measure.h"

#include <algorithm>

namespace kpr {

extern const Measure kDaysOutside, kFactCount, kFollowUp, kGrantedHours, kInhabitantCount, kPersons,
    kReferralWait, kReportedAmount, kScoreChange, kStayDays, kStays, kSurveyIndex, kSurveyItem,
    kSurveyParticipation, kWaitingTime;

const Measure* MeasureOf(v1::Component::MeasureCase field) {
  static constexpr std::array kMeasures = {
      &kDaysOutside, &kFactCount,    &kFollowUp,       &kGrantedHours,        &kInhabitantCount,
      &kPersons,     &kReferralWait, &kReportedAmount, &kScoreChange,         &kStayDays,
      &kStays,       &kSurveyIndex,  &kSurveyItem,     &kSurveyParticipation, &kWaitingTime};
  const auto it =
      std::find_if(kMeasures.begin(), kMeasures.end(), [&](const Measure* m) { return m->field == field; });
  return it == kMeasures.end() ? nullptr : *it;
}

const v1::Instrument* FindInstrument(Instruments instruments, const std::string& id) {
  const auto it = std::find_if(instruments.begin(), instruments.end(),
                               [&](const v1::Instrument& instrument) { return instrument.id() == id; });
  return it == instruments.end() ? nullptr : &*it;
}

}  // namespace kpr

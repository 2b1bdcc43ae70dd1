// What providers and municipalities report of themselves: capacity, workforce, inhabitants, declarations.
#pragma once

#include "registry/facts/descriptor.h"

namespace kpr {

std::vector<FactDescriptor> ReportFacts();

// SN2007 "87.101" as 87101.
constexpr int32_t IndustryNumber(std::string_view code) {
  int32_t number = 0;
  for (char digit : code) {
    if (digit >= '0' && digit <= '9') number = number * 10 + (digit - '0');
  }
  return number;
}

// A value that a capacity or workforce report does not state: that of the report before it holds.
inline constexpr int32_t kNotStated = INT32_MIN;

// The stored values of a capacity and of a workforce report, in hundredths.
enum class CapacityValue {
  kPlaces,
  kPlacesBought,
  kPlacesSold,
  kRooms,
  kSingleRoomsWithBath,
  kDoubleRooms,
  kIndustry,  // IndustryNumber, no amount
  kLongStayPlaces,
  kTimeLimitedPlaces,
  kDementiaPlaces,
  kPalliativePlaces,
  kStaffedHousingPlaces,
  kDayActivityPlaces,
  kEmergencySomaticPlaces,
  kEmergencyPsychiatricPlaces
};
enum class WorkforceValue {
  kFullTimeEquivalents,
  kWithHealthEducation,
  kDoctorHoursPerWeek,
  kWithHigherEducation,
  kNurses,
  kSpecialistNurses,
  kPsychologists,
  kMen,
  kLeaders,
  kEmployees,
  kPartTimeEmployees,
  kAgreedDays,
  kSickLeaveDays
};
// Values of one report, and of what is stated up to one.
inline constexpr int kReportValues = 16;
static_assert(static_cast<int>(CapacityValue::kEmergencyPsychiatricPlaces) < kReportValues);

struct CapacityFact {
  const Fact& fact;
  int32_t value(CapacityValue which) const { return fact.value(static_cast<int>(which)); }
  static constexpr int kIndustry = static_cast<int>(CapacityValue::kIndustry);
  int32_t industry() const { return fact.value(kIndustry); }  // IndustryNumber, or kNotStated
};

struct InhabitantsFact {
  static constexpr int kBands = 6;
  const Fact& fact;
  int32_t men(int band) const { return fact.value(band); }
  int32_t women(int band) const { return fact.value(kBands + band); }
};

// Of kPeriodComplete. Months are ordinals of Period.
struct DeclarationFact {
  const Fact& fact;
  int32_t first_month() const { return fact.value(0); }
  int32_t last_month() const { return fact.value(1); }
  int32_t events() const { return fact.value(2); }
};

}  // namespace kpr

#include "registry/facts/report_facts.h"

#include <algorithm>
#include <span>

#include "registry/facts/field_check.h"

namespace kpr {
namespace {

// An amount that a report may state, in the order of CapacityValue or WorkforceValue.
template <typename Report>
struct Amount {
  const char* name;  // of the field
  bool (Report::*stated)() const;
  double (Report::*value)() const;
  int at_most = -1;  // the amount that it is a part of; -1: none
};

#define KPR_AMOUNT(report, field) #field, &v1::report::has_##field, &v1::report::field

constexpr Amount<v1::Capacity> kRoomsAndPlaces[] = {{KPR_AMOUNT(Capacity, places)},
                                                    {KPR_AMOUNT(Capacity, places_bought)},
                                                    {KPR_AMOUNT(Capacity, places_sold)},
                                                    {KPR_AMOUNT(Capacity, rooms)},
                                                    {KPR_AMOUNT(Capacity, single_rooms_with_bath)},
                                                    {KPR_AMOUNT(Capacity, double_rooms)}};
constexpr Amount<v1::Capacity> kPlacesByKind[] = {
    {KPR_AMOUNT(Capacity, long_stay_places)},         {KPR_AMOUNT(Capacity, time_limited_places)},
    {KPR_AMOUNT(Capacity, dementia_places), 0},       {KPR_AMOUNT(Capacity, palliative_places)},
    {KPR_AMOUNT(Capacity, staffed_housing_places)},   {KPR_AMOUNT(Capacity, day_activity_places)},
    {KPR_AMOUNT(Capacity, emergency_somatic_places)}, {KPR_AMOUNT(Capacity, emergency_psychiatric_places)}};
constexpr Amount<v1::Workforce> kWorkforce[] = {{KPR_AMOUNT(Workforce, full_time_equivalents)},
                                                {KPR_AMOUNT(Workforce, with_health_education), 0},
                                                {KPR_AMOUNT(Workforce, doctor_hours_per_week)},
                                                {KPR_AMOUNT(Workforce, with_higher_education), 0},
                                                {KPR_AMOUNT(Workforce, nurses), 0},
                                                {KPR_AMOUNT(Workforce, specialist_nurses), 4},
                                                {KPR_AMOUNT(Workforce, psychologists), 0},
                                                {KPR_AMOUNT(Workforce, men), 0},
                                                {KPR_AMOUNT(Workforce, leaders), 0},
                                                {KPR_AMOUNT(Workforce, employees)},
                                                {KPR_AMOUNT(Workforce, part_time_employees), 9},
                                                {KPR_AMOUNT(Workforce, agreed_days)},
                                                {KPR_AMOUNT(Workforce, sick_leave_days), 11}};
#undef KPR_AMOUNT

// `at_most` are positions in the same table.
template <typename Report>
MaybeViolation CheckAmounts(const Report& report, std::span<const Amount<Report>> amounts,
                            const std::string& prefix, double most) {
  for (const Amount<Report>& amount : amounts) {
    double limit = most;
    if (amount.at_most >= 0) {
      const Amount<Report>& whole = amounts[static_cast<size_t>(amount.at_most)];
      if ((report.*whole.stated)()) limit = (report.*whole.value)();
    }
    if (auto r = CheckAmount((report.*amount.value)(), prefix + amount.name, limit)) return r;
  }
  return std::nullopt;
}

template <typename Report>
void EncodeAmounts(const Report& report, std::span<const Amount<Report>> amounts, FactContent* content) {
  for (const Amount<Report>& amount : amounts)
    content->values.push_back((report.*amount.stated)() ? Hundredths((report.*amount.value)()) : kNotStated);
}

MaybeViolation CheckCapacity(const v1::Event& e, const CheckContext&) {
  constexpr double kMost = 100'000;
  const v1::Capacity& c = e.capacity();
  if (auto r = CheckAmounts<v1::Capacity>(c, kRoomsAndPlaces, "capacity.", kMost)) return r;
  if (c.industry_code().size() > 10)
    return OutOfRange("capacity.industry_code", {"på høyst 10 tegn", "at most 10 characters"});
  if (c.has_rooms() && c.single_rooms_with_bath() + c.double_rooms() > c.rooms() + 1e-9) {
    return OutOfRange("capacity.rooms", {"minst single_rooms_with_bath + double_rooms",
                                         "at least single_rooms_with_bath + double_rooms"});
  }
  return CheckAmounts<v1::Capacity>(c, kPlacesByKind, "capacity.", kMost);
}

void EncodeCapacity(const v1::Event& e, FactContent* content) {
  const v1::Capacity& c = e.capacity();
  EncodeAmounts<v1::Capacity>(c, kRoomsAndPlaces, content);
  content->values.push_back(c.industry_code().empty() ? kNotStated : IndustryNumber(c.industry_code()));
  EncodeAmounts<v1::Capacity>(c, kPlacesByKind, content);
}

MaybeViolation CheckWorkforce(const v1::Event& e, const CheckContext&) {
  constexpr double kMost = 10'000'000;
  return CheckAmounts<v1::Workforce>(e.workforce(), kWorkforce, "workforce.", kMost);
}

void EncodeWorkforce(const v1::Event& e, FactContent* content) {
  EncodeAmounts<v1::Workforce>(e.workforce(), kWorkforce, content);
}

MaybeViolation CheckPeriod(const v1::Event& e, const CheckContext& context) {
  const auto first = Period::Parse(e.period_complete().first_month()),
             last = Period::Parse(e.period_complete().last_month());
  if (!first || first->kind != PeriodKind::kMonth) return BadFormat("period_complete.first_month", "YYYY-MM");
  if (!last || last->kind != PeriodKind::kMonth) return BadFormat("period_complete.last_month", "YYYY-MM");
  if (last->ordinal < first->ordinal)
    return OutOfRange("period_complete.last_month", {"first_month eller senere", "on or after first_month"});
  if (first->first() < kEarliestFact)
    return OutOfRange("period_complete.first_month", {"1900-01 eller senere", "1900-01 or later"});
  if (last->first() > context.on)
    return OutOfRange("period_complete.last_month", {"en måned som har begynt den dagen hendelsen gjelder",
                                                     "a month that has begun on occurred_on"});
  return std::nullopt;
}

void EncodePeriod(const v1::Event& e, FactContent* content) {
  const auto first = Period::Parse(e.period_complete().first_month());
  const auto last = Period::Parse(e.period_complete().last_month());
  content->values = {first ? first->ordinal : 0, last ? last->ordinal : 0,
                     static_cast<int32_t>(std::min<uint64_t>(e.period_complete().events(), INT32_MAX))};
}

MaybeViolation CheckInhabitants(const v1::Event& e, const CheckContext&) {
  const v1::Inhabitants& i = e.inhabitants();
  if (i.men_size() != InhabitantsFact::kBands || i.women_size() != InhabitantsFact::kBands) {
    return OutOfRange("inhabitants",
                      {"seks tall for menn og seks for kvinner", "six counts of men and six of women"});
  }
  for (const auto* counts : {&i.men(), &i.women()}) {
    for (const uint32_t count : *counts) {
      if (count > 10'000'000) return OutOfRange("inhabitants", {"0 til 10 000 000", "0 to 10,000,000"});
    }
  }
  return std::nullopt;
}

void EncodeInhabitants(const v1::Event& e, FactContent* content) {
  for (const auto* counts : {&e.inhabitants().men(), &e.inhabitants().women()}) {
    for (const uint32_t count : *counts) content->values.push_back(static_cast<int32_t>(count));
  }
}

}  // namespace

std::vector<FactDescriptor> ReportFacts() {
  constexpr auto kProvider = v1::Subject::kProvider, kMunicipality = v1::Subject::kMunicipality;
  return {
      {FactKind::kCapacity,
       {kProvider},
       "Places, by kind, and rooms that the provider has",
       CheckCapacity,
       EncodeCapacity},
      {FactKind::kWorkforce,
       {kProvider, kMunicipality},
       "Full-time equivalents by education and profession, doctors' hours, employees, sick leave",
       CheckWorkforce,
       EncodeWorkforce},
      {FactKind::kPeriodComplete,
       {kMunicipality},
       "All facts of the months have been sent",
       CheckPeriod,
       EncodePeriod},
      {.kind = FactKind::kInhabitants,
       .subjects = {kMunicipality},
       .what = "Inhabitants by sex and age",
       .check = CheckInhabitants,
       .encode = EncodeInhabitants,
       .municipality_reports = false},
  };
}

}  // namespace kpr

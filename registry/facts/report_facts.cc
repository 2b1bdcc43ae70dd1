#include "registry/facts/report_facts.h"

#include <algorithm>

#include "registry/facts/field_check.h"

namespace kpr {
namespace {

MaybeViolation CheckCapacity(const v1::Event& e, const CheckContext&) {
  constexpr double kMost = 100'000;
  const v1::Capacity& c = e.capacity();
  if (auto r = CheckAmount(c.places(), "capacity.places", kMost)) return r;
  if (auto r = CheckAmount(c.places_bought(), "capacity.places_bought", kMost)) return r;
  if (auto r = CheckAmount(c.places_sold(), "capacity.places_sold", kMost)) return r;
  if (auto r = CheckAmount(c.rooms(), "capacity.rooms", kMost)) return r;
  if (auto r = CheckAmount(c.single_rooms_with_bath(), "capacity.single_rooms_with_bath", kMost)) return r;
  if (auto r = CheckAmount(c.double_rooms(), "capacity.double_rooms", kMost)) return r;
  if (c.industry_code().size() > 10)
    return OutOfRange("capacity.industry_code", {"på høyst 10 tegn", "at most 10 characters"});
  if (c.has_rooms() && c.single_rooms_with_bath() + c.double_rooms() > c.rooms() + 1e-9) {
    return OutOfRange("capacity.rooms", {"minst single_rooms_with_bath + double_rooms",
                                         "at least single_rooms_with_bath + double_rooms"});
  }
  return std::nullopt;
}

int32_t Stated(bool stated, double value) {
  return stated ? Hundredths(value) : kNotStated;
}

void EncodeCapacity(const v1::Event& e, FactContent* content) {
  const v1::Capacity& c = e.capacity();
  content->values = {Stated(c.has_places(), c.places()),
                     Stated(c.has_places_bought(), c.places_bought()),
                     Stated(c.has_places_sold(), c.places_sold()),
                     Stated(c.has_rooms(), c.rooms()),
                     Stated(c.has_single_rooms_with_bath(), c.single_rooms_with_bath()),
                     Stated(c.has_double_rooms(), c.double_rooms()),
                     c.industry_code().empty() ? kNotStated : IndustryNumber(c.industry_code())};
}

MaybeViolation CheckWorkforce(const v1::Event& e, const CheckContext&) {
  const v1::Workforce& w = e.workforce();
  constexpr double kMost = 1'000'000;
  if (auto r = CheckAmount(w.full_time_equivalents(), "workforce.full_time_equivalents", kMost)) return r;
  if (auto r = CheckAmount(w.with_health_education(), "workforce.with_health_education",
                           w.has_full_time_equivalents() ? w.full_time_equivalents() : kMost))
    return r;
  return CheckAmount(w.doctor_hours_per_week(), "workforce.doctor_hours_per_week", kMost);
}

void EncodeWorkforce(const v1::Event& e, FactContent* content) {
  const v1::Workforce& w = e.workforce();
  content->values = {Stated(w.has_full_time_equivalents(), w.full_time_equivalents()),
                     Stated(w.has_with_health_education(), w.with_health_education()),
                     Stated(w.has_doctor_hours_per_week(), w.doctor_hours_per_week())};
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
       "Places and rooms that the provider has",
       CheckCapacity,
       EncodeCapacity},
      {FactKind::kWorkforce,
       {kProvider, kMunicipality},
       "Full-time equivalents and doctors' hours",
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

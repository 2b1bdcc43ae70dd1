#include "indicators/reference/naive_report.h"

#include "registry/codelists/codelists.h"

namespace kpr::naive {

void State(const v1::Event& e, Stated* stated, std::string* industry) {
  const v1::Capacity& c = e.capacity();
  const v1::Workforce& w = e.workforce();
  if (c.has_places()) (*stated)[v1::REPORT_FIELD_PLACES] = c.places();
  if (c.has_places_bought()) (*stated)[v1::REPORT_FIELD_PLACES_BOUGHT] = c.places_bought();
  if (c.has_places_sold()) (*stated)[v1::REPORT_FIELD_PLACES_SOLD] = c.places_sold();
  if (c.has_rooms()) (*stated)[v1::REPORT_FIELD_ROOMS] = c.rooms();
  if (c.has_single_rooms_with_bath())
    (*stated)[v1::REPORT_FIELD_SINGLE_ROOMS_WITH_BATH] = c.single_rooms_with_bath();
  if (c.has_double_rooms()) (*stated)[v1::REPORT_FIELD_DOUBLE_ROOMS] = c.double_rooms();
  if (w.has_full_time_equivalents())
    (*stated)[v1::REPORT_FIELD_FULL_TIME_EQUIVALENTS] = w.full_time_equivalents();
  if (w.has_with_health_education())
    (*stated)[v1::REPORT_FIELD_FULL_TIME_EQUIVALENTS_WITH_HEALTH_EDUCATION] = w.with_health_education();
  if (w.has_doctor_hours_per_week())
    (*stated)[v1::REPORT_FIELD_DOCTOR_HOURS_PER_WEEK] = w.doctor_hours_per_week();
  if (!c.industry_code().empty()) *industry = c.industry_code();
}

bool CodeGone(const Subject& subject, const v1::Event& report, Date day) {
  if (!subject.municipality) return false;
  const Municipality code = *Municipality::Parse(report.municipality());
  if (MunicipalityOn(code, day) == CodeValidity::kInForce) return false;
  // Events too early under a code that is still to come.
  for (int year = day.year(); year <= 2040; ++year) {
    if (MunicipalityOn(code, Date::FromYmd(year, 12, 31)) == CodeValidity::kInForce) return false;
  }
  return true;
}

}  // namespace kpr::naive

#include "indicators/reference/naive_report.h"

#include <algorithm>
#include <cctype>

#include "registry/codelists/codelists.h"

namespace kpr::naive {

// Report fields are named as those of the message, but for two.
void State(const v1::Event& e, Stated* stated, std::string* industry) {
  const google::protobuf::Message& report =
      e.has_capacity() ? static_cast<const google::protobuf::Message&>(e.capacity()) : e.workforce();
  const auto& fields = *v1::ReportField_descriptor();
  for (int i = 0; i < fields.value_count(); ++i) {
    std::string name = fields.value(i)->name().substr(std::string("REPORT_FIELD_").size());
    const std::string of_all = "FULL_TIME_EQUIVALENTS_";
    if (name.starts_with(of_all)) name.erase(0, of_all.size());
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    const auto* field = report.GetDescriptor()->FindFieldByName(name);
    if (field == nullptr || !report.GetReflection()->HasField(report, field)) continue;
    (*stated)[static_cast<v1::ReportField>(fields.value(i)->number())] =
        report.GetReflection()->GetDouble(report, field);
  }
  if (!e.capacity().industry_code().empty()) *industry = e.capacity().industry_code();
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

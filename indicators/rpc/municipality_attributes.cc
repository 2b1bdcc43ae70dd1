#include "indicators/rpc/municipality_attributes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "indicators/geography/structure.h"

namespace kpr {
namespace {

constexpr size_t kShownBytes = 40;

constexpr int kFirstYear = 1900;

Status CheckYear(const char* field, uint32_t year, int first) {
  constexpr int kLast = Structure::kLastYear;
  if (year >= static_cast<uint32_t>(first) && year <= static_cast<uint32_t>(kLast)) return {};
  return Invalid(fmt::format("{}: {}: expected {} to {}", field, year, first, kLast));
}

v1::MunicipalityAttribute ToProto(const AttributeKind& kind, const std::string& file,
                                  const AttributeValues& known) {
  v1::MunicipalityAttribute proto;
  proto.set_file(file);
  proto.set_id(kind.id);
  proto.set_kind(kind.category ? v1::ATTRIBUTE_KIND_CATEGORY : v1::ATTRIBUTE_KIND_NUMBER);
  proto.set_source(kind.source);
  proto.set_name(kind.name);
  proto.set_unused_rows(known.unused_rows);
  for (const auto& [municipality, value] : known.values) {
    v1::MunicipalityAttributeValue* shown = proto.add_values();
    shown->set_municipality(municipality);
    shown->set_year(static_cast<uint32_t>(value.year));
    shown->set_value(value.cell);
  }
  return proto;
}

Result<std::vector<const AttributeKind*>> Asked(const MunicipalityData& data,
                                                const v1::GetMunicipalityAttributesRequest& request) {
  std::vector<const AttributeKind*> asked;
  for (const std::string& id : request.attributes()) {
    const auto kind = FindAttribute(data, id);
    if (!kind.ok()) return kind.status().WithContext("attributes");
    if (std::find(asked.begin(), asked.end(), *kind) != asked.end())
      return Invalid(fmt::format("attributes: '{}' is there twice", id));
    asked.push_back(*kind);
  }
  if (request.attributes().empty()) {
    for (const AttributeKind& kind : data.attributes) asked.push_back(&kind);
  }
  return asked;
}

}  // namespace

Result<v1::MunicipalityAttributes> AttributesAnswer(const MunicipalityData& data,
                                                    const v1::GetMunicipalityAttributesRequest& request) {
  KPR_RETURN_IF_ERROR(CheckYear("year", request.year(), kFirstYear));
  if (request.structure_year() != 0)
    KPR_RETURN_IF_ERROR(CheckYear("structure_year", request.structure_year(), Structure::kFirstYear));
  const int year = static_cast<int>(request.year());
  const int structure_year = request.structure_year() == 0 ? std::max(year, Structure::kFirstYear)
                                                           : static_cast<int>(request.structure_year());
  const Date last = Date::FromYmd(structure_year, 12, 31);
  const std::optional<Date> then =
      request.groups_on().empty() ? Date::FromYmd(year, 12, 31) : Date::Parse(request.groups_on());
  if (!then) {
    return Invalid(
        fmt::format("groups_on: '{}': expected YYYY-MM-DD", CutText(request.groups_on(), kShownBytes)));
  }
  KPR_ASSIGN_OR_RETURN(const std::vector<const AttributeKind*> asked, Asked(data, request));
  v1::MunicipalityAttributes answer;
  answer.set_version(data.version);
  answer.set_year(static_cast<uint32_t>(year));
  answer.set_structure_year(static_cast<uint32_t>(structure_year));
  for (const AttributeKind* kind : asked)
    *answer.add_attributes() =
        ToProto(*kind, data.files[kind->file].name, ValuesOf(data, *kind, year, structure_year));
  for (const auto& [id, group] : data.groups) {
    const MembersOnDay found = MembersOn(group, *then, last);
    v1::MunicipalityGroup* proto = answer.add_groups();
    proto->set_id(id);
    proto->set_name(group.name);
    for (const Municipality member : found.members) proto->add_municipalities(member.ToString());
    proto->set_unused(found.unused);
  }
  return answer;
}

}  // namespace kpr

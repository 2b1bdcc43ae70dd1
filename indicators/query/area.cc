#include "indicators/query/area.h"

#include <fmt/format.h>

#include <algorithm>

#include "registry/codelists/codelists.h"

namespace kpr {
namespace {

constexpr uint32_t kFirstPool = 10'000;  // above all codes of municipalities
constexpr char kPoolMark = 'P';

v1::Text Both(const std::string& nb, const std::string& en) {
  v1::Text text;
  text.set_nb(nb);
  text.set_en(en);
  return text;
}

}  // namespace

uint32_t PoolOf(uint16_t county) {
  return kFirstPool + county;
}

bool IsPool(const std::string& code) {
  return code.size() == 3 && code.back() == kPoolMark;
}

v1::Level LevelOfArea(const std::string& area) {
  return area.size() == 2   ? v1::LEVEL_COUNTY
         : area.size() == 4 ? v1::LEVEL_MUNICIPALITY
         : IsPool(area)     ? v1::LEVEL_MUNICIPALITY
         : area.size() == 9 ? v1::LEVEL_PROVIDER
                            : v1::LEVEL_COUNTRY;
}

std::vector<uint32_t> AreasOf(const CellPlace& place, v1::Level level, const Structure& structure,
                              const ReportingData& reporting, int month, const PoolAreas& pools) {
  if (level == v1::LEVEL_COUNTRY) return {0};
  if (level == v1::LEVEL_PROVIDER)
    return place.provider == 0 ? std::vector<uint32_t>{} : std::vector<uint32_t>{place.provider};
  std::vector<uint32_t> areas;
  for (size_t i = 0; i < place.municipality_count; ++i) {
    const Municipality reported{place.municipalities[i]};
    uint32_t area = 0;
    if (level == v1::LEVEL_COUNTY) {
      area = structure.CountyOf(reported);
    } else if (level == v1::LEVEL_MUNICIPALITY) {
      area = structure.MunicipalityOf(reported).code;
      const auto pool = pools.find(static_cast<uint16_t>(area));
      if (pool != pools.end()) area = pool->second;
    } else if (const auto group =
                   reporting.SizeGroupOf(structure.MunicipalityOf(reported), structure, month)) {
      area = static_cast<uint32_t>(*group) + 1;
    }
    if (std::find(areas.begin(), areas.end(), area) == areas.end()) areas.push_back(area);
  }
  return areas;
}

uint32_t AreaOfCode(const std::string& code) {
  const auto number = static_cast<uint32_t>(std::stoul(code));
  return IsPool(code) ? PoolOf(static_cast<uint16_t>(number)) : number;
}

std::string AreaCode(v1::Level level, uint32_t area) {
  if (level == v1::LEVEL_MUNICIPALITY && area >= kFirstPool)
    return fmt::format("{:02}{}", area - kFirstPool, kPoolMark);
  if (level == v1::LEVEL_COUNTY) return fmt::format("{:02}", area);
  if (level == v1::LEVEL_MUNICIPALITY) return fmt::format("{:04}", area);
  if (level == v1::LEVEL_PROVIDER) return fmt::format("{:09}", area);
  if (level == v1::LEVEL_SIZE_GROUP) return area == 0 ? "unknown" : SizeGroupName(static_cast<int>(area) - 1);
  return "0";
}

v1::Text AreaName(v1::Level level, uint32_t area, Date day) {
  if (level == v1::LEVEL_COUNTRY) return Both("Norge", "Norway");
  if (level == v1::LEVEL_PROVIDER) return {};
  if (level == v1::LEVEL_SIZE_GROUP) {
    if (area == 0) return Both("Ukjent innbyggertall", "Unknown number of inhabitants");
    const std::string group = SizeGroupName(static_cast<int>(area) - 1);
    return Both(group + " innbyggere", group + " inhabitants");
  }
  if (area == 0) return Both("Ikke fordelt", "Not allocated");
  if (level == v1::LEVEL_MUNICIPALITY && area >= kFirstPool) {
    const std::string county = CountyName(static_cast<uint16_t>(area - kFirstPool));
    return Both("Små kommuner i " + county, "Small municipalities in " + county);
  }
  const std::string name = level == v1::LEVEL_COUNTY ? CountyName(static_cast<uint16_t>(area))
                                                     : MunicipalityName({static_cast<uint16_t>(area)}, day);
  return Both(name, name);
}

}  // namespace kpr

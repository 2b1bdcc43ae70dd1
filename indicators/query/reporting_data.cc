#include "indicators/query/reporting_data.h"

#include <algorithm>
#include <climits>

namespace kpr {

Result<ReportingData> ReportingData::Read(const CellSource& source, bool industries) {
  ReportingData reporting;
  bool whole = true;
  const auto scan = [&](uint32_t ref, const std::function<void(const CellKey&, int month, int64_t)>& f) {
    return source.Scan(ref, ReferencePeriod::kLastDay, industries && ref == kIndustryIndicator ? false : true,
                       [&](const CellKey& key, std::string_view encoded) {
                         whole = ForEachSlot(encoded,
                                             [&](uint32_t slot, int64_t amount) {
                                               f(key, key.year * 12 + static_cast<int>(slot / slot::kCount),
                                                 amount);
                                             }) &&
                                 whole;
                         return true;
                       });
  };
  KPR_RETURN_IF_ERROR(source.Scan(kFactsIndicator, ReferencePeriod::kLastDay, true,
                                  [&](const CellKey& key, std::string_view) {
                                    reporting.reported_years_[key.place.municipalities[0]].insert(key.year);
                                    return true;
                                  }));
  KPR_RETURN_IF_ERROR(scan(kDeclaredIndicator, [&](const CellKey& key, int month, int64_t) {
    reporting.declared_months_[key.place.municipalities[0]].push_back(month);
  }));
  KPR_RETURN_IF_ERROR(scan(kInhabitantsIndicator, [&](const CellKey& key, int month, int64_t amount) {
    reporting.inhabitant_changes_[key.place.municipalities[0]][month] += amount;
  }));
  if (industries) {
    KPR_RETURN_IF_ERROR(scan(kIndustryIndicator, [&](const CellKey& key, int month, int64_t amount) {
      reporting.industry_changes_[key.place.provider][month] += static_cast<int32_t>(amount);
    }));
  }
  if (!whole) return DataLoss("a cell does not decode: run 'kpr rebuild'");
  return reporting;
}

bool ReportingData::Reported(Municipality municipality, int year) const {
  const auto it = reported_years_.find(municipality.code);
  return it != reported_years_.end() && it->second.contains(year);
}

bool ReportingData::Declared(Municipality reported, const Structure& structure, int first, int last) const {
  const auto [known, fresh] = declared_in_.try_emplace(structure.year());
  if (fresh) {
    for (const auto& [code, months] : declared_months_)
      known->second[structure.MunicipalityOf({code}).code].insert(months.begin(), months.end());
  }
  const Municipality target = structure.MunicipalityOf(reported);
  const auto months = known->second.find(target.code);
  if (target.code == 0 || months == known->second.end()) return false;
  const auto begin = months->second.lower_bound(first), end = months->second.upper_bound(last);
  return std::distance(begin, end) == last - first + 1;
}

// Codes are of four digits.
const std::vector<int>& ReportingData::FirstMonthsIn(const Structure& structure) const {
  const auto [known, fresh] = first_months_in_.try_emplace(structure.year());
  if (!fresh) return known->second;
  constexpr int kCodes = 10'000, kNever = INT_MAX;
  std::vector<int> by_municipality(kCodes, kNever);
  // A code that belongs to no municipality of the structure is by itself.
  const auto owner = [&](uint16_t code) {
    const uint16_t municipality = structure.MunicipalityOf({code}).code;
    return municipality == 0 ? code : municipality;
  };
  for (const auto& [code, months] : declared_months_) {
    int& first = by_municipality[owner(code)];
    first = std::min(first, *std::min_element(months.begin(), months.end()));
  }
  for (int code = 0; code < kCodes; ++code) {
    const int first = by_municipality[owner(static_cast<uint16_t>(code))];
    known->second.push_back(first == kNever ? INT_MIN : first);
  }
  return known->second;
}

bool ReportingData::Begun(Municipality reported, const Structure& structure, int month) const {
  return FirstMonthsIn(structure)[reported.code] <= month;
}

CellPlace ReportingData::WhereBegun(const CellPlace& place, const Structure& structure, int month) const {
  const std::vector<int>& first_months = FirstMonthsIn(structure);
  CellPlace begun;
  begun.provider = place.provider;
  for (size_t i = 0; i < place.municipality_count; ++i) {
    if (first_months[place.municipalities[i]] <= month)
      begun.municipalities[begun.municipality_count++] = place.municipalities[i];
  }
  return begun;
}

int64_t ReportingData::InhabitantsOf(Municipality municipality, const Structure& structure, int month) const {
  int64_t inhabitants = 0;
  for (const auto& [code, changes] : inhabitant_changes_) {
    if (structure.MunicipalityOf({code}) != municipality) continue;
    for (const auto& [changed, amount] : changes) inhabitants += changed <= month ? amount : 0;
  }
  return inhabitants;
}

std::optional<int> ReportingData::SizeGroupOf(Municipality municipality, const Structure& structure,
                                              int month) const {
  return SizeGroup(InhabitantsOf(municipality, structure, month));
}

int32_t ReportingData::IndustryOf(uint32_t provider, int month) const {
  const auto it = industry_changes_.find(provider);
  if (it == industry_changes_.end()) return 0;
  int32_t industry = 0;
  for (const auto& [changed, amount] : it->second) industry += changed <= month ? amount : 0;
  return industry;
}

}  // namespace kpr

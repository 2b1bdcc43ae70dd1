#include "indicators/query/reporting_data.h"

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

#include "indicators/query/reporting_data.h"

#include <algorithm>
#include <climits>

#include "indicators/evaluation/own_coverage.h"

namespace kpr {

Result<ReportingData> ReportingData::Read(const CellSource& source, Needs needs) {
  ReportingData reporting;
  bool whole = true;
  const int last_month = MonthOf(source.horizon());
  using Found = std::function<void(const CellKey&, uint32_t slot, int month, int64_t)>;
  const auto scan = [&](uint32_t ref, const Found& f) {
    return source.Scan(ref, ReferencePeriod::kLastDay, ref != kIndustryIndicator,
                       [&](const CellKey& key, std::string_view encoded) {
                         whole = ForEachSlot(encoded,
                                             [&](uint32_t slot, int64_t amount) {
                                               const int month =
                                                   key.year * 12 + static_cast<int>(slot / slot::kCount);
                                               if (month <= last_month)
                                                 f(key, slot % slot::kCount, month, amount);
                                             }) &&
                                 whole;
                         return true;
                       });
  };
  KPR_RETURN_IF_ERROR(scan(kFactsIndicator, [&](const CellKey& key, uint32_t, int, int64_t) {
    std::set<int>& years = reporting.reported_years_[key.place.municipalities[0]];
    if (years.empty() || *years.rbegin() != key.year) years.insert(key.year);
  }));
  if (needs.own_coverage) {
    KPR_RETURN_IF_ERROR(
        scan(kOwnCoverageIndicator, [&](const CellKey& key, uint32_t slot, int, int64_t amount) {
          const int number = static_cast<int>(slot - slot::kClassBase);
          if (amount != 0) reporting.own_[key.place.municipalities[0]].emplace(number, key.year);
        }));
  }
  KPR_RETURN_IF_ERROR(scan(kDeclaredIndicator, [&](const CellKey& key, uint32_t, int month, int64_t) {
    reporting.declared_months_[key.place.municipalities[0]].push_back(month);
  }));
  if (needs.inhabitants) {
    KPR_RETURN_IF_ERROR(
        scan(kInhabitantsIndicator, [&](const CellKey& key, uint32_t, int month, int64_t amount) {
          reporting.inhabitant_changes_[key.place.municipalities[0]][month] += amount;
        }));
  }
  if (needs.industries) {
    KPR_RETURN_IF_ERROR(
        scan(kIndustryIndicator, [&](const CellKey& key, uint32_t, int month, int64_t amount) {
          reporting.industry_changes_[key.place.provider][month] += static_cast<int32_t>(amount);
        }));
  }
  for (auto& [code, months] : reporting.declared_months_) {
    std::sort(months.begin(), months.end());
    months.erase(std::unique(months.begin(), months.end()), months.end());
  }
  if (!whole) return DataLoss("a cell does not decode: run 'kpr rebuild'");
  return reporting;
}

bool ReportingData::Reported(Municipality municipality, int year) const {
  const auto it = reported_years_.find(municipality.code);
  return it != reported_years_.end() && it->second.contains(year);
}

namespace {

constexpr size_t kCodes = 10'000;  // of four digits

// 0: no code, or none that there can be.
uint16_t OwnerOf(Municipality reported, const Structure& structure) {
  if (reported.code >= kCodes) return 0;
  const Municipality municipality = structure.MunicipalityOf(reported);
  return municipality.code == 0 ? reported.code : municipality.code;
}

}  // namespace

const ReportingData::InStructure& ReportingData::Of(const Structure& structure) const {
  const auto [it, fresh] = structures_.try_emplace(structure.year());
  InStructure& in = it->second;
  if (!fresh) return in;
  in.first.assign(kCodes, INT_MIN);
  for (const auto& [code, months] : declared_months_) {
    const uint16_t owner = OwnerOf({code}, structure);
    Months& all = in.declared[owner];
    const auto added = all.insert(all.end(), months.begin(), months.end());
    std::inplace_merge(all.begin(), added, all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    if (owner != 0) in.first[owner] = all.front();
  }
  for (const auto& [code, years] : own_)
    in.own[OwnerOf({code}, structure)].insert(years.begin(), years.end());
  return in;
}

bool ReportingData::ReportedOwn(Municipality reported, int year, const std::set<int>& own_coverage) const {
  const Structure& structure = Structure::Of(year);
  const auto& all = Of(structure).own;
  const auto it = all.find(OwnerOf(reported, structure));
  return it != all.end() && std::all_of(own_coverage.begin(), own_coverage.end(), [&](int number) {
           if (IsToldByYear(number)) return it->second.contains({number, year});
           const auto first = it->second.lower_bound({number, INT_MIN});
           return first != it->second.end() && first->first == number && first->second <= year;
         });
}

CellPlace ReportingData::WhereOwnIsReported(const CellPlace& place, int year,
                                            const std::set<int>& own_coverage) const {
  CellPlace told;
  told.provider = place.provider;
  for (size_t i = 0; i < place.municipality_count; ++i) {
    if (ReportedOwn({place.municipalities[i]}, year, own_coverage))
      told.municipalities[told.municipality_count++] = place.municipalities[i];
  }
  return told;
}

bool ReportingData::Declared(Municipality reported, const Structure& structure, int first, int last) const {
  const Municipality municipality = structure.MunicipalityOf(reported);
  const auto& declared = Of(structure).declared;
  const auto it = declared.find(municipality.code);
  if (municipality.code == 0 || it == declared.end()) return false;
  const auto begin = std::lower_bound(it->second.begin(), it->second.end(), first);
  return std::upper_bound(begin, it->second.end(), last) - begin == last - first + 1;
}

bool ReportingData::Begun(Municipality reported, int month) const {
  const Structure& structure = Structure::Of(month / 12);
  return Of(structure).first[OwnerOf(reported, structure)] <= month;
}

CellPlace ReportingData::WhereBegun(const CellPlace& place, int month) const {
  CellPlace begun;
  begun.provider = place.provider;
  for (size_t i = 0; i < place.municipality_count; ++i) {
    if (Begun({place.municipalities[i]}, month))
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

#include "indicators/query/reporting_data.h"

#include <algorithm>

#include "indicators/evaluation/own_coverage.h"

namespace kpr {

namespace {

// Reads the totals of the register's own numbers, up to the horizon's month.
class OwnTotals {
 public:
  explicit OwnTotals(const CellSource& source)
      : source_(source),
        last_month_(MonthOf(source.horizon())),
        last_year_(source.horizon().year()),
        by_months_(FirstYearByMonths(last_month_)) {}

  // f(municipality, slot, year) where there is anything; a year may come several times.
  template <class F>
  Status Years(uint32_t number, const F& f) {
    KPR_RETURN_IF_ERROR(Scan(number, TotalsBy::kYear, 0, by_months_ - 1,
                             [&](uint16_t municipality, uint32_t slot, int year, int64_t) {
                               if (year < by_months_) f(municipality, slot, year);
                             }));
    return Scan(number, TotalsBy::kMonth, by_months_, last_year_,
                [&](uint16_t municipality, uint32_t slot, int month, int64_t) {
                  if (month <= last_month_) f(municipality, slot, month / 12);
                });
  }

  // f(municipality, month) of classes that are months of their year.
  template <class F>
  Status MonthClasses(uint32_t number, const F& f) {
    return Scan(number, TotalsBy::kYear, 0, last_year_,
                [&](uint16_t municipality, uint32_t slot, int year, int64_t) {
                  whole_ = whole_ && slot >= slot::kClassBase && slot < slot::kClassBase + 12;
                  const int month = year * 12 + static_cast<int>(slot - slot::kClassBase);
                  if (whole_ && month <= last_month_) f(municipality, month);
                });
  }

  // f(municipality, month, amount)
  template <class F>
  Status Months(uint32_t number, const F& f) {
    return Scan(number, TotalsBy::kMonth, 0, last_year_,
                [&](uint16_t municipality, uint32_t, int month, int64_t amount) {
                  if (month <= last_month_) f(municipality, month, amount);
                });
  }

  // f(provider, month, amount); of cells, as totals are of all providers.
  template <class F>
  Status ProviderMonths(uint32_t number, const F& f) {
    return source_.Scan(number, ReferencePeriod::kLastDay, [&](const CellKey& key, std::string_view encoded) {
      whole_ = ForEachSlot(encoded,
                           [&](uint32_t slot, int64_t amount) {
                             const int month = key.year * 12 + static_cast<int>(slot / slot::kCount);
                             if (month <= last_month_) f(key.place.provider, month, amount);
                           }) &&
               whole_;
      return true;
    });
  }

  Status whole() const { return whole_ ? Status() : DataLoss("a cell does not decode: run 'kpr rebuild'"); }

 private:
  // f(municipality, slot, year or month, amount)
  template <class F>
  Status Scan(uint32_t number, TotalsBy by, int from, int to, const F& f) {
    return source_.ScanTotals(
        number, ReferencePeriod::kLastDay, by, from, to, [&](const TotalKey& key, std::string_view encoded) {
          const int first = by == TotalsBy::kYear ? key.year : key.year * 12;
          whole_ = ForEachSlot(encoded,
                               [&](uint32_t slot, int64_t amount) {
                                 f(key.place.municipalities[0], slot % slot::kCount,
                                   first + static_cast<int>(slot / slot::kCount), amount);
                               }) &&
                   whole_;
          return true;
        });
  }

  const CellSource& source_;
  const int last_month_, last_year_, by_months_;
  bool whole_ = true;
};

}  // namespace

Result<ReportingData> ReportingData::Read(const CellSource& source, const Needs& needs) {
  ReportingData reporting;
  reporting.own_numbers_.assign(needs.own_coverage.begin(), needs.own_coverage.end());
  OwnTotals totals(source);
  const auto place_of = [](int year) -> std::optional<size_t> {
    return year >= kFirstYear && year < kFirstYear + kYears
               ? std::optional(static_cast<size_t>(year - kFirstYear))
               : std::nullopt;
  };
  KPR_RETURN_IF_ERROR(totals.Years(kFactsIndicator, [&](uint16_t municipality, uint32_t, int year) {
    if (const auto place = place_of(year)) reporting.reported_years_[municipality].set(*place);
  }));
  if (!needs.own_coverage.empty()) {
    const auto& numbers = reporting.own_numbers_;
    KPR_RETURN_IF_ERROR(
        totals.Years(kOwnCoverageIndicator, [&](uint16_t municipality, uint32_t slot, int year) {
          const auto number =
              std::find(numbers.begin(), numbers.end(), static_cast<int>(slot - slot::kClassBase));
          const auto place = place_of(year);
          if (number == numbers.end() || !place) return;
          OwnYears& own = reporting.own_[municipality];
          own.resize(numbers.size());
          own[static_cast<size_t>(number - numbers.begin())].set(*place);
        }));
  }
  KPR_RETURN_IF_ERROR(totals.MonthClasses(kDeclaredIndicator, [&](uint16_t municipality, int month) {
    if (!place_of(month / 12)) return;
    Declarations& declared = reporting.declared_[municipality];
    declared.months.set(static_cast<size_t>(month - kFirstYear * 12));
    declared.first = std::min(declared.first, month);
  }));
  if (needs.inhabitants) {
    KPR_RETURN_IF_ERROR(
        totals.Months(kInhabitantsIndicator, [&](uint16_t municipality, int month, int64_t amount) {
          reporting.inhabitant_changes_[municipality][month] += amount;
        }));
  }
  if (needs.industries) {
    KPR_RETURN_IF_ERROR(
        totals.ProviderMonths(kIndustryIndicator, [&](uint32_t provider, int month, int64_t amount) {
          reporting.industry_changes_[provider][month] += static_cast<int32_t>(amount);
        }));
  }
  KPR_RETURN_IF_ERROR(totals.whole());
  return reporting;
}

bool ReportingData::Reported(Municipality municipality, int year) const {
  const Years* years = reported_years_.Find(municipality.code);
  const int at = year - kFirstYear;
  return years != nullptr && at >= 0 && at < kYears && years->test(static_cast<size_t>(at));
}

namespace {

// 0: no code, or none that there can be.
uint16_t OwnerOf(Municipality reported, const Structure& structure) {
  if (reported.code >= ByCode<int>::kCodes) return 0;
  const Municipality municipality = structure.MunicipalityOf(reported);
  return municipality.code == 0 ? reported.code : municipality.code;
}

}  // namespace

const ReportingData::InStructure& ReportingData::Of(const Structure& structure) const {
  const auto [it, fresh] = structures_.try_emplace(structure.year());
  InStructure& in = it->second;
  if (!fresh) return in;
  for (const auto& [code, declared] : declared_) {
    Declarations& all = in.declared[OwnerOf({code}, structure)];
    all.months |= declared.months;
    all.first = std::min(all.first, declared.first);
  }
  for (const auto& [code, own] : own_) {
    OwnYears& all = in.own[OwnerOf({code}, structure)];
    all.resize(own_numbers_.size());
    for (size_t i = 0; i < own.size(); ++i) all[i] |= own[i];
  }
  return in;
}

bool ReportingData::ReportedOwn(Municipality reported, int year) const {
  const Structure& structure = Structure::Of(year);
  const OwnYears* all = Of(structure).own.Find(OwnerOf(reported, structure));
  const int at = year - kFirstYear;
  if (all == nullptr || at < 0 || at >= kYears) return false;
  for (size_t i = 0; i < own_numbers_.size(); ++i) {
    const Years& years = (*all)[i];
    const bool told = IsToldByYear(own_numbers_[i]) ? years.test(static_cast<size_t>(at))
                                                    : (years << static_cast<size_t>(kYears - 1 - at)).any();
    if (!told) return false;
  }
  return true;
}

CellPlace ReportingData::WhereOwnIsReported(const CellPlace& place, int year) const {
  CellPlace told;
  told.provider = place.provider;
  for (size_t i = 0; i < place.municipality_count; ++i) {
    if (ReportedOwn({place.municipalities[i]}, year))
      told.municipalities[told.municipality_count++] = place.municipalities[i];
  }
  return told;
}

bool ReportingData::Declared(Municipality reported, const Structure& structure, int first, int last) const {
  const Municipality municipality = structure.MunicipalityOf(reported);
  const Declarations* declared = Of(structure).declared.Find(municipality.code);
  if (municipality.code == 0 || declared == nullptr) return false;
  for (int month = first; month <= last; ++month) {
    const int at = month - kFirstYear * 12;
    if (at < 0 || at >= kYears * 12 || !declared->months.test(static_cast<size_t>(at))) return false;
  }
  return true;
}

bool ReportingData::Begun(Municipality reported, int month) const {
  const Structure& structure = Structure::Of(month / 12);
  const uint16_t owner = OwnerOf(reported, structure);
  const Declarations* declared = owner == 0 ? nullptr : Of(structure).declared.Find(owner);
  return declared == nullptr || declared->first <= month;
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

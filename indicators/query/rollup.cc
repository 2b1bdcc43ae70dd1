#include "indicators/query/rollup.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "indicators/engine/axis.h"
#include "registry/codelists/codelists.h"

namespace kpr {
namespace {

int MonthsOf(PeriodKind kind) {
  return kind == PeriodKind::kYear ? 12 : kind == PeriodKind::kTertial ? 4 : 1;
}

struct EntryKey {
  CellPlace place;
  uint8_t sex = kAllStrata, age = kAllStrata;
  auto operator<=>(const EntryKey&) const = default;
};

// Takes the cells together by place and stratum.
Status ReadEntries(const CellSource& source, const Selection& s, std::map<EntryKey, PeriodSums>* entries) {
  const bool providers = s.level == v1::PROVIDER_LEVEL || LooksAtIndustries(*s.indicator);
  const bool totals = !s.by_sex && !s.by_age && !providers;
  bool damaged = false;
  PeriodSums* last = nullptr;
  EntryKey last_key;
  for (const Span span : SpansOf(*s.indicator, s.range.kind)) {
    KPR_RETURN_IF_ERROR(
        source.Scan(s.indicator->number, span, totals, [&](const CellKey& key, std::string_view encoded) {
          EntryKey entry{key.place, s.by_sex ? key.sex : kAllStrata, s.by_age ? key.age : kAllStrata};
          if (!providers) entry.place.provider = 0;
          if (last == nullptr || !(entry == last_key)) {
            last = &entries->try_emplace(entry, s.indicator, s.range).first->second;
            last_key = entry;
          }
          damaged = !last->Add(key.year, encoded) || damaged;
          return entries->size() <= limits::kQueryRows;
        }));
  }
  if (damaged) return Damaged("a cell does not decode: run 'kpr rebuild'");
  return entries->size() <= limits::kQueryRows
             ? Status()
             : Exhausted(fmt::format("more than {} places and strata: ask for fewer", limits::kQueryRows));
}

// Adds one place's figures to the rows they belong to.
class Projector {
 public:
  Projector(const Selection& selection, const Background& background, Rows* rows)
      : s_(selection), background_(background), rows_(rows) {}

  void Project(const EntryKey& entry, PeriodSums* sums) {
    Slots declared;  // of the latest period that all of the place's municipalities have declared
    const bool industries = LooksAtIndustries(*s_.indicator);
    sums->ForEach([&](int ordinal, const Slots& all) {
      const int last = LastMonth(ordinal);
      const Slots slots =
          industries ? AtIndustry(*s_.indicator, all, background_.IndustryOf(entry.place.provider, last))
                     : all;
      if (s_.undeclared == v1::INCLUDE) return Put(entry, ordinal, slots, false);
      const CellPlace known = WithoutUndeclared(entry.place, ordinal);
      if (known.municipality_count == entry.place.municipality_count) declared = slots;
      if (known.municipality_count > 0) {
        Put({known, entry.sex, entry.age}, ordinal, slots, false);
      } else if (s_.undeclared == v1::CARRY_FORWARD) {
        Put(entry, ordinal, declared, true);
      }
    });
  }

 private:
  int LastMonth(int ordinal) const {
    return std::min((ordinal + 1) * MonthsOf(s_.range.kind) - 1, s_.range.last_month);
  }

  CellPlace WithoutUndeclared(const CellPlace& place, int ordinal) const {
    CellPlace known;
    known.provider = place.provider;
    const Structure& structure = StructureOf(s_, ordinal);
    for (size_t i = 0; i < place.municipality_count; ++i) {
      if (background_.Declared({place.municipalities[i]}, structure, ordinal * MonthsOf(s_.range.kind),
                               LastMonth(ordinal)))
        known.municipalities[known.municipality_count++] = place.municipalities[i];
    }
    return known;
  }

  void Put(const EntryKey& entry, int ordinal, const Slots& slots, bool carried) {
    if (slots.empty()) return;
    const Structure& structure = StructureOf(s_, ordinal);
    for (const uint32_t area : AreasOf(entry.place, s_.level, structure, background_, LastMonth(ordinal))) {
      if (!s_.areas.empty() && !s_.areas.contains(area)) continue;
      Row& row = (*rows_)[{ordinal, area, entry.sex, entry.age}];
      row.carried_forward = row.carried_forward || carried;
      for (const auto& [slot, amount] : slots) row.slots[slot] += amount;
      if (!s_.strata_of_municipalities) continue;
      Slots& stratum = row.by_municipality[entry.place.municipalities[0]];
      for (const auto& [slot, amount] : slots) stratum[slot] += amount;
    }
  }

  const Selection& s_;
  const Background& background_;
  Rows* rows_;
};

}  // namespace

Result<Background> Background::Read(const CellSource& source, bool industries) {
  Background background;
  bool whole = true;
  const auto scan = [&](uint32_t figure, const std::function<void(const CellKey&, int month, int64_t)>& f) {
    return source.Scan(figure, Span::kLastDay, industries && figure == kIndustryIndicator ? false : true,
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
  KPR_RETURN_IF_ERROR(
      source.Scan(kFactsIndicator, Span::kLastDay, true, [&](const CellKey& key, std::string_view) {
        background.reported_years_[key.place.municipalities[0]].insert(key.year);
        return true;
      }));
  KPR_RETURN_IF_ERROR(scan(kDeclaredIndicator, [&](const CellKey& key, int month, int64_t) {
    background.declared_months_[key.place.municipalities[0]].push_back(month);
  }));
  KPR_RETURN_IF_ERROR(scan(kInhabitantsIndicator, [&](const CellKey& key, int month, int64_t amount) {
    background.inhabitant_changes_[key.place.municipalities[0]][month] += amount;
  }));
  if (industries) {
    KPR_RETURN_IF_ERROR(scan(kIndustryIndicator, [&](const CellKey& key, int month, int64_t amount) {
      background.industry_changes_[key.place.provider][month] += static_cast<int32_t>(amount);
    }));
  }
  if (!whole) return Damaged("a cell does not decode: run 'kpr rebuild'");
  return background;
}

bool Background::Reported(Municipality municipality, int year) const {
  const auto it = reported_years_.find(municipality.code);
  return it != reported_years_.end() && it->second.contains(year);
}

bool Background::Declared(Municipality reported, const Structure& structure, int first, int last) const {
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

std::optional<int> Background::SizeGroupOf(Municipality municipality, const Structure& structure,
                                           int month) const {
  int64_t inhabitants = 0;
  for (const auto& [code, changes] : inhabitant_changes_) {
    if (structure.MunicipalityOf({code}) != municipality) continue;
    for (const auto& [changed, amount] : changes) inhabitants += changed <= month ? amount : 0;
  }
  return SizeGroup(inhabitants);
}

int32_t Background::IndustryOf(uint32_t provider, int month) const {
  const auto it = industry_changes_.find(provider);
  if (it == industry_changes_.end()) return 0;
  int32_t industry = 0;
  for (const auto& [changed, amount] : it->second) industry += changed <= month ? amount : 0;
  return industry;
}

bool LooksAtIndustries(const IndicatorPlan& indicator) {
  return std::any_of(indicator.components.begin(), indicator.components.end(),
                     [](const ComponentPlan& c) { return !c.provider_industries.empty(); });
}

Slots AtIndustry(const IndicatorPlan& indicator, const Slots& slots, int32_t industry) {
  Slots kept;
  for (const auto& [slot, amount] : slots) {
    const uint32_t role = slot == slot::kNumerator ? slot::kNumerator : slot::kDenominator;
    bool elsewhere = false;
    for (size_t i = 0; i < indicator.components.size(); ++i) {
      const ComponentPlan& c = indicator.components[i];
      const bool concerns = slot >= slot::kClassBase ? i == 0 : c.slot == role;
      const auto& wanted = c.provider_industries;
      elsewhere = elsewhere || (concerns && !wanted.empty() &&
                                std::find(wanted.begin(), wanted.end(), industry) == wanted.end());
    }
    if (!elsewhere) kept.emplace(slot, amount);
  }
  return kept;
}

const Structure& StructureOf(const Selection& s, int ordinal) {
  if (s.structure_year != 0) return Structure::Of(s.structure_year);
  const int months = MonthsOf(s.range.kind);
  return Structure::Of(std::min((ordinal + 1) * months - 1, s.range.last_month) / 12);
}

std::vector<uint32_t> AreasOf(const CellPlace& place, v1::Level level, const Structure& structure,
                              const Background& background, int month) {
  if (level == v1::COUNTRY) return {0};
  if (level == v1::PROVIDER_LEVEL)
    return place.provider == 0 ? std::vector<uint32_t>{} : std::vector<uint32_t>{place.provider};
  std::vector<uint32_t> areas;
  for (size_t i = 0; i < place.municipality_count; ++i) {
    const Municipality reported{place.municipalities[i]};
    uint32_t area = 0;
    if (level == v1::COUNTY) {
      area = structure.CountyOf(reported);
    } else if (level == v1::MUNICIPALITY) {
      area = structure.MunicipalityOf(reported).code;
    } else if (const auto group =
                   background.SizeGroupOf(structure.MunicipalityOf(reported), structure, month)) {
      area = static_cast<uint32_t>(*group) + 1;
    }
    if (std::find(areas.begin(), areas.end(), area) == areas.end()) areas.push_back(area);
  }
  return areas;
}

Result<Rows> ReadRows(const CellSource& source, const Selection& selection, const Background& background) {
  std::map<EntryKey, PeriodSums> entries;
  Rows rows;
  Selection wide = selection;
  // What was declared before the range can stand in for it.
  if (selection.undeclared == v1::CARRY_FORWARD) {
    wide.range.from -= limits::kCarriedYears * 12 / MonthsOf(selection.range.kind);
  }
  KPR_RETURN_IF_ERROR(ReadEntries(source, wide, &entries));
  Projector projector(wide, background, &rows);
  for (auto& [key, sums] : entries) projector.Project(key, &sums);
  std::erase_if(rows, [&](const auto& row) { return row.first.ordinal < selection.range.from; });
  if (rows.size() > limits::kQueryRows) {
    return Exhausted(
        fmt::format("more than {} rows: ask for fewer periods, areas or strata", limits::kQueryRows));
  }
  return rows;
}

std::map<uint32_t, Coverage> CoverageOf(const Selection& s, int ordinal, const Background& background) {
  std::map<uint32_t, Coverage> coverage;
  const Structure& structure = StructureOf(s, ordinal);
  const int months = MonthsOf(s.range.kind);
  const int first = ordinal * months, last = std::min(first + months - 1, s.range.last_month);
  // Reports come under the codes of their time.
  for (const Municipality m : MunicipalitiesOn(MonthEnd(last))) {
    const CellPlace place = CellPlace::At(m, {});
    if (s.level == v1::PROVIDER_LEVEL) continue;
    for (const uint32_t area : AreasOf(place, s.level, structure, background, last)) {
      Coverage& c = coverage[area];
      ++c.municipalities;
      c.reporting += background.Reported(m, last / 12) ? 1 : 0;
      c.declared += background.Declared(m, structure, first, last) ? 1 : 0;
    }
  }
  return coverage;
}

std::string AreaCode(v1::Level level, uint32_t area) {
  switch (level) {
    case v1::COUNTY:
      return fmt::format("{:02}", area);
    case v1::MUNICIPALITY:
      return fmt::format("{:04}", area);
    case v1::PROVIDER_LEVEL:
      return fmt::format("{:09}", area);
    case v1::SIZE_GROUP:
      return area == 0 ? "unknown" : SizeGroupName(static_cast<int>(area) - 1);
    default:
      return "0";
  }
}

std::string AreaName(v1::Level level, uint32_t area, Date day) {
  switch (level) {
    case v1::COUNTRY:
      return "Norge";
    case v1::COUNTY:
      return area == 0 ? "Ikke fordelt" : CountyName(static_cast<uint16_t>(area), day);
    case v1::MUNICIPALITY:
      return MunicipalityName({static_cast<uint16_t>(area)}, day);
    default:
      return "";
  }
}

}  // namespace kpr

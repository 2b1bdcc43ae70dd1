#include "indicators/query/rollup.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/calendar.h"
#include "base/limits.h"
#include "registry/codelists/codelists.h"

namespace kpr {
namespace {

struct EntryKey {
  CellPlace place;
  uint8_t sex = kAllStrata, age = kAllStrata;
  auto operator<=>(const EntryKey&) const = default;
};

// Takes the cells together by place and stratum.
class EntryReader {
 public:
  EntryReader(const CellSource& source, const Selection& selection, std::map<EntryKey, PeriodSums>* entries)
      : source_(source), s_(selection), entries_(entries) {}

  Status Read() {
    const bool providers = s_.level == v1::LEVEL_PROVIDER || FiltersByIndustry(*s_.indicator);
    for (const ReferencePeriod period : ReferencePeriodsOf(*s_.indicator, s_.range.kind)) {
      if (s_.by_sex || s_.by_age || providers) {
        KPR_RETURN_IF_ERROR(ReadCells(period, providers));
      } else {
        KPR_RETURN_IF_ERROR(ReadTotals(period));
      }
    }
    if (damaged_) return DataLoss("a cell does not decode: run 'kpr rebuild'");
    return Full() ? ResourceExhausted(
                        fmt::format("more than {} places and strata: ask for fewer", limits::kQueryRows))
                  : Status();
  }

 private:
  Status ReadCells(ReferencePeriod period, bool providers) {
    return source_.Scan(s_.indicator->number, period, [&](const CellKey& key, std::string_view encoded) {
      EntryKey entry{key.place, s_.by_sex ? key.sex : kAllStrata};
      if (!providers) entry.place.provider = 0;
      for (uint8_t band = 0; band < (s_.by_age ? kAgeBands : 1); ++band) {
        if (s_.by_age && (BandBits(key.age) >> band & 1) == 0) continue;
        entry.age = s_.by_age ? band : kAllStrata;
        damaged_ = !SumsOf(entry).Add(key.year, encoded) || damaged_;
      }
      return !Full();
    });
  }

  // Whole years before the periods, or that are periods; by months the rest.
  Status ReadTotals(ReferencePeriod period) {
    const int months = MonthsIn(s_.range.kind);
    const int last_month = std::min(s_.range.last_month, (s_.range.to + 1) * months - 1);
    const int last_year = last_month / 12;
    const int months_from =
        s_.range.kind == PeriodKind::kYear ? FirstYearByMonths(last_month) : s_.range.from * months / 12;
    KPR_RETURN_IF_ERROR(source_.ScanTotals(s_.indicator->number, period, TotalsBy::kYear, 0, months_from - 1,
                                           [&](const TotalKey& key, std::string_view encoded) {
                                             PeriodSums& sums = SumsOf({key.place});
                                             damaged_ =
                                                 !sums.AddYears(key.year, encoded, months_from) || damaged_;
                                             return !Full();
                                           }));
    return source_.ScanTotals(s_.indicator->number, period, TotalsBy::kMonth, months_from, last_year,
                              [&](const TotalKey& key, std::string_view encoded) {
                                damaged_ = !SumsOf({key.place}).Add(key.year, encoded) || damaged_;
                                return !Full();
                              });
  }

  PeriodSums& SumsOf(const EntryKey& entry) {
    if (last_ == entries_->end() || last_->first != entry)
      last_ = entries_->try_emplace(entry, s_.indicator, s_.range).first;
    return last_->second;
  }

  bool Full() const { return entries_->size() > limits::kQueryRows; }

  const CellSource& source_;
  const Selection& s_;
  std::map<EntryKey, PeriodSums>* entries_;
  std::map<EntryKey, PeriodSums>::iterator last_ = entries_->end();
  bool damaged_ = false;
};

// Adds one place's figures to the rows they belong to.
class Projector {
 public:
  Projector(const Selection& selection, const ReportingData& reporting, RolledUp* out)
      : s_(selection), reporting_(reporting), out_(out) {}

  void Project(const EntryKey& entry, PeriodSums* sums) {
    Slots declared;  // of the latest period that all of the place's municipalities have declared
    const bool industries = FiltersByIndustry(*s_.indicator);
    sums->ForEach([&](int ordinal, const Slots& all) {
      const int last = LastMonth(ordinal);
      Slots kept;
      if (industries)
        kept = AtIndustry(*s_.indicator, all, reporting_.IndustryOf(entry.place.provider, last));
      const Slots& slots = industries ? kept : all;
      const EntryKey begun{WhereReported(entry.place, s_, reporting_, last), entry.sex, entry.age};
      if (s_.incomplete_policy == v1::INCOMPLETE_POLICY_INCLUDE) return Put(begun, ordinal, slots, false);
      const CellPlace known = WithoutUndeclared(begun.place, ordinal);
      if (known.municipality_count == entry.place.municipality_count) declared = slots;
      if (known.municipality_count > 0) {
        Put({known, entry.sex, entry.age}, ordinal, slots, false);
      } else if (s_.incomplete_policy == v1::INCOMPLETE_POLICY_CARRY_FORWARD) {
        Put(begun, ordinal, declared, true);
      }
    });
  }

 private:
  int LastMonth(int ordinal) const {
    return std::min((ordinal + 1) * MonthsIn(s_.range.kind) - 1, s_.range.last_month);
  }

  CellPlace WithoutUndeclared(const CellPlace& place, int ordinal) const {
    CellPlace known;
    known.provider = place.provider;
    const Structure& structure = StructureOf(s_, ordinal);
    for (size_t i = 0; i < place.municipality_count; ++i) {
      if (reporting_.Declared({place.municipalities[i]}, structure, ordinal * MonthsIn(s_.range.kind),
                              LastMonth(ordinal)))
        known.municipalities[known.municipality_count++] = place.municipalities[i];
    }
    return known;
  }

  CellPlace WithoutExcluded(const CellPlace& place, const Structure& structure) const {
    if (!s_.excluded) return place;
    CellPlace kept;
    kept.provider = place.provider;
    for (size_t i = 0; i < place.municipality_count; ++i) {
      const Municipality municipality = structure.MunicipalityOf({place.municipalities[i]});
      if (municipality.code == 0 || s_.excluded->contains(municipality.code)) continue;
      kept.municipalities[kept.municipality_count++] = place.municipalities[i];
    }
    return kept;
  }

  void NoteSplit(const CellPlace& place, int ordinal, const Structure& structure) {
    for (size_t i = 0; i < place.municipality_count; ++i) {
      const Municipality reported{place.municipalities[i]};
      if (structure.MunicipalityOf(reported).code != 0 || !EndsInSplit(reported)) continue;
      if (MonthOf(InForceUntil(reported)) <= LastMonth(ordinal)) out_->split[ordinal].insert(reported.code);
    }
  }

  void Put(const EntryKey& entry, int ordinal, const Slots& slots, bool carried) {
    if (slots.empty()) return;
    const Structure& structure = StructureOf(s_, ordinal);
    const CellPlace place = WithoutExcluded(entry.place, structure);
    if (place.municipality_count == 0) return;
    const std::vector<uint32_t> areas =
        AreasOf(place, s_.level, structure, reporting_, LastMonth(ordinal), s_.pools);
    for (const uint32_t area : areas) {
      if (area == 0 && s_.level == v1::LEVEL_MUNICIPALITY) NoteSplit(place, ordinal, structure);
      if (!s_.areas.empty() && !s_.areas.contains(area)) continue;
      Row& row = out_->rows[{ordinal, area, entry.sex, entry.age}];
      row.carried_forward = row.carried_forward || carried;
      for (const auto& [slot, amount] : slots) row.slots[slot] += amount;
      if (!s_.strata_of_municipalities) continue;
      Slots& stratum = row.by_municipality[entry.place.municipalities[0]];
      for (const auto& [slot, amount] : slots) stratum[slot] += amount;
    }
  }

  const Selection& s_;
  const ReportingData& reporting_;
  RolledUp* out_;
};

}  // namespace

bool FiltersByIndustry(const IndicatorPlan& indicator) {
  return std::any_of(indicator.components.begin(), indicator.components.end(),
                     [](const ComponentPlan& c) { return !c.provider_industries.empty(); });
}

Slots AtIndustry(const IndicatorPlan& indicator, const Slots& slots, int32_t industry) {
  Slots kept;
  for (const auto& [slot, amount] : slots) {
    if (slot >= slot::kSubjects) continue;  // no such component keeps them
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

CellPlace WhereReported(const CellPlace& place, const Selection& s, const ReportingData& reporting,
                        int month) {
  const CellPlace begun = reporting.WhereBegun(place, month);
  if (s.indicator->own_coverage.empty()) return begun;
  return reporting.WhereOwnIsReported(begun, month / 12);
}

const Structure& StructureOf(const Selection& s, int ordinal) {
  if (s.structure_year != 0) return Structure::Of(s.structure_year);
  const int months = MonthsIn(s.range.kind);
  return Structure::Of(std::min((ordinal + 1) * months - 1, s.range.last_month) / 12);
}

Result<RolledUp> ReadRows(const CellSource& source, const Selection& selection,
                          const ReportingData& reporting) {
  std::map<EntryKey, PeriodSums> entries;
  RolledUp out;
  Selection wide = selection;
  // What was declared before the range can stand in for it.
  if (selection.incomplete_policy == v1::INCOMPLETE_POLICY_CARRY_FORWARD) {
    wide.range.from -= limits::kCarriedYears * 12 / MonthsIn(selection.range.kind);
  }
  KPR_RETURN_IF_ERROR(EntryReader(source, wide, &entries).Read());
  Projector projector(wide, reporting, &out);
  for (auto& [key, sums] : entries) projector.Project(key, &sums);
  std::erase_if(out.rows, [&](const auto& row) { return row.first.ordinal < selection.range.from; });
  if (out.rows.size() > limits::kQueryRows) {
    return ResourceExhausted(
        fmt::format("more than {} rows: ask for fewer periods, areas or strata", limits::kQueryRows));
  }
  return out;
}

std::map<uint32_t, Coverage> CoverageOf(const Selection& s, int ordinal, const ReportingData& reporting) {
  std::map<uint32_t, Coverage> coverage;
  const Structure& structure = StructureOf(s, ordinal);
  const int months = MonthsIn(s.range.kind);
  const int first = ordinal * months, last = std::min(first + months - 1, s.range.last_month);
  // Reports come under the codes of their time.
  for (const Municipality m : MunicipalitiesOn(MonthEnd(last))) {
    const CellPlace place = CellPlace::At(m, {});
    if (s.level == v1::LEVEL_PROVIDER) continue;
    for (const uint32_t area : AreasOf(place, s.level, structure, reporting, last, s.pools)) {
      Coverage& c = coverage[area];
      ++c.municipalities;
      const bool reported = s.indicator->own_coverage.empty() ? reporting.Reported(m, last / 12)
                                                              : reporting.ReportedOwn(m, last / 12);
      c.reporting += reported && reporting.Begun(m, last) ? 1 : 0;
      c.declared += reporting.Declared(m, structure, first, last) ? 1 : 0;
    }
  }
  return coverage;
}

}  // namespace kpr

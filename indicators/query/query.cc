#include "indicators/query/query.h"

#include <fmt/format.h>

#include <algorithm>

#include "indicators/query/estimates.h"
#include "indicators/query/position_token.h"
#include "indicators/query/selection.h"
#include "registry/codelists/codelists.h"
#include "registry/codelists/edition.h"

namespace kpr {
namespace {

using CoverageByPeriod = std::map<int, std::map<uint32_t, Coverage>>;  // ordinal, area

const char* SexName(uint8_t sex) {
  return sex == kAllStrata ? "all" : sex == 1 ? "male" : sex == 2 ? "female" : "unknown";
}

// Rows for areas without a cell, so that a missing value is seen and has a reason.
void AddEmptyAreas(const Selection& s, const CoverageByPeriod& coverage, Rows* rows) {
  if (s.by_sex || s.by_age) return;
  for (int ordinal = s.range.from; ordinal <= s.range.to; ++ordinal) {
    std::set<uint32_t> areas;
    if (s.level == v1::LEVEL_PROVIDER) areas = s.areas;
    if (s.level == v1::LEVEL_MUNICIPALITY) {
      for (const Municipality m : StructureOf(s, ordinal).municipalities()) {
        const auto pool = s.pools.find(m.code);
        areas.insert(pool == s.pools.end() ? m.code : pool->second);
      }
    } else if (s.level != v1::LEVEL_PROVIDER) {
      for (const auto& [area, c] : coverage.at(ordinal)) areas.insert(area);
      areas.erase(s.level == v1::LEVEL_COUNTRY ? UINT32_MAX : 0);
    }
    for (const uint32_t area : areas) {
      if (s.areas.empty() || s.areas.contains(area)) rows->try_emplace({ordinal, area});
    }
  }
}

std::vector<v1::Text> NotesFor(const v1::Definition& definition, const std::string& area, v1::Level level,
                               const Period& period) {
  std::vector<v1::Text> notes;
  for (const v1::Note& note : definition.notes()) {
    const bool here =
        note.area().empty() || note.area() == area ||
        (level == v1::LEVEL_MUNICIPALITY && note.area().size() == 2 && area.starts_with(note.area()));
    const auto when = Period::Parse(note.period());
    const bool then =
        note.period().empty() || (when && when->first() <= period.last() && period.first() <= when->last());
    if (here && then) notes.push_back(note.text());
  }
  return notes;
}

// Turns rows of slots into rows of the result.
class TableBuilder {
 public:
  TableBuilder(const ResolvedIndicator& resolved, const Selection& selection, const ReportingData& reporting,
               Date horizon)
      : resolved_(resolved), s_(selection), horizon_(horizon) {
    for (int ordinal = s_.range.from; ordinal <= s_.range.to; ++ordinal)
      coverage_[ordinal] = CoverageOf(s_, ordinal, reporting);
  }

  std::vector<ResultRow> Build(RolledUp rolled_up) {
    Rows& rows = rolled_up.rows;
    split_ = std::move(rolled_up.split);
    AddEmptyAreas(s_, coverage_, &rows);
    std::vector<ResultRow> result;
    result.reserve(rows.size());
    for (const auto& [key, row] : rows) result.push_back(BuildRow(key, row));
    return result;
  }

 private:
  ResultRow BuildRow(const RowKey& key, const Row& row) {
    const Period period{s_.range.kind, key.ordinal};
    const Date day = std::min(period.last(), horizon_);
    EstimateInput input{&resolved_.definition(), &resolved_.indicator(), &row,
                        coverage_[key.ordinal][key.area]};
    input.declared_only = s_.incomplete_policy != v1::INCOMPLETE_POLICY_INCLUDE;
    input.of_provider = s_.level == v1::LEVEL_PROVIDER;
    input.not_comparable = NotComparable(key, day);
    ResultRow out = MakeResultRow(input);
    out.period = period.ToString();
    out.area = AreaCode(s_.level, key.area);
    out.area_name =
        AreaName(s_.level, key.area, s_.structure_year == 0 ? day : Structure::Of(s_.structure_year).day());
    out.sex = SexName(key.sex);
    out.age = key.age == kAllStrata ? "all" : AgeBandName(key.age);
    out.provisional = period.last() >= horizon_;
    out.notes = NotesFor(resolved_.definition(), out.area, s_.level, period);
    AddSplitNotes(key, &out.notes);
    return out;
  }

  // What stands under a code that was split may be the municipality's.
  void AddSplitNotes(const RowKey& key, std::vector<v1::Text>* notes) const {
    const auto it = split_.find(key.ordinal);
    if (it == split_.end()) return;
    const Date day = StructureOf(s_, key.ordinal).day();
    for (const uint16_t code : it->second) {
      const std::vector<Municipality> parts = Descendants({code}, day);
      if (std::find(parts.begin(), parts.end(), Municipality{static_cast<uint16_t>(key.area)}) == parts.end())
        continue;
      const std::string split =
          fmt::format("{} {}", Municipality{code}.ToString(), MunicipalityName({code}, day));
      v1::Text& note = notes->emplace_back();
      note.set_nb(fmt::format("Det som er meldt under {}, som ble delt, er ikke med i tallet.", split));
      note.set_en(fmt::format("What is reported under {}, which was split, is not in the figure.", split));
    }
  }

  // Whether no figure of that time exists for the municipality in the structure asked for.
  bool NotComparable(const RowKey& key, Date day) {
    if (s_.structure_year == 0 || s_.level != v1::LEVEL_MUNICIPALITY || key.area == 0) return false;
    const auto [it, fresh] = not_comparable_.try_emplace({key.area, day.year()});
    if (!fresh) return it->second;
    const Structure& structure = StructureOf(s_, key.ordinal);
    const auto not_comparable = [&](uint32_t code) {
      return structure.NotComparable({static_cast<uint16_t>(code)}, day);
    };
    // As a county, a pool is of those of its municipalities that there are figures of.
    const bool pool = IsPool(AreaCode(s_.level, key.area));
    it->second =
        pool ? std::all_of(s_.pools.begin(), s_.pools.end(),
                           [&](const auto& of) { return of.second != key.area || not_comparable(of.first); })
             : not_comparable(key.area);
    return it->second;
  }

  const ResolvedIndicator& resolved_;
  const Selection& s_;
  const Date horizon_;
  CoverageByPeriod coverage_;
  std::map<int, std::set<uint16_t>> split_;                  // of RolledUp
  std::map<std::pair<uint32_t, int>, bool> not_comparable_;  // by area and year
};

}  // namespace

std::vector<v1::Definition> Query::Definitions() const {
  std::vector<v1::Definition> definitions;
  const auto plan = plan_->Get();
  for (size_t i = 0; i < plan->indicators.size(); ++i) {
    if (registry_->Complete(plan->indicators[i].number))
      definitions.push_back(plan->catalogue.definitions[i]);
  }
  return definitions;
}

Result<ResolvedIndicator> Query::Resolve(const std::string& id, uint32_t version) const {
  KPR_RETURN_IF_ERROR(registry_->Ready());
  ResolvedIndicator resolved{plan_->Get(), 0};
  bool found = false, computing = false;
  const auto& definitions = resolved.plan->catalogue.definitions;
  for (size_t i = 0; i < definitions.size(); ++i) {
    if (definitions[i].id() != id || (version != 0 && definitions[i].version() != version)) continue;
    if (!registry_->Complete(resolved.plan->indicators[i].number)) {
      computing = true;
      continue;
    }
    if (!found || definitions[i].version() > definitions[resolved.at].version()) resolved.at = i;
    found = true;
  }
  if (found) return resolved;
  if (computing) return Unavailable(fmt::format("{} is still being computed; retry later", id));
  return NotFound(fmt::format("indicator: no indicator '{}'{}: 'kpr indicators list' shows them", id,
                              version == 0 ? "" : fmt::format(" version {}", version)));
}

Result<std::vector<uint64_t>> Query::PositionsFor(const std::string& as_of,
                                                  const std::string& position) const {
  if (!as_of.empty()) {
    const auto day = Date::Parse(as_of);
    if (!day) return Invalid("as_of: expected a day YYYY-MM-DD");
    return registry_->PositionsAtEndOf(*day);
  }
  KPR_ASSIGN_OR_RETURN(auto positions, ParsePositionToken(position, registry_->partitions()));
  for (uint32_t i = 0; i < registry_->partitions(); ++i)
    positions[i] = std::min(positions[i], registry_->store(i)->next_offset());
  return positions;
}

Result<std::shared_ptr<const CellSource>> Query::SourceFor(
    const ResolvedIndicator& resolved, const v1::GetIndicatorValuesRequest& request) const {
  if (request.as_of().empty() && request.position().empty()) {
    KPR_ASSIGN_OR_RETURN(auto live, LiveCells(*registry_));
    return std::shared_ptr<const CellSource>(std::move(live));
  }
  KPR_ASSIGN_OR_RETURN(auto positions, PositionsFor(request.as_of(), request.position()));
  const std::string key = fmt::format("{:08x} {} {} {}", resolved.indicator().number, registry_->epoch(),
                                      EditionInUse().version, fmt::join(positions, "/"));
  return recomputed_.Get(key, [&] {
    return CellsAt(*registry_, resolved.definition(), resolved.plan->catalogue, std::move(positions));
  });
}

Result<ResultTable> Query::Get(const v1::GetIndicatorValuesRequest& request) const {
  const EditionScope one;
  KPR_ASSIGN_OR_RETURN(const ResolvedIndicator resolved, Resolve(request.indicator(), request.version()));
  KPR_ASSIGN_OR_RETURN(const std::shared_ptr<const CellSource> source, SourceFor(resolved, request));
  return TableFrom(resolved, *source, request);
}

Result<std::shared_ptr<const CellSource>> Query::Snapshot() const {
  const EditionScope one;
  KPR_RETURN_IF_ERROR(registry_->Ready());
  KPR_ASSIGN_OR_RETURN(auto live, LiveCells(*registry_));
  return std::shared_ptr<const CellSource>(std::move(live));
}

Result<std::shared_ptr<const CellSource>> Query::SourceAt(const std::string& indicator, uint32_t version,
                                                          const std::string& position) const {
  // Nothing has come since: what is kept is what would be computed again.
  KPR_ASSIGN_OR_RETURN(const std::shared_ptr<const CellSource> live, Snapshot());
  if (PositionToken(live->positions()) == position) return live;
  KPR_ASSIGN_OR_RETURN(const ResolvedIndicator resolved, Resolve(indicator, version));
  v1::GetIndicatorValuesRequest request;
  request.set_position(position);
  return SourceFor(resolved, request);
}

Result<ResultTable> Query::GetFrom(const CellSource& source, const v1::GetIndicatorValuesRequest& request,
                                   const PublishedPlaces& places) const {
  const EditionScope one;
  KPR_ASSIGN_OR_RETURN(const ResolvedIndicator resolved, Resolve(request.indicator(), request.version()));
  return TableFrom(resolved, source, request, &places);
}

Result<ResultTable> Query::TableFrom(const ResolvedIndicator& resolved, const CellSource& source,
                                     const v1::GetIndicatorValuesRequest& request,
                                     const PublishedPlaces* places) const {
  const IndicatorPlan& indicator = resolved.indicator();
  ResultTable table;
  table.definition = resolved.shared_definition();
  table.fresh_at_ms = registry_->FreshAtMs();
  table.quarantined = registry_->Quarantined();
  table.horizon = source.horizon();
  table.positions = source.positions();
  table.code_lists = EditionInUse().version;
  if (table.horizon.days == 0) return table;
  KPR_ASSIGN_OR_RETURN(Selection selection,
                       SelectionOf(request, resolved.definition(), indicator, table.horizon));
  if (places != nullptr) {
    selection.excluded = places->excluded;
    selection.pools = places->pools;
  }
  const ReportingData::Needs needs{.own_coverage = indicator.own_coverage,
                                   .inhabitants = selection.level == v1::LEVEL_SIZE_GROUP,
                                   .industries = FiltersByIndustry(indicator)};
  KPR_ASSIGN_OR_RETURN(const ReportingData reporting, ReportingData::Read(source, needs));
  KPR_ASSIGN_OR_RETURN(RolledUp rolled_up, ReadRows(source, selection, reporting));
  if (!registry_->Complete(indicator.number))
    return Unavailable(fmt::format("{} is being recomputed; retry later", request.indicator()));
  table.rows = TableBuilder(resolved, selection, reporting, table.horizon).Build(std::move(rolled_up));
  return table;
}

}  // namespace kpr

#include "indicators/query/query.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "indicators/query/selection.h"
#include "indicators/query/value.h"

namespace kpr {
namespace {

const char* SexName(uint8_t sex) {
  return sex == kAllStrata ? "all" : sex == 1 ? "male" : sex == 2 ? "female" : "unknown";
}

// Areas that are there whether or not they have a cell, so that a missing figure is seen and explained.
void AddSilentAreas(const Selection& s, const std::map<int, std::map<uint32_t, Coverage>>& coverage,
                    Rows* rows) {
  if (s.by_sex || s.by_age) return;
  for (int ordinal = s.range.from; ordinal <= s.range.to; ++ordinal) {
    std::set<uint32_t> areas;
    if (s.level == v1::PROVIDER_LEVEL) areas = s.areas;
    if (s.level == v1::MUNICIPALITY) {
      for (const Municipality m : StructureOf(s, ordinal).municipalities()) areas.insert(m.code);
    } else if (s.level != v1::PROVIDER_LEVEL) {
      for (const auto& [area, c] : coverage.at(ordinal)) areas.insert(area);
      areas.erase(s.level == v1::COUNTRY ? UINT32_MAX : 0);
    }
    for (const uint32_t area : areas) {
      if (s.areas.empty() || s.areas.contains(area)) rows->try_emplace({ordinal, area});
    }
  }
}

void AddNotes(const v1::Definition& definition, const std::string& area, v1::Level level,
              const Period& period, v1::Value* value) {
  for (const v1::Note& note : definition.notes()) {
    const bool here = note.area().empty() || note.area() == area ||
                      (level == v1::MUNICIPALITY && note.area().size() == 2 && area.starts_with(note.area()));
    const auto when = Period::Parse(note.period());
    const bool then =
        note.period().empty() || (when && when->first() <= period.last() && period.first() <= when->last());
    if (here && then) value->add_notes(note.text().nb());
  }
}

}  // namespace

v1::ListResponse Query::List() const {
  v1::ListResponse response;
  const auto plan = plan_->Get();
  for (size_t i = 0; i < plan->indicators.size(); ++i) {
    if (registry_->Complete(plan->indicators[i].number))
      *response.add_definitions() = plan->catalogue.definitions[i];
  }
  return response;
}

// The newest version that every partition has computed, unless one is named.
Result<Query::Chosen> Query::Choose(const std::string& id, uint32_t version) const {
  KPR_RETURN_IF_ERROR(registry_->Ready());
  Chosen chosen{plan_->Get(), 0};
  bool found = false, computing = false;
  const auto& definitions = chosen.plan->catalogue.definitions;
  for (size_t i = 0; i < definitions.size(); ++i) {
    if (definitions[i].id() != id || (version != 0 && definitions[i].version() != version)) continue;
    if (!registry_->Complete(chosen.plan->indicators[i].number)) {
      computing = true;
      continue;
    }
    if (!found || definitions[i].version() > definitions[chosen.at].version()) chosen.at = i;
    found = true;
  }
  if (found) return chosen;
  if (computing) return Unavailable(fmt::format("{} is still being computed; ask again", id));
  return NotFound(fmt::format("no indicator '{}'{}: 'kpr indicators list' shows them", id,
                              version == 0 ? "" : fmt::format(" version {}", version)));
}

Result<std::vector<uint64_t>> Query::PositionsFor(const std::string& as_of,
                                                  const std::vector<uint64_t>& at_position) const {
  if (!as_of.empty()) {
    const auto day = Date::Parse(as_of);
    if (!day) return Invalid("as of: expected a day YYYY-MM-DD");
    return registry_->PositionsAtClose(*day);
  }
  std::vector<uint64_t> positions = at_position;
  if (positions.size() == 1) positions.resize(registry_->partitions(), positions[0]);
  if (positions.size() != registry_->partitions())
    return Invalid(fmt::format("position: expected {} numbers, one a partition", registry_->partitions()));
  for (uint32_t i = 0; i < registry_->partitions(); ++i)
    positions[i] = std::min(positions[i], registry_->store(i).next_offset());
  return positions;
}

Result<std::shared_ptr<const CellSource>> Query::SourceFor(const Chosen& chosen,
                                                           const v1::GetRequest& request) const {
  if (request.as_of().empty() && request.at_position().empty()) {
    KPR_ASSIGN_OR_RETURN(auto live, LiveCells(*registry_));
    return std::shared_ptr<const CellSource>(std::move(live));
  }
  KPR_ASSIGN_OR_RETURN(auto positions, PositionsFor(request.as_of(), {request.at_position().begin(),
                                                                      request.at_position().end()}));
  const std::string of = fmt::format("{:08x} {} {}", chosen.indicator().number, registry_->generation(),
                                     fmt::join(positions, "/"));
  std::lock_guard lock(mutex_);
  for (auto it = past_.begin(); it != past_.end(); ++it) {
    if (it->of != of) continue;
    past_.splice(past_.begin(), past_, it);
    return past_.front().cells;
  }
  KPR_ASSIGN_OR_RETURN(
      auto cells, CellsAt(*registry_, chosen.definition(), chosen.plan->catalogue, std::move(positions)));
  past_.push_front({of, std::move(cells)});
  if (past_.size() > limits::kPastSources) past_.pop_back();
  return past_.front().cells;
}

Result<v1::GetResponse> Query::Get(const v1::GetRequest& request) const {
  KPR_ASSIGN_OR_RETURN(const Chosen chosen, Choose(request.indicator(), request.version()));
  const v1::Definition& definition = chosen.definition();
  const IndicatorPlan& indicator = chosen.indicator();
  KPR_ASSIGN_OR_RETURN(const std::shared_ptr<const CellSource> source, SourceFor(chosen, request));
  const Date horizon = source->horizon();
  v1::GetResponse response;
  response.set_fresh_at_ms(registry_->FreshAtMs());
  response.set_indicator(definition.id());
  response.set_version(definition.version());
  response.set_unit(definition.unit());
  for (const auto& k : definition.components(0).classes()) response.add_classes(k.id());
  if (horizon.days == 0) return response;  // no data at all yet
  response.set_horizon(horizon.ToString());
  KPR_ASSIGN_OR_RETURN(const Selection selection, SelectionOf(request, definition, indicator, horizon));
  KPR_ASSIGN_OR_RETURN(const Background background, Background::Read(*source, LooksAtIndustries(indicator)));
  KPR_ASSIGN_OR_RETURN(Rows rows, ReadRows(*source, selection, background));
  if (!registry_->Complete(indicator.number))
    return Unavailable(fmt::format("{} is being computed anew; ask again", definition.id()));
  response.mutable_position()->Assign(source->positions().begin(), source->positions().end());
  std::map<int, std::map<uint32_t, Coverage>> coverage;
  for (int ordinal = selection.range.from; ordinal <= selection.range.to; ++ordinal)
    coverage[ordinal] = CoverageOf(selection, ordinal, background);
  AddSilentAreas(selection, coverage, &rows);
  std::map<std::pair<uint32_t, int>, bool> blanks;
  for (const auto& [key, row] : rows) {
    const Period period{selection.range.kind, key.ordinal};
    const Date day = std::min(period.last(), horizon);
    ValueInput input{&definition, indicator.unit, &row, coverage[key.ordinal][key.area]};
    input.declared_only = selection.undeclared != v1::INCLUDE;
    if (selection.structure_year != 0 && selection.level == v1::MUNICIPALITY && key.area != 0) {
      const auto [blank, fresh] = blanks.try_emplace({key.area, day.year()});
      if (fresh) {
        blank->second = StructureOf(selection, key.ordinal).Blank({static_cast<uint16_t>(key.area)}, day);
      }
      input.not_available = blank->second;
    }
    v1::Value value = MakeValue(input);
    value.set_period(period.ToString());
    value.set_area(AreaCode(selection.level, key.area));
    value.set_area_name(
        AreaName(selection.level, key.area,
                 selection.structure_year == 0 ? day : Structure::Of(selection.structure_year).day()));
    value.set_sex(SexName(key.sex));
    value.set_age(key.age == kAllStrata ? "all" : AgeBandName(key.age));
    value.set_provisional(period.last() >= horizon);
    AddNotes(definition, value.area(), selection.level, period, &value);
    *response.add_values() = std::move(value);
  }
  return response;
}

}  // namespace kpr

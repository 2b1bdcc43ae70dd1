// How many different subjects are behind an amount that does not tell it (days, stays, places): in each
// reference period a subject counts once in the cell of all its municipalities and age bands, and once at
// each provider.
#include <algorithm>

#include "indicators/engine/evaluate.h"
#include "indicators/measures/measure.h"

namespace kpr {
namespace {

bool IsRoleOrClass(uint32_t slot) {
  return slot <= slot::kNumerator || (slot >= slot::kClassBase && slot < slot::kHistogramBase);
}

// The smallest codes stay where there are more than a cell names.
void AddMunicipality(uint16_t code, CellPlace* place) {
  auto& codes = place->municipalities;
  size_t at = 0;
  while (at < place->municipality_count && codes[at] < code) ++at;
  if (at == codes.size() || (at < place->municipality_count && codes[at] == code)) return;
  if (place->municipality_count < codes.size()) ++place->municipality_count;
  for (size_t i = place->municipality_count - 1u; i > at; --i) codes[i] = codes[i - 1];
  codes[at] = code;
}

}  // namespace

void Evaluator::PresencesOfFlow(const PlanStep& step, std::vector<Presence>* presences) {
  // From the beginning of the first observation's year, so that no period is cut.
  const EvaluationRange& range = evaluation_.range();
  const Date first = range.advancing ? range.from - 1 : range.from;
  const Date from = range.from == kFirstDate ? range.from : Date::FromYmd(first.year(), 1, 1);
  std::vector<Contribution> flow;
  evaluation_.Aside(from, &flow, [&] { RunStep({step.indicator, step.component}); });
  for (const Contribution& c : flow) {
    const uint32_t slot = c.slot % slot::kCount;
    if (!IsRoleOrClass(slot)) continue;
    const int month = c.key.year * 12 + static_cast<int>(c.slot / slot::kCount);
    presences->push_back({month, month, c.key.place, c.key.age, slot});
  }
}

const Evaluator::Presences& Evaluator::PresencesOf(const PlanStep& step) {
  Presences& presences = presences_[step.component->presences];
  if (presences.computed) return presences;
  presences.all.clear();
  presences.computed = true;
  const Measure& measure = *step.component->measure;
  if (measure.presences != nullptr) {
    measure.presences(step, evaluation_, &presences.all);
  } else {
    PresencesOfFlow(step, &presences.all);
  }
  return presences;
}

void Evaluator::LayOnGrid(const Presences& presences) {
  const ObservationGrid& grid = evaluation_.grid();
  for (const Presence& p : presences.all) {
    const size_t begin = grid.AtOrAfter(MonthEnd(p.first_month));
    const size_t end =
        p.last_month == kNoLastMonth ? grid.size() : grid.BeginningAfter(MonthEnd(p.last_month));
    if (begin < end) present_.push_back({begin, end, p.place, p.age, p.slot});
  }
}

// Fills present_, on the grid of the step's period; false if the subject is behind nothing.
bool Evaluator::LayPresences(const PlanStep& step) {
  present_.clear();
  const Measure& measure = *step.component->measure;
  if (measure.presences_on_grid != nullptr) {
    evaluation_.UseGrid(step.period);
    measure.presences_on_grid(step, &evaluation_, &present_);
  } else {
    const Presences& presences = PresencesOf(step);
    if (presences.all.empty()) return false;
    evaluation_.UseGrid(step.period);
    LayOnGrid(presences);
  }
  return !present_.empty();
}

// The cells and slots in which the subject counts one.
std::vector<Evaluator::CellSlot> Evaluator::SubjectCellsAt(const PlanStep& step, size_t observation) const {
  struct Behind {
    uint32_t slot = 0, provider = 0;  // provider 0: everywhere
    CellPlace place;
    uint8_t bands = 0;
  };
  std::vector<Behind> all;  // few: one for each slot and provider
  const auto add = [&](const PresenceOnGrid& p, uint32_t provider) {
    auto it = std::find_if(all.begin(), all.end(), [&](const Behind& behind) {
      return behind.slot == p.slot && behind.provider == provider;
    });
    if (it == all.end()) it = all.insert(it, {p.slot, provider});
    for (size_t i = 0; i < p.place.municipality_count; ++i)
      AddMunicipality(p.place.municipalities[i], &it->place);
    it->bands |= BandBits(p.age);
  };
  for (const PresenceOnGrid& p : present_) {
    if (observation < p.begin || observation >= p.end) continue;
    add(p, 0);
    if (p.place.provider != 0) add(p, p.place.provider);
  }
  std::vector<CellSlot> cells;
  for (Behind& behind : all) {
    behind.place.provider = behind.provider;
    CellKey key = evaluation_.KeyOf(step, behind.place, evaluation_.grid()[observation].day);
    key.age = BandsFromBits(behind.bands);
    cells.emplace_back(key,
                       (behind.provider == 0 ? slot::kSubjects : slot::kSubjectsAtProvider) + behind.slot);
  }
  return cells;
}

void Evaluator::CountSubjects(const PlanStep& step) {
  if (!LayPresences(step)) return;
  const ObservationGrid& grid = evaluation_.grid();
  std::vector<size_t> turns;  // observations on which something begins or ends
  for (const PresenceOnGrid& p : present_) {
    turns.push_back(p.begin);
    if (p.end < grid.size()) turns.push_back(p.end);
  }
  std::sort(turns.begin(), turns.end());
  turns.erase(std::unique(turns.begin(), turns.end()), turns.end());
  std::vector<CellSlot> last;
  for (const size_t i : turns) {
    std::vector<CellSlot> now = SubjectCellsAt(step, i);
    const auto emit_others = [&](const auto& cells, const auto& others, int64_t sign) {
      for (const CellSlot& cell : cells) {
        if (std::find(others.begin(), others.end(), cell) == others.end() && !evaluation_.EmittedBefore(i))
          evaluation_.Emit(cell.first, MonthOf(grid[i].day), cell.second, sign);
      }
    };
    emit_others(last, now, -1);
    emit_others(now, last, +1);
    last = std::move(now);
  }
}

}  // namespace kpr

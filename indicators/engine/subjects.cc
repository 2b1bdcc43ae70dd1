// How many different subjects are behind an amount that does not tell it (days, stays, places): in each
// reference period a subject counts once in the cell of all its municipalities and age bands, and once at
// each provider.
#include <algorithm>

#include "indicators/engine/evaluate.h"
#include "indicators/engine/pieces.h"

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
  std::vector<Contribution> flow;
  const Date from = from_;
  std::vector<Contribution>* const out = out_;
  if (from_ != kFirstDate) from_ = Date::FromYmd((advancing_ ? from_ - 1 : from_).year(), 1, 1);
  out_ = &flow;
  RunStep({step.indicator, step.component});
  from_ = from;
  out_ = out;
  for (const Contribution& c : flow) {
    const uint32_t slot = c.slot % slot::kCount;
    if (!IsRoleOrClass(slot)) continue;
    const int month = c.key.year * 12 + static_cast<int>(c.slot / slot::kCount);
    presences->push_back({month, month, c.key.place, c.key.age, slot});
  }
}

const Evaluator::Presences& Evaluator::PresencesOf(const PlanStep& step) {
  const ComponentPlan& c = *step.component;
  Presences& presences = presences_[c.presences];
  if (presences.computed) return presences;
  presences.all.clear();
  presences.computed = true;
  const auto add = [&](const CellPlace& place, Date begin, Date end, bool last_days) {
    if (begin >= end) return;
    const int last = end >= kNoEnd ? INT32_MAX : last_days ? MonthOf(end) - 1 : MonthOf(end - 1);
    presences.all.push_back({MonthOf(begin), last, place, KeyOf(step, place, begin).age, c.slot});
  };
  if (c.measure == ComponentPlan::Measure::kStayDays) {
    ForEachStayPiece(c, [&](const CellPlace& place, Date begin, Date end) { add(place, begin, end, false); });
  } else if (c.measure == ComponentPlan::Measure::kReported) {
    ForEachReport(c, [&](const CellPlace& place, Date begin, Date end, int64_t amount) {
      if (amount != 0) add(place, begin, end, !c.SubjectsByPeriod());
    });
  } else {
    PresencesOfFlow(step, &presences.all);
  }
  return presences;
}

void Evaluator::LayOnGrid(const Presences& presences) {
  for (const Presence& p : presences.all) {
    const size_t begin = grid_.AtOrAfter(MonthEnd(p.first_month));
    const size_t end =
        p.last_month == INT32_MAX ? grid_.size() : grid_.BeginningAfter(MonthEnd(p.last_month));
    if (begin < end) present_.push_back({begin, end, p.place, p.age, p.slot});
  }
}

// Stays are observed as a stock: active, at the provider and in the age band of the observation's end.
void Evaluator::LookUpStays(const PlanStep& step) {
  const ComponentPlan& c = *step.component;
  ForEachObservedStay(c, [&](const Spell& spell, Date last) {
    for (size_t i = 0; i < grid_.size(); ++i) {
      if (!active_.Has(i) || Excluded(grid_[i].day)) continue;
      const CellPlace place =
          CellPlace::At(spell.municipality, spell.ProviderOn(std::min(grid_[i].day, last)));
      PresenceOnGrid* before = present_.empty() ? nullptr : &present_.back();
      if (before != nullptr && before->end == i && before->place == place && before->age == bands_[i]) {
        ++before->end;
      } else {
        present_.push_back({i, i + 1, place, bands_[i], c.slot});
      }
    }
  });
}

// The cells and slots in which the subject counts one.
std::vector<std::pair<CellKey, uint32_t>> Evaluator::SubjectCellsAt(const PlanStep& step,
                                                                    size_t observation) {
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
  std::vector<std::pair<CellKey, uint32_t>> cells;
  for (Behind& behind : all) {
    behind.place.provider = behind.provider;
    CellKey key = KeyOf(step, behind.place, grid_[observation].day);
    key.age = BandsFromBits(behind.bands);
    cells.emplace_back(key,
                       (behind.provider == 0 ? slot::kSubjects : slot::kSubjectsAtProvider) + behind.slot);
  }
  return cells;
}

void Evaluator::SubjectStock(const PlanStep& step) {
  present_.clear();
  if (step.component->measure == ComponentPlan::Measure::kStays) {
    UseGrid(step.period);
    LookUpStays(step);
  } else {
    const Presences& presences = PresencesOf(step);
    if (presences.all.empty()) return;
    UseGrid(step.period);
    LayOnGrid(presences);
  }
  std::vector<size_t> turns;  // observations on which something begins or ends
  for (const PresenceOnGrid& p : present_) {
    turns.push_back(p.begin);
    if (p.end < grid_.size()) turns.push_back(p.end);
  }
  std::sort(turns.begin(), turns.end());
  turns.erase(std::unique(turns.begin(), turns.end()), turns.end());
  std::vector<std::pair<CellKey, uint32_t>> last;
  for (const size_t i : turns) {
    std::vector<std::pair<CellKey, uint32_t>> now = SubjectCellsAt(step, i);
    const bool emitted_before = advancing_ && i == 0;
    const auto emit_others = [&](const auto& cells, const auto& others, int64_t sign) {
      for (const auto& cell : cells) {
        if (std::find(others.begin(), others.end(), cell) != others.end()) continue;
        if (!emitted_before) Emit(cell.first, MonthOf(grid_[i].day), cell.second, sign);
      }
    };
    emit_others(last, now, -1);
    emit_others(now, last, +1);
    last = std::move(now);
  }
}

}  // namespace kpr

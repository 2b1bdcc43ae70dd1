// Stocks: whom and what an indicator counts at the end of each month, emitted by changes.
#include <algorithm>

#include "indicators/engine/evaluate.h"
#include "indicators/engine/pieces.h"
#include "registry/facts/place_facts.h"
#include "registry/facts/report_facts.h"

namespace kpr {

struct Evaluator::Stock {
  bool present = false;
  uint8_t age = 0;
  uint32_t classes = 0;  // bit per class
  int64_t amount = 0;    // one, or what is reported, or hours in hundredths
  CellPlace place;
  bool operator==(const Stock&) const = default;
};

// From `before` to `after`, both in one cell or one of them nothing.
void Evaluator::EmitStockChange(const PlanStep& step, const Stock& before, const Stock& after,
                                ObservationWindow observation) {
  const ComponentPlan& c = *step.component;
  const Stock& either = after.present ? after : before;
  CellKey key = KeyOf(step, either.place, observation.day);
  key.age = either.age;
  const int month = MonthOf(observation.day);
  if (c.measure == ComponentPlan::Measure::kGrantedHours) {
    const int64_t was = before.amount * 10, is = after.amount * 10;  // thousandths
    Emit(key, month, c.slot, int64_t{after.present} - int64_t{before.present});
    Emit(key, month, slot::kSum, is - was);
    Emit(key, month, slot::kSumSquares, is * is - was * was);
  } else {
    Emit(key, month, c.slot, after.amount - before.amount);
  }
  const uint32_t changed = before.classes ^ after.classes;
  for (uint32_t i = 0; changed >> i != 0; ++i) {
    if ((changed >> i & 1) != 0)
      Emit(key, month, slot::kClassBase + i, (after.classes >> i & 1) != 0 ? 1 : -1);
  }
}

template <typename StockAt>
void Evaluator::EmitChanges(const PlanStep& step, StockAt stock_at) {
  Stock last;
  for (size_t i = 0; i < grid_.size(); ++i) {
    Stock now;
    if (!Excluded(grid_[i].day)) stock_at(i, &now);
    if (now.present) now.age = bands_[i];
    if (now == last) continue;
    const bool emitted_before = advancing_ && i == 0;
    if (last.present && now.present && last.place == now.place && last.age == now.age) {
      EmitStockChange(step, last, now, grid_[i]);
    } else if (!emitted_before) {
      if (last.present) EmitStockChange(step, last, {}, grid_[i]);
      if (now.present) EmitStockChange(step, {}, now, grid_[i]);
    }
    last = now;
  }
}

void Evaluator::LookUpClasses(const ComponentPlan& c) {
  classes_.clear();
  for (const ClassPlan& k : c.classes) classes_.push_back(&predicates_.Of(k.where));
}

uint32_t Evaluator::ClassesAt(const ComponentPlan& c, size_t observation) const {
  uint32_t classes = 0;
  for (uint32_t i = 0; i < classes_.size(); ++i) {
    if (!classes_[i]->Has(observation)) continue;
    classes |= 1u << i;
    if (!c.classes_overlap) break;
  }
  return classes;
}

void Evaluator::PersonStock(const PlanStep& step) {
  const ComponentPlan& c = *step.component;
  const BitSet& who = predicates_.Of(c.where);
  if (who.empty()) return;
  const bool hours = c.measure == ComponentPlan::Measure::kGrantedHours;
  const std::vector<int32_t> granted = hours ? predicates_.Hours(c.types) : std::vector<int32_t>();
  const std::vector<CellPlace>& places = AttributionsOf(c);
  LookUpClasses(c);
  EmitChanges(step, [&](size_t i, Stock* stock) {
    if (!who.Has(i) || places[i].municipality_count == 0 || (hours && granted[i] == 0)) return;
    stock->present = true;
    stock->amount = hours ? granted[i] : step.indicator->unit;
    stock->place = places[i];
    stock->classes = ClassesAt(c, i);
  });
}

void Evaluator::StayStock(const PlanStep& step) {
  const ComponentPlan& c = *step.component;
  ForEachObservedStay(c, [&](const Spell& spell, Date last) {
    EmitChanges(step, [&](size_t i, Stock* stock) {
      if (!active_.Has(i)) return;
      stock->present = true;
      stock->amount = step.indicator->unit;
      stock->place = CellPlace::At(spell.municipality, spell.ProviderOn(std::min(grid_[i].day, last)));
    });
  });
}

const std::vector<CellPlace>& Evaluator::AttributionsOf(const ComponentPlan& c) {
  Attributions& places = attributions_[c.places];
  if (!places.computed) {
    places.at.assign(grid_.size(), CellPlace());
    c.every_municipality ? AttributeToEvery(c, &places.at) : AttributeToLatest(c, &places.at);
    places.computed = true;
  }
  return places.at;
}

// By the latest started service that serves; who only waits counts where the latest open application was
// made.
void Evaluator::AttributeToLatest(const ComponentPlan& c, std::vector<CellPlace>* places) {
  latest_.assign(grid_.size(), nullptr);
  for (const Spell& spell : state_->spells) {
    if (!c.serving_types.Has(spell.type)) continue;
    active_.Reset(grid_.size(), false);
    predicates_.AddActive(spell, c.serving_types_interrupted.Has(spell.type), &active_);
    for (size_t i = 0; i < grid_.size(); ++i) {
      if (!active_.Has(i)) continue;
      const Spell* other = latest_[i];
      const bool later = other == nullptr || spell.start > other->start ||
                         (spell.start == other->start && spell.start_event > other->start_event);
      if (later) latest_[i] = &spell;
    }
  }
  for (const Fact& fact : state_->effective) {
    if (fact.kind != FactKind::kPlaceApplied || !c.waiting_types.Has(PlaceFact{fact}.service_type()))
      continue;
    const size_t end = grid_.AtOrAfter(Closing(*state_, fact, c.waiting_types));
    for (size_t i = grid_.AtOrAfter(fact.occurred_on); i < end; ++i)
      (*places)[i] = CellPlace::At(fact.municipality, {});
  }
  for (size_t i = 0; i < grid_.size(); ++i) {
    if (latest_[i] == nullptr) continue;
    const Date on = std::min(grid_[i].day, LastDay(*latest_[i], *state_));
    (*places)[i] = CellPlace::At(latest_[i]->municipality, latest_[i]->ProviderOn(on));
  }
}

void Evaluator::AttributeToEvery(const ComponentPlan& c, std::vector<CellPlace>* places) {
  std::vector<std::pair<uint16_t, BitSet>> serving;  // by code
  for (const Spell& spell : state_->spells) {
    if (!c.serving_types.Has(spell.type)) continue;
    auto it = std::find_if(serving.begin(), serving.end(),
                           [&](const auto& s) { return s.first == spell.municipality.code; });
    if (it == serving.end()) {
      serving.emplace_back(spell.municipality.code, BitSet());
      it = serving.end() - 1;
      it->second.Reset(grid_.size(), false);
    }
    predicates_.AddActive(spell, c.serving_types_interrupted.Has(spell.type), &it->second);
  }
  std::sort(serving.begin(), serving.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [code, observations] : serving) {
    for (size_t i = 0; i < grid_.size(); ++i) {
      CellPlace& place = (*places)[i];
      if (observations.Has(i) && place.municipality_count < kMaxCellMunicipalities)
        place.municipalities[place.municipality_count++] = code;
    }
  }
}

int64_t ReportedAmount(const ComponentPlan& c, const Fact& report) {
  const auto& wanted = c.industries;
  const int32_t industry = CapacityFact{report}.industry();
  if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), industry) == wanted.end()) return 0;
  int64_t value = 0;
  for (const auto& [position, sign] : c.terms) value += sign * int64_t{report.value(position)};
  return value;
}

void Evaluator::ReportedStock(const PlanStep& step) {
  EmitChanges(step, [&](size_t i, Stock* stock) {
    const Fact* latest = nullptr;
    for (const Fact& fact : state_->effective) {
      if (fact.occurred_on > grid_[i].day) break;
      if (fact.kind == step.component->fact.kind) latest = &fact;
    }
    if (latest == nullptr || grid_[i].day >= ReportUntil(*latest)) return;
    stock->amount = ReportedAmount(*step.component, *latest);
    stock->present = stock->amount != 0;
    if (stock->present) stock->place = CellPlace::At(latest->municipality, latest->provider);
  });
}

void Evaluator::InhabitantStock(const PlanStep& step) {
  const ComponentPlan& c = *step.component;
  const Fact* last = nullptr;
  const auto emit = [&](const Fact& count, int month, int64_t sign) {
    for (int band = c.first_band; band <= c.last_band; ++band) {
      for (const bool men : {true, false}) {
        CellKey key = KeyOf(step, CellPlace::At(count.municipality, {}), grid_[0].day);
        key.sex = men ? 1 : 2;
        key.age = static_cast<uint8_t>(band + 1);
        Emit(key, month, c.slot,
             sign * (men ? InhabitantsFact{count}.men(band) : InhabitantsFact{count}.women(band)) *
                 step.indicator->unit);
      }
    }
  };
  for (size_t i = 0; i < grid_.size(); ++i) {
    const Fact* now = nullptr;
    for (const Fact& fact : state_->effective) {
      if (fact.occurred_on > grid_[i].day) break;
      if (fact.kind == FactKind::kInhabitants) now = &fact;
    }
    if (now != nullptr && grid_[i].day >= ReportUntil(*now)) now = nullptr;
    if (now == last) continue;
    const bool emitted_before = advancing_ && i == 0;
    if (last != nullptr) emit(*last, MonthOf(grid_[i].day), -1);
    if (now != nullptr && !emitted_before) emit(*now, MonthOf(grid_[i].day), +1);
    last = now;
  }
}

// All inhabitants, for the municipality's size group.
void Evaluator::Inhabitants() {
  ComponentPlan all;
  all.measure = ComponentPlan::Measure::kInhabitants;
  all.last_band = static_cast<int>(kAgeBandStarts.size()) - 1;
  IndicatorPlan indicator;
  indicator.number = kInhabitantsIndicator;
  BuildGrid(ReferencePeriod::kLastDay);
  InhabitantStock({&indicator, &all, ReferencePeriod::kLastDay});
}

// The industry of each provider, for indicators of some industries only.
void Evaluator::Industry() {
  BuildGrid(ReferencePeriod::kLastDay);
  int32_t last = 0;
  for (size_t i = 0; i < grid_.size(); ++i) {
    int32_t now = 0;
    for (const Fact& fact : state_->effective) {
      if (fact.occurred_on <= grid_[i].day && fact.kind == FactKind::kCapacity)
        now = CapacityFact{fact}.industry();
    }
    CellKey key;
    key.indicator = kIndustryIndicator;
    key.place.provider = state_->effective.front().provider.number;
    if (!advancing_ || i > 0) Emit(key, MonthOf(grid_[i].day), slot::kDenominator, now - last);
    last = now;
  }
}

}  // namespace kpr

// Where a person counts: at the latest started service that makes the person count, or in every municipality
// that gives one.
#include <algorithm>

#include "indicators/evaluation/evaluation.h"
#include "registry/facts/place_facts.h"

namespace kpr {

const std::vector<CellPlace>& Evaluation::AttributionsOf(const ComponentPlan& c) {
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
void Evaluation::AttributeToLatest(const ComponentPlan& c, std::vector<CellPlace>* places) {
  latest_.assign(grid_.size(), nullptr);
  for (const Spell& spell : state_->spells) {
    if (!c.serving_types.Has(spell.type)) continue;
    active_.Reset(grid_.size(), false);
    predicates_.AddActive(spell, c.serving_types_interrupted.Has(spell.type), &active_);
    for (size_t i = 0; i < grid_.size(); ++i) {
      if (!active_.Has(i)) continue;
      const Spell* other = latest_[i];
      if (other == nullptr || spell.BeganAfter(*other)) latest_[i] = &spell;
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

void Evaluation::AttributeToEvery(const ComponentPlan& c, std::vector<CellPlace>* places) {
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

}  // namespace kpr

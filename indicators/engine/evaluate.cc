#include "indicators/engine/evaluate.h"

#include <algorithm>

#include "base/limits.h"
#include "indicators/engine/person.h"
#include "indicators/survey/score.h"
#include "registry/codelists/codelists.h"

namespace kpr {
namespace {

class PeriodEvaluator {
 public:
  // [first, day] are the days of the period up to the horizon.
  PeriodEvaluator(const IndicatorPlan& indicator, const History& history, Period period, Date first, Date day,
                  std::vector<Contribution>* out)
      : indicator_(indicator),
        history_(history),
        person_(history),
        period_(period),
        first_(first),
        day_(day),
        out_(out) {}

  void Run(const ComponentPlan& c) {
    const Window window{c.whole_period ? first_ : day_, day_};
    switch (c.measure) {
      case ComponentPlan::Measure::kOne:
        return CountPerson(c, window);
      case ComponentPlan::Measure::kStayDays:
        return AddStayDays(c);
      case ComponentPlan::Measure::kCapacity:
        return AddCapacity(c);
      case ComponentPlan::Measure::kWaitingTime:
        return AddWaitingTimes(c);
      case ComponentPlan::Measure::kSurveyIndex:
        return AddSurvey(c);
    }
  }

 private:
  CellKey Key(Municipality municipality, Provider provider) const {
    CellKey key = KeyWithoutPlace();
    key.municipalities[0] = Successor(municipality, day_).code;
    key.municipality_count = 1;
    key.provider = provider.number;
    return key;
  }

  CellKey KeyWithoutPlace() const {
    CellKey key;
    key.indicator = indicator_.number;
    key.kind = period_.kind;
    key.ordinal = static_cast<int16_t>(period_.ordinal);
    if (history_.subject.kind() == SubjectKind::kPerson) {
      key.sex = history_.sex == 1 || history_.sex == 2 ? static_cast<uint8_t>(history_.sex) : 0;
      key.age = AgeBand(history_.birth, day_);
    }
    return key;
  }

  void Emit(const CellKey& key, uint32_t slot, int64_t amount) {
    if (amount != 0) out_->push_back({key, slot, amount});
  }

  void EmitClasses(const ComponentPlan& c, const CellKey& key, Window window) {
    for (uint32_t i = 0; i < c.classes.size(); ++i) {
      if (!person_.Holds(c.classes[i].where, window)) continue;
      Emit(key, slot::kClassBase + i, 1);
      if (!c.classes_overlap) return;
    }
  }

  bool Serves(const ComponentPlan& c, const Spell& spell, Window window) const {
    return (c.serving_types >> spell.type & 1) != 0 &&
           person_.Active(spell, window, (c.serving_types_interrupted >> spell.type & 1) != 0);
  }

  void CountPerson(const ComponentPlan& c, Window window) {
    if (!person_.Holds(c.where, window)) return;
    CellKey key;
    if (!Place(c, window, &key)) return;
    Emit(key, c.slot, indicator_.unit);
    EmitClasses(c, key, window);
  }

  // Where the person counts: by the latest started service that serves, or by all of them; a person who only
  // waits, where the latest open application was made.
  bool Place(const ComponentPlan& c, Window window, CellKey* key) const {
    if (c.every_municipality) return PlaceInEvery(c, window, key);
    const Spell* latest = nullptr;
    for (const Spell& spell : history_.spells) {
      if (!Serves(c, spell, window)) continue;
      if (latest == nullptr || spell.start > latest->start ||
          (spell.start == latest->start && spell.start_event > latest->start_event)) {
        latest = &spell;
      }
    }
    if (latest != nullptr) {
      *key = Key(latest->municipality, latest->ProviderOn(std::min(day_, person_.LastDay(*latest))));
      return true;
    }
    for (auto it = history_.effective.rbegin(); it != history_.effective.rend(); ++it) {
      if (it->kind == FactKind::kPlaceApplied && person_.Waiting(*it, c.waiting_types, day_)) {
        *key = Key(it->municipality, {});
        return true;
      }
    }
    return false;
  }

  bool PlaceInEvery(const ComponentPlan& c, Window window, CellKey* key) const {
    std::vector<uint16_t> codes;
    for (const Spell& spell : history_.spells) {
      if (Serves(c, spell, window)) codes.push_back(Successor(spell.municipality, day_).code);
    }
    std::sort(codes.begin(), codes.end());
    codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
    if (codes.empty()) return false;
    codes.resize(std::min(codes.size(), kMaxCellMunicipalities));
    *key = KeyWithoutPlace();
    std::copy(codes.begin(), codes.end(), key->municipalities.begin());
    key->municipality_count = static_cast<uint8_t>(codes.size());
    return true;
  }

  // Cuts the period at every start, end and change of provider; each piece belongs to the stay that began
  // last.
  void AddStayDays(const ComponentPlan& c) {
    const Date end = day_ + 1;
    const auto leaves = [&](const Spell& spell) { return std::min({spell.end, history_.death, end}); };
    std::vector<Date> cuts;
    for (const Spell& spell : history_.spells) {
      if ((c.types >> spell.type & 1) == 0 || leaves(spell) <= std::max(spell.start, first_)) continue;
      cuts.push_back(std::max(spell.start, first_));
      cuts.push_back(leaves(spell));
      for (const ProviderFrom& change : spell.providers) {
        if (first_ < change.from && change.from < end) cuts.push_back(change.from);
      }
    }
    std::sort(cuts.begin(), cuts.end());
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
    for (size_t i = 0; i + 1 < cuts.size(); ++i) {
      const Spell* stay = nullptr;
      for (const Spell& spell : history_.spells) {
        if ((c.types >> spell.type & 1) == 0 || cuts[i] < spell.start || cuts[i] >= leaves(spell)) continue;
        if (stay == nullptr || spell.start > stay->start ||
            (spell.start == stay->start && spell.start_event > stay->start_event)) {
          stay = &spell;
        }
      }
      if (stay == nullptr) continue;
      const CellKey key = Key(stay->municipality, stay->ProviderOn(cuts[i]));
      Emit(key, c.slot, (cuts[i + 1] - cuts[i]) * indicator_.unit);
    }
  }

  static int64_t Capacity(const ComponentPlan& c, const Fact& report) {
    const auto& wanted = c.industries;
    const int32_t industry = report.value(value_at::kIndustry);
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), industry) == wanted.end()) return 0;
    int64_t value = 0;
    for (const auto& [position, sign] : c.capacity_terms) value += sign * int64_t{report.value(position)};
    return value;
  }

  void AddCapacity(const ComponentPlan& c) {
    const Fact* current = nullptr;
    Date since = first_;
    const auto add_until = [&](Date until) {
      if (current == nullptr || until <= since) return;
      const int64_t days = c.whole_period ? until - since : 1;
      if (c.whole_period || until > day_)
        Emit(Key(current->municipality, current->provider), c.slot, days * Capacity(c, *current));
    };
    for (const Fact& fact : history_.effective) {
      if (fact.occurred_on > day_) break;
      if (fact.kind != FactKind::kCapacity) continue;
      if (fact.occurred_on > first_) add_until(fact.occurred_on);
      since = std::max(first_, fact.occurred_on);
      current = &fact;
    }
    add_until(day_ + 1);
  }

  // The latest grant for the stay: after the stay before it began, not declined, not after the stay's first
  // day.
  const Fact* GrantOf(const ComponentPlan& c, const Spell& stay, Date after) const {
    const Fact* latest = nullptr;
    for (const Fact& fact : history_.effective) {
      if (fact.occurred_on > stay.start) break;
      const bool granted = fact.kind == FactKind::kPlaceGranted && (c.types >> fact.type & 1) != 0;
      if (granted && fact.occurred_on > after && !person_.Declined(fact, stay.start)) latest = &fact;
    }
    return latest;
  }

  void AddWaitingTimes(const ComponentPlan& c) {
    Date stay_before = kFirstDate;
    for (const Spell& stay : history_.spells) {  // by start
      if ((c.types >> stay.type & 1) == 0 || stay.start > std::min(day_, history_.death)) continue;
      const Fact* grant = stay.start < first_ ? nullptr : GrantOf(c, stay, stay_before);
      stay_before = stay.start;
      if (grant == nullptr) continue;
      const int days = stay.start - grant->occurred_on;
      const CellKey key = Key(stay.municipality, stay.providers.front().provider);
      Emit(key, c.slot, indicator_.unit);
      if (indicator_.histogram) {
        Emit(key, slot::kHistogramBase + static_cast<uint32_t>(std::min(days, limits::kHistogramDays)), 1);
      }
      for (uint32_t i = 0; i < c.classes.size(); ++i) {
        if (c.classes[i].up_to_days != 0 && days > c.classes[i].up_to_days) continue;
        Emit(key, slot::kClassBase + i, 1);
        break;
      }
    }
  }

  void AddSurvey(const ComponentPlan& c) {
    const auto is = [&](const Fact& fact, FactKind kind) {
      return fact.kind == kind && fact.service == c.instrument && fact.type == c.respondent;
    };
    const auto& facts = history_.effective;
    const auto invitation = std::find_if(facts.begin(), facts.end(),
                                         [&](const Fact& f) { return is(f, FactKind::kSurveyInvitation); });
    if (invitation == facts.end() || invitation->occurred_on < first_ || invitation->occurred_on > day_)
      return;
    const CellKey key = Key(invitation->municipality, invitation->provider);
    Emit(key, slot::kInvited, 1);
    const auto response = std::find_if(facts.begin(), facts.end(),
                                       [&](const Fact& f) { return is(f, FactKind::kSurveyResponse); });
    if (response == facts.end()) return;
    Emit(key, slot::kResponded, 1);
    std::vector<int> answers;
    for (int i = 0; i < c.items; ++i) answers.push_back(response->value(i));
    const auto index = SurveyIndexThousandths(answers, c.scale_min, c.scale_max, c.reversed);
    if (!index) return;
    Emit(key, slot::kDenominator, 1);
    Emit(key, slot::kSum, *index);
    Emit(key, slot::kSumSquares, *index * *index);
  }

  const IndicatorPlan& indicator_;
  const History& history_;
  PersonView person_;
  Period period_;
  Date first_, day_;
  std::vector<Contribution>* out_;
};

void CountFacts(const History& history, Date from, std::vector<Contribution>* out) {
  for (const Fact& fact : history.effective) {
    if (fact.occurred_on < from || fact.kind == FactKind::kPersonDetails ||
        fact.kind == FactKind::kIdentityChanged) {
      continue;
    }
    CellKey key;
    const Period year = Period::Containing(PeriodKind::kYear, fact.occurred_on);
    key.kind = year.kind;
    key.ordinal = static_cast<int16_t>(year.ordinal);
    key.municipalities[0] = fact.municipality.code;
    key.municipality_count = 1;
    out->push_back({key, slot::kDenominator, 1});
  }
}

// The first day on which the subject can contribute anything.
Date Beginning(const History& history) {
  return history.effective.empty() ? kNoEnd : history.effective.front().occurred_on;
}

// The last; kNoEnd while a service runs or an application is open.
Date Ending(const History& history) {
  if (history.subject.kind() != SubjectKind::kPerson) return kNoEnd;
  Date last = kFirstDate;
  for (const Spell& spell : history.spells) last = std::max(last, std::min(spell.end, history.death));
  for (const Fact& fact : history.effective) {
    if (fact.kind == FactKind::kPlaceApplied) last = std::max(last, history.death);
  }
  return last;
}

}  // namespace

void EvaluatePeriod(const IndicatorPlan& indicator, const History& history, Period period, Date horizon,
                    std::vector<Contribution>* out) {
  if (history.moved) return;
  const std::vector<int> excluded = ManyMunicipalityYears(history);
  if (std::find(excluded.begin(), excluded.end(), period.first().year()) != excluded.end()) return;
  PeriodEvaluator evaluator(indicator, history, period, period.first(), std::min(period.last(), horizon),
                            out);
  for (const ComponentPlan& component : indicator.components) {
    if (component.subject == history.subject.kind()) evaluator.Run(component);
  }
}

void Evaluate(const Plan& plan, const History& history, Date from, Date horizon,
              std::vector<Contribution>* out) {
  if (history.moved) return;
  CountFacts(history, from, out);
  const Date begin = std::max(from, Beginning(history));
  const Date end = std::min(horizon, Ending(history));
  const std::vector<int> excluded = ManyMunicipalityYears(history);
  for (const PeriodKind kind : {PeriodKind::kMonth, PeriodKind::kTertial, PeriodKind::kYear}) {
    const auto& parts = plan.PartsOf(kind, history.subject.kind());
    if (parts.empty()) continue;
    Period period = Period::Containing(kind, begin);
    for (Date first = period.first(), next; first <= end; first = next, period = period.next()) {
      next = period.next().first();
      if (!excluded.empty() && std::find(excluded.begin(), excluded.end(), first.year()) != excluded.end())
        continue;
      for (const auto& [indicator, component] : parts) {
        PeriodEvaluator(*indicator, history, period, first, std::min(next - 1, horizon), out).Run(*component);
      }
    }
  }
}

}  // namespace kpr

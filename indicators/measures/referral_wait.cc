// Days from a referral to the first contact after it, for each referral.
#include <algorithm>
#include <vector>

#include "indicators/evaluation/fact_field.h"
#include "indicators/measures/days_taken.h"
#include "indicators/measures/measure.h"
#include "indicators/measures/words.h"
#include "registry/facts/contact_facts.h"

namespace kpr {
namespace {

std::string Check(const v1::Component& c) {
  const NamedFact* named = FindFact(c.referral_wait().fact());
  return named != nullptr && named->kind == FactKind::kContact ? "" : "a contact as fact in referral_wait";
}

void Compile(const v1::Component& c, Instruments, ComponentPlan* plan) {
  plan->fact = FilterOf(c.referral_wait().fact());
}

void EmitReferral(const PlanStep& step, const Fact& contact, Date referred, Evaluation* evaluation) {
  const Date on = contact.occurred_on;
  const CellPlace place = CellPlace::At(contact.municipality, {});
  EmitDaysTaken(step, evaluation->KeyOf(step, place, on), MonthOf(on), on - referred, evaluation);
}

void Evaluate(const PlanStep& step, Evaluation* evaluation) {
  std::vector<Date> met;  // days of referrals that a contact has followed, rising
  for (const Fact& fact : evaluation->state().effective) {  // by date
    if (!step.component->fact.IsOfKind(fact)) continue;
    const auto referred = ContactFact{fact}.referred_on();
    if (!referred) continue;
    const auto at = std::lower_bound(met.begin(), met.end(), *referred);
    if (at != met.end() && *at == *referred) continue;
    met.insert(at, *referred);
    if (!evaluation->InRange(fact.occurred_on) || evaluation->Excluded(fact.occurred_on)) continue;
    EmitReferral(step, fact, *referred, evaluation);
  }
}

}  // namespace

extern const Measure kReferralWait;
const Measure kReferralWait = {
    .field = v1::Component::kReferralWait,
    .subjects = {v1::SUBJECT_TYPE_PERSON},
    .sort = Always<MeasuringType::kFlow>,
    .where = false,
    .classes = true,
    .repeats = true,
    .days = true,
    .check = Check,
    .compile = Compile,
    .evaluate = Evaluate,
    .describe =
        [](const v1::Component& c) {
          return "referrals that a " + Words(v1::FactType_Name(c.referral_wait().fact()), "FACT_TYPE_") +
                 " followed, and the days until the first";
        },
    .facts = [](const v1::Component&) { return std::set{FactKind::kContact}; },
};

}  // namespace kpr

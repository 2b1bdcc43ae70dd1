// Questionnaires: invitations and responses.
#pragma once

#include "registry/facts/descriptor.h"

namespace kpr {

std::vector<FactDescriptor> SurveyFacts();

constexpr bool IsSurveyFact(FactKind kind) {
  return kind == FactKind::kSurveyInvitation || kind == FactKind::kSurveyResponse;
}

// Instruments are the same for all senders.
constexpr uint64_t InstrumentNumber(std::string_view name) {
  return Fnv1a(name, Fnv1a("instrument"));
}

struct SurveyFact {
  const Fact& fact;
  uint16_t respondent() const { return fact.code; }            // kpr.v1.Respondent
  uint64_t instrument() const { return fact.reference; }       // InstrumentNumber
  int32_t answer(int item) const { return fact.value(item); }  // responses; items from 0
};

}  // namespace kpr

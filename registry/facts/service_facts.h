// Services from start to end: started, provider changed, paused, resumed, ended.
#pragma once

#include "registry/facts/descriptor.h"

namespace kpr {

std::vector<FactDescriptor> ServiceFacts();

constexpr bool IsServiceFact(FactKind kind) {
  return kind == FactKind::kServiceStarted || kind == FactKind::kServiceEnded ||
         kind == FactKind::kProviderChanged || kind == FactKind::kServicePaused ||
         kind == FactKind::kServiceResumed;
}

// The stored fields of the five kinds.
struct ServiceFact {
  const Fact& fact;
  uint16_t service_type() const { return fact.code; }       // kodeverk 9151
  uint64_t service() const { return fact.reference; }       // the sender's service
  uint64_t pause() const { return fact.second_reference; }  // paused and resumed
  int32_t hours_per_week() const { return fact.value(0); }  // started; hundredths
};

}  // namespace kpr

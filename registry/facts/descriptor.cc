#include "registry/facts/descriptor.h"

#include <array>
#include <cmath>

#include "registry/facts/assessment_facts.h"
#include "registry/facts/contact_facts.h"
#include "registry/facts/hospital_facts.h"
#include "registry/facts/person_facts.h"
#include "registry/facts/place_facts.h"
#include "registry/facts/plan_facts.h"
#include "registry/facts/report_facts.h"
#include "registry/facts/service_facts.h"
#include "registry/facts/survey_facts.h"

namespace kpr {

std::span<const FactDescriptor> FactDescriptors() {
  static const std::vector<FactDescriptor> kAll = [] {
    std::vector<FactDescriptor> all;
    for (const auto& family : {ServiceFacts(), PersonFacts(), AssessmentFacts(), PlanFacts(), ContactFacts(),
                               HospitalFacts(), PlaceFacts(), SurveyFacts(), ReportFacts()})
      all.insert(all.end(), family.begin(), family.end());
    return all;
  }();
  return kAll;
}

const FactDescriptor* DescriptorOf(FactKind kind) {
  static const std::array<const FactDescriptor*, 256> kByKind = [] {
    std::array<const FactDescriptor*, 256> by_kind{};
    for (const FactDescriptor& descriptor : FactDescriptors())
      by_kind[static_cast<uint8_t>(descriptor.kind)] = &descriptor;
    return by_kind;
  }();
  return kByKind[static_cast<uint8_t>(kind)];
}

uint64_t LocalNumber(uint64_t sender, const std::string& id) {
  return Fnv1a(id, Fnv1a({reinterpret_cast<const char*>(&sender), sizeof sender}));
}

uint32_t ProviderNumber(const std::string& organisation_number) {
  const auto provider = Provider::Parse(organisation_number);
  return provider ? provider->number : 0;
}

int32_t Hundredths(double value) {
  return static_cast<int32_t>(std::llround(value * 100));
}

}  // namespace kpr

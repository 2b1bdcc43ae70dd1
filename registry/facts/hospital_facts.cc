#include "registry/facts/hospital_facts.h"

#include "registry/facts/field_check.h"

namespace kpr {
namespace {

constexpr int kMostReadyDays = 366;  // more is a wrong date

MaybeViolation CheckDischarge(const v1::Event& e, const CheckContext& context) {
  return CheckDateWithin(e.hospital_discharge().ready_on(), "hospital_discharge.ready_on",
                         context.on - kMostReadyDays, context.on);
}

void EncodeDischarge(const v1::Event& e, FactContent* content) {
  const auto on = Date::Parse(e.occurred_on()), ready = Date::Parse(e.hospital_discharge().ready_on());
  if (on && ready) content->values = {*on - *ready};
}

}  // namespace

std::vector<FactDescriptor> HospitalFacts() {
  // That discharges come does not show that care services are told as well.
  return {{.kind = FactKind::kHospitalDischarge,
           .subjects = {v1::Subject::kPerson},
           .what = "A person leaves hospital, and when the person was ready to",
           .check = CheckDischarge,
           .encode = EncodeDischarge,
           .municipality_reports = false,
           .title_nb = "Utskrivning fra sykehus",
           .fields = {{.name = "ready_days",
                       .nb = "Dager på sykehus etter at personen var utskrivningsklar, der det er oppgitt",
                       .en = "Days in hospital after the person was ready to leave, where it is told",
                       .type = FieldType::kCount,
                       .sensitive = true,
                       .number = [](const Fact& fact) -> std::optional<int64_t> {
                         return HospitalDischargeFact{fact}.ready_days();
                       }}}}};
}

}  // namespace kpr

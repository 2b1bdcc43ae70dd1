#include "registry/facts/contact_facts.h"

#include "registry/facts/field_check.h"

namespace kpr {
namespace {

MaybeViolation CheckContact(const v1::Event& e, const CheckContext& context) {
  const v1::Contact& contact = e.contact();
  if (contact.service() == 0 || !v1::Contact::Service_IsValid(contact.service()))
    return NotOneOf("contact.service", *v1::Contact::Service_descriptor());
  return CheckDateWithin(contact.referred_on(), "contact.referred_on", kEarliestFact, context.on);
}

// The days waited, so that a stored contact holds one date.
void EncodeContact(const v1::Event& e, FactContent* content) {
  content->header.code = static_cast<uint16_t>(e.contact().service());
  const auto on = Date::Parse(e.occurred_on()), referred = Date::Parse(e.contact().referred_on());
  if (on && referred) content->values = {*on - *referred};
}

const CodeTexts& ContactServices() {
  static const CodeTexts texts = {
      {v1::Contact::SERVICE_GENERAL_PRACTITIONER, "Fastlege", "General practitioner"},
      {v1::Contact::SERVICE_OUT_OF_HOURS, "Legevakt", "Out-of-hours service"},
      {v1::Contact::SERVICE_PHYSIOTHERAPY, "Fysioterapi", "Physiotherapy"},
      {v1::Contact::SERVICE_CHILD_HEALTH_CLINIC, "Helsestasjon", "Child health clinic"},
      {v1::Contact::SERVICE_SCHOOL_HEALTH, "Skolehelsetjeneste", "School health service"},
      {v1::Contact::SERVICE_PSYCHOLOGIST, "Psykolog i kommunen", "Municipal psychologist"},
      {v1::Contact::SERVICE_DENTAL, "Tannhelsetjeneste", "Dental service"},
      {v1::Contact::SERVICE_MENTAL_HEALTH_AND_SUBSTANCE_USE, "Psykisk helse og rus",
       "Mental health and substance use"}};
  return texts;
}

std::vector<FieldDescriptor> ContactFields() {
  return {{.name = "service",
           .nb = "Tjenesten kontakten var med",
           .en = "Service that the contact was with",
           .type = FieldType::kCode,
           .sensitive = true,
           .codes = ContactServices,
           .number = [](const Fact& fact) -> std::optional<int64_t> { return ContactFact{fact}.service(); }},
          {.name = "waited_days",
           .nb = "Dager fra henvisning, der den er oppgitt",
           .en = "Days from referral, where it is told",
           .type = FieldType::kCount,
           .sensitive = true,
           .number = [](const Fact& fact) -> std::optional<int64_t> {
             return fact.value_count == 0 ? std::nullopt : std::optional<int64_t>(fact.value(0));
           }}};
}

}  // namespace

std::vector<FactDescriptor> ContactFacts() {
  // That contacts come does not show that care services are told as well.
  return {{.kind = FactKind::kContact,
           .subjects = {v1::Subject::kPerson},
           .what = "A contact with another municipal health service, and when it was referred",
           .check = CheckContact,
           .encode = EncodeContact,
           .municipality_reports = false,
           .title_nb = "Kontakt med annen kommunal helsetjeneste",
           .fields = ContactFields()}};
}

}  // namespace kpr

#include "registry/facts/person_facts.h"

#include "registry/facts/field_check.h"

namespace kpr {
namespace {

int32_t DayOf(const std::string& date) {
  const auto parsed = Date::Parse(date);
  return parsed ? parsed->days : kUnknownDay;
}

MaybeViolation CheckDates(const v1::PersonDetails& d, Date received_on) {
  if (auto r = CheckOptionalDate(d.birth_date(), "person_details.birth_date")) return r;
  if (auto r = CheckOptionalDate(d.death_date(), "person_details.death_date")) return r;
  const auto birth = Date::Parse(d.birth_date()), death = Date::Parse(d.death_date());
  if (birth && (*birth > received_on || *birth < Date::FromYmd(1850, 1, 1))) {
    return OutOfRange("person_details.birth_date",
                      {"fra 1850-01-01 til mottaksdagen", "from 1850-01-01 to the day of receipt"});
  }
  if (death && *death > received_on + 1)
    return OutOfRange("person_details.death_date",
                      {"senest mottaksdagen", "no later than the day of receipt"});
  if (birth && death && *death < *birth)
    return OutOfRange("person_details.death_date", {"birth_date eller senere", "on or after birth_date"});
  return std::nullopt;
}

MaybeViolation CheckDetails(const v1::Event& e, const CheckContext& context) {
  const v1::PersonDetails& d = e.person_details();
  if (d.sex() != v1::SEX_UNSPECIFIED && d.sex() != v1::SEX_MALE && d.sex() != v1::SEX_FEMALE &&
      d.sex() != v1::SEX_NOT_APPLICABLE) {
    return UnknownCode("person_details.sex", "kodeverk 3101");
  }
  if (!v1::DeathPlace_IsValid(d.death_place()))
    return NotOneOf("person_details.death_place", *v1::DeathPlace_descriptor());
  return CheckDates(d, context.received_on);
}

MaybeViolation CheckIdentityChanged(const v1::Event& e, const CheckContext&) {
  if (!e.identity_changed().new_pseudonym().empty()) {
    return Violation{ViolationCode::kPseudonymNotAllowed, "identity_changed.new_pseudonym",
                     "Avsendere kan ikke sende pseudonymer", "Senders cannot send pseudonyms"};
  }
  return CheckPerson(e.identity_changed().new_identity(), "identity_changed.new_identity",
                     e.source().patient_number());
}

MaybeViolation CheckReservation(const v1::Event& e, const CheckContext&) {
  const auto purpose = e.reservation().purpose();
  if (purpose != 0 && v1::Reservation::Purpose_IsValid(purpose)) return std::nullopt;
  return NotOneOf("reservation.purpose", *v1::Reservation::Purpose_descriptor());
}

}  // namespace

std::vector<FactDescriptor> PersonFacts() {
  constexpr auto kPerson = v1::Subject::kPerson;
  return {
      {.kind = FactKind::kPersonDetails,
       .subjects = {kPerson},
       .what = "Birth date, sex, death: from the population register",
       .check = CheckDetails,
       .encode =
           [](const v1::Event& e, FactContent* content) {
             const v1::PersonDetails& d = e.person_details();
             content->header.code = static_cast<uint16_t>(d.sex());
             content->values = {DayOf(d.birth_date()), DayOf(d.death_date()), d.death_place()};
           },
       .municipality_reports = false},
      {.kind = FactKind::kIdentityChanged,
       .subjects = {kPerson},
       .what = "The person has another identity now",
       .check = CheckIdentityChanged,
       .municipality_reports = false},
      {.kind = FactKind::kReservation,
       .subjects = {kPerson},
       .what = "The person objects to a use of their data, or withdraws that",
       .check = CheckReservation,
       .encode =
           [](const v1::Event& e, FactContent* content) {
             content->header.code = static_cast<uint16_t>(e.reservation().purpose());
             content->values = {e.reservation().withdrawn()};
           }},
  };
}

}  // namespace kpr

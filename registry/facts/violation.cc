#include "registry/facts/violation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <google/protobuf/descriptor.h>

#include <vector>

namespace kpr {
namespace {

using C = ViolationCode;
constexpr ViolationDescriptor kViolations[] = {
    {C::kMissing, "MISSING", "A field that every such event has is empty.", "Fill the field named."},
    {C::kBadFormat, "BAD_FORMAT", "A field has not the form it must have.",
     "Send it in the form that the message tells."},
    {C::kUnknownCode, "UNKNOWN_CODE", "The code is not in the code list.", "Send a code of the list named."},
    {C::kCodeNotInForce, "CODE_NOT_IN_FORCE",
     "The code is in the list, but was not in use on the date of the fact.",
     "Send the code that was in use on that day, or correct the date."},
    {C::kOutOfRange, "OUT_OF_RANGE", "A value lies outside what is possible.",
     "Correct the value; the message tells the range."},
    {C::kNoSuchDate, "NO_SUCH_DATE", "The text is not a date, or the day does not exist.",
     "Send YYYY-MM-DD of a day in the calendar."},
    {C::kReferenceNotAllowed, "REFERENCE_NOT_ALLOWED",
     "An ORIGINAL refers to another event, or a correction to itself.",
     "Leave refers_to empty in an ORIGINAL; give a correction an event_id of its own."},
    {C::kStatusNotInUse, "STATUS_NOT_IN_USE", "Status SUPPLEMENT (code T) is not in use.",
     "Send REPLACE, or a new ORIGINAL."},
    {C::kMunicipalityNotInForce, "MUNICIPALITY_NOT_IN_FORCE",
     "The municipality's code was not in force on the date of the fact.",
     "Send the code that was in force on that day."},
    {C::kWrongSubject, "WRONG_SUBJECT", "The fact cannot be about such a subject.",
     "Send the subject that the table of facts names."},
    {C::kPseudonymNotAllowed, "PSEUDONYM_NOT_ALLOWED", "The subject is a pseudonym.",
     "Send the person's identity; the register makes the pseudonym."},
    {C::kIdentityDate, "IDENTITY_DATE", "The date part of the identity number does not fit its type.",
     "Check the number and its type."},
    {C::kIdentityCheckDigit, "IDENTITY_CHECK_DIGIT", "The identity number's check digits do not match.",
     "Check the number; use type 9 and the local patient number for a person without one."},
    {C::kIdentityInText, "IDENTITY_IN_TEXT", "A local id or another text holds a national identity number.",
     "Send an id that says nothing of the person."},
    {C::kLocalNumberRequired, "LOCAL_NUMBER_REQUIRED",
     "A person without an identity number (type 9) comes without a local patient number.",
     "Fill source.patient_number."},
    {C::kProviderCheckDigit, "PROVIDER_CHECK_DIGIT", "The organisation number is not valid.",
     "Check the nine digits of the provider's organisation number."},
    {C::kNotYourMunicipality, "NOT_YOUR_MUNICIPALITY",
     "The policy does not let the sender send for the municipality.",
     "Check the code; else ask the operator of the register."},
    {C::kNotYourServiceType, "NOT_YOUR_SERVICE_TYPE",
     "The policy does not let the sender send about the service type.",
     "Check the code; else ask the operator of the register."},
    {C::kNotAnEvent, "NOT_AN_EVENT", "The bytes are not a kpr.v1.Event.",
     "Send each event serialized by the message of this version."},
    {C::kEventTooLarge, "EVENT_TOO_LARGE", "One event is larger than the limit.", "Shorten its texts."},
    {C::kUnknownInstrument, "UNKNOWN_INSTRUMENT", "The register does not have the questionnaire.",
     "Send the id of one that docs/indicators.md lists."},
    {C::kNotYourProvider, "NOT_YOUR_PROVIDER",
     "The policy does not let the sender report about the provider as a whole.",
     "Ask the register to add the provider to the sender's policy."},
    {C::kNoPersonAuthority, "NO_PERSON_AUTHORITY",
     "Details of persons and changes of identity come from the population register only.", "Leave them out."},
};

constexpr bool InOrder() {
  for (size_t i = 0; i < std::size(kViolations); ++i) {
    if (static_cast<size_t>(kViolations[i].code) != i) return false;
  }
  return std::size(kViolations) == static_cast<size_t>(C::kNoPersonAuthority) + 1;
}
static_assert(InOrder());

}  // namespace

std::span<const ViolationDescriptor> ViolationDescriptors() {
  return kViolations;
}

const char* NameOf(ViolationCode code) {
  return kViolations[static_cast<size_t>(code)].name;
}

Violation Missing(const std::string& field) {
  return {C::kMissing, field, fmt::format("{} mangler", field), fmt::format("{} is missing", field)};
}

Violation BadFormat(const std::string& field, std::string_view form) {
  return {C::kBadFormat, field, fmt::format("{} må ha formen {}", field, form),
          fmt::format("{} must have the form {}", field, form)};
}

Violation UnknownCode(const std::string& field, std::string_view list) {
  return {C::kUnknownCode, field, fmt::format("{} er ikke en kode i {}", field, list),
          fmt::format("{} is not a code of {}", field, list)};
}

Violation NotOneOf(const std::string& field, const google::protobuf::EnumDescriptor& values) {
  std::vector<std::string> names;
  for (int i = 0; i < values.value_count(); ++i) {
    if (values.value(i)->number() != 0) names.push_back(values.value(i)->name());
  }
  return {C::kUnknownCode, field, fmt::format("{} må være en av {}", field, fmt::join(names, ", ")),
          fmt::format("{} must be one of {}", field, fmt::join(names, ", "))};
}

Violation OutOfRange(const std::string& field, const Phrase& range) {
  return {C::kOutOfRange, field, fmt::format("{} må være {}", field, range.nb),
          fmt::format("{} must be {}", field, range.en)};
}

}  // namespace kpr

// Why an event is refused, and the one table of all reasons.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace google::protobuf {
class EnumDescriptor;
}

namespace kpr {

enum class ViolationCode {
  kMissing,
  kBadFormat,
  kUnknownCode,
  kCodeNotInForce,
  kOutOfRange,
  kNoSuchDate,
  kReferenceNotAllowed,
  kStatusNotInUse,
  kMunicipalityNotInForce,
  kWrongSubject,
  kPseudonymNotAllowed,
  kIdentityDate,
  kIdentityCheckDigit,
  kIdentityInText,
  kLocalNumberRequired,
  kProviderCheckDigit,
  kNotYourMunicipality,
  kNotYourServiceType,
  kNotAnEvent,
  kEventTooLarge,
  kUnknownInstrument,
  kNotYourProvider,
  kNoPersonAuthority,
};

struct ViolationDescriptor {
  ViolationCode code;
  const char* name;          // as senders see it; stable
  const char *cause, *cure;  // English, for docs/codes.md
};
std::span<const ViolationDescriptor> ViolationDescriptors();  // by code
const char* NameOf(ViolationCode code);

// The field's path and the reason in both languages. Never quotes an identity number.
struct Violation {
  ViolationCode code{};
  std::string field, nb, en;
};

// The end of a sentence, in both languages.
struct Phrase {
  std::string nb, en;
};

Violation Missing(const std::string& field);
Violation BadFormat(const std::string& field, std::string_view form);
// Of a code list whose name is the same in both languages.
Violation UnknownCode(const std::string& field, std::string_view list);
Violation NotOneOf(const std::string& field, const google::protobuf::EnumDescriptor& values);
Violation OutOfRange(const std::string& field, const Phrase& range);

}  // namespace kpr

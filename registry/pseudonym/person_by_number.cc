#include "registry/pseudonym/person_by_number.h"

#include "registry/pseudonym/identity_number.h"

namespace kpr {

Result<SubjectId> PersonByNumber(const Pseudonymizer* pseudonymizer, uint32_t type, std::string_view number) {
  if (pseudonymizer == nullptr)
    return FailedPrecondition("this node makes no pseudonyms: ask one that takes events");
  constexpr uint32_t kOther = 9;  // unique in a municipality alone
  if (type == kOther || CheckIdentity(type, number) != IdentityCheck::kOk)
    return Invalid(
        "person: expected the type of the number (kodeverk 9032, not 9) and a number with right check "
        "digits");
  return pseudonymizer->Person(type, number);
}

}  // namespace kpr

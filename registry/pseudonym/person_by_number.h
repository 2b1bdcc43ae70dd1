// From the number that somebody gives to the pseudonym that the register has. Thread-safe.
#pragma once

#include "registry/pseudonym/pseudonymizer.h"

namespace kpr {

// kInvalid: `type` (kodeverk 9032) or `number` cannot be one that is unique in the country; the message does
// not repeat it. kFailedPrecondition: no pseudonymizer, as on a node that takes no events.
Result<SubjectId> PersonByNumber(const Pseudonymizer* pseudonymizer, uint32_t type, std::string_view number);

}  // namespace kpr

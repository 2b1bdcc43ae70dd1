// Checks of single fields, shared by facts. Each gives what is wrong, or nothing.
#pragma once

#include <optional>
#include <string>

#include "base/date.h"
#include "kpr/v1/event.pb.h"
#include "registry/facts/violation.h"

namespace kpr {

using MaybeViolation = std::optional<Violation>;

MaybeViolation CheckUuid(const std::string& text, const std::string& field, bool zero_allowed);
// A local id: 1 to 100 bytes, without an identity number.
MaybeViolation CheckText(const std::string& text, const std::string& field);
// 0 to `most`, at most two decimals.
MaybeViolation CheckAmount(double value, const std::string& field, double most);
MaybeViolation CheckOptionalDate(const std::string& text, const std::string& field);
// The same, of one of these days.
MaybeViolation CheckDateWithin(const std::string& text, const std::string& field, Date first, Date last);
MaybeViolation CheckMunicipalityCode(const std::string& text, const std::string& field, Date on);
MaybeViolation CheckProviderNumber(const std::string& text, const std::string& field, bool required);
MaybeViolation CheckPerson(const v1::PersonIdentity& person, const std::string& field,
                           const std::string& patient_number);
// Of kodeverk 9151, in use on the day.
MaybeViolation CheckServiceType(uint32_t code, const std::string& field, Date on);

}  // namespace kpr

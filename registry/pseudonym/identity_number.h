// Whether a number can be what its type says (kodeverk 9032). Pure; derives nothing from the number: sex and
// birth date come from the population register only.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace kpr {

enum class IdentityCheck {
  kOk,
  kUnknownType,
  kFormat,  // length or characters
  kDate,    // the date part is no date, or metadata another type
  kCheckDigit,
};

// Types 1, 2, 3 and 12 have two check digits by the rule of 1964 or that of 2032 (remainder 0 to 3);
// synthetic numbers (month + 80 or + 65, agency test numbers + 40) are accepted. 10 is a DUF number. 9 is a
// birth date ddmmyy. The others are passport-like: 1 to 20 printable characters.
IdentityCheck CheckIdentity(uint32_t type, std::string_view number);

// Whether digits in the text, blanks between them or not, are a national identity number.
bool HoldsIdentityNumber(std::string_view text);
// Whether the text of a UUID was made around one: random ones hold such digits by chance, but then the rest
// is random.
bool IsMadeOfIdentityNumber(std::string_view uuid);
// Where in stored bytes one stands in digits: of UUIDs only those made around one. For scans of log and
// store.
std::optional<size_t> FindIdentityNumber(std::string_view bytes);

}  // namespace kpr

#include "registry/facts/field_check.h"

#include <fmt/format.h>

#include <cmath>

#include "base/ids.h"
#include "base/limits.h"
#include "registry/codelists/codelists.h"
#include "registry/pseudonym/identity_number.h"

namespace kpr {
static Violation IdentityInText(const std::string& field) {
  return {ViolationCode::kIdentityInText, field, "Feltet inneholder et fødselsnummer",
          "The field holds a national identity number"};
}

MaybeViolation CheckUuid(const std::string& text, const std::string& field, bool zero_allowed) {
  if (text.empty()) return Missing(field);
  const auto id = Uuid::Parse(text);
  if (!id) return BadFormat(field, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
  if (id->is_zero() && !zero_allowed)
    return OutOfRange(field, {"en annen UUID enn null", "a UUID other than zero"});
  if (id->is_zero()) return std::nullopt;
  const char version = text[14], variant = text[19];
  if ((version != '4' && version != '7') ||
      std::string_view("89abAB").find(variant) == std::string_view::npos)
    return BadFormat(field, "UUIDv4 / UUIDv7");
  if (IsMadeOfIdentityNumber(text)) return IdentityInText(field);
  return std::nullopt;
}

MaybeViolation CheckText(const std::string& text, const std::string& field) {
  if (text.empty()) return Missing(field);
  if (text.size() > limits::kTextBytes)
    return OutOfRange(field, {"på 1 til 100 tegn", "1 to 100 characters"});
  if (HoldsIdentityNumber(text)) {
    return IdentityInText(field);
  }
  return std::nullopt;
}

MaybeViolation CheckAmount(double value, const std::string& field, double most) {
  const bool in_range = std::isfinite(value) && value >= 0 && value <= most;
  if (!in_range) return OutOfRange(field, {fmt::format("0 til {}", most), fmt::format("0 to {}", most)});
  if (std::abs(value * 100 - std::round(value * 100)) > 1e-6)
    return OutOfRange(field, {"et tall med høyst to desimaler", "a number of at most two decimals"});
  return std::nullopt;
}

MaybeViolation CheckOptionalDate(const std::string& text, const std::string& field) {
  if (text.empty() || Date::Parse(text)) return std::nullopt;
  return Violation{ViolationCode::kNoSuchDate, field, fmt::format("{} er ikke en dato ÅÅÅÅ-MM-DD", field),
                   fmt::format("{} is not a date YYYY-MM-DD", field)};
}

MaybeViolation CheckDateWithin(const std::string& text, const std::string& field, Date first, Date last) {
  if (auto r = CheckOptionalDate(text, field)) return r;
  const auto date = Date::Parse(text);
  if (!date || (first <= *date && *date <= last)) return std::nullopt;
  const std::string from = first.ToString(), to = last.ToString();
  return OutOfRange(field, {fmt::format("fra {} til {}", from, to), fmt::format("from {} to {}", from, to)});
}

MaybeViolation CheckMunicipalityCode(const std::string& text, const std::string& field, Date on) {
  if (text.empty()) return Missing(field);
  const auto code = Municipality::Parse(text);
  if (!code) return BadFormat(field, "NNNN");
  switch (MunicipalityOn(*code, on)) {
    case CodeValidity::kUnknown:
      return UnknownCode(field, "SSB klass 131");
    case CodeValidity::kNotInForce:
      return Violation{ViolationCode::kMunicipalityNotInForce, field,
                       fmt::format("Kommune {} var ikke i kraft {}", text, on.ToString()),
                       fmt::format("Municipality {} was not in force on {}", text, on.ToString())};
    case CodeValidity::kInForce:
      return std::nullopt;
  }
  return std::nullopt;
}

MaybeViolation CheckProviderNumber(const std::string& text, const std::string& field, bool required) {
  if (text.empty()) return required ? MaybeViolation(Missing(field)) : std::nullopt;
  if (Provider::Parse(text)) return std::nullopt;
  return Violation{ViolationCode::kProviderCheckDigit, field, "Organisasjonsnummeret er ikke gyldig",
                   "The organisation number is not valid"};
}

MaybeViolation CheckPerson(const v1::PersonIdentity& person, const std::string& field,
                           const std::string& patient_number) {
  switch (CheckIdentity(person.type(), person.number())) {
    case IdentityCheck::kOk:
      break;
    case IdentityCheck::kUnknownType:
      return UnknownCode(field + ".type", "kodeverk 9032");
    case IdentityCheck::kFormat:
      return Violation{ViolationCode::kBadFormat, field + ".number",
                       fmt::format("{}.number passer ikke til nummertypen", field),
                       fmt::format("{}.number does not fit the type of number", field)};
    case IdentityCheck::kDate:
      return Violation{ViolationCode::kIdentityDate, field + ".number",
                       "Datodelen passer ikke til nummertypen",
                       "The date part does not fit the type of number"};
    case IdentityCheck::kCheckDigit:
      return Violation{ViolationCode::kIdentityCheckDigit, field + ".number", "Kontrollsifrene stemmer ikke",
                       "The check digits do not match"};
  }
  if (person.type() == 9 && patient_number.empty()) {
    return Violation{ViolationCode::kLocalNumberRequired, "source.patient_number",
                     "En person uten nummer (type 9) må ha lokalt brukernummer",
                     "A person without a number (type 9) needs the local patient number"};
  }
  return std::nullopt;
}

MaybeViolation CheckServiceType(uint32_t code, const std::string& field, Date on) {
  switch (ServiceType(code, on)) {
    case CodeValidity::kUnknown:
      return UnknownCode(field, "kodeverk 9151");
    case CodeValidity::kNotInForce:
      return Violation{ViolationCode::kCodeNotInForce, field,
                       fmt::format("Tjenestetype {} var ikke i bruk på datoen", code),
                       fmt::format("Service type {} was not in force on the date", code)};
    case CodeValidity::kInForce:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace kpr

#include "registry/pseudonym/identity_number.h"

#include <algorithm>
#include <set>
#include <span>
#include <string>

#include "base/date.h"
#include "registry/codelists/codelists.h"

namespace kpr {
namespace {

int Digit(std::string_view text, size_t at) {
  return text[at] - '0';
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsHexDigit(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool AllDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), IsDigit);
}

int WeightedSum(std::string_view text, std::span<const int> weights) {
  int sum = 0;
  for (size_t i = 0; i < weights.size(); ++i) sum += Digit(text, i) * weights[i];
  return sum;
}

bool CheckDigitsHold(std::string_view number) {
  static constexpr int kFirst[] = {3, 7, 6, 1, 8, 9, 4, 5, 2};
  static constexpr int kSecond[] = {5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
  const int first = (WeightedSum(number, kFirst) + Digit(number, 9)) % 11;
  const int second = (WeightedSum(number, kSecond) + Digit(number, 10)) % 11;
  return first <= 3 && second == 0;
}

// The century cannot be derived from the number, so a day is a day if it is one in any.
bool IsDay(int day, int month, int year_of_century) {
  if (month < 1 || month > 12 || day < 1) return false;
  for (int century : {1800, 1900, 2000}) {
    const Period days{PeriodKind::kMonth, (century + year_of_century) * 12 + month - 1};
    if (day <= days.last().day()) return true;
  }
  return false;
}

IdentityCheck CheckNational(uint32_t type, std::string_view number) {
  if (number.size() != 11 || !AllDigits(number)) return IdentityCheck::kFormat;
  if (type == 12) {  // FH: no date inside, begins with 8 or 9
    if (Digit(number, 0) < 8) return IdentityCheck::kFormat;
    return CheckDigitsHold(number) ? IdentityCheck::kOk : IdentityCheck::kCheckDigit;
  }
  int day = Digit(number, 0) * 10 + Digit(number, 1);
  int month = Digit(number, 2) * 10 + Digit(number, 3);
  const bool d_number = day > 40;
  if (d_number) day -= 40;
  const bool plus_40 = month > 40 && month <= 52;
  month -= month > 80 ? 80 : month > 65 ? 65 : month > 40 ? 40 : 0;
  if ((type == 1 && d_number) || (type == 2 && !d_number) || (type == 3 && !plus_40))
    return IdentityCheck::kDate;
  if (!IsDay(day, month, Digit(number, 4) * 10 + Digit(number, 5))) return IdentityCheck::kDate;
  return CheckDigitsHold(number) ? IdentityCheck::kOk : IdentityCheck::kCheckDigit;
}

IdentityCheck CheckDuf(std::string_view number) {
  if (number.size() != 12 || !AllDigits(number)) return IdentityCheck::kFormat;
  static constexpr int kWeights[] = {4, 6, 3, 2, 4, 6, 3, 2, 7, 5};
  const int check = Digit(number, 10) * 10 + Digit(number, 11);
  return WeightedSum(number, kWeights) % 11 == check ? IdentityCheck::kOk : IdentityCheck::kCheckDigit;
}

}  // namespace

IdentityCheck CheckIdentity(uint32_t type, std::string_view number) {
  if (!IdentityTypeExists(type)) return IdentityCheck::kUnknownType;
  switch (type) {
    case 1:
    case 2:
    case 3:
    case 12:
      return CheckNational(type, number);
    case 10:
      return CheckDuf(number);
    case 9: {
      if (number.size() != 6 || !AllDigits(number)) return IdentityCheck::kFormat;
      const bool day =
          IsDay(Digit(number, 0) * 10 + Digit(number, 1), Digit(number, 2) * 10 + Digit(number, 3),
                Digit(number, 4) * 10 + Digit(number, 5));
      return day ? IdentityCheck::kOk : IdentityCheck::kDate;
    }
    default: {
      const bool printable =
          std::all_of(number.begin(), number.end(), [](char c) { return c > ' ' && c < 127; });
      return !number.empty() && number.size() <= 20 && printable ? IdentityCheck::kOk
                                                                 : IdentityCheck::kFormat;
    }
  }
}

// A national number of eleven digits, or a DUF number of twelve.
static bool EndsInIdentityNumber(std::string_view digits) {
  const auto is_number = [&](uint32_t type, size_t length) {
    return digits.size() >= length &&
           CheckIdentity(type, digits.substr(digits.size() - length)) == IdentityCheck::kOk;
  };
  return is_number(1, 11) || is_number(2, 11) || is_number(3, 11) || is_number(12, 11) || is_number(10, 12);
}

bool HoldsIdentityNumber(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c == ' ') continue;
    if (!IsDigit(c)) {
      digits.clear();
      continue;
    }
    digits += c;
    if (EndsInIdentityNumber(digits)) return true;
  }
  return false;
}

// Whether eleven decimal digits stand in a row, hyphens left out. Most UUIDs end here.
static bool HasElevenDigits(std::string_view uuid) {
  int digits = 0;
  for (const char c : uuid) {
    if (c == '-') continue;
    digits = IsDigit(c) ? digits + 1 : 0;
    if (digits == 11) return true;
  }
  return false;
}

bool IsMadeOfIdentityNumber(std::string_view uuid) {
  if (!HasElevenDigits(uuid)) return false;
  constexpr size_t kFewDigits = 4;  // of the 16; twenty-one random ones have more, but for one in two billion
  std::string plain;
  for (const char c : uuid) {
    if (c != '-') plain += c;
  }
  size_t digits = 0;  // in a row, before `end`
  for (size_t end = 1; end <= plain.size(); ++end) {
    digits = IsDigit(plain[end - 1]) ? digits + 1 : 0;
    if (digits < 11 || !EndsInIdentityNumber(std::string_view(plain).substr(end - 11, 11))) continue;
    const std::string rest = plain.substr(0, end - 11) + plain.substr(end);
    if (std::set<char>(rest.begin(), rest.end()).size() <= kFewDigits) return true;
  }
  return false;
}

std::optional<size_t> FindIdentityNumber(std::string_view bytes) {
  constexpr size_t kUuid = 36;
  for (size_t begin = 0; begin < bytes.size();) {
    size_t end = begin;
    while (end < bytes.size() && (IsHexDigit(bytes[end]) || bytes[end] == '-')) ++end;
    const std::string_view token = bytes.substr(begin, end - begin);
    const bool uuid =
        token.size() >= kUuid && token[8] == '-' && token[13] == '-' && token[18] == '-' && token[23] == '-';
    if (uuid ? IsMadeOfIdentityNumber(token.substr(0, kUuid)) : HoldsIdentityNumber(token)) return begin;
    begin = uuid ? begin + kUuid : end + 1;
  }
  return std::nullopt;
}

}  // namespace kpr

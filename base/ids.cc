#include "base/ids.h"

#include <cstdio>

namespace kpr {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<uint32_t> Number(std::string_view text, size_t digits) {
  if (text.size() != digits) return std::nullopt;
  uint32_t value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<uint32_t>(c - '0');
  }
  return value;
}

}  // namespace

std::string ToHex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (char c : bytes) {
    text += kDigits[static_cast<uint8_t>(c) >> 4];
    text += kDigits[static_cast<uint8_t>(c) & 15];
  }
  return text;
}

std::optional<std::string> FromHex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = HexDigit(text[i]), low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(high << 4 | low));
  }
  return bytes;
}

std::optional<Uuid> Uuid::Parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid id;
  size_t at = 0;
  for (size_t i = 0; i < 36;) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i++] != '-') return std::nullopt;
      continue;
    }
    const int high = HexDigit(text[i]), low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id.bytes[at++] = static_cast<uint8_t>(high << 4 | low);
    i += 2;
  }
  return id;
}

std::string Uuid::ToString() const {
  const std::string hex = ToHex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
         hex.substr(20);
}

std::optional<Municipality> Municipality::Parse(std::string_view text) {
  const auto code = Number(text, 4);
  if (!code) return std::nullopt;
  return Municipality{static_cast<uint16_t>(*code)};
}

std::string Municipality::ToString() const {
  char text[8];
  std::snprintf(text, sizeof text, "%04u", static_cast<unsigned>(code));
  return text;
}

std::optional<Provider> Provider::Parse(std::string_view text) {
  const auto number = Number(text, 9);
  if (!number) return std::nullopt;
  // Weights of the Register of Legal Entities: 3 2 7 6 5 4 3 2, remainder from 11.
  static constexpr int kWeights[] = {3, 2, 7, 6, 5, 4, 3, 2};
  int sum = 0;
  for (size_t i = 0; i < 8; ++i) sum += (text[i] - '0') * kWeights[i];
  const int check = (11 - sum % 11) % 11;
  if (check != text[8] - '0') return std::nullopt;
  return Provider{*number};
}

std::string Provider::ToString() const {
  if (number == 0) return "";
  char text[16];
  std::snprintf(text, sizeof text, "%09u", number);
  return text;
}

SubjectId SubjectId::OfProvider(Provider provider) {
  SubjectId id;
  id.bytes[0] = static_cast<uint8_t>(SubjectKind::kProvider);
  for (size_t i = 0; i < 4; ++i) id.bytes[15 - i] = static_cast<uint8_t>(provider.number >> (8 * i));
  return id;
}

SubjectId SubjectId::OfMunicipality(Municipality municipality) {
  SubjectId id;
  id.bytes[0] = static_cast<uint8_t>(SubjectKind::kMunicipality);
  id.bytes[14] = static_cast<uint8_t>(municipality.code >> 8);
  id.bytes[15] = static_cast<uint8_t>(municipality.code);
  return id;
}

SubjectId SubjectId::FromView(std::string_view view) {
  SubjectId id;
  std::memcpy(id.bytes.data(), view.data(), std::min<size_t>(view.size(), id.bytes.size()));
  return id;
}

std::string SubjectId::ToHex() const {
  return kpr::ToHex(view());
}

}  // namespace kpr

// Strong identifiers. One kind can never be passed for another; conversions to and from text are here only.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace kpr {

// FNV-1a, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/). Stable for ever: it decides partitions and
// is part of stored keys.
constexpr uint64_t Fnv1a(std::string_view bytes, uint64_t state = 14695981039346656037ull) {
  for (char c : bytes) state = (state ^ static_cast<uint8_t>(c)) * 1099511628211ull;
  return state;
}

struct Uuid {
  std::array<uint8_t, 16> bytes{};

  // "8-4-4-4-12" hexadecimal digits, either case; braces are not accepted.
  static std::optional<Uuid> Parse(std::string_view text);
  std::string ToString() const;
  bool is_zero() const { return *this == Uuid{}; }
  auto operator<=>(const Uuid&) const = default;
};

// Four digits with leading zeros ("0301") as a number; 0 is "not known".
struct Municipality {
  uint16_t code = 0;

  static std::optional<Municipality> Parse(std::string_view text);
  std::string ToString() const;
  uint16_t county() const { return static_cast<uint16_t>(code / 100); }
  auto operator<=>(const Municipality&) const = default;
};

// Organisation number, nine digits; 0 is "not stated".
struct Provider {
  uint32_t number = 0;

  static std::optional<Provider> Parse(std::string_view text);  // checks the mod 11 digit
  std::string ToString() const;
  auto operator<=>(const Provider&) const = default;
};

enum class SubjectKind : uint8_t { kPerson = 1, kRespondent = 2, kProvider = 3, kMunicipality = 4 };

// Whom a fact is about: a kind byte and fifteen bytes of keyed pseudonym (person, respondent) or of the
// public number (provider, municipality). Never holds an identity number (I7).
struct SubjectId {
  std::array<uint8_t, 16> bytes{};

  static SubjectId OfProvider(Provider provider);
  static SubjectId OfMunicipality(Municipality municipality);
  static SubjectId FromView(std::string_view view);  // 16 bytes
  SubjectKind kind() const { return static_cast<SubjectKind>(bytes[0]); }
  std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
  uint64_t hash() const { return Fnv1a(view()); }
  std::string ToHex() const;
  auto operator<=>(const SubjectId&) const = default;
};

struct BytesHash {
  size_t operator()(const Uuid& id) const { return Word(id.bytes); }
  size_t operator()(const SubjectId& id) const { return Word(id.bytes) ^ id.bytes[0]; }

 private:
  static size_t Word(const std::array<uint8_t, 16>& bytes) {
    uint64_t word;
    std::memcpy(&word, bytes.data() + 8, sizeof word);
    uint64_t other;
    std::memcpy(&other, bytes.data(), sizeof other);
    return word * 0x9E3779B97F4A7C15ull ^ other;
  }
};

std::string ToHex(std::string_view bytes);
// None where the text is not an even number of hexadecimal digits.
std::optional<std::string> FromHex(std::string_view text);

}  // namespace kpr

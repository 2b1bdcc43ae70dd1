// A cell is one additive figure: what all subjects contribute to an indicator for a period, place and
// stratum. Its key and value codecs are part of the stored format (docs/formats.md).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/date.h"
#include "base/ids.h"

namespace kpr {

// What a number in a cell means. Classes and histogram days follow their base.
namespace slot {
inline constexpr uint32_t kDenominator = 0;
inline constexpr uint32_t kNumerator = 1;
inline constexpr uint32_t kSum = 2;         // of thousandths, MEAN
inline constexpr uint32_t kSumSquares = 3;  // of thousandths squared
inline constexpr uint32_t kInvited = 4;
inline constexpr uint32_t kResponded = 5;
inline constexpr uint32_t kClassBase = 8;
inline constexpr uint32_t kHistogramBase = 64;
}  // namespace slot

// Published age bands; 0 is an unknown birth date, or a subject without age.
inline constexpr std::array<int, 6> kAgeBandStarts = {0, 18, 50, 67, 80, 90};
uint8_t AgeBand(Date birth, Date on);
std::string AgeBandName(uint8_t band);

inline constexpr size_t kMaxCellMunicipalities = 6;

struct CellKey {
  uint32_t indicator = 0;  // hash of id and version; 0 is the count of facts, for coverage
  uint32_t provider = 0;
  // Sorted. One, or the set of municipalities that serve the person; further ones beyond six are left out.
  std::array<uint16_t, kMaxCellMunicipalities> municipalities{};
  int16_t ordinal = 0;  // of the period; years, tertials and months of 1 to 2730 fit
  PeriodKind kind = PeriodKind::kYear;
  uint8_t municipality_count = 0;
  uint8_t sex = 0;
  uint8_t age = 0;
  uint16_t reserved = 0;  // no padding: the key is hashed as bytes

  Period period() const { return {kind, static_cast<uint16_t>(ordinal)}; }
  std::string Encode() const;
  static bool Decode(std::string_view bytes, CellKey* key);
  bool operator==(const CellKey&) const = default;
};

struct CellKeyHash {
  size_t operator()(const CellKey& key) const {
    uint64_t words[4] = {};
    static_assert(sizeof(CellKey) <= sizeof words && std::has_unique_object_representations_v<CellKey>);
    std::memcpy(words, &key, sizeof key);
    uint64_t h = 0x9E3779B97F4A7C15ull;
    for (uint64_t w : words) h = (h ^ w) * 0xFF51AFD7ED558CCDull, h ^= h >> 32;
    return h;
  }
};

// All cells of one indicator and period kind with ordinals from..to are the keys in [first, second).
std::pair<std::string, std::string> CellRange(uint32_t indicator, PeriodKind kind, int from, int to);

struct SlotAmount {
  uint32_t slot = 0;
  int64_t amount = 0;
};
using Slots = std::map<uint32_t, int64_t>;

std::string EncodeSlots(std::span<const SlotAmount> sorted);
bool AddTo(Slots* slots, std::string_view encoded);

}  // namespace kpr

// A cell is one additive figure: what all subjects contribute to an indicator in a year, at a place and in a
// stratum. Within the year each amount is kept under the month in which it is due. Key and value codecs are
// part of the stored format (docs/formats.md).
//
// Amounts are of three sorts, by what the indicator's component measures (MeasuringType):
//   stock  changes of a stock (residents on a day): the stock at the end of a month is the sum of all changes
//          up to it, from the first year on. A subject that stays as it is adds nothing, however long.
//   flow   what happened in the month (stays begun): a period's figure is the sum over its months.
//   days   person-days, kept by its change points: two slots A = sum of changes and B = sum of change *
//          day. Days up to and with day E are (E + 1) * A - B; a period's figure is the difference of two
//          ends.
//
// Where an amount is not a number of subjects (days, stays, places), how many different ones are behind it in
// each reference period is kept as a level too, under the slots of kSubjects.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/date.h"
#include "base/ids.h"
#include "base/slots.h"

namespace kpr {

enum class MeasuringType : uint8_t { kStock, kFlow, kDays };

// What a number in a cell means. Classes and histogram days follow their base.
namespace slot {
inline constexpr uint32_t kDenominator = 0;
inline constexpr uint32_t kNumerator = 1;
inline constexpr uint32_t kSum = 2;         // of thousandths, MEAN
inline constexpr uint32_t kSumSquares = 3;  // of thousandths squared
inline constexpr uint32_t kInvited = 4;
inline constexpr uint32_t kResponded = 5;
inline constexpr uint32_t kDayWeighted = 6;  // B of a denominator kept by days; of a numerator the next
inline constexpr uint32_t kClassBase = 8;
inline constexpr uint32_t kHistogramBase = 64;
// How many different subjects are behind the amount of a role or class: its slot from here. Their cells have
// no provider and all municipalities and age bands of the subject. Then the same for each provider by itself.
inline constexpr uint32_t kSubjects = 3840;
inline constexpr uint32_t kSubjectsAtProvider = 3968;
inline constexpr uint32_t kCount = 4096;
// In a cell: the month of the year, 0 to 11, and the slot.
constexpr uint32_t InMonth(uint32_t month, uint32_t slot) {
  return month * kCount + slot;
}
}  // namespace slot

// What a stock is counted over: the last day, or the whole month, tertial or year up to it.
enum class ReferencePeriod : uint8_t { kLastDay = 0, kMonth = 1, kTertial = 2, kYear = 3 };
inline constexpr size_t kReferencePeriods = 4;

// Published age bands; 0 is an unknown birth date, or a subject without age.
inline constexpr std::array<int, 6> kAgeBandStarts = {0, 18, 50, 67, 80, 90};
uint8_t AgeBand(Date birth, Date on);
std::string AgeBandName(uint8_t band);
inline constexpr uint8_t kAgeBands = kAgeBandStarts.size() + 1;
// In the place of a band, the bands of a subject that grew older in the period: their bits, and this one.
inline constexpr uint8_t kSeveralBands = 0x80;
// The band, or several, from bits by band; and back.
uint8_t BandsFromBits(uint8_t bits);
constexpr uint8_t BandBits(uint8_t bands) {
  return static_cast<uint8_t>((bands & kSeveralBands) != 0 ? bands & ~kSeveralBands : 1u << bands);
}

inline constexpr size_t kMaxCellMunicipalities = 6;

// Where something counts.
struct CellPlace {
  // Sorted codes as reported, of whatever year. One, or the set of municipalities that serve the person;
  // further ones beyond six are left out.
  std::array<uint16_t, kMaxCellMunicipalities> municipalities{};
  uint16_t municipality_count = 0;
  uint16_t reserved = 0;
  uint32_t provider = 0;

  static CellPlace At(Municipality municipality, Provider provider) {
    CellPlace place;
    place.municipalities[0] = municipality.code;
    place.municipality_count = 1;
    place.provider = provider.number;
    return place;
  }
  auto operator<=>(const CellPlace&) const = default;
};

struct CellKey {
  uint32_t indicator = 0;  // hash of id and version, or one of kFactsIndicator and so on
  CellPlace place;
  uint16_t year = 0;
  ReferencePeriod period = ReferencePeriod::kLastDay;
  uint8_t sex = 0;
  uint8_t age = 0;
  std::array<uint8_t, 3> reserved{};  // no padding: the key is hashed as bytes

  std::string Encode() const;
  static bool Decode(std::string_view bytes, CellKey* key);
  bool operator==(const CellKey&) const = default;
};

// Numbers that no definition has.
inline constexpr uint32_t kFactsIndicator = 0;  // flow of facts by municipality, for coverage
// Flow: 1 for each month declared complete, in the class of the month, 0 to 11.
inline constexpr uint32_t kDeclaredIndicator = 2;
// Flow of facts with a coverage of their own by municipality, in the class of its number: see
// evaluation/own_coverage.h.
inline constexpr uint32_t kOwnCoverageIndicator = 8;
inline constexpr uint32_t kInhabitantsIndicator = 6;  // level: all inhabitants of a municipality
inline constexpr uint32_t kIndustryIndicator = 4;     // level: the number of each provider's industry

struct CellKeyHash {
  size_t operator()(const CellKey& key) const {
    uint64_t words[4] = {};
    static_assert(sizeof(CellKey) == sizeof words && std::has_unique_object_representations_v<CellKey>);
    std::memcpy(words, &key, sizeof key);
    uint64_t h = 0x9E3779B97F4A7C15ull;
    for (uint64_t w : words) h = (h ^ w) * 0xFF51AFD7ED558CCDull, h ^= h >> 32;
    return h;
  }
};

// All cells of one indicator and period are the keys in [first, second).
std::pair<std::string, std::string> CellRange(uint32_t indicator, ReferencePeriod period);

}  // namespace kpr

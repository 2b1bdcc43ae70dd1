#include "indicators/cells/cell.h"

#include <bit>

#include "base/bytes.h"

namespace kpr {

uint8_t AgeBand(Date birth, Date on) {
  if (birth.days == kFirstDate.days || birth.days == INT32_MIN) return 0;
  const int age = AgeOn(birth, on);
  uint8_t band = 1;
  for (size_t i = 1; i < kAgeBandStarts.size(); ++i) {
    if (age >= kAgeBandStarts[i]) band = static_cast<uint8_t>(i + 1);
  }
  return band;
}

uint8_t BandsFromBits(uint8_t bits) {
  return std::has_single_bit(bits) ? static_cast<uint8_t>(std::countr_zero(bits))
                                   : static_cast<uint8_t>(bits | kSeveralBands);
}

std::string AgeBandName(uint8_t band) {
  if ((band & kSeveralBands) != 0) {
    std::string names;
    for (uint8_t each = 0; each < kAgeBands; ++each) {
      if ((band >> each & 1) != 0) names += (names.empty() ? "" : " and ") + AgeBandName(each);
    }
    return names;
  }
  if (band == 0 || band > kAgeBandStarts.size()) return "unknown";
  const std::string from = std::to_string(kAgeBandStarts[band - 1u]);
  return band == kAgeBandStarts.size() ? from + "+" : from + "-" + std::to_string(kAgeBandStarts[band] - 1);
}

std::string CellKey::Encode() const {
  std::string out;
  out.reserve(26);
  PutBigEndian(&out, indicator);
  out.push_back(static_cast<char>(period));
  out.push_back(static_cast<char>(place.municipality_count));
  for (size_t i = 0; i < place.municipality_count; ++i) PutBigEndian(&out, place.municipalities[i]);
  PutBigEndian(&out, year);
  PutBigEndian(&out, place.provider);
  out.push_back(static_cast<char>(sex));
  out.push_back(static_cast<char>(age));
  return out;
}

bool CellKey::Decode(std::string_view bytes, CellKey* key) {
  ByteReader reader(bytes);
  *key = {};
  key->indicator = reader.BigEndian<uint32_t>();
  key->period = static_cast<ReferencePeriod>(reader.BigEndian<uint8_t>());
  key->place.municipality_count = reader.BigEndian<uint8_t>();
  if (key->place.municipality_count > kMaxCellMunicipalities) {
    *key = {};
    return false;
  }
  for (size_t i = 0; i < key->place.municipality_count; ++i)
    key->place.municipalities[i] = reader.BigEndian<uint16_t>();
  key->year = reader.BigEndian<uint16_t>();
  key->place.provider = reader.BigEndian<uint32_t>();
  key->sex = reader.BigEndian<uint8_t>();
  key->age = reader.BigEndian<uint8_t>();
  const bool age_known = key->age < kAgeBands || (key->age & kSeveralBands) != 0;
  return !reader.failed() && reader.empty() && age_known;
}

std::pair<std::string, std::string> CellRange(uint32_t indicator, ReferencePeriod period) {
  std::string first, end;
  PutBigEndian(&first, indicator);
  end = first;
  first.push_back(static_cast<char>(period));
  end.push_back(static_cast<char>(static_cast<uint8_t>(period) + 1));
  return {first, end};
}

}  // namespace kpr

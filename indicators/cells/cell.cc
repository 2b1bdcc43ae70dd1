#include "indicators/cells/cell.h"

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

std::string AgeBandName(uint8_t band) {
  if (band == 0 || band > kAgeBandStarts.size()) return "unknown";
  const std::string from = std::to_string(kAgeBandStarts[band - 1u]);
  return band == kAgeBandStarts.size() ? from + "+" : from + "-" + std::to_string(kAgeBandStarts[band] - 1);
}

std::string CellKey::Encode() const {
  std::string out;
  out.reserve(26);
  PutBigEndian(&out, indicator);
  out.push_back(static_cast<char>(kind));
  PutBigEndian(&out, static_cast<uint16_t>(ordinal));
  out.push_back(static_cast<char>(municipality_count));
  for (size_t i = 0; i < municipality_count; ++i) PutBigEndian(&out, municipalities[i]);
  PutBigEndian(&out, provider);
  out.push_back(static_cast<char>(sex));
  out.push_back(static_cast<char>(age));
  return out;
}

bool CellKey::Decode(std::string_view bytes, CellKey* key) {
  ByteReader reader(bytes);
  *key = {};
  key->indicator = reader.BigEndian<uint32_t>();
  key->kind = static_cast<PeriodKind>(reader.BigEndian<uint8_t>());
  key->ordinal = static_cast<int16_t>(reader.BigEndian<uint16_t>());
  key->municipality_count = reader.BigEndian<uint8_t>();
  if (key->municipality_count > kMaxCellMunicipalities) return false;
  for (size_t i = 0; i < key->municipality_count; ++i) key->municipalities[i] = reader.BigEndian<uint16_t>();
  key->provider = reader.BigEndian<uint32_t>();
  key->sex = reader.BigEndian<uint8_t>();
  key->age = reader.BigEndian<uint8_t>();
  return !reader.failed() && reader.empty();
}

std::pair<std::string, std::string> CellRange(uint32_t indicator, PeriodKind kind, int from, int to) {
  std::string first, end;
  for (std::string* key : {&first, &end}) {
    PutBigEndian(key, indicator);
    key->push_back(static_cast<char>(kind));
    PutBigEndian(key, static_cast<uint16_t>(key == &first ? from : to + 1));
  }
  return {first, end};
}

std::string EncodeSlots(std::span<const SlotAmount> sorted) {
  std::string out;
  uint32_t last = 0;
  for (const SlotAmount& s : sorted) {
    PutVarint(&out, s.slot - last);
    PutSigned(&out, s.amount);
    last = s.slot;
  }
  return out;
}

bool AddTo(Slots* slots, std::string_view encoded) {
  ByteReader reader(encoded);
  uint32_t at = 0;
  while (!reader.empty()) {
    at += static_cast<uint32_t>(reader.Varint());
    const int64_t amount = reader.Signed();
    if (reader.failed()) return false;
    (*slots)[at] += amount;
  }
  return true;
}

}  // namespace kpr

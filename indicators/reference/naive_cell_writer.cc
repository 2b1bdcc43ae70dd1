#include "indicators/reference/naive_cell_writer.h"

namespace kpr::naive {

CellKey CellWriter::NewKey() const {
  CellKey key;
  key.indicator = number_;
  key.period = static_cast<ReferencePeriod>(period_.kind);
  key.year = static_cast<uint16_t>(period_.ordinal);
  if (s_.person) key.sex = s_.sex == 1 || s_.sex == 2 ? static_cast<uint8_t>(s_.sex) : 0;
  return key;
}

void CellWriter::Put(const Place& place, Date age_on, uint32_t slot, int64_t amount) {
  CellKey key = NewKey();
  std::set<std::string> codes(place.municipalities.begin(), place.municipalities.end());
  for (const std::string& code : codes) {
    if (key.place.municipality_count == kMaxCellMunicipalities) break;
    key.place.municipalities[key.place.municipality_count++] = Municipality::Parse(code)->code;
  }
  if (const auto number = Provider::Parse(place.provider)) key.place.provider = number->number;
  if (s_.person && s_.birth) {
    const int age = AgeOn(*s_.birth, age_on);
    key.age = age >= 90 ? 6 : age >= 80 ? 5 : age >= 67 ? 4 : age >= 50 ? 3 : age >= 18 ? 2 : 1;
  }
  (*cells_)[key][slot] += amount;
  const bool counted = slot <= 1 || (slot >= slot::kClassBase && slot < slot::kHistogramBase);
  if (amount == 0 || !counted) return;
  for (const uint32_t provider : {0u, key.place.provider}) {
    Behind& behind = behind_[{slot, provider}];
    for (size_t i = 0; i < key.place.municipality_count; ++i)
      behind.municipalities.insert(key.place.municipalities[i]);
    behind.bands.insert(key.age);
  }
}

void CellWriter::PutSubjects() const {
  for (const auto& [where, behind] : behind_) {
    const auto& [slot, provider] = where;
    CellKey key = NewKey();
    key.place.provider = provider;
    for (const uint16_t code : behind.municipalities) {
      if (key.place.municipality_count == kMaxCellMunicipalities) break;
      key.place.municipalities[key.place.municipality_count++] = code;
    }
    if (behind.bands.size() == 1) {
      key.age = *behind.bands.begin();
    } else {
      key.age = 0x80;
      for (const uint8_t band : behind.bands) key.age = static_cast<uint8_t>(key.age | 1 << band);
    }
    (*cells_)[key][(provider == 0 ? slot::kSubjects : slot::kSubjectsAtProvider) + slot] += 1;
  }
}

}  // namespace kpr::naive

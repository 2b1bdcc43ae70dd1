#include "indicators/publication/pools.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace kpr::publication {

std::vector<v1::Pool> MakePools(const Structure& structure, const std::map<uint16_t, int64_t>& inhabitants,
                                int64_t below) {
  using Sized = std::pair<int64_t, uint16_t>;
  std::map<uint16_t, std::vector<Sized>> counties;
  for (const Municipality m : structure.municipalities()) {
    const auto known = inhabitants.find(m.code);
    counties[structure.CountyOf(m)].emplace_back(known == inhabitants.end() ? 0 : known->second, m.code);
  }
  std::vector<v1::Pool> pools;
  for (auto& [county, municipalities] : counties) {
    std::sort(municipalities.begin(), municipalities.end());
    if (municipalities.front().first >= below) continue;
    v1::Pool& pool = pools.emplace_back();
    pool.set_code(AreaCode(v1::LEVEL_MUNICIPALITY, PoolOf(county)));
    int64_t together = 0;
    std::vector<std::string> codes;
    for (const auto& [of, code] : municipalities) {
      if (of >= below && together >= below && std::ssize(codes) >= kTogether) break;
      together += of;
      codes.push_back(Municipality{code}.ToString());
    }
    std::sort(codes.begin(), codes.end());
    pool.mutable_municipalities()->Assign(codes.begin(), codes.end());
  }
  return pools;
}

PoolAreas PoolsOf(const v1::PublicationPlan& plan) {
  PoolAreas pools;
  for (const v1::Pool& pool : plan.pools()) {
    for (const std::string& code : pool.municipalities())
      pools[Municipality::Parse(code)->code] = AreaOfCode(pool.code());
  }
  return pools;
}

std::map<std::string, std::string> PoolOfEach(const v1::PublicationPlan& plan) {
  std::map<std::string, std::string> pools;
  for (const v1::Pool& pool : plan.pools()) {
    for (const std::string& code : pool.municipalities()) pools[code] = pool.code();
  }
  return pools;
}

PoolsOfTables::PoolsOfTables(std::span<const v1::ReleaseTable> tables) {
  for (const v1::ReleaseTable& table : tables) {
    for (const v1::ReleaseRow& row : table.rows()) {
      if (!row.pool().empty()) pool_of_[row.area()] = row.pool();
    }
  }
  for (const auto& [municipality, pool] : pool_of_) {
    std::string& key = keys_[pool];
    key += (key.empty() ? pool + " of " : " ") + municipality;
  }
}

const std::string* PoolsOfTables::Of(const std::string& municipality) const {
  const auto pool = pool_of_.find(municipality);
  return pool == pool_of_.end() ? nullptr : &pool->second;
}

std::string PoolsOfTables::KeyOf(const std::string& area) const {
  const auto pool = keys_.find(area);
  return pool == keys_.end() ? area : pool->second;
}

bool OfPooled(const v1::ReleaseRow& row) {
  return !row.pool().empty() && row.missing_reason() != v1::MISSING_REASON_POOLED;
}

void HidePooled(v1::ReleaseTable& table) {
  for (v1::ReleaseRow& row : *table.mutable_rows()) {
    if (row.pool().empty()) continue;
    for (int a = 0; a < row.amounts_size(); ++a) {
      row.set_amounts(a, 0);
      row.set_states(a, v1::FIGURE_STATE_MISSING);
    }
    row.clear_value();
    row.clear_lower();
    row.clear_upper();
    if (row.missing_reason() == v1::MISSING_REASON_UNSPECIFIED ||
        row.missing_reason() == v1::MISSING_REASON_EMPTY_DENOMINATOR ||
        row.missing_reason() == v1::MISSING_REASON_BELOW_MINIMUM)
      row.set_missing_reason(v1::MISSING_REASON_POOLED);
  }
}

}  // namespace kpr::publication

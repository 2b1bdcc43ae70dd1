// Small municipalities that a publication shows together in their county. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "indicators/query/area.h"
#include "kpr/v1/publication.pb.h"

namespace kpr::publication {

inline constexpr int kTogether = 2;  // municipalities at least: of one alone the pool would be its figure

// One pool a county that has municipalities of fewer than `below` inhabitants: those, and the smallest of the
// others until there are two that have `below` together, or no more in the county. `inhabitants` of all
// municipalities of the structure, by code; who is not in it counts as the smallest.
std::vector<v1::Pool> MakePools(const Structure& structure, const std::map<uint16_t, int64_t>& inhabitants,
                                int64_t below);

// As a query takes them.
PoolAreas PoolsOf(const v1::PublicationPlan& plan);
// By code of the municipality: the area that it is shown in; none for the others.
std::map<std::string, std::string> PoolOfEach(const v1::PublicationPlan& plan);

// The pools that tables have, drafted or public.
class PoolsOfTables {
 public:
  explicit PoolsOfTables(std::span<const v1::ReleaseTable> tables);
  // The pool that the municipality is in, if any.
  const std::string* Of(const std::string& municipality) const;
  // What tells an area's figures from those of all others: a pool of other municipalities is another.
  std::string KeyOf(const std::string& area) const;

 private:
  std::map<std::string, std::string> pool_of_;  // by municipality
  std::map<std::string, std::string> keys_;     // by pool
};

// Of rows as drafted: a municipality in a pool, which has figures for itself but for no reader.
bool OfPooled(const v1::ReleaseRow& row);
// Takes such figures out, and says why there are none.
void HidePooled(v1::ReleaseTable& table);

}  // namespace kpr::publication

// For tests of releases over time: a year of weekly tables while single persons are corrected.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "indicators/disclosure/random_tables.h"
#include "indicators/disclosure/release_history.h"

namespace kpr::disclosure {

inline constexpr int64_t kThreshold = 2;  // counts and changes of 1 and 2 are hidden
inline constexpr int kWeeks = 52;

// Persons by place, service and age in every week, and what is released of them.
class Year {
 public:
  explicit Year(uint64_t seed) : random_(seed), places_("place"), services_("service"), ages_("age") {
    std::vector<NodeIndex> counties;
    for (const char* name : {"1", "2", "3", "4", "5", "6"}) places_.AddLeaf(name);
    pool_ = places_.AddSum("pool", {0, 1});
    counties.push_back(places_.AddSum("A", {0, 1, 2}));
    places_.AddDecomposition(counties[0], {pool_, 2});
    counties.push_back(places_.AddSum("B", {3, 4, 5}));
    places_.AddSum("country", counties);
    for (const char* name : {"1", "2", "3"}) services_.AddLeaf(name);
    services_.AddSum("all", {0, 1, 2});
    for (const char* name : {"young", "old"}) ages_.AddLeaf(name);
    ages_.AddSum("all", {0, 1});
    table_.emplace(std::vector<const Dimension*>{&places_, &services_, &ages_});
    counts_.resize(table_->cells());
    for (size_t at = 0; at < counts_.size(); ++at) {
      if (!Finest(at)) continue;
      finest_.push_back(at);
      counts_[at] =
          static_cast<int64_t>(random_.Next() % 4 == 0 ? random_.Next() % 3 : 1 + random_.Next() % 40);
    }
  }

  // One to four persons come, go, or were somewhere else than was told.
  void Correct() {
    for (uint64_t n = 1 + random_.Next() % 4; n > 0; --n) {
      const size_t from = finest_[random_.Next() % finest_.size()],
                   to = finest_[random_.Next() % finest_.size()];
      const uint64_t kind = random_.Next() % 3;
      if (kind != 0 && counts_[from] > 0) --counts_[from];
      if (kind != 1) ++counts_[to];
    }
  }

  // In some weeks the figures of a place are in no table and no sum: it has not approved them.
  void Withhold() {
    withheld_ = random_.Next() % 2 == 0 ? static_cast<NodeIndex>(random_.Next() % 6) : kNobody;
  }

  // From now on two places are shown as one.
  void Pool() { pooled_ = true; }

  // The key of a cell is its place in the table of all.
  ReleaseTables Tables() const {
    std::vector<int64_t> counts = counts_;
    for (const size_t at : finest_) {
      if (Withheld(at)) counts[at] = 0;
    }
    ModelBuilder builder;
    EXPECT_TRUE(builder.AddTable("persons", *table_, counts).ok());
    const Model model = builder.Take();
    ReleaseTables tables;
    std::vector<std::optional<CellIndex>> cells(model.cells());
    for (CellIndex i = 0; i < model.cells(); ++i) {
      if (Withheld(i) || (Pool(i) && !pooled_)) continue;
      ReleaseCell released{std::to_string(i), model.cell(i), kThreshold, pooled_ && InPool(i)};
      if ((released.cell.value >= 1 && released.cell.value <= kThreshold) ||
          (Pool(i) && withheld_ < kPlacesOfPool))
        released.cell.showing = Showing::kHidden;
      cells[i] = static_cast<CellIndex>(tables.cells.size());
      tables.cells.push_back(released);
    }
    for (size_t r = 0; r < model.relations(); ++r) {
      const auto terms = model.relation(r).terms;
      if (!pooled_ &&
          std::any_of(terms.begin(), terms.end(), [&](const Term& term) { return Pool(term.cell); }))
        continue;
      ReleaseRelation relation;
      for (const Term& term : model.relation(r).terms) {
        if (cells[term.cell]) relation.terms.push_back({*cells[term.cell], term.factor});
      }
      for (const Term& whole : relation.terms) {
        if (whole.factor > 0) continue;
        for (const Term& term : model.relation(r).terms) {
          if (!cells[term.cell]) tables.cells[whole.cell].missing_parts.push_back(std::to_string(term.cell));
        }
      }
      if (relation.terms.size() > 1) tables.relations.push_back(std::move(relation));
    }
    return tables;
  }
  // Over the finest counts, every value of each being a variable of its own; of a cell as Tables gives it.
  std::vector<std::vector<size_t>> FinestBehind() const {
    std::vector<std::vector<size_t>> behind;
    for (size_t at = 0; at < counts_.size(); ++at) {
      const auto nodes = table_->NodesOf(at);
      std::vector<size_t> finest;
      for (size_t f = 0; f < finest_.size(); ++f) {
        const auto of = table_->NodesOf(finest_[f]);
        bool inside = !Withheld(finest_[f]);
        for (size_t d = 0; d < 3; ++d) {
          const auto& leaves = table_->dimensions()[d]->leaves_of(nodes[d]);
          inside = inside && std::count(leaves.begin(), leaves.end(), of[d]) > 0;
        }
        if (inside) finest.push_back(f);
      }
      behind.push_back(finest);
    }
    return behind;
  }
  std::vector<int64_t> FinestCounts() const {
    std::vector<int64_t> counts;
    for (const size_t at : finest_) counts.push_back(counts_[at]);
    return counts;
  }
  // The variable of each finest count now: a new one whenever the count changes.
  std::vector<size_t> VariablesNow() {
    now_.resize(finest_.size());
    last_.resize(finest_.size(), -1);
    for (size_t f = 0; f < finest_.size(); ++f) {
      if (last_[f] != counts_[finest_[f]]) now_[f] = variables_++;
      last_[f] = counts_[finest_[f]];
    }
    return now_;
  }

 private:
  static constexpr NodeIndex kNobody = 100, kPlacesOfPool = 2;

  bool Pool(size_t at) const { return table_->NodesOf(at)[0] == pool_; }
  bool InPool(size_t at) const { return table_->NodesOf(at)[0] < kPlacesOfPool; }
  bool Withheld(size_t at) const { return table_->NodesOf(at)[0] == withheld_; }
  bool Finest(size_t at) const {
    const auto nodes = table_->NodesOf(at);
    for (size_t d = 0; d < 3; ++d) {
      if (nodes[d] >= table_->dimensions()[d]->leaves()) return false;
    }
    return true;
  }

  Random random_;
  Dimension places_, services_, ages_;
  std::optional<Table> table_;
  std::vector<int64_t> counts_;
  std::vector<size_t> finest_;
  NodeIndex withheld_ = kNobody, pool_ = 0;
  bool pooled_ = false;
  size_t variables_ = 0;
  std::vector<size_t> now_;
  std::vector<int64_t> last_;
};

}  // namespace kpr::disclosure

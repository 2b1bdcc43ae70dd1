// I6, over time: a year of weekly releases while single persons are corrected. Whoever has kept every
// release, and knows which of the finest counts did not change, can compute no hidden count and no change of
// a few persons.
#include "indicators/disclosure/release_history.h"

#include <gtest/gtest.h>

#include "indicators/disclosure/random_tables.h"

namespace kpr::disclosure {
namespace {

constexpr int64_t kThreshold = 2;  // counts and changes of 1 and 2 are hidden
constexpr int kWeeks = 52;

// Persons by place, service and age in every week, and what is released of them.
class Year {
 public:
  explicit Year(uint64_t seed) : random_(seed), places_("place"), services_("service"), ages_("age") {
    std::vector<NodeIndex> counties;
    for (const char* name : {"1", "2", "3", "4", "5", "6"}) places_.AddLeaf(name);
    counties.push_back(places_.AddSum("A", {0, 1, 2}));
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

  ReleaseTables Tables() const {
    ModelBuilder builder;
    const auto cells = builder.AddTable("persons", *table_, counts_);
    const Model model = builder.Take();
    ReleaseTables tables;
    for (CellIndex i = 0; i < model.cells(); ++i) {
      ReleaseCell released{std::to_string(i), model.cell(i), kThreshold};
      if (released.cell.value >= 1 && released.cell.value <= kThreshold)
        released.cell.showing = Showing::kHidden;
      tables.cells.push_back(released);
    }
    for (size_t r = 0; r < model.relations(); ++r) {
      const auto terms = model.relation(r).terms;
      tables.relations.push_back({{terms.begin(), terms.end()}, true});
    }
    return tables;
  }
  // Over the finest counts, every value of each being a variable of its own; of a cell as Tables gives it.
  std::vector<std::vector<size_t>> FinestBehind() {
    std::vector<std::vector<size_t>> behind;
    for (size_t at = 0; at < counts_.size(); ++at) {
      const auto nodes = table_->NodesOf(at);
      std::vector<size_t> finest;
      for (size_t f = 0; f < finest_.size(); ++f) {
        const auto of = table_->NodesOf(finest_[f]);
        bool inside = true;
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
  size_t variables_ = 0;
  std::vector<size_t> now_;
  std::vector<int64_t> last_;
};

struct Findings {
  size_t counts = 0, changes = 0;         // that follow from all releases together
  size_t shown = 0, hidden = 0, far = 0;  // far: what readers see differs by more than a few persons
};

// Publishes a year; `decide` says what a release shows.
template <typename Decide>
Findings Attack52(uint64_t seed, Decide decide) {
  Year year(seed);
  const auto behind = year.FinestBehind();
  std::vector<std::vector<size_t>> variables;
  std::vector<ReleaseTables> tables;
  std::vector<std::vector<Shown>> shown;
  for (int week = 0; week < kWeeks; ++week) {
    tables.push_back(year.Tables());
    variables.push_back(year.VariablesNow());
    shown.push_back(decide(tables.back()));
    year.Correct();
  }
  size_t most = 0;
  for (const auto& now : variables) most = std::max(most, *std::max_element(now.begin(), now.end()) + 1);
  const auto vector = [&](int week, size_t cell) {
    std::vector<double> of(most);
    for (const size_t finest : behind[cell]) of[variables[week][finest]] += 1;
    return of;
  };
  NaiveSpace known;
  Findings findings;
  std::vector<int64_t> seen(behind.size());
  for (int week = 0; week < kWeeks; ++week) {
    for (size_t cell = 0; cell < behind.size(); ++cell) {
      if (shown[week][cell] == Shown::kValue) known.Add(vector(week, cell));
      const int64_t value = tables[week].cells[cell].cell.value;
      if (shown[week][cell] == Shown::kValue) seen[cell] = value;
      findings.shown += shown[week][cell] != Shown::kHidden;
      findings.hidden += shown[week][cell] == Shown::kHidden;
      findings.far += shown[week][cell] == Shown::kFormer && std::abs(seen[cell] - value) > kThreshold;
    }
  }
  for (int week = 0; week < kWeeks; ++week) {
    for (size_t cell = 0; cell < behind.size(); ++cell) {
      const int64_t value = tables[week].cells[cell].cell.value;
      // Shown when it was large, and small since: what readers see is the old value.
      if (value >= 1 && value <= kThreshold && known.Contains(vector(week, cell))) ++findings.counts;
      if (week == 0) continue;
      const int64_t change = std::abs(value - tables[week - 1].cells[cell].cell.value);
      if (change < 1 || change > kThreshold) continue;
      std::vector<double> difference = vector(week, cell);
      const std::vector<double> before = vector(week - 1, cell);
      for (size_t i = 0; i < most; ++i) difference[i] -= before[i];
      findings.changes += known.Contains(difference);
    }
  }
  return findings;
}

TEST(ReleaseHistory, GivesNoCountAndNoSmallChangeAwayInAYearOfReleases) {
  for (const uint64_t seed : {1, 2, 3}) {
    ReleaseHistory history;
    const Findings findings = Attack52(seed, [&](const ReleaseTables& tables) {
      const auto shown = history.Next(tables, {});
      EXPECT_TRUE(shown.ok()) << shown.status().message();
      return shown.ok() ? *shown : std::vector<Shown>(tables.cells.size(), Shown::kHidden);
    });
    EXPECT_EQ(findings.counts, 0u);
    EXPECT_EQ(findings.changes, 0u);
    EXPECT_GT(findings.shown, findings.hidden);
  }
}

// 30 = 20 + 8 + (2): the last is hidden and so is the 8. Two weeks later 33 = 25 + 6 + (2): whoever sees both
// new values knows that the hidden 8 lost two persons.
TEST(ReleaseHistory, HoldsLargeChangesThatTellASmallOneOfAHiddenCell) {
  const auto tables = [](std::vector<int64_t> values) {
    ReleaseTables release;
    for (size_t i = 0; i < values.size(); ++i) {
      Cell cell{values[i], static_cast<double>(values[i])};
      if (values[i] <= kThreshold) cell.showing = Showing::kHidden;
      release.cells.push_back({std::to_string(i), cell, kThreshold});
    }
    release.relations.push_back({{{0, -1}, {1, 1}, {2, 1}, {3, 1}}, true});
    return release;
  };
  ReleaseHistory history;
  using enum Shown;
  EXPECT_EQ(*history.Next(tables({30, 20, 8, 2}), {}), (std::vector{kValue, kValue, kHidden, kHidden}));
  // What was hidden to protect the 2 may be shown, as long as it is seen alone.
  EXPECT_EQ(*history.Next(tables({33, 25, 6, 2}), {}), (std::vector{kValue, kFormer, kValue, kHidden}));
}

TEST(ReleaseHistory, IsNeededSinceReleasesSafeOneByOneGiveChangesAway) {
  const Findings findings = Attack52(1, [&](const ReleaseTables& tables) {
    ReleaseHistory alone;
    return *alone.Next(tables, {});
  });
  EXPECT_GT(findings.changes, 1000u);
  EXPECT_GT(findings.counts, 0u);
}

}  // namespace
}  // namespace kpr::disclosure

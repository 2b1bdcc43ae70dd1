// I6, over time: a year of weekly releases while single persons are corrected. Whoever has kept every
// release, and knows which of the finest counts did not change, can compute no hidden count and no change of
// a few persons.
#include "indicators/disclosure/release_history.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

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

  // In some weeks the figures of a place are in no table and no sum: it has not approved them.
  void Withhold() {
    withheld_ = random_.Next() % 2 == 0 ? static_cast<NodeIndex>(random_.Next() % 6) : kNobody;
  }

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
      if (Withheld(i)) continue;
      ReleaseCell released{std::to_string(i), model.cell(i), kThreshold};
      if (released.cell.value >= 1 && released.cell.value <= kThreshold)
        released.cell.showing = Showing::kHidden;
      cells[i] = static_cast<CellIndex>(tables.cells.size());
      tables.cells.push_back(released);
    }
    for (size_t r = 0; r < model.relations(); ++r) {
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
  static constexpr NodeIndex kNobody = 100;

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
  NodeIndex withheld_ = kNobody;
  size_t variables_ = 0;
  std::vector<size_t> now_;
  std::vector<int64_t> last_;
};

enum class Withholding : uint8_t { kNever, kInSomeWeeks };

struct Findings {
  size_t counts = 0, changes = 0;  // that follow from all releases together
  size_t shown = 0, hidden = 0, known_before = 0,
         far = 0;  // far: what readers see differs by more than a few persons
};

struct Week {
  std::vector<std::vector<size_t>> behind;  // the finest counts behind a cell of the table of all
  std::vector<size_t> variables;            // of the finest counts
  std::vector<int64_t> counts;              // the same
  std::map<size_t, int64_t> values;         // of the cells that are in the release
  std::map<size_t, Shown> shown;
};

bool Small(int64_t count) {
  return count >= 1 && count <= kThreshold;
}

// The releases of a year.
struct Record {
  std::vector<std::vector<size_t>> of_all;  // behind a cell when nobody is missing
  std::vector<Week> weeks;
  size_t variables = 0;

  std::vector<double> VectorOf(const Week& week, size_t cell) const {
    std::vector<double> of(variables);
    for (const size_t finest : week.behind[cell]) of[week.variables[finest]] += 1;
    return of;
  }
  // Of those who are in both: how many more or less they are, and in terms of the finest counts.
  std::pair<int64_t, std::vector<double>> ChangeBetween(const Week& before, const Week& after,
                                                        size_t cell) const {
    std::vector<double> difference(variables);
    int64_t change = 0;
    for (const size_t finest : after.behind[cell]) {
      if (!std::count(before.behind[cell].begin(), before.behind[cell].end(), finest)) continue;
      difference[after.variables[finest]] += 1;
      difference[before.variables[finest]] -= 1;
      change += after.counts[finest] - before.counts[finest];
    }
    return {std::abs(change), difference};
  }
};

// Publishes a year; `decide` says what a release shows.
template <typename Decide>
Record PublishYear(uint64_t seed, Withholding withholding, Decide decide) {
  Year year(seed);
  Record record{year.FinestBehind(), {}};
  for (int n = 0; n < kWeeks; ++n) {
    if (withholding == Withholding::kInSomeWeeks) year.Withhold();
    const ReleaseTables tables = year.Tables();
    Week& week = record.weeks.emplace_back(
        Week{year.FinestBehind(), year.VariablesNow(), year.FinestCounts(), {}, {}});
    record.variables =
        std::max(record.variables, *std::max_element(week.variables.begin(), week.variables.end()) + 1);
    const std::vector<Shown> shown = decide(tables);
    for (size_t i = 0; i < shown.size(); ++i) {
      const size_t cell = std::stoul(tables.cells[i].key);
      week.values[cell] = tables.cells[i].cell.value;
      week.shown[cell] = shown[i];
    }
    year.Correct();
  }
  return record;
}

// By week and cell: small sums without a place that follow from earlier releases for who also knows which
// values have not changed.
std::set<std::pair<size_t, size_t>> KnownBefore(const Record& record) {
  NaiveSpace guessed;
  std::set<std::pair<size_t, size_t>> known;
  const std::vector<Week>& weeks = record.weeks;
  for (size_t n = 0; n < weeks.size(); ++n) {
    const Week& week = weeks[n];
    for (const auto& [cell, value] : week.values) {
      const auto before = std::find_if(weeks.rend() - static_cast<long>(n), weeks.rend(),
                                       [cell = cell](const Week& of) { return of.values.contains(cell); });
      if (before == weeks.rend() || before->values.at(cell) != value) continue;
      if (week.behind[cell] == before->behind[cell])
        guessed.Add(record.ChangeBetween(*before, week, cell).second);
    }
    for (const auto& [cell, value] : week.values) {
      const bool without_a_place = week.behind[cell].size() < record.of_all[cell].size();
      if (Small(value) && without_a_place && guessed.Contains(record.VectorOf(week, cell)))
        known.emplace(n, cell);
    }
    for (const auto& [cell, shown] : week.shown) {
      if (shown == Shown::kValue) guessed.Add(record.VectorOf(week, cell));
    }
  }
  return known;
}

Findings Attack(const Record& record) {
  NaiveSpace known;
  Findings findings;
  std::map<size_t, int64_t> seen;
  for (const Week& week : record.weeks) {
    for (const auto& [cell, value] : week.values) {
      const Shown shown = week.shown.at(cell);
      if (shown == Shown::kValue) known.Add(record.VectorOf(week, cell));
      if (shown == Shown::kValue) seen[cell] = value;
      findings.shown += shown != Shown::kHidden;
      findings.hidden += shown == Shown::kHidden;
      findings.far += shown == Shown::kFormer && std::abs(seen[cell] - value) > kThreshold;
    }
  }
  const auto known_before = KnownBefore(record);
  findings.known_before = known_before.size();
  for (size_t n = 0; n < record.weeks.size(); ++n) {
    const Week& week = record.weeks[n];
    for (const auto& [cell, value] : week.values) {
      // Shown when it was large, and small since: what readers see is the old value.
      if (Small(value) && !known_before.contains({n, cell}) && known.Contains(record.VectorOf(week, cell)))
        ++findings.counts;
      if (n == 0 || !record.weeks[n - 1].values.contains(cell)) continue;
      const auto [change, difference] = record.ChangeBetween(record.weeks[n - 1], week, cell);
      if (Small(change)) findings.changes += known.Contains(difference);
    }
  }
  return findings;
}

TEST(ReleaseHistory, GivesNoCountAndNoSmallChangeAwayInAYearOfReleases) {
  const auto expect_nothing = [](uint64_t seed, Withholding withholding) {
    ReleaseHistory history;
    const Record record = PublishYear(seed, withholding, [&](const ReleaseTables& tables) {
      const auto shown = history.Next(tables, {});
      EXPECT_TRUE(shown.ok()) << shown.status().message();
      return shown.ok() ? *shown : std::vector<Shown>(tables.cells.size(), Shown::kHidden);
    });
    const Findings findings = Attack(record);
    EXPECT_EQ(findings.counts, 0u);
    EXPECT_EQ(findings.changes, 0u);
    EXPECT_LT(findings.known_before, 10u);
    EXPECT_GT(findings.shown, findings.hidden);
  };
  for (const uint64_t seed : {1, 2, 76}) expect_nothing(seed, Withholding::kNever);
  for (const uint64_t seed : {4, 10, 16}) expect_nothing(seed, Withholding::kInSomeWeeks);
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

// A sum and its parts, of which those below zero are not in the release.
ReleaseTables SumOf(const std::vector<int64_t>& values, int64_t small_change = kThreshold) {
  ReleaseTables release;
  ReleaseRelation sum{{}, true};
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] < 0) {
      release.cells[0].missing_parts.push_back(std::to_string(i));
      continue;
    }
    sum.terms.push_back({static_cast<CellIndex>(release.cells.size()), i == 0 ? -1 : 1});
    Cell cell{values[i], static_cast<double>(values[i])};
    if (Small(values[i])) cell.showing = Showing::kHidden;
    release.cells.push_back({std::to_string(i), cell, small_change});
  }
  release.relations.push_back(std::move(sum));
  return release;
}

// Publishes one after the other, and each once more with a history that was read again.
std::vector<std::vector<Shown>> Publish(const std::vector<ReleaseTables>& releases) {
  ReleaseHistory history;
  std::vector<std::vector<Shown>> all;
  for (const ReleaseTables& release : releases) {
    ReleaseHistory again;
    for (size_t i = 0; i < all.size(); ++i) again.Add(releases[i], all[i]);
    const auto shown = history.Next(release, {}), shown_again = again.Next(release, {});
    EXPECT_TRUE(shown.ok() && shown_again.ok()) << shown.status().message() << shown_again.status().message();
    if (!shown.ok() || !shown_again.ok()) return all;
    EXPECT_EQ(*shown, *shown_again);
    all.push_back(*shown);
  }
  return all;
}

// 60 = 20 + 20 + 20. The second is not in the next release's sum, which is what it was, as the first has
// grown by as many: a change that is held here. Whoever knows that the sum and the third have not changed
// knows the first.
TEST(ReleaseHistory, TakesASumWithoutAPartForAnother) {
  using enum Shown;
  EXPECT_EQ(Publish({SumOf({60, 20, 20, 20}, 25), SumOf({60, 40, -1, 20}, 25), SumOf({90, 70, -1, 20}, 25)}),
            (std::vector<std::vector<Shown>>{
                {kValue, kValue, kValue, kValue}, {kFormer, kFormer, kValue}, {kValue, kValue, kValue}}));
}

// What two small ones that leave are together is as small as what one is.
TEST(ReleaseHistory, HoldsASumThatTellsHowFewHaveLeft) {
  const auto all = Publish({SumOf({60, 30, 18, 10, 1, 1}), SumOf({58, 30, 18, 10, -1, -1})});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0][0], Shown::kValue);
  EXPECT_NE(all[1][0], Shown::kValue);
}

// 22 = 20 + 1 + 1 without the 20 is 2, which follows from the first release. It is not shown, and nothing
// stands in the way of later releases.
TEST(ReleaseHistory, DoesNotShowWhatFollowsFromEarlierReleases) {
  const auto all =
      Publish({SumOf({22, 20, 1, 1}), SumOf({2, -1, 1, 1}), SumOf({2, -1, 1, 1}), SumOf({32, 30, 1, 1})});
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[1][0], Shown::kFormer);
  EXPECT_EQ(all[2][0], Shown::kFormer);
}

TEST(ReleaseHistory, IsNeededSinceReleasesSafeOneByOneGiveChangesAway) {
  const Findings findings = Attack(PublishYear(1, Withholding::kNever, [&](const ReleaseTables& tables) {
    ReleaseHistory alone;
    return *alone.Next(tables, {});
  }));
  EXPECT_GT(findings.changes, 1000u);
  EXPECT_GT(findings.counts, 0u);
}

}  // namespace
}  // namespace kpr::disclosure

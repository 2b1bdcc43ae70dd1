// I6, over time: a year of weekly releases while single persons are corrected. Whoever has kept every
// release, and knows which of the finest counts did not change, can compute no hidden count and no change of
// a few persons.
#include "indicators/disclosure/release_history.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "indicators/disclosure/random_year.h"

namespace kpr::disclosure {
namespace {

struct Habits {
  bool withhold = false;  // in some weeks, one place
  int pooled_from = kWeeks;
};

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
Record PublishYear(uint64_t seed, Habits habits, Decide decide) {
  Year year(seed);
  Record record{year.FinestBehind(), {}};
  for (int n = 0; n < kWeeks; ++n) {
    if (habits.withhold) year.Withhold();
    if (n >= habits.pooled_from) year.Pool();
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
  const auto expect_nothing = [](uint64_t seed, Habits habits) {
    ReleaseHistory history;
    const Record record = PublishYear(seed, habits, [&](const ReleaseTables& tables) {
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
  for (const uint64_t seed : {1, 2, 76}) expect_nothing(seed, {});
  for (const uint64_t seed : {4, 10, 16}) expect_nothing(seed, {.withhold = true});
  expect_nothing(5, {.pooled_from = 0});
  for (const uint64_t seed : {6, 7}) expect_nothing(seed, {.withhold = true, .pooled_from = 3});
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

using Releases = std::vector<std::vector<Shown>>;

// Publishes one after the other, and each once more with a history that was read again.
Releases Publish(const std::vector<ReleaseTables>& releases) {
  ReleaseHistory history;
  Releases all;
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

// 30 = 20 + 8 + (2): the last is hidden and so is the 8. Two weeks later 33 = 25 + 6 + (2): whoever sees both
// new values knows that the hidden 8 lost two persons.
TEST(ReleaseHistory, HoldsLargeChangesThatTellASmallOneOfAHiddenCell) {
  using enum Shown;
  // What was hidden to protect the 2 may be shown, as long as it is seen alone.
  EXPECT_EQ(Publish({SumOf({30, 20, 8, 2}), SumOf({33, 25, 6, 2})}),
            (Releases{{kValue, kValue, kHidden, kHidden}, {kValue, kFormer, kValue, kHidden}}));
}

// 30 = 20 + 8 + (2). In the next release the last two are a pool of 9, as one of the 8 has left: whoever
// knows that the 20 and the 2 have not changed would see that.
TEST(ReleaseHistory, ShowsNoPoolThatTellsASmallChangeOfWhoIsInIt) {
  const auto pooled = [](const std::vector<int64_t>& values) {
    ReleaseTables release = SumOf(values);
    release.cells[2].never_shown = release.cells[3].never_shown = true;
    const int64_t pool = values[2] + values[3];
    release.cells.push_back({"pool", Cell{pool, static_cast<double>(pool)}, kThreshold});
    release.relations.push_back({{{4, -1}, {2, 1}, {3, 1}}, true});
    return release;
  };
  using enum Shown;
  EXPECT_EQ(Publish({SumOf({30, 20, 8, 2}), pooled({29, 20, 7, 2})}).at(1).at(4), kHidden);
  EXPECT_EQ(Publish({pooled({29, 20, 7, 2})}).at(0).at(4), kValue);
  EXPECT_EQ(Publish({pooled({90, 30, 30, 30})}), (Releases{{kValue, kValue, kHidden, kHidden, kValue}}));
  // One has come to each of the 20 and the 30: no more are told of both together than of one.
  const auto both = Publish({SumOf({110, 60, 20, 30}), pooled({152, 100, 21, 31})});
  EXPECT_EQ(both.at(1), (std::vector{kValue, kFormer, kFormer, kFormer, kHidden}));
  // Nor of two that nobody saw, but for their sum: 70 - 60.
  EXPECT_EQ(Publish({SumOf({70, 60, 8, 2}), pooled({112, 100, 9, 3})}).at(1).at(4), kHidden);
  // Nor when the two changes are held for a while first; nor where somebody may be in two of them.
  const auto held =
      Publish({SumOf({110, 60, 20, 30}), SumOf({152, 100, 21, 31}), pooled({192, 140, 21, 31})});
  EXPECT_EQ(held.at(2).at(4), kHidden);
  ReleaseTables overlapping = pooled({152, 100, 21, 31});
  overlapping.cells.push_back({"overlap", Cell{0, 1e15}, kThreshold});
  overlapping.relations.back().terms.push_back({5, -1});
  EXPECT_EQ(Publish({SumOf({110, 60, 20, 30}), overlapping}).at(1).at(4), kHidden);
}

// 60 = 20 + 20 + 20. The second is not in the next release's sum, which is what it was, as the first has
// grown by as many: a change that is held here. Whoever knows that the sum and the third have not changed
// knows the first.
TEST(ReleaseHistory, TakesASumWithoutAPartForAnother) {
  using enum Shown;
  EXPECT_EQ(
      Publish({SumOf({60, 20, 20, 20}, 25), SumOf({60, 40, -1, 20}, 25), SumOf({90, 70, -1, 20}, 25)}),
      (Releases{{kValue, kValue, kValue, kValue}, {kFormer, kFormer, kValue}, {kValue, kValue, kValue}}));
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
  const Findings findings = Attack(PublishYear(1, {}, [&](const ReleaseTables& tables) {
    ReleaseHistory alone;
    return *alone.Next(tables, {});
  }));
  EXPECT_GT(findings.changes, 1000u);
  EXPECT_GT(findings.counts, 0u);
}

}  // namespace
}  // namespace kpr::disclosure

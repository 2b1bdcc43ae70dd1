// Answers of other programs for the same tables: R's GaussSuppression and SSBtools
// (Statistics Norway), sdcTable, SmallCountRounding.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>

#include "indicators/disclosure/attack.h"
#include "indicators/disclosure/rounding.h"
#include "indicators/disclosure/suppression.h"
#include "indicators/disclosure/table.h"

namespace kpr::disclosure {
namespace {

using ::testing::Pair;
using ::testing::UnorderedElementsAre;

struct Published {
  Table table;
  std::vector<CellIndex> cells;
  Model model;

  std::string Name(size_t at) const {
    std::string name;
    const std::vector<NodeIndex> nodes = table.NodesOf(at);
    for (size_t d = 0; d < nodes.size(); ++d) {
      name += (d > 0 ? "/" : "") + table.dimensions()[d]->code(nodes[d]);
    }
    return name;
  }
  std::set<std::string> Primary() const {
    std::set<std::string> names;
    for (size_t at = 0; at < cells.size(); ++at) {
      if (model.cell(cells[at]).showing == Showing::kHidden) names.insert(Name(at));
    }
    return names;
  }
  std::set<std::string> Secondary(const SuppressionOptions& options = {}) const {
    const auto hidden = Suppress(model, options);
    EXPECT_TRUE(hidden.ok()) << hidden.status().message();
    std::set<std::string> names;
    for (size_t at = 0; at < cells.size(); ++at) {
      if ((*hidden)[cells[at]] && model.cell(cells[at]).showing != Showing::kHidden) names.insert(Name(at));
    }
    return names;
  }
};

// Leaf counts row by row; hides counts from `least` to `most`.
Published Publish(const Dimension& rows, const Dimension& columns,
                  const std::vector<std::vector<int64_t>>& leaves, int64_t least, int64_t most) {
  Published published{Table({&rows, &columns}), {}, {}};
  std::vector<int64_t> counts(published.table.cells());
  for (NodeIndex row = 0; row < leaves.size(); ++row) {
    for (NodeIndex column = 0; column < leaves[row].size(); ++column) {
      const NodeIndex nodes[] = {row, column};
      counts[published.table.At(nodes)] = leaves[row][column];
    }
  }
  ModelBuilder builder;
  published.cells = *builder.AddTable("persons", published.table, counts);
  published.model = builder.Take();
  for (size_t at = 0; at < published.cells.size(); ++at) {
    Cell& cell = published.model.cell(published.cells[at]);
    if (cell.value < least || cell.value > most) continue;
    cell.showing = Showing::kHidden;
    const std::vector<NodeIndex> nodes = published.table.NodesOf(at);
    cell.single =
        nodes[0] < rows.leaves() && nodes[1] < columns.leaves() && cell.value == std::max<int64_t>(1, least);
    if (least == 0) cell.single = cell.value == 0;
  }
  return published;
}

class Countries : public ::testing::Test {
 protected:
  Countries() {
    for (const char* name : {"young", "old"}) age.AddLeaf(name);
    age.AddSum("Total", {0, 1});
    for (const char* name : {"Spain", "Iceland", "Portugal"}) place.AddLeaf(name);
  }
  Dimension age{"age"}, place{"place"};
};

TEST_F(Countries, HidesAsGaussSuppressionUpToOne) {
  place.AddSum("Total", {0, 1, 2});
  const Published table = Publish(age, place, {{5, 2, 0}, {6, 3, 4}}, 0, 1);
  EXPECT_THAT(table.Primary(), UnorderedElementsAre("young/Portugal"));
  EXPECT_THAT(table.Secondary(), UnorderedElementsAre("old/Iceland", "old/Portugal", "young/Iceland"));
}

TEST_F(Countries, HidesAsGaussSuppressionUpToTwoWithGroups) {
  const NodeIndex eu = place.AddSum("EU", {0, 2}), non_eu = place.AddSum("nonEU", {1});
  place.AddSum("Total", {eu, non_eu});
  const Published table = Publish(age, place, {{5, 2, 0}, {6, 3, 4}}, 0, 2);
  EXPECT_THAT(table.Primary(), UnorderedElementsAre("young/nonEU", "young/Iceland", "young/Portugal"));
  EXPECT_THAT(table.Secondary(),
              UnorderedElementsAre("old/EU", "old/nonEU", "old/Iceland", "old/Portugal", "young/EU"));
}

TEST_F(Countries, HidesAsGaussSuppressionUpToFourWithZerosShown) {
  const NodeIndex eu = place.AddSum("EU", {0, 2}), non_eu = place.AddSum("nonEU", {1});
  place.AddSum("Total", {eu, non_eu});
  const Published table = Publish(age, place, {{5, 2, 0}, {6, 3, 4}}, 1, 4);
  EXPECT_THAT(table.Primary(), UnorderedElementsAre("Total/Portugal", "old/nonEU", "old/Iceland",
                                                    "old/Portugal", "young/nonEU", "young/Iceland"));
  EXPECT_THAT(table.Secondary(), UnorderedElementsAre("Total/Spain", "old/EU", "young/EU", "young/Spain"));
}

TEST(SsbTools, HidesMoreWhereSinglesKnowThemselves) {
  Dimension rows("row"), columns("column");
  for (const char* name : {"1", "2", "3"}) rows.AddLeaf(name);
  rows.AddSum("Total", {0, 1, 2});
  for (const char* name : {"A", "B", "C", "D", "E"}) columns.AddLeaf(name);
  columns.AddSum("Total", {0, 1, 2, 3, 4});
  const Published table = Publish(rows, columns, {{1, 1, 1, 5, 5}, {9, 9, 9, 9, 9}, {0, 0, 0, 7, 7}}, 1, 4);
  EXPECT_THAT(table.Primary(), UnorderedElementsAre("1/A", "1/B", "1/C"));
  EXPECT_THAT(table.Secondary({.protect_singles = false}), UnorderedElementsAre("2/A", "2/B", "2/C"));
  EXPECT_THAT(table.Secondary(), UnorderedElementsAre("2/A", "2/B", "2/C", "1/E", "2/E"));
}

class SdcTable : public ::testing::Test {
 protected:
  SdcTable() {
    for (const char* name : {"w", "x", "y", "z"}) rows.AddLeaf(name);
    rows.AddSum("Total", {0, 1, 2, 3});
    for (const char* name : {"a", "b", "c", "d"}) columns.AddLeaf(name);
    columns.AddSum("Total", {0, 1, 2, 3});
  }
  // What a reader knows of each hidden cell.
  std::map<std::string, std::pair<long, long>> Intervals(const std::set<std::string>& hidden_names) {
    const Published problem = Publish(
        rows, columns, {{30, 47, 64, 89}, {90, 124, 5, 31}, {92, 100, 59, 85}, {800, 991, 651, 685}}, 1, 0);
    Hidden hidden(problem.model.cells());
    for (size_t at = 0; at < problem.cells.size(); ++at) {
      hidden[problem.cells[at]] = hidden_names.contains(problem.Name(at));
    }
    const auto report = Attack(problem.model, hidden, {.intervals = true});
    EXPECT_TRUE(report.ok()) << report.status().message();
    std::map<std::string, std::pair<long, long>> found;
    for (const AttackedComponent& component : report->components) {
      for (const AttackedCell& cell : component.attacked) {
        const auto at =
            std::find(problem.cells.begin(), problem.cells.end(), cell.cell) - problem.cells.begin();
        found[problem.Name(static_cast<size_t>(at))] = {std::lround(cell.lower), std::lround(cell.upper)};
        EXPECT_EQ(cell.exact, std::lround(cell.lower) == std::lround(cell.upper))
            << problem.Name(static_cast<size_t>(at));
      }
    }
    return found;
  }
  const std::set<std::string> nine{"w/a", "w/b", "w/c", "x/a", "x/c", "y/b", "y/d", "z/b", "z/d"};
  Dimension rows{"row"}, columns{"column"};
};

TEST_F(SdcTable, FindsTheCellThatFollows) {
  EXPECT_THAT(Intervals(nine), UnorderedElementsAre(Pair("w/a", Pair(25, 94)), Pair("w/b", Pair(47, 47)),
                                                    Pair("w/c", Pair(0, 69)), Pair("x/a", Pair(26, 95)),
                                                    Pair("x/c", Pair(0, 69)), Pair("y/b", Pair(0, 185)),
                                                    Pair("y/d", Pair(0, 185)), Pair("z/b", Pair(906, 1091)),
                                                    Pair("z/d", Pair(585, 770))));
}

TEST_F(SdcTable, FindsItsIntervalOnceOneMoreIsHidden) {
  std::set<std::string> more = nine;
  more.insert("x/d");
  auto found = Intervals(more);
  EXPECT_THAT(found["w/b"], Pair(0, 78));
  EXPECT_THAT(found["w/a"], Pair(0, 120));
  EXPECT_THAT(found["x/a"], Pair(0, 120));
  EXPECT_THAT(found["z/b"], Pair(875, 1138));
  EXPECT_THAT(found["z/d"], Pair(538, 801));
  EXPECT_THAT(found["x/d"], Pair(0, 78));
  more = nine;
  more.insert("x/b");
  found = Intervals(more);
  EXPECT_THAT(found["w/b"], Pair(0, 141));
  EXPECT_THAT(found["x/b"], Pair(30, 171));
}

TEST(PlsRounding, RoundsAsSmallCountRounding) {
  Dimension geo("geo"), year("year");
  for (const char* name : {"Iceland", "Portugal", "Spain"}) geo.AddLeaf(name);
  const NodeIndex eu = geo.AddSum("EU", {1, 2}), non_eu = geo.AddSum("nonEU", {0});
  geo.AddSum("Total", {eu, non_eu});
  for (const char* name : {"2018", "2019"}) year.AddLeaf(name);
  year.AddSum("Total", {0, 1});
  const Published table = Publish(geo, year, {{2, 1}, {3, 5}, {7, 6}}, 1, 0);
  const std::vector<int64_t> rounded = *RoundSmall(table.model, 3);
  double distance = 0, sum = 0;
  int64_t most = 0;
  std::map<std::string, int64_t> changed;
  for (size_t at = 0; at < table.cells.size(); ++at) {
    const int64_t before = table.model.cell(table.cells[at]).value, after = rounded[table.cells[at]];
    if (before != after) changed[table.Name(at)] = after;
    most = std::max(most, std::abs(after - before));
    distance += std::pow(std::sqrt(before) - std::sqrt(after), 2) / 2;
    sum += static_cast<double>(before);
  }
  EXPECT_THAT(changed,
              UnorderedElementsAre(Pair("Iceland/2018", 3), Pair("Iceland/2019", 0), Pair("nonEU/2018", 3),
                                   Pair("nonEU/2019", 0), Pair("Total/2018", 13), Pair("Total/2019", 11)));
  EXPECT_EQ(most, 1);
  EXPECT_NEAR(1 - std::sqrt(distance) / std::sqrt(sum), 0.9117335, 5e-8);
}

}  // namespace
}  // namespace kpr::disclosure

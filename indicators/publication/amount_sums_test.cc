#include "indicators/publication/amount_sums.h"

#include <gmock/gmock.h>

#include <random>
#include <string>
#include <vector>

namespace kpr::publication {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kAreas[] = {"0", "1101", "1103", "1106", "1108", "1111", "4601", "4624"};
using Figures = std::vector<int64_t>;  // of kAreas

v1::ReleaseTable TableOf(const std::string& indicator, const std::vector<Figures>& amounts) {
  v1::ReleaseTable table;
  table.set_indicator(indicator);
  for (size_t a = 0; a < amounts.size(); ++a) {
    v1::ReleaseAmount& amount = *table.add_amounts();
    amount.set_id(std::string(1, static_cast<char>('a' + a)));
    amount.set_whole(a == 0);
    amount.set_divisor(1);
    amount.set_persons(true);
    amount.set_additive_parts(amounts.size() > 1);
  }
  for (size_t r = 0; r < std::size(kAreas); ++r) {
    v1::ReleaseRow& row = *table.add_rows();
    row.set_period("2024");
    row.set_area(kAreas[r]);
    row.set_sex("all");
    row.set_age("all");
    for (const Figures& amount : amounts) row.add_amounts(amount[r]);
  }
  return table;
}

Figures Some() {
  static std::mt19937 random(3);
  Figures figures;
  for (size_t i = 0; i < std::size(kAreas); ++i) figures.push_back(1 + static_cast<int64_t>(random() % 1000));
  return figures;
}

Figures operator+(Figures a, const Figures& b) {
  for (size_t i = 0; i < a.size(); ++i) a[i] += b[i];
  return a;
}

std::vector<std::string> SumsOf(const v1::ReleaseTable& table, int amount) {
  std::vector<std::string> sums;
  for (const v1::AmountSum& sum : table.amounts(amount).sums()) {
    std::string& text = sums.emplace_back();
    for (const std::string& part : sum.parts()) text += (text.empty() ? "" : "+") + part;
  }
  return sums;
}

TEST(AmountSums, AreFoundAcrossTablesAndNotWithinOne) {
  const Figures a = Some(), b = Some(), c = Some(), d = Some(), e = Some(), other = Some();
  std::vector<v1::ReleaseTable> tables{
      TableOf("fine", {a + b + c + d + e, a, b, c, d, e}),
      TableOf("coarse", {a + b + c + d + e, a + b, c + d + e}),
      TableOf("whole", {b}),
      TableOf("apart", {a + c + e}),
      TableOf("run", {b + c + d + e}),
      TableOf("two", {a + other}),
      TableOf("another", {other}),
  };
  FindSums(tables);
  EXPECT_THAT(SumsOf(tables[0], 0), ElementsAre("fine/b+run/a"));
  for (int amount = 1; amount < 6; ++amount) EXPECT_THAT(SumsOf(tables[0], amount), IsEmpty()) << amount;
  EXPECT_THAT(SumsOf(tables[1], 0), ElementsAre("fine/a"));
  EXPECT_THAT(SumsOf(tables[1], 1), ElementsAre("fine/b+fine/c"));
  EXPECT_THAT(SumsOf(tables[1], 2), ElementsAre("fine/d+fine/e+fine/f"));
  EXPECT_THAT(SumsOf(tables[2], 0), ElementsAre("fine/c"));
  EXPECT_THAT(SumsOf(tables[3], 0), ElementsAre("fine/b+fine/d+fine/f"));
  EXPECT_THAT(SumsOf(tables[4], 0), ::testing::Contains("fine/c+fine/d+fine/e+fine/f"));
  EXPECT_THAT(SumsOf(tables[5], 0), ElementsAre("fine/b+another/a"));
}

TEST(AmountSums, AreNotFoundByChanceInZerosOrWhereOneRowSaysNo) {
  Figures few(std::size(kAreas)), rare(std::size(kAreas)), once = Some();
  few[1] = 3, few[2] = 1, rare[1] = 2;
  const Figures a = Some();
  Figures wrong = a;
  ++wrong[5];
  std::vector<v1::ReleaseTable> tables{
      TableOf("few", {few}),           TableOf("rare", {rare}),
      TableOf("chance", {few + rare}), TableOf("a", {a}),
      TableOf("wrong", {wrong}),       TableOf("zeros", {Figures(std::size(kAreas))}),
      TableOf("once", {once}),         TableOf("zeros_too", {Figures(std::size(kAreas))})};
  FindSums(tables);
  for (const v1::ReleaseTable& table : tables) EXPECT_THAT(SumsOf(table, 0), IsEmpty()) << table.indicator();
}

// Tables need not have the same areas and periods; what is not in a sum in one of them does not count.
TEST(AmountSums, AreOfTheRowsThatAllHave) {
  const Figures a = Some(), b = Some();
  v1::ReleaseTable country = TableOf("country", {a});
  country.mutable_rows()->DeleteSubrange(1, country.rows_size() - 1);
  std::vector<v1::ReleaseTable> tables{country, TableOf("a", {a}), TableOf("b", {b}),
                                       TableOf("sum", {a + b})};
  const v1::ReleaseTable year_before = TableOf("sum", {Some()});
  for (const v1::ReleaseRow& row : year_before.rows()) {
    v1::ReleaseRow& added = *tables[3].add_rows();
    added = row;
    added.set_period("2023");
  }
  // The country of b is without 1106.
  tables[2].mutable_rows(3)->set_missing_reason(v1::MISSING_REASON_NOT_REPORTED);
  tables[2].mutable_rows(0)->set_amounts(0, tables[2].rows(0).amounts(0) - tables[2].rows(3).amounts(0));
  tables[2].mutable_rows(3)->set_amounts(0, 0);
  FindSums(tables);
  EXPECT_THAT(SumsOf(tables[1], 0), ElementsAre("country/a"));
  EXPECT_THAT(SumsOf(tables[3], 0), ::testing::Contains("a/a+b/a"));
}

// All sexes are as in the first; male and female are in the other two alone.
TEST(AmountSums, AreKnownOfRowsThatTheFirstOfThemLacks) {
  const Figures a = Some();
  std::vector<v1::ReleaseTable> tables{TableOf("all", {a}), TableOf("one", {a}), TableOf("two", {a})};
  for (const int t : {1, 2}) {
    for (const char* sex : {"male", "female"}) {
      v1::ReleaseRow row = tables[t].rows(1);
      row.set_sex(sex);
      row.set_amounts(0, sex[0] == 'm' ? 1 : a[1] - 1);
      *tables[t].add_rows() = row;
    }
  }
  FindSums(tables);
  EXPECT_THAT(SumsOf(tables[2], 0), ElementsAre("all/a", "one/a"));
}

// Of classes that overlap, a table says by itself no more than that each is part of the whole.
TEST(AmountSums, AreFoundOfClassesThatAreNotAllByThemselves) {
  const Figures a = Some(), b = Some(), c = Some();
  std::vector<v1::ReleaseTable> tables{TableOf("overlap", {a + b, a, b, c}),
                                       TableOf("twice", {a + a + b, a, a, b}), TableOf("twice_a", {a + a})};
  for (v1::ReleaseAmount& amount : *tables[0].mutable_amounts()) amount.set_additive_parts(false);
  FindSums(tables);
  EXPECT_THAT(SumsOf(tables[0], 0), ::testing::Contains("overlap/b+overlap/c"));
  EXPECT_THAT(SumsOf(tables[1], 2), ElementsAre("overlap/b"));
  EXPECT_THAT(SumsOf(tables[2], 0), ElementsAre("twice/b+twice/c"));
}

// Five rows with two parts that are not zero; what is counted must be the same.
TEST(AmountSums, NeedFiveRowsAndOneKind) {
  Figures a = Some(), b = Some(), c = Some();
  for (size_t i = 0; i < b.size(); ++i) b[i] = i >= 1 && i <= 4 ? b[i] : 0;  // four municipalities
  const Figures four = a + b;
  b[5] = 7;
  std::vector<v1::ReleaseTable> tables{TableOf("a", {a}), TableOf("four", {four}), TableOf("five", {a + b}),
                                       TableOf("b", {b}), TableOf("places", {c}),  TableOf("persons", {c})};
  tables[4].mutable_amounts(0)->set_persons(false);
  b[5] = 0;
  tables.push_back(TableOf("b_of_four", {b}));
  FindSums(tables);
  EXPECT_THAT(SumsOf(tables[1], 0), IsEmpty());
  EXPECT_THAT(SumsOf(tables[2], 0), ElementsAre("a/a+b/a"));
  EXPECT_THAT(SumsOf(tables[5], 0), IsEmpty());
}

// Two tables without different municipalities: their country is not the same, and is not compared.
TEST(AmountSums, AreKeptOfTheFinestRowsWhereThoseAboveDiffer) {
  const Figures a = Some();
  Figures twice = a;
  twice[0] += 1;  // in the country somebody is counted in two of them
  std::vector<v1::ReleaseTable> tables{TableOf("a", {a}), TableOf("twice", {twice}), TableOf("less", {a})};
  tables[2].mutable_rows(3)->set_missing_reason(v1::MISSING_REASON_NOT_REPORTED);
  tables[2].mutable_rows(0)->set_amounts(0, a[0] - 1);
  FindSums(tables);
  EXPECT_THAT(SumsOf(tables[1], 0), ElementsAre("a/a"));
  EXPECT_THAT(tables[1].amounts(0).sums(0).levels(), ElementsAre(v1::LEVEL_MUNICIPALITY));
  EXPECT_THAT(SumsOf(tables[2], 0), ElementsAre("a/a", "twice/a"));
  EXPECT_THAT(tables[2].amounts(0).sums(0).levels(), ElementsAre(v1::LEVEL_MUNICIPALITY));
  EXPECT_THAT(tables[2].amounts(0).sums(0).levels_of_same(), ElementsAre(v1::LEVEL_COUNTRY));
}

}  // namespace
}  // namespace kpr::publication

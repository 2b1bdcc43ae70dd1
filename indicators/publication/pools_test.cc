#include "indicators/publication/pools.h"

#include <gmock/gmock.h>

#include "indicators/publication/sign_off.h"

namespace kpr::publication {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> CodesOf(const std::vector<v1::Pool>& pools, const std::string& pool) {
  for (const v1::Pool& of : pools) {
    if (of.code() == pool) return {of.municipalities().begin(), of.municipalities().end()};
  }
  return {};
}

// All large, but for those named.
std::vector<v1::Pool> PoolsWith(const std::map<uint16_t, int64_t>& inhabitants) {
  const Structure& structure = Structure::Of(2024);
  std::map<uint16_t, int64_t> all;
  for (const Municipality m : structure.municipalities()) all[m.code] = 50'000 + m.code;
  for (const auto& [code, of] : inhabitants) all[code] = of;
  return MakePools(structure, all, 2000);
}

TEST(MunicipalityPools, HaveTheSmallMunicipalitiesOfACounty) {
  const auto pools = PoolsWith({{4616, 1999}, {4612, 900}, {4615, 2000}, {5006, 1500}, {5014, 600}});
  EXPECT_EQ(pools.size(), 2u);
  EXPECT_THAT(CodesOf(pools, "46P"), ElementsAre("4612", "4616"));
  EXPECT_THAT(CodesOf(pools, "50P"), ElementsAre("5006", "5014"));
}

// One alone would be shown under another name; and two may be as small together.
TEST(MunicipalityPools, TakeInTheNextSmallestWhereTheyAreTooSmall) {
  EXPECT_THAT(CodesOf(PoolsWith({{4616, 1999}, {4615, 3000}}), "46P"), ElementsAre("4615", "4616"));
  EXPECT_THAT(CodesOf(PoolsWith({{4616, 300}, {4612, 200}, {4615, 3000}}), "46P"),
              ElementsAre("4612", "4615", "4616"));
  EXPECT_THAT(CodesOf(PoolsWith({{301, 300}}), "03P"), ElementsAre("0301"));  // the county has no other
}

TEST(MunicipalityPools, CountWhoseInhabitantsAreNotKnownAsSmall) {
  EXPECT_EQ(MakePools(Structure::Of(2024), {}, 2000).size(), 15u);  // one a county
  EXPECT_THAT(CodesOf(MakePools(Structure::Of(2024), {{1101, 5000}, {1103, 5000}}, 2000), "11P"),
              ::testing::AllOf(::testing::Contains("1106"), ::testing::Contains("1101"),
                               ::testing::Not(::testing::Contains("1103"))));
}

TEST(MunicipalityPools, OfOtherMunicipalitiesAreOthers) {
  const auto pools = [](const std::vector<std::string>& municipalities) {
    v1::ReleaseTable table;
    for (const std::string& code : municipalities) {
      v1::ReleaseRow& row = *table.add_rows();
      row.set_area(code);
      row.set_pool("46P");
    }
    table.add_rows()->set_area("46P");
    return PoolsOfTables({&table, 1});
  };
  const PoolsOfTables two = pools({"4612", "4616"});
  EXPECT_NE(two.KeyOf("46P"), pools({"4612", "4615", "4616"}).KeyOf("46P"));
  EXPECT_EQ(two.KeyOf("46P"), pools({"4616", "4612"}).KeyOf("46P"));
  EXPECT_EQ(two.KeyOf("4612"), "4612");
  EXPECT_EQ(*two.Of("4612"), "46P");
  EXPECT_EQ(two.Of("4615"), nullptr);
}

// What it showed by itself is of another release; its rows say where it is shown.
TEST(MunicipalityPools, AreNotCarriedForward) {
  v1::ReleaseTable last, table;
  last.add_rows()->set_area("4616");
  last.mutable_rows(0)->set_value(25);
  table.add_rows()->set_area("4616");
  CarryForward("4616", {last}, table);
  EXPECT_TRUE(table.rows(0).carried_forward());
  table.mutable_rows(0)->Clear();
  table.mutable_rows(0)->set_area("4616");
  table.mutable_rows(0)->set_pool("46P");
  CarryForward("4616", {last}, table);
  EXPECT_FALSE(table.rows(0).carried_forward());
  EXPECT_EQ(table.rows(0).pool(), "46P");
}

}  // namespace
}  // namespace kpr::publication

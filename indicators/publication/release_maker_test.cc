#include "indicators/publication/release_maker.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kpr::publication {
namespace {

TEST(ReleaseMaker, GivesZeroNoSign) {
  v1::PublicationPlan plan;
  plan.set_structure_year(2024);
  v1::ReleaseTable table;
  table.set_indicator("function_change");
  table.set_kind(v1::KIND_MEAN);
  table.set_decimals(1);
  table.add_value_amounts(0);
  v1::ReleaseAmount& amount = *table.add_amounts();
  amount.set_whole(true);
  amount.set_persons(true);
  amount.set_divisor(1);
  v1::ReleaseRow& row = *table.add_rows();
  row.set_area("0");
  row.add_amounts(40);
  row.add_persons(40);
  row.add_providers(0);
  row.set_value(-0.04);
  row.set_lower(-0.31);
  row.set_upper(-0.0);
  const auto release = PrepareRelease(plan, {table}, {});
  ASSERT_TRUE(release.ok()) << release.status().message();
  const v1::ReleaseRow& shown = release->tables[0].rows(0);
  EXPECT_EQ(shown.lower(), -0.3);
  EXPECT_EQ(shown.value(), 0);
  EXPECT_FALSE(std::signbit(shown.value()));
  EXPECT_FALSE(std::signbit(shown.upper()));
}

}  // namespace
}  // namespace kpr::publication

// Pages of a table are of one state and one version, whatever comes between them and whoever answers.
#include <gtest/gtest.h>

#include "indicators/query/position_token.h"
#include "indicators/rpc/paged_tables.h"
#include "tests/support/random_history.h"
#include "tests/support/registry_fixture.h"

namespace kpr {
namespace {

using namespace test;

class PagingTest : public testing::Test {
 protected:
  PagingTest() {
    for (uint64_t seed = 1; seed <= 2; ++seed) world_.harness().Append(MakeHistory(seed * 7919).events);
    world_.Settle("2020-12-31");
    request_.set_indicator("nursing_home_residents");
    request_.set_level(v1::LEVEL_MUNICIPALITY);
    request_.set_from_period("2018");
    request_.set_to_period("2020");
    request_.set_page_size(100);
  }

  void AddEvents() {
    for (uint64_t seed = 5; seed < 10; ++seed) world_.harness().Append(MakeHistory(seed * 7919).events);
    world_.Settle("2020-12-31");
  }

  // All rows, with `between` before each next page.
  std::vector<std::string> RowsOf(PagedTables* tables,
                                  const std::function<PagedTables*(PagedTables*)>& between) {
    std::vector<std::string> rows;
    v1::GetIndicatorValuesRequest request = request_;
    for (;;) {
      const auto page = tables->Page(request);
      EXPECT_TRUE(page.ok()) << page.status().message();
      if (!page.ok()) return rows;
      for (const v1::Row& row : page->rows()) rows.push_back(row.SerializeAsString());
      EXPECT_LE(page->rows_size(), 100);
      if (page->next_page_token().empty()) return rows;
      request.set_page_token(page->next_page_token());
      tables = between(tables);
    }
  }

  RegistryFixture world_{&DefaultPlan(), 3};
  v1::GetIndicatorValuesRequest request_;
};

TEST_F(PagingTest, EventsBetweenPagesChangeNothing) {
  PagedTables tables(&world_.query());
  const auto before = RowsOf(&tables, [](PagedTables* same) { return same; });
  ASSERT_GT(before.size(), 500u);
  bool added = false;
  const auto during = RowsOf(&tables, [&](PagedTables* same) {
    if (!std::exchange(added, true)) AddEvents();
    return same;
  });
  EXPECT_EQ(during, before);
  EXPECT_NE(RowsOf(&tables, [](PagedTables* same) { return same; }), before) << "the events change the table";
}

// As after a restart, or on another node: nothing is kept, the token alone says which table it is.
TEST_F(PagingTest, AnotherNodeGoesOnWithTheSameTable) {
  PagedTables first(&world_.query()), second(&world_.query());
  const auto before = RowsOf(&first, [](PagedTables* same) { return same; });
  bool added = false;
  EXPECT_EQ(RowsOf(&first,
                   [&](PagedTables*) {
                     if (!std::exchange(added, true)) AddEvents();
                     return &second;
                   }),
            before);
}

TEST_F(PagingTest, ANodeThatIsBehindSaysSo) {
  PagedTables tables(&world_.query());
  const auto page = tables.Page(request_);
  ASSERT_TRUE(page.ok()) << page.status().message();
  auto ahead = *PageToken::Parse(page->next_page_token());
  auto positions = *ParsePositionToken(ahead.position, 3);
  ++positions[0];
  ahead.position = PositionToken(positions);
  request_.set_page_token(ahead.ToString());
  const auto next = tables.Page(request_);
  ASSERT_FALSE(next.ok());
  EXPECT_EQ(next.status().code(), Code::kUnavailable);
}

TEST_F(PagingTest, WhatIsNoTokenIsRefused) {
  PagedTables tables(&world_.query());
  for (const char* bad : {"x", "00", "zz01", "0101ffff"}) {
    request_.set_page_token(bad);
    EXPECT_FALSE(tables.Page(request_).ok()) << bad;
  }
  request_.clear_page_token();
  request_.set_from_period("0001");
  request_.set_to_period("2020");
  EXPECT_EQ(tables.Page(request_).status().code(), Code::kResourceExhausted) << "two thousand years";
}

}  // namespace
}  // namespace kpr

#include "indicators/rpc/watches.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/limits.h"

namespace kpr {
namespace {

v1::GetIndicatorValuesRequest About(const std::string& indicator) {
  v1::GetIndicatorValuesRequest request;
  request.set_indicator(indicator);
  return request;
}

class WatchesTest : public testing::Test {
 protected:
  // A table of so many rows that begins with the value; counts how often it was computed.
  Watch::Compute Table(double value, size_t rows = 1) {
    return [this, value, rows]() -> Result<ResultTable> {
      ++computed_;
      ResultTable table;
      v1::Definition definition;
      definition.add_components();
      table.definition = std::make_shared<const v1::Definition>(definition);
      table.rows.resize(rows);
      table.rows.front().numerator = value;
      return table;
    };
  }

  double now_ = 100;
  int computed_ = 0;
  Watches watches_{0.25, [this] { return now_; }};
};

TEST_F(WatchesTest, ThoseWhoAskTheSameShareOneComputation) {
  const auto a = std::move(*watches_.Open("a", About("x")));
  v1::GetIndicatorValuesRequest in_small_pages = About("x");
  in_small_pages.set_page_size(10);
  const auto b = std::move(*watches_.Open("b", in_small_pages));
  const auto other = std::move(*watches_.Open("b", About("y")));
  const auto first = *a->Newest(7, Table(1));
  EXPECT_EQ(*b->Current(7), first);
  EXPECT_EQ(*b->Newest(7, Table(1)), first);
  EXPECT_EQ(*other->Current(7), nullptr);
  EXPECT_EQ(computed_, 1);
  EXPECT_NE(*other->Newest(7, Table(1)), first);
  EXPECT_EQ(computed_, 2);
}

TEST_F(WatchesTest, AnAnswerIsComputedAgainAfterAChangeAndThePause) {
  const auto a = std::move(*watches_.Open("a", About("x")));
  const auto first = *a->Newest(7, Table(1));
  now_ += 10;
  EXPECT_EQ(*a->Newest(7, Table(2)), first) << "nothing has changed";
  EXPECT_EQ((*a->Newest(8, Table(2)))->change, 8u);
  now_ += 0.2;
  EXPECT_EQ((*a->Newest(9, Table(3)))->change, 8u) << "the pause is not over";
  now_ += 0.1;
  EXPECT_EQ((*a->Newest(9, Table(3)))->change, 9u);
  EXPECT_EQ(computed_, 3);
}

TEST_F(WatchesTest, TheNumberRisesOnlyWithWhatAReaderSees) {
  const auto a = std::move(*watches_.Open("a", About("x")));
  EXPECT_EQ((*a->Newest(7, Table(1)))->number, 1u);
  now_ += 1;
  EXPECT_EQ((*a->Newest(8, Table(1)))->number, 1u);
  now_ += 1;
  EXPECT_EQ((*a->Newest(9, Table(2)))->number, 2u);
}

TEST_F(WatchesTest, AFailedComputationIsTriedByTheNext) {
  const auto a = std::move(*watches_.Open("a", About("x")));
  EXPECT_EQ(a->Newest(7, [] { return Unavailable("no"); }).status().code(), Code::kUnavailable);
  EXPECT_TRUE(a->Newest(7, Table(1)).ok());
}

TEST_F(WatchesTest, OnePrincipalHasABoundOfItsOwn) {
  std::vector<std::unique_ptr<Watch>> open;
  for (size_t i = 0; i < limits::kWatchesOfOne; ++i)
    open.push_back(std::move(*watches_.Open("a", About("x"))));
  EXPECT_EQ(watches_.Open("a", About("x")).status().code(), Code::kResourceExhausted);
  EXPECT_TRUE(watches_.Open("b", About("x")).ok());
  open.pop_back();
  EXPECT_TRUE(watches_.Open("a", About("x")).ok());
}

TEST_F(WatchesTest, RowsOfOnePrincipalAreBounded) {
  const auto big = std::move(*watches_.Open("a", About("x")));
  ASSERT_TRUE(big->Newest(1, Table(1, limits::kWatchedRowsOfOne)).ok());
  {
    const auto more = std::move(*watches_.Open("a", About("y")));
    EXPECT_EQ(more->Newest(1, Table(1)).status().code(), Code::kResourceExhausted);
    EXPECT_TRUE(std::move(*watches_.Open("b", About("y")))->Newest(1, Table(1)).ok());
  }
  now_ += 1;
  ASSERT_TRUE(big->Newest(2, Table(1, limits::kWatchedRowsOfOne - 1)).ok())
      << "rows given back count no more";
  for (int i = 0; i < 2; ++i)
    EXPECT_TRUE(std::move(*watches_.Open("a", About("y")))->Newest(1, Table(1)).ok())
        << "nor of a closed one";
}

TEST_F(WatchesTest, AQuestionThatNobodyWatchesIsForgotten) {
  ASSERT_TRUE(std::move(*watches_.Open("a", About("x")))->Newest(1, Table(1)).ok());
  ASSERT_TRUE(std::move(*watches_.Open("a", About("x")))->Newest(1, Table(1)).ok());
  EXPECT_EQ(computed_, 2);
}

}  // namespace
}  // namespace kpr

// The function f whose differences keep every cell exact, by itself: what is emitted does not depend on where
// a computation begins or how far ahead it goes. Histories are random and hostile
// (tests/support/random_history.h).
#include "indicators/engine/evaluate.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "registry/facts/encode_event.h"
#include "registry/facts/subject.h"
#include "tests/support/harness.h"
#include "tests/support/random_history.h"

namespace kpr::test {
namespace {

using Sums = std::map<std::pair<std::string, uint32_t>, int64_t>;

Sums Add(const std::vector<Contribution>& contributions, Sums sums = {}, int64_t sign = 1) {
  for (const Contribution& c : contributions) {
    const auto key = std::pair(c.key.Encode(), c.slot);
    if ((sums[key] += sign * c.amount) == 0) sums.erase(key);
  }
  return sums;
}

// The timelines of a history, encoded, by subject.
std::map<SubjectId, std::string> Timelines(const RandomHistory& history) {
  std::map<SubjectId, std::string> timelines;
  uint64_t offset = 0;
  for (const v1::Event& event : history.events) {
    const std::string fact = *EncodeEvent(event, 1, offset++);
    const auto subjects = TimelinesOf(event);
    for (const SubjectId& subject : *subjects) timelines[subject] += fact;
  }
  return timelines;
}

class EngineTest : public testing::Test {
 protected:
  std::vector<Contribution> Evaluate(const SubjectState& state, Date from, Date until) {
    std::vector<Contribution> out;
    evaluator_.Evaluate(state, from, until, &out);
    return out;
  }

  std::shared_ptr<const Plan> plan_ = DefaultPlan().Get();
  Evaluator evaluator_{plan_.get()};
};

const Date kEndOf2021 = Date::FromYmd(2021, 12, 31), kEndOf2023 = Date::FromYmd(2023, 12, 31);

TEST_F(EngineTest, AdvancingYearByYearIsTheSameAsAllAtOnce) {
  size_t contributions = 0;
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    for (const auto& [subject, bytes] : Timelines(MakeHistory(seed * 31))) {
      std::vector<Fact> facts;
      ASSERT_TRUE(DecodeFacts(bytes, &facts));
      const SubjectState state = Fold(subject, facts);
      std::vector<Contribution> steps = Evaluate(state, kFirstDate, kEndOf2021);
      for (const int year : {2022, 2023})
        evaluator_.Advance(state, Date::FromYmd(year, 1, 1), Date::FromYmd(year, 12, 31), &steps);
      ASSERT_EQ(Add(steps), Add(Evaluate(state, kFirstDate, kEndOf2023))) << "seed " << seed * 31;
      contributions += steps.size();
    }
  }
  EXPECT_GT(contributions, 10'000u);
}

// What a change adds is the same, whether everything is computed again or only what comes from its day on.
TEST_F(EngineTest, AChangeIsTheSameFromItsDayOnAsFromTheBeginning) {
  std::mt19937_64 random(7);
  size_t changes = 0;
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    for (const auto& [subject, bytes] : Timelines(MakeHistory(seed * 37))) {
      std::vector<Fact> facts;
      ASSERT_TRUE(DecodeFacts(bytes, &facts));
      const std::vector<Fact> fewer(facts.begin(),
                                    facts.end() - 1 - static_cast<long>(random() % 3 % facts.size()));
      const SubjectState before = Fold(subject, fewer), after = Fold(subject, facts);
      const Date from = FirstDifference(before, after);
      if (from > kEndOf2023) continue;
      const Sums whole =
          Add(Evaluate(before, kFirstDate, kEndOf2023), Add(Evaluate(after, kFirstDate, kEndOf2023)), -1);
      const Sums part = Add(Evaluate(before, from, kEndOf2023), Add(Evaluate(after, from, kEndOf2023)), -1);
      ASSERT_EQ(part, whole) << "seed " << seed * 37 << " from " << from.ToString();
      changes += whole.size();
    }
  }
  EXPECT_GT(changes, 1'000u);
}

TEST_F(EngineTest, NobodyContributesBeforeTheFirstFact) {
  const auto timelines = Timelines(MakeHistory(5));
  for (const auto& [subject, bytes] : timelines) {
    std::vector<Fact> facts;
    ASSERT_TRUE(DecodeFacts(bytes, &facts));
    const SubjectState state = Fold(subject, facts);
    if (state.effective.empty()) continue;
    const int first = state.effective.front().occurred_on.year();
    for (const Contribution& c : Evaluate(state, kFirstDate, kEndOf2023)) EXPECT_GE(c.key.year, first);
  }
}

}  // namespace
}  // namespace kpr::test

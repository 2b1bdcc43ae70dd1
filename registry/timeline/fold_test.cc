// Named cases of the fold. The random ones, and identity changes, are in tests/property.
#include <gtest/gtest.h>

#include "registry/timeline/subject_state.h"

namespace kpr {
namespace {

class Timeline {
 public:
  // Adds a version and gives its event id.
  uint8_t Add(FactKind kind, const char* date, uint16_t type = 21,
              VersionStatus status = VersionStatus::kOriginal, uint8_t about = 0, uint64_t service = 1) {
    FactHeader header;
    header.kind = kind;
    header.status = status;
    header.code = type;
    header.municipality = {301};
    header.occurred_on = *Date::Parse(date);
    header.event_id = Id(++last_);
    header.original = status == VersionStatus::kOriginal ? header.event_id : Id(about);
    header.sequence = sequence_++;
    header.reference = service;
    EncodeFact(header, {}, {}, {}, &bytes_);
    return last_;
  }
  void SetSequence(uint64_t sequence) { sequence_ = sequence; }
  void Repeat() { bytes_ += bytes_; }

  SubjectState Fold() {
    facts_.clear();
    EXPECT_TRUE(DecodeFacts(bytes_, &facts_));
    SubjectId subject;
    subject.bytes[0] = static_cast<uint8_t>(SubjectKind::kPerson);
    return kpr::Fold(subject, facts_);
  }
  std::vector<FindingCode> Codes() {
    std::vector<FindingCode> codes;
    for (const auto& finding : Fold().findings) codes.push_back(finding.code);
    return codes;
  }

 private:
  static Uuid Id(uint8_t n) {
    Uuid id;
    id.bytes[15] = n;
    return id;
  }
  std::string bytes_;
  std::vector<Fact> facts_;
  uint8_t last_ = 0;
  uint64_t sequence_ = 10;
};

constexpr auto kStart = FactKind::kServiceStarted;
constexpr auto kEnd = FactKind::kServiceEnded;
constexpr auto kReplace = VersionStatus::kReplace;
constexpr auto kAnnul = VersionStatus::kAnnul;
using Codes = std::vector<FindingCode>;

TEST(FoldTest, TheHighestSequenceAboutAnOriginalStands) {
  Timeline t;
  const uint8_t original = t.Add(kStart, "2024-01-10");
  t.Add(kStart, "2024-01-12", 21, kReplace, original);
  t.Add(kStart, "2024-01-14", 21, kReplace, original);
  EXPECT_EQ(t.Fold().spells.at(0).start.ToString(), "2024-01-14");
  t.SetSequence(3);  // sent before, came after
  t.Add(kStart, "2024-01-20", 21, kReplace, original);
  EXPECT_EQ(t.Fold().spells.at(0).start.ToString(), "2024-01-14");
}

TEST(FoldTest, AnAnnulmentLeavesNothingUntilALaterReplacement) {
  Timeline t;
  const uint8_t original = t.Add(kStart, "2024-01-10");
  t.Add(kStart, "2024-01-10", 21, kAnnul, original);
  EXPECT_TRUE(t.Fold().spells.empty());
  t.Add(kStart, "2024-02-10", 21, kReplace, original);
  EXPECT_EQ(t.Fold().spells.at(0).start.ToString(), "2024-02-10");
}

TEST(FoldTest, ACorrectionWaitsForItsOriginal) {
  Timeline t;
  t.Add(kStart, "2024-01-10", 21, kReplace, 99);
  EXPECT_TRUE(t.Fold().spells.empty());
  EXPECT_EQ(t.Codes(), Codes{FindingCode::kUnknownOriginal});
}

TEST(FoldTest, CopiesChangeNothing) {
  Timeline t;
  t.Add(kStart, "2024-01-10");
  t.Add(kEnd, "2024-03-10");
  t.Repeat();
  EXPECT_EQ(t.Fold().spells.size(), 1u);
  EXPECT_EQ(t.Codes(), Codes{});
}

TEST(FoldTest, SameDayStartAndEnd) {
  Timeline t;
  t.Add(kEnd, "2024-01-10");
  t.Add(kStart, "2024-01-10");
  const SubjectState state = t.Fold();
  EXPECT_TRUE(state.spells.at(0).ActiveOn(*Date::Parse("2024-01-10")));
  EXPECT_FALSE(state.spells.at(0).ActiveOn(*Date::Parse("2024-01-11")));
  EXPECT_EQ(t.Codes(), Codes{});
}

TEST(FindingsTest, WhatDoesNotFitHasNoEffectAndIsTold) {
  Timeline t;
  t.Add(kEnd, "2024-01-01");
  EXPECT_EQ(t.Codes(), Codes{FindingCode::kEndWithoutStart});
  Timeline overlap;
  overlap.Add(kStart, "2024-01-01", 21, VersionStatus::kOriginal, 0, 1);
  overlap.Add(kStart, "2024-02-01", 21, VersionStatus::kOriginal, 0, 2);
  EXPECT_EQ(overlap.Codes(), Codes{FindingCode::kOverlap});
  Timeline twice;
  twice.Add(kStart, "2024-01-01");
  twice.Add(kStart, "2024-02-01");
  EXPECT_EQ(twice.Codes(), Codes{FindingCode::kStartWhileRunning});
  Timeline pause;
  pause.Add(kStart, "2024-01-01");
  pause.Add(FactKind::kServicePaused, "2024-01-05");
  pause.Add(kEnd, "2024-01-09");
  EXPECT_EQ(pause.Codes(), Codes{FindingCode::kPauseWithoutEnd});
}

TEST(DifferenceTest, FirstDayThatCanDiffer) {
  Timeline before;
  before.Add(kStart, "2024-01-10");
  const SubjectState b = before.Fold();
  Timeline after = before;
  after.Add(FactKind::kDoctorAssessment, "2024-05-05");
  EXPECT_EQ(FirstDifference(b, after.Fold()).ToString(), "2024-05-05");
  after.Add(kStart, "2024-01-02", 21, kReplace, 1);
  EXPECT_EQ(FirstDifference(b, after.Fold()).ToString(), "2024-01-02");
  EXPECT_EQ(FirstDifference(b, b), kNoEnd);
}

// Two facts of one service on one day, sent in either order.
class SameDay : public testing::TestWithParam<bool> {
 protected:
  static constexpr char kDay[] = "2024-01-10", kBefore[] = "2024-01-01", kAfter[] = "2024-01-11";
  void Add(FactKind first, FactKind second) {
    const bool turned = GetParam();
    t_.Add(turned ? second : first, kDay);
    t_.Add(turned ? first : second, kDay);
  }
  Spell OnlySpell() {
    const SubjectState state = t_.Fold();
    EXPECT_EQ(state.spells.size(), 1u);
    return state.spells.at(0);
  }
  bool PausedAfter() { return OnlySpell().PausedOn(*Date::Parse(kAfter)); }
  Timeline t_;
};
constexpr auto kPause = FactKind::kServicePaused;
constexpr auto kResume = FactKind::kServiceResumed;
constexpr auto kChange = FactKind::kProviderChanged;

TEST_P(SameDay, StartAndEndAreAServiceOfOneDay) {
  Add(kStart, kEnd);
  EXPECT_EQ(OnlySpell().end.ToString(), kDay);
  EXPECT_EQ(t_.Codes(), Codes{});
}

TEST_P(SameDay, StartAndNewProviderAreWithTheNewOne) {
  Add(kStart, kChange);
  EXPECT_EQ(OnlySpell().providers.size(), 2u);
  EXPECT_EQ(t_.Codes(), Codes{});
}

TEST_P(SameDay, StartAndPauseArePausedFromTheFirstDay) {
  Add(kStart, kPause);
  EXPECT_TRUE(OnlySpell().PausedOn(*Date::Parse(kDay)) && PausedAfter());
  EXPECT_EQ(t_.Codes(), Codes{});
}

TEST_P(SameDay, StartAndResumptionHaveNoPauseToEnd) {
  Add(kStart, kResume);
  EXPECT_EQ(t_.Codes(), Codes{FindingCode::kResumeWithoutPause});
}

TEST_P(SameDay, NewProviderAndPauseBothHold) {
  t_.Add(kStart, kBefore);
  Add(kChange, kPause);
  EXPECT_TRUE(OnlySpell().providers.size() == 2 && PausedAfter());
  EXPECT_EQ(t_.Codes(), Codes{});
}

TEST_P(SameDay, NewProviderAndResumptionBothHold) {
  t_.Add(kStart, kBefore);
  t_.Add(kPause, kBefore);
  Add(kChange, kResume);
  EXPECT_TRUE(OnlySpell().providers.size() == 2 && !PausedAfter());
  EXPECT_EQ(t_.Codes(), Codes{});
}

TEST_P(SameDay, NewProviderAndEndAreWithTheNewOneOnTheLastDay) {
  t_.Add(kStart, kBefore);
  Add(kChange, kEnd);
  EXPECT_EQ(OnlySpell().providers.size(), 2u);
  EXPECT_EQ(t_.Codes(), Codes{});
}

TEST_P(SameDay, PauseAndResumptionLeaveNoPausedDay) {
  t_.Add(kStart, kBefore);
  Add(kPause, kResume);
  EXPECT_FALSE(OnlySpell().PausedOn(*Date::Parse(kDay)) || PausedAfter());
  EXPECT_EQ(t_.Codes(), Codes{});
}

TEST_P(SameDay, ResumptionOfAnEarlierPauseAndANewPauseOfItsIdArePausedOn) {
  t_.Add(kStart, kBefore);
  t_.Add(kPause, kBefore);
  Add(kPause, kResume);
  EXPECT_EQ(OnlySpell().pauses.size(), 2u);
  EXPECT_TRUE(PausedAfter());
  EXPECT_EQ(t_.Codes(), Codes{});
}

TEST_P(SameDay, ResumptionAndEndLeaveNoOpenPause) {
  t_.Add(kStart, kBefore);
  t_.Add(kPause, kBefore);
  Add(kResume, kEnd);
  EXPECT_EQ(t_.Codes(), Codes{});
}

TEST_P(SameDay, PauseAndEndLeaveAPauseOpen) {
  t_.Add(kStart, kBefore);
  Add(kPause, kEnd);
  EXPECT_EQ(t_.Codes(), Codes{FindingCode::kPauseWithoutEnd});
}

TEST_P(SameDay, PauseResumptionAndEndLeaveNothingOpen) {
  t_.Add(kStart, kBefore);
  t_.Add(kEnd, kDay);
  Add(kPause, kResume);
  EXPECT_EQ(t_.Codes(), Codes{});
}

// The start is first: a service that begins again the day it ends needs an id of its own.
TEST_P(SameDay, EndAndStartUnderOneIdAreAnEnd) {
  t_.Add(kStart, kBefore);
  Add(kEnd, kStart);
  EXPECT_EQ(OnlySpell().end.ToString(), kDay);
  EXPECT_EQ(t_.Codes(), Codes{FindingCode::kStartWhileRunning});
}

INSTANTIATE_TEST_SUITE_P(InEitherOrder, SameDay, testing::Bool());

}  // namespace
}  // namespace kpr

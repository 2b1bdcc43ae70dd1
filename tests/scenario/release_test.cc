// The way of a release over a real registry: I5 (a released figure never changes; a correction makes a new
// release with its revision), I6 on what is released, and who may do what when.
#include <functional>

#include "indicators/publication/check.h"
#include "tests/scenario/release_fixture.h"

namespace kpr::publication {
namespace {

using ::testing::HasSubstr;

class Release : public ReleaseFixture {};

TEST_F(Release, ShowsTheLiveFiguresAndHidesSmallOnes) {
  const std::string files = PublishNext();
  size_t shown = 0, hidden = 0;
  for (const char* indicator :
       {"nursing_home_residents", "medication_review", "recipients_by_service_group"}) {
    const v1::ReleaseTable table = Table(files, indicator);
    for (const v1::ReleaseRow& row : table.rows()) {
      v1::GetIndicatorValuesRequest request;
      request.set_indicator(indicator);
      request.set_from_period("2023");
      request.set_structure_year(2024);
      request.set_level(row.area() == "0"        ? v1::LEVEL_COUNTRY
                        : row.area().size() == 2 ? v1::LEVEL_COUNTY
                                                 : v1::LEVEL_MUNICIPALITY);
      request.set_by_sex(row.sex() != "all");
      request.set_by_age(row.age() != "all");
      for (const ResultRow& live : registry_.Get(request).rows) {
        if (live.area != row.area() || live.sex != row.sex() || live.age != row.age()) continue;
        EXPECT_NEAR(row.has_value() ? row.value() : live.ValueOr(-1), live.ValueOr(-1), 0.051);
        for (int a = 0; a < row.states_size(); ++a) {
          if (row.states(a) == v1::FIGURE_STATE_HIDDEN) {
            ++hidden;
            EXPECT_EQ(row.amounts(a), 0) << "a hidden amount is in the file";
          }
          if (row.states(a) != v1::FIGURE_STATE_SHOWN) continue;
          ++shown;
          EXPECT_TRUE(row.amounts(a) == 0 || row.amounts(a) > 4)
              << indicator << " " << row.area() << " " << row.amounts(a);
        }
      }
    }
  }
  EXPECT_GT(shown, 100u);
  EXPECT_GT(hidden, 20u);
  const auto checked = CheckRelease(files, "", nullptr);
  ASSERT_TRUE(checked.ok()) << checked.status().message();
  EXPECT_EQ(checked->hidden > 0, true);
  EXPECT_NEAR(checked->narrowest, 5, 0.001);
}

TEST_F(Release, NeverChangesAndIsFollowedByItsRevision) {
  const std::string plain = std::string(kPlan).substr(0, std::string(kPlan).find(" by_sex")) + " }\n";
  const std::string first = PublishNext(plain);
  const auto before = Bytes(first);
  // Twelve persons were there of whom the municipality tells later.
  for (uint64_t person = 9000; person < 9012; ++person) registry_.Start(person, 21, "2023-03-01", "4601");
  registry_.Settle("2024-02-05");
  const std::string second = PublishNext(plain);
  EXPECT_EQ(Bytes(first), before);
  const auto one = CheckRelease(first, "", nullptr);
  ASSERT_TRUE(one.ok()) << one.status().message();
  const auto two = CheckRelease(second, one->manifest.public_key(), &*one);
  ASSERT_TRUE(two.ok()) << two.status().message();
  v1::RevisionRecord revisions;
  ASSERT_TRUE(FromJson(*ReadFile(second + "/revisions.json"), "", revisions).ok());
  const double old_value = Row(Table(first, "nursing_home_residents"), "4601").value();
  EXPECT_EQ(Row(Table(second, "nursing_home_residents"), "4601").value(), old_value + 12);
  bool found = false;
  for (const v1::FigureRevision& revision : revisions.revisions()) {
    if (revision.indicator() != "nursing_home_residents" || revision.area() != "4601" ||
        revision.sex() != "all" || revision.age() != "all") {
      continue;
    }
    found = true;
    EXPECT_EQ(revision.old_value(), old_value);
    EXPECT_EQ(revision.new_value(), old_value + 12);
    EXPECT_EQ(revision.cause(), v1::FigureRevision::CAUSE_EVENTS);
  }
  EXPECT_TRUE(found);
}

TEST_F(Release, HoldsAChangeOfOnePerson) {
  const std::string first = PublishNext();
  registry_.Start(9500, 21, "2023-03-01", "4601");
  registry_.Settle("2024-02-05");
  const std::string second = PublishNext();
  const v1::ReleaseRow row = Row(Table(second, "nursing_home_residents"), "4601");
  EXPECT_EQ(row.value(), Row(Table(first, "nursing_home_residents"), "4601").value());
  EXPECT_EQ(row.states(0), v1::FIGURE_STATE_FORMER);
  // Which figure is held is not told.
  EXPECT_EQ(Row(Table(second, "nursing_home_residents"), "1103").states(0), v1::FIGURE_STATE_FORMER);
  v1::RevisionRecord revisions;
  ASSERT_TRUE(FromJson(*ReadFile(second + "/revisions.json"), "", revisions).ok());
  EXPECT_EQ(revisions.revisions_size(), 0);
  const auto one = CheckRelease(first, "", nullptr);
  EXPECT_TRUE(CheckRelease(second, "", &*one).ok());
}

// Unique persons do not add up where somebody is served in two places; then sums are all but exact, and
// protect as little.
TEST_F(Release, HidesASecondFigureWhereOnePersonIsInTwoPlaces) {
  for (uint64_t person = 8000; person < 8003; ++person) registry_.Start(person, 15, "2023-03-01", "1111");
  registry_.Start(8010, 15, "2023-03-01", "4601");
  registry_.Start(8010, 1, "2023-03-01", "4624");
  registry_.Start(8010, 18, "2023-03-01", "5001");
  registry_.Settle("2024-02-05");
  const v1::ReleaseTable table = Table(PublishNext(), "recipients_by_service_group");
  EXPECT_FALSE(table.amounts(0).additive_area());
  size_t hidden = 0;
  for (const char* area : {"11", "1101", "1103", "1106", "1108", "1111"}) {
    hidden += Row(table, area).states(0) == v1::FIGURE_STATE_HIDDEN;
  }
  // Nowhere is one figure alone hidden among a county and its municipalities.
  for (int a = 0; a < table.amounts_size(); ++a) {
    std::map<std::string, size_t> hidden_in;
    for (const v1::ReleaseRow& row : table.rows()) {
      if (row.area() != "0") hidden_in[row.area().substr(0, 2)] += row.states(a) == v1::FIGURE_STATE_HIDDEN;
    }
    for (const auto& [county, count] : hidden_in)
      EXPECT_NE(count, 1u) << county << " " << table.amounts(a).id();
  }
  EXPECT_EQ(Row(table, "1111").states(0), v1::FIGURE_STATE_HIDDEN);
  EXPECT_GE(hidden, 2u);
  std::string counties = kPlan;  // without their municipalities
  counties.insert(counties.rfind(" }"), " levels: LEVEL_COUNTRY levels: LEVEL_COUNTY");
  EXPECT_FALSE(Table(PublishNext(counties), "recipients_by_service_group").amounts(0).additive_area());
}

TEST_F(Release, NeedsASecondPersonForExactlyWhatWasReviewed) {
  const v1::Draft draft = MakeDraft();
  EXPECT_THAT(office_->Publish("care", "anna").status().message(), HasSubstr("not approved"));
  EXPECT_THAT(Approve(draft.content_hash(), "anna").message(), HasSubstr("second person"));
  EXPECT_THAT(Approve("else").message(), HasSubstr("review it again"));
  EXPECT_TRUE(Approve(draft.content_hash()).ok());
  EXPECT_TRUE(office_->Publish("care", "anna").ok());
  EXPECT_EQ(office_->GetDraft("care").status().code(), Code::kNotFound);
}

TEST_F(Release, IsApprovedAgainWhenSomeoneAnswersAfterwards) {
  MakeDraft(std::string(kPlan) + kWithSignOff);
  const v1::Draft draft = *office_->GetDraft("care");
  for (const std::string& code : draft.not_signed_off()) ASSERT_TRUE(SignOff(code).ok());
  ASSERT_TRUE(Approve(Wait().content_hash()).ok());
  ASSERT_TRUE(SignOff("1108", "one is missing").ok());
  EXPECT_THAT(office_->Publish("care", "anna").status().message(), HasSubstr("not approved"));
}

TEST_F(Release, LeavesOutWhoIsSilentAndCarriesWhoObjects) {
  const std::string first = PublishNext();
  const double country = Row(Table(first, "nursing_home_residents"), "0").value();
  const double oslo = Row(Table(first, "nursing_home_residents"), "0301").value();
  const double oygarden = Row(Table(first, "nursing_home_residents"), "4626").value();
  ASSERT_GT(oslo, 5);
  for (uint64_t person = 9000; person < 9030; ++person) registry_.Start(person, 21, "2023-03-01", "0301");
  registry_.Settle("2024-02-05");
  const v1::Draft draft = MakeDraft(std::string(kPlan) + kWithSignOff);
  EXPECT_EQ(draft.not_signed_off_size(), 357);
  EXPECT_THAT(SignOff("0301").message(), "");
  EXPECT_EQ(SignOff("0302").code(), Code::kInvalid);
  ASSERT_TRUE(SignOff("0301", "thirty are of last year").ok());  // the last answer counts
  for (const char* code :
       {"1101", "1103", "1106", "1108", "4601", "4624", "4627", "4631", "5001", "5006", "5035"})
    ASSERT_TRUE(SignOff(code).ok());
  // 4626 and all others are silent.
  EXPECT_THAT(Approve(Wait().content_hash()).message(), HasSubstr("345 municipalities have not answered"));
  clock_.Advance(Day("2024-03-02") - Day("2024-02-10"));
  EXPECT_THAT(SignOff("4626").message(), HasSubstr("deadline"));
  ASSERT_TRUE(Approve(Wait().content_hash()).ok());
  const auto release = office_->Publish("care", "anna");
  ASSERT_TRUE(release.ok()) << release.status().message();
  const std::string second = folder_ + "/care/2/files";
  const v1::ReleaseTable table = Table(second, "nursing_home_residents");
  EXPECT_EQ(Row(table, "4626").missing_reason(), v1::MISSING_REASON_NOT_APPROVED);
  EXPECT_FALSE(Row(table, "4626").has_value());
  EXPECT_EQ(Row(table, "0301").value(), oslo);
  EXPECT_TRUE(Row(table, "0301").carried_forward());
  EXPECT_EQ(Row(table, "0").value(), country - oslo - oygarden);
  EXPECT_EQ(Row(table, "0").approved(), 11u);
  const auto one = CheckRelease(first, "", nullptr);
  const auto two = CheckRelease(second, "", &*one);
  EXPECT_TRUE(two.ok()) << two.status().message();
}

TEST_F(Release, IsTheSameAgainWhenItsComputationIsInterrupted) {
  const v1::Draft draft = MakeDraft();
  // Facts that come later are not in it.
  for (uint64_t person = 9000; person < 9030; ++person) registry_.Start(person, 21, "2023-03-01", "4601");
  registry_.Settle("2024-02-05");
  office_->Stop();
  const ReleaseStore store(folder_);
  v1::Draft interrupted = store.ReadDraft("care")->draft();
  interrupted.set_state(v1::Draft::STATE_COMPUTING);
  interrupted.set_tables_done(1);
  ASSERT_TRUE(store.WriteDraft(interrupted).ok());
  Open();
  EXPECT_EQ(Wait().content_hash(), draft.content_hash());
}

TEST_F(Release, IsRefusedWithAnotherKeyThanItsFirst) {
  PublishNext();
  std::filesystem::remove(folder_ + ".signing-key");
  const v1::Draft draft = MakeDraft();
  ASSERT_TRUE(Approve(draft.content_hash()).ok());
  EXPECT_EQ(office_->Publish("care", "anna").status().code(), Code::kDataLoss);
}

}  // namespace
}  // namespace kpr::publication

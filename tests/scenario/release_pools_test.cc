// Small municipalities shown together, over a real registry: what is shown of them, what nobody sees, and
// what becomes of it when one of them does not approve.
#include "indicators/publication/check.h"
#include "tests/scenario/release_fixture.h"

namespace kpr::publication {
namespace {

constexpr const char* kPool = "46P";

class ReleasePools : public ReleaseFixture {
 protected:
  // Inhabitants of all municipalities: of the county's many small ones two are larger than they are here.
  void Count(const std::string& on, const std::map<std::string, uint32_t>& small) {
    for (const Municipality m : Structure::Of(2024).municipalities()) {
      const auto of = small.find(m.ToString());
      auto* inhabitants = registry_.OfMunicipality(m.ToString(), on).mutable_inhabitants();
      for (int band = 0; band < 6; ++band) {
        inhabitants->add_men(of == small.end() ? 5000 : of->second / 12);
        inhabitants->add_women(of == small.end() ? 5000 : of->second / 12);
      }
    }
    registry_.Settle("2024-02-01");
  }
  static std::string PlanWith(const std::string& more = "") {
    std::string plan = kPlan;
    const std::string policy = "statistics_norway", ages = " by_age: true";
    for (size_t at = plan.find(ages); at != std::string::npos; at = plan.find(ages))
      plan.erase(at, ages.size());
    return plan.replace(plan.find(policy), policy.size(), "pooled") + more;
  }
};

TEST_F(ReleasePools, ShowTheSmallTogetherAndNobodyAlone) {
  Count("2023-01-01", {{"4626", 1200}, {"4627", 1200}, {"4631", 600}});
  // In two of them: one person of the pool.
  registry_.Start(7001, 21, "2023-03-01", "4626");
  registry_.Start(7001, 15, "2023-04-01", "4627");
  registry_.Settle("2024-02-02");
  const std::string files = PublishNext(PlanWith());
  const v1::ReleaseTable table = Table(files, "recipients_by_service_group");
  const auto live = [&](const std::string& area) {
    v1::GetIndicatorValuesRequest request;
    request.set_indicator("recipients_by_service_group");
    request.set_from_period("2023");
    request.set_structure_year(2024);
    request.set_level(area.size() == 2 ? v1::LEVEL_COUNTY : v1::LEVEL_MUNICIPALITY);
    for (const ResultRow& row : registry_.Get(request).rows) {
      if (row.area == area) return row.numerator;
    }
    return -1.0;
  };
  const v1::ReleaseRow pool = Row(table, kPool);
  ASSERT_TRUE(pool.has_value());
  EXPECT_EQ(pool.value(), live("4626") + live("4627") + live("4631") - 1);
  EXPECT_EQ(pool.municipalities(), 3u);
  EXPECT_EQ(Row(table, "46").value(), live("46"));
  EXPECT_EQ(Row(table, "4601").value(), live("4601"));
  for (const char* code : {"4626", "4627", "4631"}) {
    const v1::ReleaseRow row = Row(table, code);
    EXPECT_EQ(row.missing_reason(), v1::MISSING_REASON_POOLED) << code;
    EXPECT_EQ(row.pool(), kPool);
    for (const int64_t amount : row.amounts()) EXPECT_EQ(amount, 0) << code;
  }
  for (const v1::ReleaseRow& row : table.rows()) EXPECT_FALSE(!row.pool().empty() && row.has_value());
  const auto checked = CheckRelease(files, "", nullptr);
  EXPECT_TRUE(checked.ok()) << checked.status().message();
}

TEST_F(ReleasePools, StayAsTheyAreWhenInhabitantsChange) {
  Count("2023-01-01", {{"4626", 1200}, {"4627", 1200}});
  const std::string first = PublishNext(PlanWith());
  Count("2024-01-01", {{"4627", 1200}, {"4631", 1200}});
  const std::string second = PublishNext(PlanWith());
  EXPECT_EQ(Row(Table(second, "nursing_home_residents"), "4626").pool(), kPool);
  EXPECT_EQ(Row(Table(second, "nursing_home_residents"), "4631").pool(), "");
  const auto one = CheckRelease(first, "", nullptr);
  EXPECT_TRUE(CheckRelease(second, "", &*one).ok());
}

// Nobody of a pool has approved: there is no figure, and nobody is not said to be none.
TEST_F(ReleasePools, HaveNoFigureWhenNobodyHasApproved) {
  Count("2023-01-01", {{"4626", 1200}, {"4627", 1200}});
  const v1::Draft draft = MakeDraft(PlanWith(kWithSignOff));
  for (const std::string& code : draft.not_signed_off()) {
    const bool objects = code == "4626" || code == "4627" || code.starts_with("50");
    ASSERT_TRUE(SignOff(code, objects ? "not ours" : "").ok());
  }
  ASSERT_TRUE(Approve(Wait().content_hash()).ok());
  ASSERT_TRUE(office_->Publish("care", "anna").ok());
  const auto expect_none = [&](const std::string& files, const std::vector<const char*>& areas) {
    const v1::ReleaseTable table = Table(files, "nursing_home_residents");
    for (const char* area : areas) {
      EXPECT_EQ(Row(table, area).missing_reason(), v1::MISSING_REASON_NOT_APPROVED) << area;
      EXPECT_FALSE(Row(table, area).has_value()) << area;
    }
    const auto checked = CheckRelease(files, "", nullptr);
    EXPECT_TRUE(checked.ok()) << checked.status().message();
  };
  expect_none(folder_ + "/care/1/files", {kPool, "50"});
  MakeDraft(PlanWith(kWithSignOff));
  clock_.Advance(Day("2024-03-02") - Day("2024-02-10"));  // all are silent
  ASSERT_TRUE(Approve(Wait().content_hash()).ok());
  ASSERT_TRUE(office_->Publish("care", "anna").ok());
  expect_none(folder_ + "/care/2/files", {"0", "11", kPool, "1103"});
}

// Who was shown by itself and is in a pool now is not carried forward: its rows say where it is shown. What
// the release before showed is known: the figure of the pool tells no small change.
TEST_F(ReleasePools, FollowAReleaseWithoutPools) {
  Count("2023-01-01", {{"4626", 1200}, {"4627", 1200}});
  std::string single = PlanWith();
  const std::string first = PublishNext(single.replace(single.find("pooled"), 6, "statistics_norway"));
  ASSERT_TRUE(Row(Table(first, "nursing_home_residents"), "4627").has_value());
  for (const char* municipality : {"4626", "4627"})
    registry_.Start(municipality[3] == '6' ? 7101 : 7102, 21, "2023-03-01", municipality);
  for (uint64_t person = 7200; person < 7240; ++person) registry_.Start(person, 21, "2023-03-01", "4601");
  registry_.Settle("2024-02-03");
  const std::string second = PublishNext(PlanWith());
  const v1::ReleaseTable table = Table(second, "nursing_home_residents");
  EXPECT_EQ(Row(table, "4627").missing_reason(), v1::MISSING_REASON_POOLED);
  EXPECT_EQ(Row(table, kPool).states(0), v1::FIGURE_STATE_HIDDEN) << "two persons came";
  const auto as_before = [&](const char* area) {
    return Row(table, area).value() == Row(Table(first, "nursing_home_residents"), area).value();
  };
  EXPECT_TRUE(as_before("46") || as_before("4601")) << "both would tell of the pool";
  const auto one = CheckRelease(first, "", nullptr);
  EXPECT_TRUE(CheckRelease(second, "", &*one).ok());
  v1::RevisionRecord revisions;
  ASSERT_TRUE(FromJson(*ReadFile(second + "/revisions.json"), "", revisions).ok());
  size_t pooled = 0;
  for (const v1::FigureRevision& revision : revisions.revisions()) {
    if (revision.area() != "4626" && revision.area() != "4627") continue;
    ++pooled;
    EXPECT_EQ(revision.cause(), v1::FigureRevision::CAUSE_PROTECTION) << revision.area();
  }
  EXPECT_GT(pooled, 0u);
  v1::CreateDraftRequest request;
  request.set_plan(single);
  EXPECT_THAT(office_->CreateDraft(request, "anna").status().message(), ::testing::HasSubstr("keep that"));
}

TEST_F(ReleasePools, NeedToKnowTheInhabitants) {
  v1::CreateDraftRequest request;
  request.set_plan(PlanWith());
  EXPECT_THAT(office_->CreateDraft(request, "anna").status().message(),
              ::testing::HasSubstr("no inhabitants"));
}

// Of two municipalities one is left: the pool's figure would be its own.
TEST_F(ReleasePools, HideWhatWouldBeTheFigureOfOne) {
  Count("2023-01-01", {{"4626", 1200}, {"4627", 1200}, {"1106", 1200}, {"1108", 1200}});
  MakeDraft(PlanWith(kWithSignOff));
  const v1::Draft draft = *office_->GetDraft("care");
  v1::PreviewDraftRequest request;
  request.set_series("care");
  request.set_municipality("4627");
  const auto preview = office_->Preview(request);
  ASSERT_TRUE(preview.ok()) << preview.status().message();
  EXPECT_GT(preview->rows(0).value(), 5) << "its own figures are for itself to see";
  for (const std::string& code : draft.not_signed_off())
    ASSERT_TRUE(SignOff(code, code == "4626" ? "not ours" : "").ok());
  ASSERT_TRUE(Approve(Wait().content_hash()).ok());
  const auto release = office_->Publish("care", "anna");
  ASSERT_TRUE(release.ok()) << release.status().message();
  const std::string files = folder_ + "/care/1/files";
  const v1::ReleaseTable table = Table(files, "nursing_home_residents");
  EXPECT_EQ(Row(table, kPool).states(0), v1::FIGURE_STATE_HIDDEN);
  EXPECT_EQ(Row(table, kPool).approved(), 1u);
  EXPECT_EQ(Row(table, "4626").missing_reason(), v1::MISSING_REASON_NOT_APPROVED);
  EXPECT_TRUE(Row(table, "11P").has_value());
  EXPECT_EQ(Row(table, "11P").approved(), 2u);
  const auto checked = CheckRelease(files, "", nullptr);
  EXPECT_TRUE(checked.ok()) << checked.status().message();
}

TEST_F(ReleasePools, AreNotFoundByWhoSignsWhatHeLikes) {
  Count("2023-01-01", {{"4626", 1200}, {"4627", 1200}});
  const std::string files = PublishNext(PlanWith());
  const std::string name = "tables/nursing_home_residents.json", good = *ReadFile(files + "/" + name);
  v1::ReleaseTable table = Table(files, "nursing_home_residents");
  const auto refused = [&](const std::string& what, const std::function<void(v1::ReleaseRow&)>& forge) {
    v1::ReleaseTable forged = table;
    for (v1::ReleaseRow& row : *forged.mutable_rows()) forge(row);
    Forge(files, name, ToJson(forged));
    EXPECT_THAT(CheckRelease(files, "", nullptr).status().message(), ::testing::HasSubstr("pool of " + what));
  };
  for (const char* pool : {"", "46", "47P", "xxP", "46PP"})
    refused("4626", [&](v1::ReleaseRow& row) {
      if (row.area() == "4626") row.set_pool(pool);
    });
  refused("4626", [](v1::ReleaseRow& row) {
    if (row.area() != "4626") return;
    row.set_states(0, v1::FIGURE_STATE_SHOWN);
    row.set_amounts(0, 25);
  });
  refused("4601", [](v1::ReleaseRow& row) {
    if (row.area() == "4601") row.set_missing_reason(v1::MISSING_REASON_POOLED);
  });
  v1::PublicationPlan plan;
  const std::string good_plan = *ReadFile(files + "/plan.json");
  ASSERT_TRUE(FromJson(good_plan, "", plan).ok());
  for (const char* code : {"46", "9901", "47P"}) {
    plan.mutable_pools(0)->set_code(code);
    Forge(files, "plan.json", ToJson(plan));
    EXPECT_THAT(CheckRelease(files, "", nullptr).status().message(), ::testing::HasSubstr("plan.json: pools"))
        << code;
  }
  Forge(files, "plan.json", good_plan);
  refused("46P", [](v1::ReleaseRow& row) {
    if (row.area() == "4626") row.set_missing_reason(v1::MISSING_REASON_NOT_APPROVED);
  });
}

}  // namespace
}  // namespace kpr::publication

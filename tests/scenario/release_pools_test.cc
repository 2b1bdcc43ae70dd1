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
    const std::string policy = "statistics_norway";
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
  for (const char* pool : {"46", "47P", "xxP", "46PP"}) {
    for (v1::ReleaseRow& row : *table.mutable_rows()) {
      if (row.area() == "4626") row.set_pool(pool);
    }
    Forge(files, name, ToJson(table));
    EXPECT_THAT(CheckRelease(files, "", nullptr).status().message(), ::testing::HasSubstr("pool of 4626"))
        << pool;
  }
}

}  // namespace
}  // namespace kpr::publication

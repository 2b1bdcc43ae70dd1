// Places by kind and the workforce, counted by hand and by the naive batch.
#include <gtest/gtest.h>

#include "tests/support/registry_fixture.h"

namespace kpr::test {
namespace {

class Reports : public testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(world_.harness().VerifyDifferences(), std::vector<std::string>()); }
  double Value(const std::string& indicator, const std::string& period = "2024") {
    return world_.Value(indicator, period).ValueOr(-1);
  }
  void CountInhabitants(uint32_t each) {
    auto* counts = world_.OfMunicipality("0301", "2024-01-01").mutable_inhabitants();
    for (int band = 0; band < 6; ++band) {
      counts->add_men(each);
      counts->add_women(each);
    }
  }

  RegistryFixture world_;
};

TEST_F(Reports, PlacesAreCountedByKind) {
  CountInhabitants(25);  // 100 aged 80 and more
  auto* both = world_.Provider(kHomeA, "2024-01-01").mutable_capacity();
  both->set_places(30);
  both->set_long_stay_places(20.5);
  both->set_time_limited_places(8);
  both->set_dementia_places(6);
  both->set_palliative_places(1.5);
  auto* housing = world_.Provider(kHomeB, "2024-01-01").mutable_capacity();
  housing->set_staffed_housing_places(12);
  housing->set_day_activity_places(4);
  housing->set_emergency_somatic_places(2);
  housing->set_emergency_psychiatric_places(1);
  world_.Provider(kHomeA, "2024-06-01").mutable_capacity()->set_places(31);  // says nothing of kinds
  world_.Settle("2024-12-31");
  EXPECT_EQ(Value("places_available"), 31);
  EXPECT_EQ(Value("long_stay_places"), 20.5) << "as the report before stated";
  EXPECT_EQ(Value("time_limited_places"), 8);
  EXPECT_EQ(Value("dementia_places"), 6);
  EXPECT_EQ(Value("palliative_places"), 1.5);
  EXPECT_EQ(Value("staffed_housing_places"), 12);
  EXPECT_EQ(Value("day_activity_places"), 4);
  EXPECT_EQ(Value("emergency_somatic_places"), 2);
  EXPECT_EQ(Value("emergency_psychiatric_places"), 1);
  EXPECT_EQ(Value("long_stay_places_per_1000_aged_80"), 205);
  EXPECT_EQ(Value("staffed_housing_per_1000_aged_80"), 120);
}

TEST_F(Reports, EachKindOfPlaceHasItsOccupancyAndTurnover) {
  auto* capacity = world_.Provider(kHomeA, "2024-01-01").mutable_capacity();
  capacity->set_long_stay_places(2);
  capacity->set_time_limited_places(4);
  capacity->set_emergency_somatic_places(0.5);
  capacity->set_emergency_psychiatric_places(0.5);
  world_.Start(1, 21, "2023-12-01");
  for (const auto& [person, type] : {std::pair<uint64_t, uint32_t>{2, 18}, {3, 19}, {4, 20}}) {
    world_.Start(person, type, "2024-04-01");
    world_.End(person, type, "2024-04-11");
  }
  world_.Start(5, 25, "2024-04-29");
  world_.End(5, 25, "2024-05-02");
  world_.Settle("2024-12-31");
  EXPECT_EQ(Value("occupancy_long_stay", "2024-04"), 50);
  EXPECT_EQ(Value("occupancy_time_limited", "2024-04"), 25) << "30 of 120 days";
  EXPECT_DOUBLE_EQ(Value("occupancy_emergency", "2024-04"), 100 * 2 / 30.0);
  EXPECT_EQ(Value("stays_per_long_stay_place"), 0.5);
  EXPECT_EQ(Value("stays_per_time_limited_place"), 0.75);
}

TEST_F(Reports, TheWorkforceIsToldByEducationAndProfession) {
  CountInhabitants(1000);  // 12,000
  auto* workforce = world_.OfMunicipality("0301", "2024-02-01").mutable_workforce();
  workforce->set_full_time_equivalents(200);
  workforce->set_with_higher_education(80);
  workforce->set_nurses(50);
  workforce->set_specialist_nurses(10);
  workforce->set_psychologists(1.5);
  workforce->set_men(30);
  workforce->set_leaders(8);
  workforce->set_employees(280);
  workforce->set_part_time_employees(175);
  workforce->set_agreed_days(46'000);
  workforce->set_sick_leave_days(4'600);
  world_.OfMunicipality("0301", "2024-09-01").mutable_workforce()->set_nurses(60);
  world_.Settle("2024-12-31");
  EXPECT_EQ(Value("staff_with_higher_education"), 40);
  EXPECT_EQ(Value("nurses", "2024-T1"), 25);
  EXPECT_EQ(Value("nurses"), 30) << "the others are as stated before";
  EXPECT_DOUBLE_EQ(Value("specialist_nurses"), 100 * 10 / 60.0);
  EXPECT_EQ(Value("men_among_staff"), 15);
  EXPECT_EQ(Value("staff_per_leader"), 25);
  EXPECT_EQ(Value("part_time_employees"), 62.5);
  EXPECT_EQ(Value("sick_leave"), 10);
  EXPECT_EQ(Value("psychologists_per_10000"), 1.25);
}

}  // namespace
}  // namespace kpr::test

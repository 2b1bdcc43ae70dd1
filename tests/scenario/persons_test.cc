// How many different persons and providers are behind a figure, whatever it counts.
#include <gtest/gtest.h>

#include "tests/support/registry_fixture.h"

namespace kpr::test {
namespace {

int64_t PersonsInBedDays(RegistryFixture& world, const std::string& period, const std::string& area = "") {
  return world.Value("bed_days", period, area).behind_numerator.persons;
}

TEST(Persons, CountOnceInEachAreaAndAgeBandOfThePeriod) {
  RegistryFixture world;
  world.Born(1, "1944-06-15");  // 80 in June
  world.Start(1, 18, "2024-03-01", "0301", kHomeA);
  world.End(1, 18, "2024-04-01", "0301");
  world.Start(1, 21, "2024-08-01", "3201", kHomeB);  // Bærum, of another county
  world.Born(2, "1930-01-01");
  world.Start(2, 21, "2024-08-01", "3201", kHomeB);
  world.Settle("2024-12-31");
  EXPECT_EQ(PersonsInBedDays(world, "2024"), 2);
  EXPECT_EQ(PersonsInBedDays(world, "2024", "0301"), 1);
  EXPECT_EQ(PersonsInBedDays(world, "2024", "3201"), 2);
  EXPECT_EQ(PersonsInBedDays(world, "2024", kHomeA), 1);
  EXPECT_EQ(PersonsInBedDays(world, "2024", kHomeB), 2);
  EXPECT_EQ(PersonsInBedDays(world, "2024-03"), 1);
  EXPECT_EQ(PersonsInBedDays(world, "2024-05"), 0);
  EXPECT_EQ(PersonsInBedDays(world, "2024-09", "0301"), 0);
  v1::GetIndicatorValuesRequest by_age;
  by_age.set_indicator("bed_days");
  by_age.set_from_period("2024");
  by_age.set_by_age(true);
  std::map<std::string, int64_t> persons;
  for (const ResultRow& row : world.Get(by_age).rows) persons[row.age] = row.behind_numerator.persons;
  EXPECT_EQ(persons, (std::map<std::string, int64_t>{{"67-79", 1}, {"80-89", 1}, {"90+", 1}}));
}

TEST(Persons, FollowCorrections) {
  RegistryFixture world;
  world.Start(1, 18, "2024-03-01");
  world.End(1, 18, "2024-03-10");
  const v1::Event visit = [&] {
    v1::Event& event = world.Person(2, "2024-05-01");
    event.mutable_preventive_home_visit();
    return event;
  }();
  world.Born(2, "1940-01-01");
  world.Settle("2024-12-31");
  EXPECT_EQ(PersonsInBedDays(world, "2024"), 1);
  EXPECT_EQ(world.Value("preventive_home_visits", "2024").behind_numerator.persons, 1);
  world.Start(1, 20, "2024-11-01");  // the same person again
  world.Annul(visit);
  world.Settle("2025-12-31");
  EXPECT_EQ(PersonsInBedDays(world, "2024"), 1);
  EXPECT_EQ(PersonsInBedDays(world, "2025"), 1) << "over the turn of the year";
  EXPECT_EQ(world.Value("preventive_home_visits", "2024").behind_numerator.persons, 0);
}

TEST(Persons, OneNightOfTheMonthIsEnough) {
  RegistryFixture world;
  world.Start(1, 21, "2024-01-01", "3201", kHomeB);
  world.Start(1, 18, "2024-02-01", "0301", kHomeA);
  world.End(1, 18, "2024-05-31", "0301");  // that night is at home B again
  world.Settle("2024-12-31");
  EXPECT_EQ(PersonsInBedDays(world, "2024-04", "3201"), 0);
  EXPECT_EQ(PersonsInBedDays(world, "2024-05", "3201"), 1);
  EXPECT_EQ(PersonsInBedDays(world, "2024-05", "0301"), 1);
  EXPECT_EQ(PersonsInBedDays(world, "2024-06", "0301"), 0);
  EXPECT_EQ(PersonsInBedDays(world, "2024"), 1);
}

TEST(Persons, ProvidersAreBehindPlaces) {
  RegistryFixture world;
  for (const char* home : {kHomeA, kHomeB}) {
    v1::Capacity& capacity = *world.Provider(home, "2024-01-01").mutable_capacity();
    capacity.set_places(40);
  }
  world.Start(1, 21, "2024-02-01");
  world.Settle("2024-12-31");
  const ResultRow places = world.Value("places_available", "2024-03");
  EXPECT_EQ(places.behind_numerator.providers, 2);
  EXPECT_EQ(places.behind_numerator.persons, 0);
  const ResultRow occupancy = world.Value("occupancy", "2024-03");
  EXPECT_EQ(occupancy.behind_numerator.persons, 1);
  EXPECT_EQ(occupancy.behind_denominator.providers, 2);
}

TEST(Persons, AreTheAmountItselfWherePersonsAreCounted) {
  RegistryFixture world;
  world.Born(1, "1940-01-01");
  world.Born(2, "1940-01-01");
  for (const uint64_t person : {1, 2}) world.Start(person, 21, "2023-01-01");
  world.Person(1, "2024-03-01").mutable_medication_review()->set_kind(v1::MedicationReview::KIND_FULL_REVIEW);
  world.Settle("2024-12-31");
  const ResultRow review = world.Value("medication_review", "2024-12");
  EXPECT_EQ(review.behind_denominator.persons, 2);
  EXPECT_EQ(review.behind_numerator.persons, 1);
}

}  // namespace
}  // namespace kpr::test

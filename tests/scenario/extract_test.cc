// Who is in an extract, with which rows: what happens to persons between the events and the files.
#include <gtest/gtest.h>

#include "extracts/build/registry_timelines.h"
#include "extracts/build/selection.h"
#include "extracts/files/table_writer.h"
#include "tests/support/registry_fixture.h"

namespace kpr::extract {
namespace {

using test::RegistryFixture;

v1::ExtractRequest Request(const std::vector<std::string>& variables) {
  v1::ExtractRequest request;
  request.set_project("trial");
  request.set_first_month("2023-01");
  request.set_last_month("2023-12");
  request.set_dates(v1::DATE_PRECISION_EXACT);
  request.mutable_population()->mutable_service_active()->add_types(18);
  for (const std::string& name : variables) request.add_variables()->set_name(name);
  return request;
}

std::vector<uint64_t> Positions(const RegistryReader& registry) {
  std::vector<uint64_t> positions;
  for (uint32_t i = 0; i < registry.partitions(); ++i) positions.push_back(registry.store(i)->next_offset());
  return positions;
}

// Rows of every table but the tokens of persons, in the order of their text.
std::vector<std::string> RowsAt(RegistryFixture& fixture, const v1::ExtractRequest& request,
                                std::vector<uint64_t> positions = {}) {
  const RegistryReader& registry = fixture.harness().registry();
  const RegistryTimelines source(&registry, positions.empty() ? Positions(registry) : std::move(positions));
  auto plan = RequestPlan::Create(request, std::string(32, 'k'));
  EXPECT_TRUE(plan.ok()) << plan.status().message();
  Selection selection;
  EXPECT_TRUE(Select(source, plan->get(), {1, 1}, {}, {}, &selection).ok());
  std::vector<std::string> texts;
  std::vector<Rows> rows = (*plan)->NoRows();
  EXPECT_TRUE(source
                  .Read(selection.persons,
                        [&](const SubjectId& person, const std::vector<Fact>& facts) {
                          return (*plan)->RowsOf(person, facts, &rows);
                        })
                  .ok());
  for (size_t t = 0; t < rows.size(); ++t) {
    EXPECT_EQ(rows[t].size(), selection.rows[t]);
    for (size_t i = 0; i < rows[t].size(); ++i) {
      std::string text = (*plan)->tables()[t].table->name;
      for (size_t c = 1; c < rows[t].width; ++c) {
        text += ",";
        AppendText((*plan)->tables()[t].columns[c - 1], rows[t][i][c], &text);
      }
      texts.push_back(std::move(text));
    }
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

using Texts = std::vector<std::string>;

TEST(ExtractTest, WhoIsReservedIsInTheStatisticsAndNotInTheExtract) {
  RegistryFixture f;
  const auto reserve = [&](uint64_t person, v1::Reservation::Purpose purpose, const std::string& on,
                           bool withdrawn) {
    v1::Reservation* reservation = f.Person(person, on).mutable_reservation();
    reservation->set_purpose(purpose);
    reservation->set_withdrawn(withdrawn);
  };
  for (uint64_t person = 1; person <= 5; ++person) f.Start(person, 18, "2023-02-01");
  reserve(1, v1::Reservation::PURPOSE_RESEARCH, "2023-03-01", false);
  reserve(2, v1::Reservation::PURPOSE_REGISTRATION, "2022-03-01", false);
  reserve(3, v1::Reservation::PURPOSE_RESEARCH, "2023-03-01", false);
  reserve(3, v1::Reservation::PURPOSE_RESEARCH, "2023-04-01", true);
  reserve(4, v1::Reservation::PURPOSE_DISCLOSURE_WITH_IDENTITY, "2023-03-01", false);
  f.Settle("2024-01-31");
  EXPECT_EQ(f.Value("nursing_home_residents", "2023").numerator, 5);
  EXPECT_EQ(RowsAt(f, Request({})), Texts({"persons", "persons", "persons"}));
}

TEST(ExtractTest, DeathEndsServicesAndDaysOfPauseCountOnce) {
  RegistryFixture f;
  f.Died(1, "1940-05-06", "2023-03-10", v1::DEATH_PLACE_NURSING_HOME);
  f.Start(1, 18, "2023-03-01");
  f.Pause(1, 18, "2023-03-02", "2023-03-05");
  v1::ServicePaused* again = f.Person(1, "2023-03-03").mutable_service_paused();
  again->set_service_id("1-18");
  again->set_service_type(18);
  again->set_pause_id("another");
  again->set_provider(test::kHomeA);
  v1::ServiceResumed* resumed = f.Person(1, "2023-03-07").mutable_service_resumed();
  resumed->set_service_id("1-18");
  resumed->set_service_type(18);
  resumed->set_pause_id("another");
  resumed->set_provider(test::kHomeA);
  f.Settle("2024-01-31");
  EXPECT_EQ(RowsAt(f, Request({"persons.birth_year", "persons.death_date", "persons.death_place",
                               "service_spells.start", "service_spells.end", "service_spells.days",
                               "service_spells.paused_days"})),
            Texts({"persons,1940,2023-03-10,2", "service_spells,2023-03-01,2023-03-10,10,5"}));
}

TEST(ExtractTest, TheOldestAreTogetherAndWhatHappensLaterIsNotTold) {
  RegistryFixture f;
  f.Died(1, "1915-05-06", "2024-01-02", v1::DEATH_PLACE_HOME);
  f.Start(1, 18, "2021-03-01");
  f.End(1, 18, "2024-01-01");
  f.Settle("2024-01-31");
  v1::ExtractRequest request = Request({"persons.birth_year", "persons.death_date", "service_spells.start",
                                        "service_spells.end", "service_spells.days"});
  EXPECT_EQ(RowsAt(f, request), Texts({"persons,1923,", "service_spells,2021-03-01,,365"}));
  request.set_birth_years(10);
  request.set_dates(v1::DATE_PRECISION_MONTH);
  EXPECT_EQ(RowsAt(f, request), Texts({"persons,1920,", "service_spells,2021-03-01,,365"}));
}

TEST(ExtractTest, APersonWhoseNumberChangesIsOnePerson) {
  RegistryFixture f;
  f.Start(1, 18, "2023-02-01");
  f.Person(1, "2023-02-02").mutable_medication_review()->set_kind(v1::MedicationReview::KIND_FULL_REVIEW);
  f.Change(1, 2, "2023-05-01");
  f.Person(2, "2023-06-02").mutable_medication_review()->set_kind(v1::MedicationReview::KIND_RECONCILIATION);
  f.Settle("2024-01-31");
  EXPECT_EQ(RowsAt(f, Request({"medication_review.date", "medication_review.kind"})),
            Texts({"medication_review,2023-02-02,1", "medication_review,2023-06-02,2", "persons"}));
}

TEST(ExtractTest, RowsOfOtherPlacesAreLeftOut) {
  RegistryFixture f;
  f.Start(1, 18, "2023-02-01", "0301");
  f.End(1, 18, "2023-03-01", "0301");
  f.Start(1, 18, "2023-03-02", "1103");
  f.Start(2, 18, "2023-02-01", "5001");
  f.Settle("2024-01-31");
  v1::ExtractRequest request = Request({"persons.municipality", "service_spells.municipality"});
  request.add_areas("11");
  EXPECT_EQ(RowsAt(f, request), Texts({"persons,1103", "service_spells,1103"}));
  request.add_areas("0301");
  EXPECT_EQ(RowsAt(f, request), Texts({"persons,1103", "service_spells,0301", "service_spells,1103"}));
}

TEST(ExtractTest, TestPersonsAreOut) {
  RegistryFixture f;
  f.Start(1, 18, "2021-02-01");
  for (const char* municipality : {"0301", "1103", "5001", "4601", "3403"})
    f.Person(1, "2023-02-01", municipality).mutable_doctor_assessment();
  f.Start(2, 18, "2023-02-01");
  f.Settle("2024-01-31");
  v1::ExtractRequest request = Request({});
  EXPECT_EQ(RowsAt(f, request), Texts({"persons"}));
  request.set_last_month("2024-12");  // also where it is one of several years
  EXPECT_EQ(RowsAt(f, request), Texts({"persons"}));
}

TEST(ExtractTest, ShiftedDatesKeepTheirDistance) {
  RegistryFixture f;
  f.Start(1, 18, "2023-02-01");
  f.End(1, 18, "2023-02-11");
  f.Settle("2024-01-31");
  v1::ExtractRequest request = Request({"service_spells.start", "service_spells.end"});
  request.set_dates(v1::DATE_PRECISION_SHIFTED);
  const Texts rows = RowsAt(f, request);
  ASSERT_EQ(rows.size(), 2u);
  const auto start = Date::Parse(rows[1].substr(15, 10)), end = Date::Parse(rows[1].substr(26, 10));
  ASSERT_TRUE(start && end) << rows[1];
  EXPECT_EQ(*end - *start, 10);
  EXPECT_NE(*start, *Date::Parse("2023-02-01"));
  EXPECT_LE(std::abs(*start - *Date::Parse("2023-02-01")), 183);
}

TEST(ExtractTest, AnEarlierPositionGivesWhatItGaveThen) {
  RegistryFixture f;
  f.Start(1, 18, "2023-02-01");
  v1::Event review = f.Person(1, "2023-03-01");
  review.mutable_medication_review()->set_kind(v1::MedicationReview::KIND_FULL_REVIEW);
  f.Person(1, "2023-03-02").mutable_medication_review()->set_kind(v1::MedicationReview::KIND_FULL_REVIEW);
  f.Settle("2024-01-31");
  const v1::ExtractRequest request = Request({"medication_review.date"});
  const std::vector<uint64_t> then = Positions(f.harness().registry());
  const Texts before = RowsAt(f, request);
  f.Start(2, 18, "2023-02-01");
  f.Person(1, "2023-04-01").mutable_medication_review()->set_kind(v1::MedicationReview::KIND_FULL_REVIEW);
  f.Settle("2024-02-29");
  EXPECT_EQ(RowsAt(f, request, then), before);
  EXPECT_EQ(RowsAt(f, request).size(), before.size() + 2);
}

}  // namespace
}  // namespace kpr::extract

// Code lists that change while the register runs: a code list for 2027, whenever it is taken into use.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <thread>

#include "base/bytes.h"
#include "indicators/aggregation/cell_updater.h"
#include "indicators/query/position_token.h"
#include "ingest/validation/validate.h"
#include "registry/apply/applier.h"
#include "registry/codelists/codelists.h"
#include "registry/codelists/edition.h"
#include "tests/support/registry_fixture.h"
#include "tests/support/sample_event.h"

namespace kpr::test {
namespace {

std::string Content(const std::string& name) {
  for (const embedded::File& file : BuiltInCodeLists()) {
    if (file.name == name) return file.content;
  }
  return "";
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// From 2027 on: Sola and Randaberg become 1199 Nordre Jæren, and there is a service type 30.
Edition EditionFor2027() {
  std::string municipalities = Content("municipalities.csv");
  municipalities = Replaced(municipalities, "1124,Sola,2011-01-01,\n", "1124,Sola,2011-01-01,2027-01-01\n");
  municipalities =
      Replaced(municipalities, "1127,Randaberg,2011-01-01,\n", "1127,Randaberg,2011-01-01,2027-01-01\n");
  auto edition = ReadEdition(
      {{"municipalities.csv", municipalities + "1199,Nordre Jæren,2027-01-01,\n"},
       {"code_changes.csv", Content("code_changes.csv") + "2027-01-01,1124,Sola,1199,Nordre Jæren\n"
                                                          "2027-01-01,1127,Randaberg,1199,Nordre Jæren\n"},
       {"service_types.csv", Content("service_types.csv") + "30,2027-01-01,,yes,Dagsenter for demens\n"}});
  EXPECT_TRUE(edition.ok()) << edition.status().message();
  return std::move(*edition);
}

class CodeListsOf2027 : public testing::Test {
 protected:
  // As a server does on SIGHUP: the lists, then the plan by them.
  void UseNewLists() {
    EXPECT_TRUE(CheckFollows(EditionInUse(), EditionFor2027()).ok());
    UseEdition(EditionFor2027());
    Recompile();
  }
  void Recompile() {
    Catalogue catalogue = plan_.Get()->catalogue;
    auto plan = Compile(std::move(catalogue));
    ASSERT_TRUE(plan.ok());
    plan_.Set(std::move(*plan));
  }
  void TearDown() override { UseEdition(ReadEdition({}).value()); }

  void CountInhabitants(RegistryFixture* world, const std::string& code, const std::string& on,
                        uint32_t each) {
    auto* counts = world->OfMunicipality(code, on).mutable_inhabitants();
    for (int band = 0; band < 6; ++band) {
      counts->add_men(each);
      counts->add_women(each);
    }
  }
  // On the day `when`.
  void TakeIntoUse(const std::string& when, bool restart) {
    RegistryFixture world(&plan_);
    CountInhabitants(&world, "1124", "2026-01-01", 100);
    CountInhabitants(&world, "1127", "2026-01-01", 50);
    world.Start(1, 15, "2026-03-01", "1124");
    world.Start(2, 15, "2026-03-01", "1127");
    world.Settle(when);
    UseNewLists();
    if (restart) {
      world.harness().Close();
      world.harness().Open();
    }
    WaitUntilEqual(&world);
    if (when < "2027") world.Settle("2027-03-31");
    EXPECT_EQ(Inhabitants(&world, "2026", "1124"), 1200);
    EXPECT_EQ(Inhabitants(&world, "2027", "1199"), 0)
        << "reports end with their codes, and 1199 has told none";
    CountInhabitants(&world, "1199", "2027-01-01", 160);
    world.Start(3, 15, "2027-02-01", "1199");
    world.Settle("2027-08-31");
    EXPECT_EQ(Inhabitants(&world, "2027", "1199"), 1920) << when;
    const ResultRow users = Users(&world, "2027", "1199");
    EXPECT_EQ(users.numerator, 3) << "services continue in the new code";
    EXPECT_EQ(users.area_name.nb(), "Nordre Jæren");
    EXPECT_EQ(Differences(&world), std::vector<std::string>()) << when;
  }
  // Asked of the registry that is open now.
  ResultRow Users(RegistryFixture* world, const std::string& period, const std::string& area) {
    v1::GetIndicatorValuesRequest request;
    request.set_indicator("users_per_1000_home");
    request.set_from_period(period);
    request.set_to_period(period);
    request.set_level(v1::LEVEL_MUNICIPALITY);
    request.add_areas(area);
    const Query query(&plan_, &world->harness().registry());
    WaitFor([&] { return query.Get(request).status().code() != Code::kUnavailable; });
    const auto table = query.Get(request);
    EXPECT_TRUE(table.ok()) << table.status().message();
    if (!table.ok() || table->rows.size() != 1) return {};
    return table->rows.front();
  }
  double Inhabitants(RegistryFixture* world, const std::string& period, const std::string& area) {
    return Users(world, period, area).denominator;
  }
  // The total of every inhabitant count, as stored.
  static std::map<std::string, std::string> InhabitantsIn(const PartitionReader& store) {
    std::map<std::string, std::string> totals;
    std::string prefix;
    PutBigEndian(&prefix, kInhabitantsIndicator);
    EXPECT_TRUE(store
                    .Scan(Table::kTotals, prefix,
                          [&](std::string_view key, std::string_view value) {
                            if (!value.empty()) totals.emplace(key, value);
                            return true;
                          })
                    .ok());
    return totals;
  }
  static std::vector<std::string> Differences(RegistryFixture* world) {
    return world->harness().VerifyDifferences();
  }

  // A partition that has nothing to do takes new lists over by itself, and tells nobody.
  static void WaitFor(const std::function<bool()>& condition) {
    for (int tries = 0; tries < 6000 && !condition(); ++tries)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  static void WaitUntilEqual(RegistryFixture* world) {
    WaitFor([&] { return Differences(world).empty(); });
    EXPECT_EQ(Differences(world), std::vector<std::string>());
  }
  static void WaitUntilAnswered(RegistryFixture* world, const v1::GetIndicatorValuesRequest& request) {
    WaitFor([&] { return world->query().Get(request).ok(); });
    EXPECT_TRUE(world->query().Get(request).ok());
  }

  static Plan Fresh() {
    Catalogue catalogue = DefaultPlan().Get()->catalogue;
    return std::move(Compile(std::move(catalogue)).value());
  }
  PlanHolder plan_{Fresh()};
};

TEST_F(CodeListsOf2027, EventsAreJudgedByTheListsInUse) {
  v1::Event event = SampleEvent();
  event.set_municipality("1199");
  event.set_occurred_on("2027-02-01");
  constexpr int64_t kReceivedIn2027 = 1'804'000'000'000;
  const auto refused = [&]() -> std::string {
    const std::vector<Violation> violations = Validate(event, kReceivedIn2027, {});
    return violations.empty() ? "" : std::string(NameOf(violations[0].code)) + " " + violations[0].field;
  };
  EXPECT_EQ(refused(), "UNKNOWN_CODE municipality");
  UseNewLists();
  EXPECT_EQ(refused(), "");
  event.set_municipality("1124");
  EXPECT_EQ(refused(), "MUNICIPALITY_NOT_IN_FORCE municipality");
  event.set_municipality("1199");
  event.mutable_service_started()->set_service_type(30);
  EXPECT_EQ(refused(), "");
  event.set_occurred_on("2026-12-31");
  event.set_municipality("1124");
  EXPECT_EQ(refused(), "CODE_NOT_IN_FORCE service_started.service_type");
}

// Before the year, at its turn, long after it and at a restart: the same figures, those of the batch.
TEST_F(CodeListsOf2027, FiguresAreThoseOfTheNewListsWheneverTheyComeIntoUse) {
  for (const bool restart : {false, true}) {
    for (const std::string when : {"2026-06-30", "2026-12-31", "2027-01-01", "2027-08-31"}) {
      TakeIntoUse(when, restart);
      UseEdition(ReadEdition({}).value());
      Recompile();
    }
  }
}

// What is kept of earlier states is by the lists it was computed by.
TEST_F(CodeListsOf2027, EarlierStatesAreByTheListsInUseToo) {
  RegistryFixture world(&plan_);
  CountInhabitants(&world, "1124", "2026-01-01", 100);
  world.Start(1, 15, "2026-03-01", "1124");
  world.Settle("2027-02-01");
  v1::GetIndicatorValuesRequest request;
  request.set_indicator("users_per_1000_home");
  request.set_from_period("2027");
  request.set_position(PositionToken(world.Get(request).positions));
  world.Settle("2027-03-01");
  const auto inhabitants = [&] { return world.Get(request).rows.at(0).denominator; };
  EXPECT_EQ(inhabitants(), 1200);
  UseNewLists();
  EXPECT_EQ(inhabitants(), 0) << "the report of 1124 ended with its code";
}

// Cells by other ends than those of the lists in use are not shown under their version.
TEST_F(CodeListsOf2027, NothingIsAnsweredFromCellsByOtherLists) {
  RegistryFixture world(&plan_);
  CountInhabitants(&world, "1124", "2026-01-01", 100);
  world.Start(1, 15, "2026-03-01", "1124");
  world.Settle("2027-02-01");
  UseEdition(EditionFor2027());  // and the plan is by those before
  v1::GetIndicatorValuesRequest request;
  request.set_indicator("users_per_1000_home");
  const auto refused = world.query().Get(request);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().code(), Code::kUnavailable);
  Recompile();
  WaitUntilAnswered(&world, request);
  EXPECT_EQ(Differences(&world), std::vector<std::string>());
}

// A version that is being computed beside the others has the figures of the new lists as well.
TEST_F(CodeListsOf2027, MayComeWhileAVersionIsBackfilled) {
  for (const bool complete : {false, false, false, true}) {
    RegistryFixture world(&plan_);
    for (const char* code : {"1124", "1127", "0301", "4601"})
      CountInhabitants(&world, code, "2026-01-01", 100);
    for (uint64_t person = 1; person <= 60; ++person) world.Start(person, 15, "2026-03-01", "1124");
    world.Settle("2027-02-01");
    Catalogue catalogue = plan_.Get()->catalogue;
    v1::Definition again =
        catalogue.definitions[static_cast<size_t>(plan_.Get()->Find("users_per_1000_home"))];
    again.set_version(again.version() + 1);
    catalogue.definitions.push_back(std::move(again));
    plan_.Set(std::move(Compile(std::move(catalogue)).value()));
    if (complete) {
      EXPECT_TRUE(world.harness().registry().WaitComplete(std::chrono::minutes(2)));
    }
    UseNewLists();
    EXPECT_TRUE(world.harness().registry().WaitComplete(std::chrono::minutes(2)));
    WaitUntilEqual(&world);
    UseEdition(ReadEdition({}).value());
    plan_.Set(Fresh());
  }
}

// A batch takes the new ends over and then meets a damaged timeline: nothing is written, and the next one
// takes them over.
TEST_F(CodeListsOf2027, ABatchThatFailsTakesNothingOver) {
  RegistryFixture world(&plan_, 1);
  CountInhabitants(&world, "1124", "2026-01-01", 100);
  world.Settle("2027-02-01");
  const TempFolder folder;
  const auto store = OpenPartitionStore(folder.path() + "/store");
  ASSERT_TRUE(store.ok());
  CellUpdater updater(&plan_);
  PartitionApplier applier(0, 1, store->get(), &updater);
  ASSERT_TRUE(applier.Open().ok());
  const auto apply = [&] {
    return applier.Apply(world.harness().log().Read(0, (*store)->next_offset(), 1u << 20).value(), {});
  };
  ASSERT_TRUE(apply().ok());
  EXPECT_EQ(InhabitantsIn(**store), InhabitantsIn(*world.harness().registry().store(0)));
  const auto before = InhabitantsIn(**store);

  UseNewLists();
  SubjectId damaged;
  damaged.bytes.fill(1);  // of a person
  v1::Event& next = world.Person(1, "2027-01-15");
  next.mutable_subject()->set_pseudonym(std::string(damaged.view()));
  next.mutable_doctor_assessment();
  world.Settle("2027-02-02");
  StoreWrite damage;
  damage.next_offset = (*store)->next_offset();
  damage.horizon_days = (*store)->horizon_days();
  damage.feedback_next = (*store)->feedback_next();
  damage.timeline_appends.emplace_back(damaged, "no fact");
  ASSERT_TRUE((*store)->Write(damage).ok());
  EXPECT_EQ(apply().code(), Code::kDataLoss);
  EXPECT_EQ(InhabitantsIn(**store), before);
  ASSERT_TRUE(applier.SyncCatalogue().ok());
  EXPECT_NE(InhabitantsIn(**store), before);
  EXPECT_EQ(InhabitantsIn(**store), InhabitantsIn(*world.harness().registry().store(0)));
}

TEST_F(CodeListsOf2027, AnswersTellTheirVersion) {
  RegistryFixture world(&plan_);
  world.Start(1, 15, "2026-03-01", "1124");
  world.Settle("2026-12-31");
  v1::GetIndicatorValuesRequest request;
  request.set_indicator("users_per_1000_home");
  const std::string before = world.Get(request).code_lists;
  EXPECT_EQ(before.size(), 16u);
  UseNewLists();
  WaitUntilAnswered(&world, request);
  EXPECT_EQ(world.Get(request).code_lists, EditionInUse().version);
  EXPECT_NE(world.Get(request).code_lists, before);
}

}  // namespace
}  // namespace kpr::test

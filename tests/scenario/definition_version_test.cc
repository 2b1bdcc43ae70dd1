// Definitions that come while events do: a version is computed beside the running one, and both stay.
#include <gtest/gtest.h>

#include "tests/support/random_history.h"
#include "tests/support/registry_fixture.h"

namespace kpr::test {
namespace {

// The catalogue, and whatever of it is named with another version or left out.
Catalogue Changed(const std::function<bool(v1::Definition*)>& keep) {
  Catalogue catalogue = *LoadCatalogue(embedded::Catalogue(), embedded::Instruments());
  std::vector<v1::Definition> kept;
  for (v1::Definition& d : catalogue.definitions) {
    if (keep(&d)) kept.push_back(std::move(d));
  }
  catalogue.definitions = std::move(kept);
  return catalogue;
}

TEST(DefinitionVersions, BackfilledBesideTheRunningOneEqualsActiveFromTheStart) {
  const auto without_half = [] { return Changed([n = 0](v1::Definition*) mutable { return n++ % 2 == 0; }); };
  std::vector<v1::Event> events;
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    const auto more = MakeHistory(seed * 7919).events;
    events.insert(events.end(), more.begin(), more.end());
  }
  const size_t half = events.size() / 2;
  PlanHolder growing(std::move(*Compile(without_half())));
  Harness grown(2, 1, &growing), whole(2, 1);
  for (Harness* harness : {&grown, &whole}) harness->Tick(Date::FromYmd(2021, 6, 30));
  for (size_t at = 0; at < events.size(); at += 5) {
    if (at <= half && half < at + 5)
      growing.Set(std::move(*Compile(Changed([](v1::Definition*) { return true; }))));
    for (Harness* harness : {&grown, &whole}) {
      harness->Append({events.begin() + static_cast<std::ptrdiff_t>(at),
                       events.begin() + static_cast<std::ptrdiff_t>(std::min(events.size(), at + 5))});
    }
  }
  for (Harness* harness : {&grown, &whole}) {
    harness->WaitApplied();
    ASSERT_TRUE(harness->registry().WaitComplete(std::chrono::seconds(30)));
  }
  EXPECT_EQ(grown.Export(), whole.Export());
  // Once more with the year turning and many events while the cursor moves.
  growing.Set(std::move(*Compile(without_half())));
  for (Harness* harness : {&grown, &whole}) harness->Tick(Date::FromYmd(2021, 7, 31));
  grown.WaitApplied();
  growing.Set(std::move(*Compile(Changed([](v1::Definition*) { return true; }))));
  for (uint64_t seed = 31; seed <= 60; ++seed) {
    const auto more = MakeHistory(seed * 7919).events;
    for (Harness* harness : {&grown, &whole}) harness->Append(more);
    if (seed == 40) {
      for (Harness* harness : {&grown, &whole}) harness->Tick(Date::FromYmd(2022, 2, 1));
    }
  }
  for (Harness* harness : {&grown, &whole}) {
    harness->WaitApplied();
    ASSERT_TRUE(harness->registry().WaitComplete(std::chrono::seconds(30)));
  }
  EXPECT_EQ(grown.Export(), whole.Export());
  for (const std::string& difference : grown.VerifyDifferences()) ADD_FAILURE() << difference;
  // What is left out again leaves nothing behind.
  growing.Set(std::move(*Compile(without_half())));
  grown.Append({events.front()});
  grown.WaitApplied();
  PlanHolder small(std::move(*Compile(without_half())));
  Harness never_grown(2, 1, &small);
  never_grown.Tick(Date::FromYmd(2021, 6, 30));
  never_grown.Append(events);
  for (uint64_t seed = 31; seed <= 60; ++seed) never_grown.Append(MakeHistory(seed * 7919).events);
  never_grown.Tick(Date::FromYmd(2022, 2, 1));
  never_grown.WaitApplied();
  EXPECT_EQ(grown.Export(), never_grown.Export());
}

TEST(DefinitionVersions, BothVersionsStayQueryable) {
  const auto second = Changed([](v1::Definition*) { return true; });
  Catalogue both = second;
  for (const v1::Definition& d : second.definitions) {
    if (d.id() != "nursing_home_residents") continue;
    v1::Definition newer = d;
    newer.set_version(2);
    newer.mutable_components(0)->mutable_where()->mutable_service_active()->clear_types();
    newer.mutable_components(0)->mutable_where()->mutable_service_active()->add_types(21);
    both.definitions.push_back(newer);
  }
  PlanHolder plan(std::move(*Compile(second)));
  RegistryFixture world(&plan);
  world.Start(1, 21, "2024-01-01");
  world.Start(2, 18, "2024-01-01");
  world.Settle("2024-12-31");
  EXPECT_EQ(world.Value("nursing_home_residents", "2024").ValueOr(0), 2);
  plan.Set(std::move(*Compile(both)));
  const RegistryReader& registry = world.harness().registry();
  for (uint64_t seen = 0; !registry.Complete(IndicatorNumber(both.definitions.back()));)
    seen = registry.WaitForChange(seen, std::chrono::seconds(1));
  EXPECT_EQ(world.Value("nursing_home_residents", "2024").ValueOr(0), 1) << "the newest version";
  v1::GetIndicatorValuesRequest request;
  request.set_indicator("nursing_home_residents");
  request.set_from_period("2024");
  request.set_version(1);
  EXPECT_EQ(world.Get(request).rows[0].ValueOr(0), 2);
}

TEST(DefinitionVersions, AnotherContentUnderTheSameNameIsRefused) {
  TempFolder folder;
  auto log = OpenLocalLog({folder.path() + "/log", 1, nullptr});
  ASSERT_TRUE(log.ok());
  RegistryOptions options;
  options.directory = folder.path() + "/registry";
  CellUpdater updater(&DefaultPlan());
  ASSERT_TRUE(Registry::Open(options, log->get(), &updater).ok());
  const PlanHolder other(std::move(*Compile(Changed([](v1::Definition* d) {
    if (d->id() == "nursing_home_residents") d->mutable_components(0)->clear_where(), d->clear_components();
    return d->id() != "nursing_home_residents";
  }))));
  CellUpdater fewer(&other);
  EXPECT_TRUE(Registry::Open(options, log->get(), &fewer).ok()) << "fewer figures are no conflict";
  const PlanHolder changed(std::move(*Compile(Changed([](v1::Definition* d) {
    if (d->id() == "medication_review")
      d->mutable_components(0)->mutable_where()->mutable_all()->mutable_of(1)->mutable_age()->set_from(70);
    return true;
  }))));
  CellUpdater conflicting(&changed);
  const auto refused = Registry::Open(options, log->get(), &conflicting);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.status().message().find("medication_review@1"), std::string::npos)
      << refused.status().message();
}

}  // namespace
}  // namespace kpr::test

#include "indicators/publication/release_maker.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "indicators/disclosure/release_history.h"
#include "indicators/geography/structure.h"
#include "registry/codelists/edition.h"

namespace kpr::publication {
namespace {

v1::PublicationPlan Plan() {
  v1::PublicationPlan plan;
  plan.set_structure_year(2024);
  plan.mutable_policy()->set_hide_up_to(4);
  plan.mutable_policy()->set_width(5);
  plan.mutable_policy()->set_change_up_to(4);
  return plan;
}

v1::ReleaseTable TableOf(v1::Kind kind) {
  v1::ReleaseTable table;
  table.set_indicator("recipients");
  table.set_kind(kind);
  table.set_scale(1);
  table.set_decimals(1);
  table.add_value_amounts(0);
  v1::ReleaseAmount& amount = *table.add_amounts();
  amount.set_whole(true);
  amount.set_persons(true);
  amount.set_divisor(1);
  return table;
}

v1::ReleaseRow& AddRow(v1::ReleaseTable& table, const std::string& area, int64_t persons) {
  v1::ReleaseRow& row = *table.add_rows();
  row.set_area(area);
  row.set_sex("all");
  row.set_age("all");
  row.add_amounts(persons);
  row.add_persons(persons);
  row.add_providers(0);
  return row;
}

TEST(ReleaseMaker, GivesZeroNoSign) {
  v1::ReleaseTable table = TableOf(v1::KIND_MEAN);
  v1::ReleaseRow& row = AddRow(table, "0", 40);
  row.set_value(-0.04);
  row.set_lower(-0.31);
  row.set_upper(-0.0);
  const auto release = PrepareRelease(Plan(), {table}, {});
  ASSERT_TRUE(release.ok()) << release.status().message();
  const v1::ReleaseRow& shown = release->tables[0].rows(0);
  EXPECT_EQ(shown.lower(), -0.3);
  EXPECT_EQ(shown.value(), 0);
  EXPECT_FALSE(std::signbit(shown.value()));
  EXPECT_FALSE(std::signbit(shown.upper()));
}

// One of a pool has not reported, the other cannot be compared: what the pool has is of that one alone.
TEST(ReleaseMaker, HidesAPoolOfWhichNobodyHasAFigure) {
  v1::ReleaseTable table = TableOf(v1::KIND_COUNT);
  table.mutable_amounts(0)->set_additive_area(true);
  for (const auto& [area, persons] : {std::pair("0", int64_t{165}),
                                      {"46", int64_t{165}},
                                      {"4601", int64_t{100}},
                                      {"4624", int64_t{40}},
                                      {"46P", int64_t{25}}})
    AddRow(table, area, persons).set_value(static_cast<double>(persons));
  for (const auto& [area, reason] :
       {std::pair("4612", v1::MISSING_REASON_NOT_REPORTED), {"4616", v1::MISSING_REASON_NOT_COMPARABLE}}) {
    v1::ReleaseRow& row = AddRow(table, area, 0);
    row.set_missing_reason(reason);
    row.set_pool("46P");
  }
  const auto release = PrepareRelease(Plan(), {table}, {});
  ASSERT_TRUE(release.ok()) << release.status().message();
  EXPECT_EQ(release->tables[0].rows(4).states(0), v1::FIGURE_STATE_HIDDEN);
  EXPECT_TRUE(Certify(release->tables, Plan().policy(), 2024).ok());
}

// Nobody has reported: there is no figure of the country, and it is in no sum.
TEST(ReleaseMaker, MakesATableWithoutTheCountry) {
  v1::ReleaseTable table = TableOf(v1::KIND_COUNT);
  for (const char* area : {"0", "46"})
    AddRow(table, area, 0).set_missing_reason(v1::MISSING_REASON_NOT_REPORTED);
  const auto release = PrepareRelease(Plan(), {table}, {});
  ASSERT_TRUE(release.ok()) << release.status().message();
  EXPECT_TRUE(Certify(release->tables, Plan().policy(), 2024).ok());
}

// A municipality of county 46 approves after the first release. Whom it brings was counted in county 50
// already: the country stays as it was, the county has one more, and one person is in two counties.
TEST(ReleaseMaker, TakesInWhoWasLeftOutAndIsCountedElsewhere) {
  const auto draft = [](int64_t in_46) {
    v1::ReleaseTable table = TableOf(v1::KIND_COUNT);
    AddRow(table, "0", 14).set_value(14);
    AddRow(table, "03", 10).set_value(10);
    for (const auto& [area, persons] : {std::pair("11", int64_t{2}), {"46", in_46}, {"50", int64_t{1}}})
      AddRow(table, area, persons).set_value(static_cast<double>(persons));
    return table;
  };
  const v1::PublicationPlan plan = Plan();
  const auto first = PrepareRelease(plan, {draft(1)}, {});
  ASSERT_TRUE(first.ok()) << first.status().message();
  Earlier earlier;
  const auto stored = [&](const v1::ReleaseTable& table, const std::string& shown) {
    v1::StoredRelease& release = earlier.releases.emplace_back();
    *release.mutable_plan() = plan;
    *release.add_tables() = table;
    release.set_shown(shown);
  };
  stored(draft(1), first->shown);
  earlier.last_tables = earlier.shown_tables = first->tables;
  // The third knows of the second all that was not shown; in the last the county is as it was at first.
  for (const int64_t in_46 : {2, 2, 1}) {
    const auto next = PrepareRelease(plan, {draft(in_46)}, earlier);
    ASSERT_TRUE(next.ok()) << next.status().message();
    for (const v1::ReleaseRow& row : next->tables[0].rows())
      EXPECT_EQ(row.has_value(), row.area() == "0" || row.area() == "03") << row.area();
    EXPECT_TRUE(in_46 == 1 || next->shown.back() !=
                                  static_cast<char>(disclosure::Shown::kValue));  // who is in two counties
    stored(draft(in_46), next->shown);
  }
}

// The country is what it was though Haugesund has not approved its 20 again, as Stavanger has as many more,
// which is held. That it is another sum, nobody can work Stavanger out of; and when Haugesund is back nothing
// is in the way.
TEST(ReleaseMaker, ReleasesASumThatIsWithoutOneAndStaysTheSame) {
  const auto draft = [](int64_t country, int64_t stavanger, bool with_haugesund) {
    v1::ReleaseTable table = TableOf(v1::KIND_COUNT);
    table.mutable_amounts(0)->set_additive_area(true);
    AddRow(table, "0", country).set_value(static_cast<double>(country));
    AddRow(table, "1103", stavanger).set_value(static_cast<double>(stavanger));
    if (with_haugesund) {
      AddRow(table, "1106", 20).set_value(20);
    } else {
      AddRow(table, "1106", 0).set_missing_reason(v1::MISSING_REASON_NOT_APPROVED);
    }
    AddRow(table, "1108", 20).set_value(20);
    return table;
  };
  v1::PublicationPlan plan = Plan();
  plan.mutable_policy()->set_change_up_to(25);
  Earlier earlier;
  const auto publish = [&](const v1::ReleaseTable& table) {
    auto release = PrepareRelease(plan, {table}, earlier);
    if (!release.ok()) return release;
    v1::StoredRelease& stored = earlier.releases.emplace_back();
    *stored.mutable_plan() = plan;
    *stored.add_tables() = table;
    stored.set_shown(release->shown);
    earlier.last_tables = earlier.shown_tables = release->tables;
    return release;
  };
  ASSERT_TRUE(publish(draft(60, 20, true)).ok());
  const auto second = publish(draft(60, 40, false));
  ASSERT_TRUE(second.ok()) << second.status().message();
  EXPECT_EQ(second->tables[0].rows(1).states(0), v1::FIGURE_STATE_FORMER);
  EXPECT_EQ(second->tables[0].rows(1).value(), 20);
  const auto third = publish(draft(100, 60, true));
  ASSERT_TRUE(third.ok()) << third.status().message();
  EXPECT_EQ(third->tables[0].rows(1).value(), 60);
  EXPECT_EQ(third->tables[0].rows(0).value(), 100);
}

void SetAmounts(v1::ReleaseRow& row, const std::vector<int64_t>& amounts) {
  for (auto* of : {row.mutable_amounts(), row.mutable_persons()}) of->Assign(amounts.begin(), amounts.end());
  for (size_t a = row.providers_size(); a < amounts.size(); ++a) row.add_providers(0);
}

void AddPart(v1::ReleaseTable& table, const std::string& id) {
  const v1::ReleaseAmount whole = table.amounts(0);
  v1::ReleaseAmount& part = *table.add_amounts();
  part = whole;
  part.set_id(id);
  part.set_whole(false);
  table.mutable_amounts(0)->set_additive_parts(true);
}

v1::ReleaseTable TableOfAnswers(v1::Kind kind, const std::string& indicator, const std::string& population) {
  v1::ReleaseTable table = TableOf(kind);
  table.set_indicator(indicator);
  table.mutable_amounts(0)->set_population(population);
  table.mutable_amounts(0)->set_additive_area(true);
  return table;
}

// In Haugesund 2 did not answer: that they follow from who was invited and who answered must not be undone by
// another table of those who answered.
TEST(ReleaseMaker, KnowsWhoAnsweredAsThoseWhoseAnswersAreShown) {
  v1::ReleaseTable invited = TableOfAnswers(v1::KIND_PROPORTION, "response_rate", "invited");
  for (const char* part : {"answered", "not_answered"}) AddPart(invited, part);
  invited.mutable_amounts(1)->set_population("answered");
  v1::ReleaseTable satisfied = TableOfAnswers(v1::KIND_PROPORTION, "satisfied", "answered");
  for (const auto& [area, answered, not_answered] :
       {std::tuple("0", 160, 62), {"1103", 50, 30}, {"1106", 60, 2}, {"1108", 50, 30}}) {
    SetAmounts(AddRow(invited, area, 0), {answered + not_answered, answered, not_answered});
    AddRow(satisfied, area, answered);
  }
  for (const bool invited_first : {true, false}) {
    const auto release = PrepareRelease(
        Plan(), invited_first ? std::vector{invited, satisfied} : std::vector{satisfied, invited}, {});
    ASSERT_TRUE(release.ok()) << release.status().message();
    const auto& shown_invited = release->tables[invited_first ? 0 : 1];
    const auto& shown_satisfied = release->tables[invited_first ? 1 : 0];
    for (int r = 0; r < 4; ++r) {
      EXPECT_EQ(shown_invited.rows(r).states(1), shown_satisfied.rows(r).states(0)) << r;
    }
    const v1::ReleaseRow& haugesund = shown_invited.rows(2);
    EXPECT_EQ(haugesund.states(2), v1::FIGURE_STATE_HIDDEN);
    EXPECT_TRUE(haugesund.states(0) == v1::FIGURE_STATE_HIDDEN ||
                haugesund.states(1) == v1::FIGURE_STATE_HIDDEN);
  }
}

// By the rule on those who are not counted, a part may have to be hidden that as a whole need not be.
TEST(ReleaseMaker, HidesAWholeThatIsToBeHiddenAsAPart) {
  v1::PublicationPlan plan = Plan();
  plan.mutable_policy()->set_complement(true);
  v1::ReleaseTable invited = TableOfAnswers(v1::KIND_PROPORTION, "response_rate", "invited");
  for (const char* part : {"answered", "not_answered"}) AddPart(invited, part);
  invited.mutable_amounts(1)->set_population("answered");
  SetAmounts(AddRow(invited, "0", 0), {62, 60, 2});
  v1::ReleaseTable satisfied = TableOfAnswers(v1::KIND_PROPORTION, "satisfied", "answered");
  AddRow(satisfied, "0", 60);
  const auto release = PrepareRelease(plan, {satisfied, invited}, {});
  ASSERT_TRUE(release.ok()) << release.status().message();
  EXPECT_EQ(release->tables[0].rows(0).states(0), v1::FIGURE_STATE_HIDDEN);
  EXPECT_EQ(release->tables[1].rows(0).states(1), v1::FIGURE_STATE_HIDDEN);
}

// Who has an index has answered: 20 with an index in Haugesund, of 23 who answered in both, leave at most 3
// of Stavanger.
TEST(ReleaseMaker, KnowsThatWhoeverHasAnIndexHasAnswered) {
  v1::ReleaseTable satisfied = TableOfAnswers(v1::KIND_PROPORTION, "satisfied", "answered");
  v1::ReleaseTable index = TableOfAnswers(v1::KIND_MEAN, "experience", "index");
  index.mutable_amounts(0)->set_within("answered");
  for (const auto& [area, answered, has_index] :
       {std::tuple("0", 23, 20), {"1103", 3, 0}, {"1106", 20, 20}}) {
    AddRow(satisfied, area, answered);
    AddRow(index, area, has_index);
  }
  const auto release = PrepareRelease(Plan(), {satisfied, index}, {});
  ASSERT_TRUE(release.ok()) << release.status().message();
  const auto& answered = release->tables[0];
  const auto shown = [](const v1::ReleaseTable& table, int row) {
    return table.rows(row).states(0) == v1::FIGURE_STATE_SHOWN;
  };
  EXPECT_FALSE(shown(answered, 1));
  const bool in_haugesund = shown(answered, 2) || shown(release->tables[1], 2);
  const bool in_both = shown(answered, 0);
  EXPECT_FALSE(in_haugesund && in_both) << "at most 3 have answered in Stavanger";
}

// Sola and Randaberg are one municipality from that year on.
Edition MergedIn(const std::string& year) {
  std::vector<embedded::File> files = BuiltInCodeLists();
  for (embedded::File& file : files) {
    for (const std::string row : {"\n1124,Sola,2011-01-01,", "\n1127,Randaberg,2011-01-01,"}) {
      if (file.name == "municipalities.csv")
        file.content.insert(file.content.find(row) + row.size(), year + "-01-01");
    }
    if (file.name == "municipalities.csv") file.content += "1199,Nordre Jæren," + year + "-01-01,\n";
    if (file.name == "code_changes.csv")
      file.content += year + "-01-01,1124,Sola,1199,N\n" + year + "-01-01,1127,Randaberg,1199,N\n";
  }
  return ReadEdition(files).value();
}

// What 1199 shows and 1127 showed gives 1124, which was hidden: the figures are of one year, by two lists.
TEST(ReleaseMaker, KnowsNoRelationBetweenTwoStructuresOfOneYear) {
  static const Edition merged = MergedIn("2024"), later = MergedIn("2027");
  v1::ReleaseTable table = TableOf(v1::KIND_COUNT);
  AddRow(table, "0", 14).set_value(14);
  const auto first = PrepareRelease(Plan(), {table}, {});
  ASSERT_TRUE(first.ok()) << first.status().message();
  Earlier earlier;
  v1::StoredRelease& stored = earlier.releases.emplace_back();
  *stored.mutable_plan() = Plan();
  *stored.add_tables() = table;
  stored.set_shown(first->shown);
  const uint64_t built_in = Structure::Of(2024).hash();
  {
    const EditionScope scope(later);
    EXPECT_TRUE(PrepareRelease(Plan(), {table}, earlier).ok()) << "2024 is as it was";
  }
  const EditionScope scope(merged);
  for (const uint64_t hash : {uint64_t{0}, built_in}) {
    stored.set_structure_hash(hash);
    const auto refused = PrepareRelease(Plan(), {table}, earlier);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.status().code(), Code::kFailedPrecondition) << refused.status().message();
  }
  stored.set_structure_hash(Structure::Of(2024).hash());
  EXPECT_TRUE(PrepareRelease(Plan(), {table}, earlier).ok()) << "by the same lists";
}

}  // namespace
}  // namespace kpr::publication

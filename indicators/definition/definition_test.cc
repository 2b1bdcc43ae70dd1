#include <gtest/gtest.h>

#include <functional>

#include "indicators/definition/catalogue.h"

namespace kpr {
namespace {

std::string Catalogued(const std::string& name) {
  for (const auto& file : embedded::Catalogue()) {
    if (file.name == name + ".textproto") return file.content;
  }
  return "";
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(DefinitionTest, TheCatalogueIsInOrder) {
  const auto catalogue = LoadCatalogue(embedded::Catalogue(), embedded::Instruments());
  ASSERT_TRUE(catalogue.ok()) << catalogue.status().message();
  EXPECT_EQ(catalogue->definitions.size(), embedded::Catalogue().size());
  for (const auto& d : catalogue->definitions) {
    EXPECT_FALSE(Catalogued(d.id()).empty()) << d.id() << " is not in a file of its name";
  }
}

TEST(DefinitionTest, ASurveysInvitedAreInTwoClassesAndNoOthers) {
  const std::string good = Catalogued("user_response_rate");
  struct Case {
    std::string from, to, message;
  };
  const Case kCases[] = {
      {"id: \"not_answered\"", "id: \"declined\"", "classes 'answered' and 'not_answered'"},
      {"classes { id: \"not_answered\" title { nb: \"Svarte ikke\" en: \"Did not answer\" } }", "",
       "classes 'answered' and 'not_answered'"},
      {"classes { id: \"answered\"", "classes { from: 1 to: 2 id: \"answered\"", "without a test"},
      {"respondent: RESPONDENT_USER", "", "instrument and respondent"},
      {"care-experience-10", "other", "no instrument 'other'"},
  };
  for (const Case& c : kCases) {
    std::string text = good;
    text.replace(text.find(c.from), c.from.size(), c.to);
    const auto read = LoadCatalogue({{"x.textproto", text}}, embedded::Instruments());
    ASSERT_FALSE(read.ok()) << c.message;
    EXPECT_NE(read.status().message().find(c.message), std::string::npos) << read.status().message();
  }
}

// Each way to break a definition is refused with file, line and what was expected.
TEST(DefinitionTest, EveryMistakeIsNamedWithItsPlace) {
  const std::string good = Catalogued("medication_review");
  struct Case {
    const char *from, *to, *message;
  };
  const Case kCases[] = {
      {"kind: KIND_PROPORTION", "kind: PROPORTIONAL", "x.textproto:9:"},
      {"version: 1", "version: 0", "version: expected a number from 1"},
      {"id: \"medication_review\"", "id: \"Medication Review\"",
       "x.textproto:1:1: id: expected lower_snake_case"},
      {"types: 21", "types: 99", "kodeverk 9151, which has no 99"},
      {"service_active { types: 21 }", "age { from: 3 }", "decides the municipality"},
      {"months: 12", "months: 5000", "months up to 1200"},
      {"numerator_class: \"yes\"", "numerator_class: \"no\"", "numerator_class to name one of the classes"},
      {"role: ROLE_DENOMINATOR", "role: ROLE_NUMERATOR", "one DENOMINATOR component"},
      {"subject: SUBJECT_TYPE_PERSON", "subject: SUBJECT_TYPE_PROVIDER", "reported for subject PROVIDER"},
      {"periods: [ PERIOD_UNIT_MONTH, PERIOD_UNIT_TERTIAL, PERIOD_UNIT_YEAR ]",
       "periods: [ PERIOD_UNIT_MONTH, PERIOD_UNIT_MONTH ]", "at most once"},
      {"source { nb: \"Helsedirektoratet, nasjonale kvalitetsindikatorer\" en: \"Helsedirektoratet, national "
       "quality indicators\" }",
       "", "source: expected who defines"},
      {"theme: THEME_PROFESSIONAL_PRACTICE", "", "theme: expected an area of quality"},
      {"direction: DIRECTION_HIGHER_IS_BETTER", "", "direction: expected HIGHER_IS_BETTER"},
      {"decimals: 1", "decimals: 9", "decimals: expected at most 6"},
      {"from: 67", "from: 67 to: 60", "age from <= to"},
      {"components {", "components { unheard_of: 1 ", "unheard_of"},
      {"periods: [ PERIOD_UNIT_MONTH, PERIOD_UNIT_TERTIAL, PERIOD_UNIT_YEAR ]", "",
       "periods: expected at least one"},
  };
  for (const Case& c : kCases) {
    const auto parsed = ParseDefinition(Replaced(good, c.from, c.to), "x.textproto");
    ASSERT_FALSE(parsed.ok()) << c.to;
    EXPECT_TRUE(parsed.status().message().starts_with("x.textproto:")) << parsed.status().message();
    EXPECT_NE(parsed.status().message().find(c.message), std::string::npos) << parsed.status().message();
  }
}

TEST(DefinitionTest, AFollowUpIsOfWhatIsDoneWithinItsDays) {
  const std::string good = Catalogued("medication_review_after_admission");
  ASSERT_TRUE(ParseDefinition(good, "x").ok());
  for (const auto& [from, to] : {std::pair("FACT_TYPE_FULL_MEDICATION_REVIEW", "FACT_TYPE_DEATH"),
                                 {"FACT_TYPE_FULL_MEDICATION_REVIEW", "FACT_TYPE_INDIVIDUAL_PLAN"},
                                 {" days: 30", " days: 0"},
                                 {" days: 30", " days: 367"},
                                 {"up_to_days: 30", "up_to_days: 31"}}) {
    EXPECT_FALSE(ParseDefinition(Replaced(good, from, to), "x").ok()) << to;
  }
}

TEST(DefinitionTest, WhoComesAgainHasLeft) {
  const std::string good = Catalogued("readmission_nursing_home");
  ASSERT_TRUE(ParseDefinition(good, "x").ok());
  for (const auto& [from, to] :
       {std::pair(" after_end: true", ""),
        {" comes_again: true", ""},
        {" comes_again: true", " comes_again: true fact: FACT_TYPE_FULL_MEDICATION_REVIEW"}}) {
    EXPECT_FALSE(ParseDefinition(Replaced(good, from, to), "x").ok()) << from;
  }
}

TEST(DefinitionTest, TheLastDaysOfLifeAreAYearAtMostAndHaveAPlace) {
  const std::string good = Catalogued("days_outside_nursing_home_last_90");
  ASSERT_TRUE(ParseDefinition(good, "x").ok());
  for (const auto& [from, to] : {std::pair("last_days: 90", "last_days: 0"),
                                 {"last_days: 90", "last_days: 367"},
                                 {"[ 18, 19, 20, 21 ] last", "[ 99 ] last"},
                                 {"  where {", "  attribution: ATTRIBUTION_EVERY where {"},
                                 {"KIND_MEAN", "KIND_PROPORTION"}}) {
    EXPECT_FALSE(ParseDefinition(Replaced(good, from, to), "x").ok()) << to;
  }
  const size_t where = good.find("  where {"), measure = good.find("  days_outside {");
  EXPECT_FALSE(ParseDefinition(good.substr(0, where) + good.substr(measure), "x").ok())
      << "nothing places them";
}

TEST(DefinitionTest, ReferralsAreToServicesOfContacts) {
  const std::string good = Catalogued("physiotherapy_waiting_days");
  ASSERT_TRUE(ParseDefinition(good, "x").ok());
  for (const auto& [from, to] : {std::pair("FACT_TYPE_PHYSIOTHERAPY_CONTACT", "FACT_TYPE_INDIVIDUAL_PLAN"),
                                 {"fact: FACT_TYPE_PHYSIOTHERAPY_CONTACT", ""},
                                 {"  referral_wait", "  where { age { from: 80 } } referral_wait"}}) {
    EXPECT_FALSE(ParseDefinition(Replaced(good, from, to), "x").ok()) << to;
  }
}

TEST(DefinitionTest, DeepNestingIsRefusedNotFollowed) {
  std::string where = "service_active { types: 21 }";
  for (int i = 0; i < 20; ++i) where = "not { " + where + " }";
  EXPECT_FALSE(ParseDefinition(Replaced(Catalogued("nursing_home_residents"),
                                        "service_active { types: [ 18, 19, 20, 21 ] }", where),
                               "x")
                   .ok());
}

TEST(DefinitionTest, OneIdAndVersionStandsOnce) {
  const auto text = Catalogued("occupancy");
  const auto catalogue = LoadCatalogue({{"a.textproto", text}, {"b.textproto", text}}, {});
  ASSERT_FALSE(catalogue.ok());
  EXPECT_NE(catalogue.status().message().find("is already in a.textproto"), std::string::npos);
}

}  // namespace
}  // namespace kpr

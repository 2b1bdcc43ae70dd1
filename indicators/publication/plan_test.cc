#include "indicators/publication/plan.h"

#include <gmock/gmock.h>

#include "base/embedded.h"
#include "indicators/definition/catalogue.h"

namespace kpr::publication {
namespace {

using ::testing::HasSubstr;

constexpr const char* kPlan = R"(id: "care"
title { nb: "Omsorg" en: "Care" }
structure_year: 2024
named_policy: "statistics_norway"
tables { indicator: "nursing_home_residents" periods: "2023" by_sex: true by_age: true }
tables { indicator: "medication_review" periods: "2023" by_age: true }
tables { indicator: "recipients_by_service_group" periods: "2023" }
)";
constexpr const char* kWithSignOff =
    R"(sign_off { required: true deadline: "2024-03-01" silent: UNAPPROVED_EXCLUDE objected: UNAPPROVED_CARRY_FORWARD }
)";

TEST(Plan, IsRefusedByFileAndLine) {
  const auto catalogue = LoadCatalogue(embedded::Catalogue(), embedded::Instruments());
  const auto& definitions = catalogue->definitions;
  const auto fault = [&](std::string plan, const std::string& from, const std::string& to) {
    plan.replace(plan.find(from), from.size(), to);
    return ParsePlan(plan, "care.textproto", definitions).status().message();
  };
  EXPECT_TRUE(ParsePlan(kPlan, "care.textproto", definitions).ok());
  EXPECT_THAT(fault(kPlan, "\"care\"", "\"../care\""),
              HasSubstr("care.textproto:1:1: id: expected lower_snake_case"));
  EXPECT_THAT(fault(kPlan, "2024\n", "2011\n"), HasSubstr("care.textproto:3:1: structure_year"));
  EXPECT_THAT(fault(kPlan, "statistics_norway", "none"), HasSubstr("care.textproto:4:1: named_policy"));
  EXPECT_THAT(fault(kPlan, "\"medication_review\"", "\"medication\""),
              HasSubstr("care.textproto:6:10: indicator"));
  EXPECT_THAT(fault(kPlan, "periods: \"2023\" by_age", "periods: \"2023-13\" by_age"),
              HasSubstr("care.textproto:6:"));
  EXPECT_THAT(fault(kPlan, "by_sex: true", "by_sexx: true"), HasSubstr("care.textproto:5:"));
  EXPECT_THAT(fault(std::string(kPlan) + kWithSignOff, "2024-03-01", "1 March"),
              HasSubstr("care.textproto:8:27: deadline"));
  EXPECT_THAT(fault(std::string(kPlan) + "next_release: \"2027-02-15\"\n", "02-15", "15-02"),
              HasSubstr("next_release: expected a day"));
  EXPECT_THAT(fault(kPlan, "named_policy: \"statistics_norway\"", "policy { hide_up_to: 0 }"),
              HasSubstr("care.textproto:4:10: hide_up_to"));
}

}  // namespace
}  // namespace kpr::publication

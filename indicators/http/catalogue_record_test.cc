// The record says of figures what is published, and nothing of what is hidden.
#include "indicators/http/catalogue_record.h"

#include <gmock/gmock.h>

#include <set>

#include "indicators/http/published_fixture.h"

namespace kpr::http {
namespace {

constexpr const char* kPath = "/api/open/v1/kpr/catalogue";
constexpr const char* kCount = "healthdcatap:numberOfUniqueIndividuals";

class CatalogueRecordTest : public PublishedFixture, public ::testing::Test {
 protected:
  Json Record() {
    const Response response = Get(kPath);
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.content_type, "application/ld+json");
    return Json::parse(response.body);
  }
  // Persons with a service in the years, each with its state.
  static v1::ReleaseTable Recipients(const std::vector<std::pair<std::string, v1::FigureState>>& years) {
    v1::ReleaseTable table;
    table.set_indicator("recipients_during_period");
    table.set_version(1);
    table.mutable_title()->set_nb("Tjenestemottakere");
    table.mutable_title()->set_en("Recipients");
    table.add_amounts()->set_id("numerator");
    int64_t persons = 300'000;
    for (const auto& [year, state] : years) {
      for (const char* area : {"46", "0"}) {
        v1::ReleaseRow* row = table.add_rows();
        row->set_period(year);
        row->set_area(area);
        row->set_sex("all");
        row->set_age("all");
        row->add_states(state);
        row->add_amounts(++persons);
      }
    }
    return table;
  }
  static Json Register(const Json& record) {
    for (const Json& dataset : record["dcat:dataset"]) {
      if (dataset["dct:accessRights"]["@id"].get<std::string>().ends_with("NON_PUBLIC")) return dataset;
    }
    return {};
  }
};

TEST_F(CatalogueRecordTest, WithoutReleasesTheRegisterIsThereWithoutACount) {
  const Json record = Record();
  ASSERT_EQ(record["dcat:dataset"].size(), 1u);
  EXPECT_FALSE(Register(record).contains(kCount));
}

TEST_F(CatalogueRecordTest, CountsPersonsAsTheNewestYearShowsThemAndNoOtherwise) {
  const auto shown = v1::FIGURE_STATE_SHOWN, hidden = v1::FIGURE_STATE_HIDDEN,
             former = v1::FIGURE_STATE_FORMER;
  Publish("care", {Recipients({{"2023", shown}, {"2024", shown}, {"2024-12", shown}})});
  EXPECT_EQ(Register(Record())[kCount]["@value"], "300004");
  Publish("care", {Recipients({{"2023", shown}, {"2024", former}})});
  EXPECT_EQ(Register(Record())[kCount]["@value"], "300004");
  Publish("care", {Recipients({{"2023", shown}, {"2024", hidden}})});
  EXPECT_FALSE(Register(Record()).contains(kCount));
  // Of several series the one with the newest year, whichever was there first.
  Publish("pilot", {Recipients({{"2024", shown}, {"2025", shown}})});
  EXPECT_EQ(Register(Record())[kCount]["@value"], "300004");
  Publish("care", {Recipients({{"2024", shown}})});
  EXPECT_EQ(Register(Record())[kCount]["@value"], "300004");
}

// An address that it names, of what is public, answers; and each table is there once.
TEST_F(CatalogueRecordTest, AddressesOfTablesAnswer) {
  Publish("care", {RandomTable("one", 1), RandomTable("two", 2)});
  Publish("care", {RandomTable("one", 3)});
  const std::string site = "https://statistikk.example.no";
  std::set<std::string> datasets;
  const Json record = Record();
  for (const Json& dataset : record["dcat:dataset"]) {
    EXPECT_TRUE(datasets.insert(dataset["@id"].get<std::string>()).second);
    if (dataset["@id"] == site + "/#register") continue;
    for (const Json& distribution : dataset["dcat:distribution"]) {
      const std::string address = distribution["dcat:accessURL"]["@id"];
      ASSERT_TRUE(address.starts_with(site)) << address;
      EXPECT_EQ(Get(address.substr(site.size())).status, 200) << address;
    }
  }
  EXPECT_EQ(datasets.size(), 3u);
}

TEST_F(CatalogueRecordTest, ConfigurationIsWholeOrNamesWhatIsMissing) {
  EXPECT_TRUE(CheckHolder({}).ok());
  RegisterHolder holder{"https://kpr.example", "D", "d@example", "B", "b@example", ""};
  EXPECT_THAT(CheckHolder(holder).message(), ::testing::HasSubstr("catalogue.health_category"));
  holder.health_category = "http://example.org/c";
  EXPECT_TRUE(CheckHolder(holder).ok());
  for (const char* bad : {"kpr.example", "https://kpr.example/"}) {
    holder.address = bad;
    EXPECT_THAT(CheckHolder(holder).message(), ::testing::HasSubstr("catalogue.address"));
  }
}

}  // namespace
}  // namespace kpr::http

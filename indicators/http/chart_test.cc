// Pictures beside the numbers of the same question: each number that is shown has its dot where the axis has
// it, and nothing else has one.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

#include "indicators/http/published_fixture.h"

namespace kpr::http {
namespace {

constexpr const char* kTable = "/api/open/v1/kpr/table/care.occupancy";

std::vector<double> DotsOf(const std::string& svg, const char* coordinate) {
  std::vector<double> dots;
  const std::regex dot(std::string("<circle [^>]*") + coordinate + "=\"([-0-9.]+)\"");
  for (auto it = std::sregex_iterator(svg.begin(), svg.end(), dot); it != std::sregex_iterator(); ++it)
    dots.push_back(std::stod((*it)[1]));
  return dots;
}

// The place of each value on one straight axis.
void ExpectOnAxis(const std::vector<double>& values, const std::vector<double>& dots) {
  ASSERT_EQ(values.size(), dots.size());
  if (values.empty()) return;
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  const double from = dots[static_cast<size_t>(least - values.begin())];
  const double to = dots[static_cast<size_t>(most - values.begin())];
  if (*most - *least > 1) {
    EXPECT_GT(std::abs(to - from), 20);
  }
  for (size_t i = 0; i < values.size(); ++i) {
    const double share = *most > *least ? (values[i] - *least) / (*most - *least) : 0;
    EXPECT_NEAR(dots[i], from + share * (to - from), 0.2) << values[i];
  }
}

std::string Asked(const Json& json, std::mt19937_64* random, bool over_time, std::string* areas) {
  std::string query;
  for (const Json& dimension : json["dimensions"]) {
    const std::string code = dimension["code"];
    std::vector<std::string> all = dimension["values"].get<std::vector<std::string>>();
    if (code == "MEASURE_TYPE") {
      query += (*random)() % 2 == 0 ? "&MEASURE_TYPE=value" : "&MEASURE_TYPE=yes";
    } else if (code == "AAR") {
      query += over_time ? "&AAR=*" : "&AAR=" + all[(*random)() % all.size()];
    } else if (code == "GEO") {
      std::shuffle(all.begin(), all.end(), *random);
      all.resize(1 + (*random)() % all.size());
      std::sort(all.begin(), all.end());
      for (const std::string& area : all) *areas += (areas->empty() ? "" : ",") + area;
      query += "&GEO=" + *areas;
    }
  }
  return query;
}

TEST(Chart, HasADotForEachNumberAndForNothingElse) {
  std::mt19937_64 random(8);
  size_t dots = 0, missing = 0;
  for (uint64_t seed = 0; seed < 12; ++seed) {
    PublishedFixture site;
    site.Publish("care", {PublishedFixture::RandomTable("occupancy", seed)});
    const Json dimensions = Json::parse(site.Get(std::string(kTable) + "/query").body);
    for (int question = 0; question < 20; ++question) {
      const bool over_time = question % 2 == 0;
      std::string areas;
      const std::string query = "?lang=en" + Asked(dimensions, &random, over_time, &areas);
      const Response picture = site.Get(std::string(kTable) + "/data.svg" + query);
      ASSERT_EQ(picture.status, 200) << picture.body;
      EXPECT_EQ(picture.content_type, "image/svg+xml");
      const Json json = Json::parse(site.Get(std::string(kTable) + "/data.json" + query).body);
      const size_t periods = over_time ? json["dimension"]["AAR"]["category"]["index"].size() : 1;
      std::vector<double> values;
      // Lines are drawn from the last to the first, so that the first is on top.
      const size_t compared = json["value"].size() / periods;
      for (size_t i = 0; i < compared; ++i) {
        const size_t of = over_time ? compared - 1 - i : i;
        for (size_t p = 0; p < periods; ++p) {
          const Json& value = json["value"][of * periods + p];
          if (!value.is_null()) values.push_back(value);
          missing += value.is_null() ? 1 : 0;
        }
      }
      ExpectOnAxis(values, DotsOf(picture.body, over_time ? "cy" : "cx"));
      dots += values.size();
      for (const auto& [cell, status] : json["status"].items()) {
        if (json["value"][std::stoul(cell)].is_null()) {
          EXPECT_NE(picture.body.find(json["extension"]["flags"]["label"][std::string(status)]),
                    std::string::npos);
        }
      }
    }
  }
  EXPECT_GT(dots, 500u);
  EXPECT_GT(missing, 100u);
}

TEST(Chart, IsOfOneMeasureAndOfNoMoreThanCanBeToldApart) {
  PublishedFixture site;
  v1::ReleaseTable table = PublishedFixture::RandomTable("occupancy", 1);
  for (int area = 1101; area < 1112; ++area) {
    for (const char* period : {"2023", "2024"}) {
      v1::ReleaseRow& row = *table.add_rows();
      row = table.rows(0);
      row.set_area(std::to_string(area));
      row.set_period(period);
    }
  }
  site.Publish("care", {table});
  const Response measures = site.Get(std::string(kTable) + "/data.svg?MEASURE_TYPE=value,lower");
  EXPECT_EQ(measures.status, 400);
  EXPECT_NE(measures.body.find("MEASURE_TYPE"), std::string::npos) << measures.body;
  const Response lines = site.Get(std::string(kTable) + "/data.svg?AAR=*&GEO=*");
  EXPECT_EQ(lines.status, 400);
  EXPECT_NE(lines.body.find("at most 10 lines"), std::string::npos) << lines.body;
  EXPECT_EQ(site.Get(std::string(kTable) + "/data.svg?GEO=*").status, 200);
}

TEST(Chart, NamesCannotLeaveTheirElement) {
  PublishedFixture site;
  v1::ReleaseTable table = PublishedFixture::RandomTable("occupancy", 1);
  table.mutable_title()->set_en("</title><script>alert(1)</script>\x01 & \"more\"");
  site.Publish("care", {table});
  const std::string svg = site.Get(std::string(kTable) + "/data.svg?lang=en").body;
  EXPECT_EQ(svg.find("<script"), std::string::npos);
  EXPECT_EQ(svg.find('\x01'), std::string::npos);
  EXPECT_NE(svg.find("&lt;script&gt;"), std::string::npos);
}

}  // namespace
}  // namespace kpr::http

// Charts beside the numbers of the same question: each number that is shown has its dot where the scale has
// it, and nothing else has one.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>

#include "indicators/http/chart_scale.h"
#include "indicators/http/published_fixture.h"

namespace kpr::http {
namespace {

constexpr const char* kTable = "/api/open/v1/kpr/table/care.occupancy";

using Attributes = std::map<std::string, std::string>;

std::vector<Attributes> ElementsOf(const std::string& svg, const std::string& name) {
  std::vector<Attributes> elements;
  for (size_t at = 0; (at = svg.find("<" + name + " ", at)) != std::string::npos;) {
    Attributes& element = elements.emplace_back();
    at += name.size() + 1;
    while (svg[at] == ' ') {
      const size_t equals = svg.find('=', at), end = svg.find('"', equals + 2);
      element[svg.substr(at + 1, equals - at - 1)] = svg.substr(equals + 2, end - equals - 2);
      at = end + 1;
    }
  }
  return elements;
}

std::vector<double> NumbersOf(const std::string& svg, const std::string& element,
                              const std::string& attribute) {
  std::vector<double> numbers;
  for (const Attributes& one : ElementsOf(svg, element)) {
    if (one.contains(attribute)) numbers.push_back(std::stod(one.at(attribute)));
  }
  return numbers;
}

// The place of each value on one straight scale.
void ExpectOnScale(const std::vector<double>& values, const std::vector<double>& dots) {
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

// No text is above, below or left of the drawing.
void ExpectInside(const std::string& svg) {
  const double height = NumbersOf(svg, "svg", "height").at(0);
  for (const double y : NumbersOf(svg, "text", "y")) {
    EXPECT_GT(y, 0);
    EXPECT_LT(y, height);
  }
  for (const double x : NumbersOf(svg, "text", "x")) EXPECT_GT(x, 0);
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
      const Response chart = site.Get(std::string(kTable) + "/data.svg" + query);
      ASSERT_EQ(chart.status, 200) << chart.body;
      EXPECT_EQ(chart.content_type, "image/svg+xml");
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
      ExpectOnScale(values, NumbersOf(chart.body, "circle", over_time ? "cy" : "cx"));
      dots += values.size();
      ExpectInside(chart.body);
      for (const auto& [cell, status] : json["status"].items()) {
        EXPECT_NE(chart.body.find(json["extension"]["flags"]["label"][std::string(status)]),
                  std::string::npos);
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
  const Response measures = site.Get(std::string(kTable) + "/data.svg?MEASURE_TYPE=value,yes");
  EXPECT_EQ(measures.status, 400);
  EXPECT_NE(measures.body.find("MEASURE_TYPE"), std::string::npos) << measures.body;
  const Response lines = site.Get(std::string(kTable) + "/data.svg?AAR=*&GEO=*");
  EXPECT_EQ(lines.status, 400);
  EXPECT_NE(lines.body.find("at most 10 lines"), std::string::npos) << lines.body;
  EXPECT_EQ(site.Get(std::string(kTable) + "/data.svg?GEO=*").status, 200);
}

// The value, its limits and their rounding, and a figure that is not of the release.
TEST(Chart, ShowsIntervalsAsTablesRoundThem) {
  PublishedFixture site;
  v1::ReleaseTable table = PublishedFixture::RandomTable("occupancy", 3);
  table.clear_rows();
  table.set_unit("%");
  table.set_decimals(0);
  const auto row = [&](const char* area, double value, bool carried) {
    v1::ReleaseRow& added = *table.add_rows();
    added.set_period("2024");
    added.set_area(area);
    added.set_sex("all");
    added.set_age("all");
    for (int i = 0; i < table.amounts_size(); ++i) {
      added.add_amounts(50);
      added.add_states(v1::FIGURE_STATE_SHOWN);
    }
    added.set_value(value);
    added.set_lower(value - 10);
    added.set_upper(value + 10);
    added.set_carried_forward(carried);
  };
  row("0", 20.0, false);
  row("1101", 40.4, false);
  row("1103", 79.6, true);
  site.Publish("care", {table});
  const std::string svg =
      site.Get(std::string(kTable) + "/data.svg?GEO=*&MEASURE_TYPE=value,lower,upper").body;
  const std::vector<double> dots = NumbersOf(svg, "circle", "cx");
  ASSERT_EQ(dots.size(), 3u) << svg;
  const double of_one = (dots[1] - dots[0]) / 20;  // 40.4 is drawn at 40, 79.6 at 80
  EXPECT_NEAR(dots[2] - dots[0], 60 * of_one, 0.2);
  size_t found = 0;
  for (const Attributes& line : ElementsOf(svg, "line")) {
    if (line.at("y1") != line.at("y2")) continue;  // the grid
    const double value = std::array{20, 40, 80}.at(found++);
    EXPECT_NEAR(std::stod(line.at("x1")), dots[0] + (value - 10 - 20) * of_one, 0.2);
    EXPECT_NEAR(std::stod(line.at("x2")), dots[0] + (value + 10 - 20) * of_one, 0.2);
  }
  EXPECT_EQ(found, 3u);
  EXPECT_NE(svg.find("tallet er fra forrige utgivelse: "), std::string::npos) << svg;
  EXPECT_EQ(NumbersOf(svg, "circle", "stroke-width").size(), 1u);  // hollow
}

TEST(Chart, NamesOfLinesStayInside) {
  PublishedFixture site;
  v1::ReleaseTable table = PublishedFixture::RandomTable("occupancy", 3);
  const v1::ReleaseRow first = table.rows(0);
  table.clear_rows();
  for (int area = 0; area < 10; ++area) {
    for (const char* period : {"2021", "2023", "2024"}) {
      v1::ReleaseRow& row = *table.add_rows();
      row = first;
      row.set_area(area == 0 ? "0" : std::to_string(1100 + area));
      row.set_period(period);
      for (int i = 0; i < row.amounts_size(); ++i) {
        row.set_states(i, v1::FIGURE_STATE_SHOWN);
        row.set_amounts(i, area == 0 ? 4'123'456'789 : area);
      }
    }
  }
  site.Publish("care", {table});
  const Response chart = site.Get(std::string(kTable) + "/data.svg?GEO=*&AAR=*&MEASURE_TYPE=denominator");
  ASSERT_EQ(chart.status, 200) << chart.body;
  ExpectInside(chart.body);
  std::vector<double> at;
  for (const Attributes& text : ElementsOf(chart.body, "text")) {
    if (text.at("font-size") == "13" && std::stod(text.at("x")) > 400) at.push_back(std::stod(text.at("y")));
  }
  ASSERT_EQ(at.size(), 10u);
  std::sort(at.begin(), at.end());
  for (size_t i = 1; i < at.size(); ++i) EXPECT_GE(at[i] - at[i - 1], 16.9);
  EXPECT_LT(at.back(), 440);  // above the periods
  EXPECT_NE(chart.body.find("4\u00A0000\u00A0000\u00A0000"), std::string::npos);
}

TEST(Chart, ScalesAreRoundAndHaveRoom) {
  const auto scale = [](std::vector<double> values, std::optional<double> most) {
    const ChartScale made = ScaleOf(values, most, 0, 100);
    for (const double value : values) {
      EXPECT_GE(made.At(value), -0.001);
      EXPECT_LE(made.At(value), 100.001);
    }
    EXPECT_LE(made.Ticks().size(), 13u);
    return std::pair(made.low, made.high);
  };
  EXPECT_EQ(scale({}, 100), std::pair(0.0, 1.0));
  EXPECT_EQ(scale({0, 0}, 100), std::pair(0.0, 1.0));
  EXPECT_EQ(scale({12, 47.5}, 100), std::pair(0.0, 50.0));
  EXPECT_EQ(scale({100, 100}, 100).second, 100);
  EXPECT_EQ(scale({0.3}, 100).first >= 0, true);
  EXPECT_LT(scale({-3, 4}, {}).first, -2.9);
  EXPECT_GT(scale({70, 71}, 100).first, 50);
  scale({-1e12, 1e12}, {});
  scale({1e-7, 2e-7}, {});
  scale({130, 140}, 100);
}

TEST(Chart, IsAFormatOfEveryDoor) {
  PublishedFixture site;
  site.Publish("care", {PublishedFixture::RandomTable("occupancy", 1)});
  const Json all = Json::parse(site.Get(std::string(kTable) + "/query").body);
  Json body{{"response", {{"format", "svg"}}}, {"dimensions", Json::array()}};
  for (const Json& dimension : all["dimensions"])
    body["dimensions"].push_back(
        {{"code", dimension["code"]}, {"filter", "item"}, {"values", {dimension["values"][0]}}});
  for (const Response& response : {site.Ask("POST", std::string(kTable) + "/data", body.dump()),
                                   site.Get("/api/pxweb/v2/tables/care.occupancy/data?outputFormat=svg")}) {
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.content_type, "image/svg+xml");
    EXPECT_EQ(response.body.rfind("<svg ", 0), 0u);
  }
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

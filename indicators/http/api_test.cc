// The public's interface: every format and dialect says what the release's table says, whatever is asked, and
// nothing that is hidden.
#include <gmock/gmock.h>

#include <cmath>
#include <numeric>
#include <set>

#include "indicators/http/json_stat.h"
#include "indicators/http/published_fixture.h"
#include "indicators/http/selection.h"

namespace kpr::http {
namespace {

using ::testing::HasSubstr;

constexpr const char* kTable = "/api/open/v1/kpr/table/1";

// What a reader of the table's own file would say of a cell; without the cube, row by row.
struct Naive {
  std::optional<double> value;
  std::string status;
};
Naive Look(const v1::ReleaseTable& table, std::map<std::string, std::string> at) {
  if (!at.contains("KJONN")) at["KJONN"] = "all";
  if (!at.contains("ALDER")) at["ALDER"] = "all";
  for (const v1::ReleaseRow& row : table.rows()) {
    if (row.area() != at["GEO"] || row.period() != at["AAR"] || row.sex() != at["KJONN"] ||
        row.age() != at["ALDER"]) {
      continue;
    }
    const std::string& measure = at["MEASURE_TYPE"];
    if (measure == "municipalities") return {1, ""};
    if (measure == "declared" || measure == "approved") return {0, ""};
    const v1::FigureState state = row.states(0);
    if (state == v1::FIGURE_STATE_HIDDEN) return {std::nullopt, ":"};
    if (state == v1::FIGURE_STATE_MISSING)
      return {std::nullopt, row.missing_reason() == v1::MISSING_REASON_NOT_APPROVED ? "not_approved" : ".."};
    const std::string status = row.carried_forward()              ? "not_approved_last_release"
                               : state == v1::FIGURE_STATE_FORMER ? "as_last_release"
                                                                  : "";
    if (measure == "value") return {row.value(), status};
    if (measure == "denominator") return {row.amounts(0), status};
    if (measure == "yes") return {row.amounts(1), status};
    if (!row.has_lower()) return {std::nullopt, "no_interval"};
    return {measure == "lower" ? row.lower() : row.upper(), status};
  }
  return {std::nullopt, "not_in_table"};
}

// Every cell of a JSON-stat document against the table.
size_t CheckJsonStat(const std::string& body, const v1::ReleaseTable& table) {
  const Json json = Json::parse(body);
  std::vector<std::vector<std::string>> codes;
  size_t cells = 1;
  for (size_t d = 0; d < json["id"].size(); ++d) {
    const Json& index = json["dimension"][json["id"][d].get<std::string>()]["category"]["index"];
    auto& of = codes.emplace_back(index.size());
    for (const auto& [code, place] : index.items()) of[place.get<size_t>()] = code;
    EXPECT_EQ(json["size"][d], index.size());
    cells *= index.size();
  }
  EXPECT_EQ(json["value"].size(), cells);
  for (size_t i = 0; i < cells; ++i) {
    std::map<std::string, std::string> at;
    size_t rest = i;
    for (size_t d = codes.size(); d-- > 0; rest /= codes[d].size())
      at[json["id"][d]] = codes[d][rest % codes[d].size()];
    const Naive naive = Look(table, at);
    const Json& value = json["value"][i];
    EXPECT_EQ(value.is_null(), !naive.value) << i;
    if (naive.value && value.is_number()) {
      EXPECT_NEAR(value.get<double>(), *naive.value, 0.5 / std::pow(10, table.decimals()) + 1e-9);
    }
    EXPECT_EQ(json["status"].value(std::to_string(i), ""), naive.status);
  }
  return cells;
}

// The same numbers and statuses as the JSON-stat document, in the same order, and no more lines.
void CheckCsv(const std::string& csv, const Json& json) {
  std::istringstream lines(csv);
  std::string line;
  std::getline(lines, line);
  size_t cells = 0;
  for (; std::getline(lines, line); ++cells) {
    const Json& value = json["value"][cells];
    // Fields with commas are quoted; value, status and words are the last three.
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (const char c : line) {
      quoted = quoted != (c == '"');
      if (c == ',' && !quoted) {
        fields.emplace_back();
      } else if (c != '\r' && c != '"') {
        fields.back() += c;
      }
    }
    ASSERT_GE(fields.size(), 7u) << line;
    const std::string& number = fields[fields.size() - 3];
    EXPECT_EQ(number.empty(), value.is_null()) << line;
    if (!number.empty()) {
      EXPECT_DOUBLE_EQ(std::stod(number), value.get<double>()) << line;
    }
    const std::string status = json["status"].value(std::to_string(cells), "");
    EXPECT_EQ(fields[fields.size() - 2], status) << line;
    EXPECT_EQ(fields.back().empty(), status.empty()) << line;
  }
  EXPECT_EQ(cells, json["value"].size());
}

TEST(HttpApi, SaysWhatTheTableSaysWhateverIsAsked) {
  std::mt19937_64 random(5);
  size_t cells = 0;
  for (uint64_t seed = 0; seed < 12; ++seed) {
    PublishedFixture site;
    const v1::ReleaseTable table = PublishedFixture::RandomTable("occupancy", seed);
    site.Publish("care", {table});
    const Json dimensions = Json::parse(site.Get(std::string(kTable) + "/query").body)["dimensions"];
    for (int question = 0; question < 12; ++question) {
      Json body;
      std::string query = "?lang=en";
      for (const Json& dimension : dimensions) {
        const Json& all = dimension["values"];
        std::vector<std::string> some;
        for (const Json& code : all) {
          if (random() % 2 == 0) some.push_back(code);
        }
        if (some.empty()) some.push_back(all[random() % all.size()]);
        body["dimensions"].push_back({{"code", dimension["code"]}, {"filter", "item"}, {"values", some}});
        std::string list;
        for (const std::string& code : some) list += (list.empty() ? "" : ",") + PercentEncoded(code);
        query += "&" + dimension["code"].get<std::string>() + "=" + list;
      }
      const Response posted = site.Ask("POST", std::string(kTable) + "/data", body.dump());
      ASSERT_EQ(posted.status, 200) << posted.body;
      cells += CheckJsonStat(posted.body, table);
      const Response got = site.Get(std::string(kTable) + "/data" + query);
      ASSERT_EQ(got.status, 200) << got.body;
      EXPECT_EQ(Json::parse(got.body)["value"], Json::parse(posted.body)["value"]);
      CheckCsv(site.Get(std::string(kTable) + "/data.csv" + query).body, Json::parse(got.body));
    }
  }
  EXPECT_GT(cells, 3000u);
}

TEST(HttpApi, NotesAreOfTheCellsThatTheyAreAbout) {
  const Cube cube(PublishedFixture::RandomTable("occupancy", 1), 2024);
  v1::Definition definition;
  const auto note = [&](const std::string& area, const std::string& period, const std::string& text) {
    v1::Note& added = *definition.add_notes();
    added.set_area(area);
    added.set_period(period);
    added.mutable_text()->set_en(text);
  };
  note("", "", "of all");
  note("46", "2023", "a break in a county");
  note("4601", "", "a fault of one");
  note("46", "2011", "long ago");
  Selection all;
  for (const CubeDimension& dimension : cube.dimensions()) {
    all.emplace_back(dimension.categories.size());
    std::iota(all.back().begin(), all.back().end(), 0);
  }
  const v1::Release release;
  const Json json = Json::parse(JsonStat({&cube, &release, &definition, "", Language::kEnglish}, all));
  const Json& told = json["extension"]["cellNotes"];
  EXPECT_EQ(told["text"], Json({"a break in a county", "a fault of one"}));
  size_t at = 0;
  ForEachCell(all, [&](const std::vector<int>& places) {
    Json expected = Json::array();
    const auto code = [&](size_t d) {
      return cube.dimensions()[d].categories[static_cast<size_t>(places[d])].code;
    };
    if (code(0).substr(0, 2) == "46" && code(1) == "2023") expected.push_back(0);
    if (code(0) == "4601") expected.push_back(1);
    EXPECT_EQ(told["cell"].value(std::to_string(at), Json::array()), expected) << code(0) << " " << code(1);
    ++at;
  });
}

std::string LargeCase(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

TEST(HttpApi, UnderstandsExpressions) {
  PublishedFixture site;
  const auto table = PublishedFixture::RandomTable("occupancy", 1);
  site.Publish("care", {table});
  const auto codes = [&](const std::string& dimension, const std::string& expression) {
    const Response response =
        site.Get(fmt::format("{}/data?{}={}", kTable, dimension, PercentEncoded(expression)));
    const Json json = Json::parse(response.body);
    if (response.status != 200) return json["detail"].get<std::string>();
    std::string found;
    for (const auto& [code, place] : json["dimension"][LargeCase(dimension)]["category"]["index"].items())
      found += code + " ";
    return found;
  };
  EXPECT_EQ(codes("GEO", "46*"), "46 4601 4624 ");
  EXPECT_EQ(codes("GEO", "????"), "4601 4624 5001 ");
  EXPECT_EQ(codes("GEO", "46*,99*,0"), "0 46 4601 4624 ") << "another table may have what is like 99*";
  EXPECT_EQ(codes("GEO", "99*,98*"), "dimension GEO: no code is like '99*', '98*'");
  EXPECT_EQ(codes("geo", "0"), "0 ");
  EXPECT_EQ(codes("AAR", "top(1)"), "2024 ");
  EXPECT_EQ(codes("AAR", "bottom(1)"), "2023 ");
  EXPECT_EQ(codes("GEO", "top(2)"), "0 46 ");
  EXPECT_EQ(codes("GEO", "range(46,4624),0"), "0 46 4601 4624 ");
  EXPECT_EQ(codes("GEO", "from(50)"), "50 5001 ");
  EXPECT_EQ(codes("GEO", "to(46)"), "0 46 ");
  EXPECT_THAT(codes("GEO", "range(50,46)"), HasSubstr("ends before it begins"));
  EXPECT_THAT(codes("GEO", "9999"), HasSubstr("'9999' is none of its codes"));
  EXPECT_THAT(codes("GEO", "top(x)"), HasSubstr("whole number"));
  EXPECT_THAT(codes("GEO", "most(3)"), HasSubstr("no expression"));
  EXPECT_THAT(codes("PLACE", "1"), HasSubstr("no dimension 'PLACE'"));
}

TEST(HttpApi, NamesTheDimensionAndTheCodesOfAProblem) {
  PublishedFixture site;
  site.Publish("care", {PublishedFixture::RandomTable("occupancy", 1)});
  const auto problem = [&](const std::string& body) {
    const Response response = site.Ask("POST", std::string(kTable) + "/data", body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_EQ(response.content_type, "application/problem+json");
    return response.status == 400 ? Json::parse(response.body) : Json();
  };
  EXPECT_EQ(problem("{}")["status"], 400);
  problem("");
  problem("[1]");
  problem("{\"dimensions\":[1]}");
  problem("{\"dimensions\":[{\"code\":\"GEO\",\"filter\":\"bottom\",\"values\":[\"1\"]}]}");
  Json whole = Json::parse(site.Get(std::string(kTable) + "/query").body);
  Json body = whole;
  body["dimensions"].erase(1);
  EXPECT_EQ(problem(body.dump())["dimension"], "AAR");
  body = whole;
  body["dimensions"][0]["values"] = {"0", "1234"};
  EXPECT_EQ(problem(body.dump())["allowed"][2], "4601");
  body = whole;
  body["response"]["maxRowCount"] = 3;
  EXPECT_THAT(problem(body.dump())["detail"].get<std::string>(), HasSubstr("maxRowCount 3"));
  body["response"]["maxRowCount"] = 100'000;
  EXPECT_EQ(site.Ask("POST", std::string(kTable) + "/data", body.dump()).status, 200);
  body["response"]["format"] = "parquet";
  EXPECT_THAT(problem(body.dump())["allowed"].dump(), HasSubstr("csv3"));
}

TEST(HttpApi, KeepsNumbersAndPinsOfTablesOverReleases) {
  PublishedFixture site;
  site.Publish("zebra", {PublishedFixture::RandomTable("occupancy", 1)});
  site.Publish("care", {PublishedFixture::RandomTable("medication_review", 2)});
  const Response first = site.Get("/api/open/v1/kpr/table/2/data?GEO=*&release=1");
  const Response latest = site.Get("/api/open/v1/kpr/table/2/data?GEO=*");
  EXPECT_EQ(first.body, latest.body);
  EXPECT_THAT(PublishedFixture::HeaderOf(first, "Cache-Control"), HasSubstr("immutable"));
  EXPECT_THAT(PublishedFixture::HeaderOf(latest, "Cache-Control"), HasSubstr("max-age=60"));
  site.Publish("care", {PublishedFixture::RandomTable("assessed", 4),
                        PublishedFixture::RandomTable("medication_review", 3)});
  EXPECT_EQ(site.Get("/api/open/v1/kpr/table/2/data?GEO=*&release=1").body, first.body);
  EXPECT_NE(site.Get("/api/open/v1/kpr/table/2/data?GEO=*").body, latest.body);
  const Json tables = Json::parse(site.Get("/API/Open/v1/KPR/Table").body);
  ASSERT_EQ(tables.size(), 3u);
  EXPECT_EQ(tables[1]["tableId"], 2);
  EXPECT_TRUE(tables[0]["modifiedAt"].is_null());
  EXPECT_FALSE(tables[1]["modifiedAt"].is_null());
  EXPECT_EQ(Json::parse(site.Get("/api/open/v1/kpr/table?modifiedAfter=2023-11-16").body).size(), 2u);
  EXPECT_EQ(site.Get("/api/open/v1/kpr/table?modifiedAfter=soon").status, 400);
  EXPECT_EQ(site.Get("/api/open/v1/kpr/table/2/data?release=7").status, 404);
  EXPECT_EQ(site.Get("/api/open/v1/other/table").status, 404);
}

TEST(HttpApi, AnswersWhoHasItAlreadyWithoutABody) {
  PublishedFixture site;
  site.Publish("care", {PublishedFixture::RandomTable("occupancy", 1)});
  const std::string target = std::string(kTable) + "/data?GEO=*";
  const Response plain = site.Get(target), packed = site.Ask("GET", target, "", "", "gzip, br;q=0.5");
  EXPECT_EQ(PublishedFixture::HeaderOf(packed, "Content-Encoding"), "br");
  EXPECT_LT(packed.body.size(), plain.body.size());
  EXPECT_EQ(PublishedFixture::HeaderOf(site.Ask("GET", target, "", "", "br;q=0, gzip"), "Content-Encoding"),
            "gzip");
  const std::string etag = PublishedFixture::HeaderOf(plain, "ETag");
  EXPECT_NE(PublishedFixture::HeaderOf(packed, "ETag"), etag);
  EXPECT_EQ(site.Ask("GET", target, "", etag).status, 304);
  EXPECT_EQ(site.Ask("GET", target, "", etag).body, "");
  EXPECT_EQ(site.Ask("GET", target, "", "\"other\"").status, 200);
  EXPECT_EQ(site.Ask("OPTIONS", target, "").status, 204);
  EXPECT_EQ(site.Ask("DELETE", target, "").status, 405);
  EXPECT_THAT(PublishedFixture::HeaderOf(site.Ask("DELETE", target, ""), "Allow"), HasSubstr("POST"));
}

TEST(HttpApi, SavesAQueryAsItsOwnAddress) {
  PublishedFixture site;
  site.Publish("care", {PublishedFixture::RandomTable("occupancy", 1)});
  const Json query{{"tableId", "care.occupancy"},
                   {"selection", {{{"variableCode", "AAR"}, {"valueCodes", {"top(1)"}}}}}};
  const Response saved = site.Ask("POST", "/api/pxweb/v2/savedqueries", query.dump());
  ASSERT_EQ(saved.status, 201) << saved.body;
  const std::string href = Json::parse(saved.body)["href"];
  EXPECT_EQ(site.Get(href + "/data").body,
            site.Get("/api/pxweb/v2/tables/1/data?valueCodes[AAR]=top(1)").body);
  EXPECT_EQ(Json::parse(site.Get(href + "/selection").body)["selection"][1]["valueCodes"][0], "2024");
  EXPECT_EQ(site.Get("/api/pxweb/v2/savedqueries/7b7d/data").status, 404);
  EXPECT_EQ(site.Get("/api/pxweb/v2/savedqueries/zz").status, 404);
  EXPECT_EQ(site.Ask("POST", "/api/pxweb/v2/savedqueries", "{\"tableId\":\"none\",\"selection\":[]}").status,
            400);
}

TEST(HttpApi, TellsWhatAReleaseRevised) {
  PublishedFixture site;
  site.Publish("care", {PublishedFixture::RandomTable("occupancy", 1)});
  v1::RevisionRecord record;
  v1::FigureRevision* revision = record.add_revisions();
  revision->set_indicator("occupancy");
  revision->set_area("4601");
  revision->set_old_value(1.5);
  revision->set_cause(v1::FigureRevision::CAUSE_EVENTS);
  site.Publish("care", {PublishedFixture::RandomTable("occupancy", 2)}, record);
  const Json last = Json::parse(site.Get("/api/open/v1/kpr/revision?table=1&area=4601").body);
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0]["revisions"][0]["cause"], "events");
  EXPECT_TRUE(last[0]["revisions"][0]["newValue"].is_null());
  EXPECT_EQ(Json::parse(site.Get("/api/open/v1/kpr/revision?includeHistory=true").body).size(), 2u);
  EXPECT_EQ(Json::parse(site.Get("/api/open/v1/kpr/revision?updatedAfter=2024-01-01").body).size(), 0u);
  EXPECT_THAT(site.Get("/api/open/v1/kpr/feed?lang=en").body, HasSubstr("1 revised figures; events: 1"));
}

// Each route is described, and each description leads to it.
TEST(HttpApi, DescribesEveryRoute) {
  PublishedFixture site;
  site.Publish("care", {PublishedFixture::RandomTable("occupancy", 1)});
  const Json document = Json::parse(site.Get("/openapi.json").body);
  std::set<std::string> ids;
  for (const auto& [path, operations] : document["paths"].items()) {
    for (const auto& [method, operation] : operations.items())
      EXPECT_TRUE(ids.insert(operation["operationId"]).second) << path;
  }
  for (const Route& route : site.router().routes()) {
    const bool page = route.path == "/" || route.path.starts_with("/assets") ||
                      route.path == "/openapi.json" || route.path == "/borders.json" ||
                      route.path == "/health";
    EXPECT_EQ(ids.contains(route.id), !page) << route.path;
    std::string path = route.path;
    for (const Parameter& parameter : route.parameters) {
      if (parameter.in != Parameter::In::kPath) continue;
      for (const std::string& name : {"{" + parameter.name + "}", "{" + parameter.name + "...}"}) {
        if (const size_t at = path.find(name); at != std::string::npos)
          path.replace(at, name.size(), parameter.example);
      }
    }
    if (route.method != "GET" || page) continue;
    EXPECT_EQ(path.find('{'), std::string::npos) << path;
    const int status = site.Get(path).status;
    EXPECT_TRUE(status == 200 || path.find("savedqueries") != std::string::npos) << path << " " << status;
  }
}

TEST(PxWebApi, HasCodeListsOfAreasSizeGroupsAndThemes) {
  PublishedFixture site;
  const auto list = [&](const std::string& id) {
    return Json::parse(site.Get("/api/pxweb/v2/codelists/" + id + "?lang=en").body)["values"];
  };
  EXPECT_EQ(list("vs_counties_2024").size(), 15u);
  EXPECT_EQ(list("vs_municipalities_2024").size(), 357u);
  EXPECT_EQ(list("vs_size_groups").size(), 6u);
  EXPECT_EQ(list("vs_size_groups")[1]["label"], "< 2000 inhabitants");
  // Each theme that a definition can have, under the name that /indicator gives.
  std::set<std::string> themes;
  for (const Json& theme : list("vs_themes")) themes.insert(theme["code"].get<std::string>());
  EXPECT_EQ(themes.size(), static_cast<size_t>(v1::Theme_MAX));
  for (int theme = 1; theme <= v1::Theme_MAX; ++theme)
    EXPECT_TRUE(themes.contains(LowerCase(v1::Theme_Name(theme)).substr(sizeof("theme_") - 1))) << theme;
  EXPECT_EQ(site.Get("/api/pxweb/v2/codelists/vs_nothing").status, 404);
}

}  // namespace
}  // namespace kpr::http

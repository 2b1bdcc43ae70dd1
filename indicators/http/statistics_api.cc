#include "indicators/http/statistics_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/date.h"
#include "base/text.h"
#include "indicators/http/data.h"

namespace kpr::http {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSource = "kpr";

// Wraps a handler of what belongs to a source.
std::function<Response(const Call&)> OfSource(std::function<Response(const Call&)> handle) {
  return [handle = std::move(handle)](const Call& call) {
    if (LowerCase(call.path.at("source")) != kSource)
      return NotFoundProblem(
          fmt::format("there is no source '{}'; the one here is 'kpr'", call.path.at("source")));
    return handle(call);
  };
}

Response Sources(const Call& call) {
  const bool nb = call.language == Language::kNorwegian;
  const Json source{
      {"id", kSource},
      {"title", nb ? "Kommunalt pasient- og brukerregister" : "Register of municipal care services"},
      {"description", nb ? "Kvalitetsindikatorer for kommunale helse- og omsorgstjenester"
                         : "Quality indicators of municipal health and care services"},
      {"aboutUrl", "/about"},
      {"publishedBy", "kpr"}};
  return JsonResponse(Json::array({source}).dump());
}

Json TableJson(const TableEntry& entry, Language language) {
  Json json;
  json["tableId"] = entry.id;
  json["title"] = In(entry.title, language);
  json["publishedAt"] = TimeText(*entry.releases.front());
  json["modifiedAt"] = entry.releases.size() > 1 ? Json(TimeText(entry.last())) : Json(nullptr);
  return json;
}

Response Tables(const Call& call) {
  const std::string after = call.target.Get("modifiedAfter");
  if (!after.empty() && !Date::Parse(after.substr(0, 10)))
    return ToResponse(Problem{400, "modifiedAfter is no date or time, such as 2026-06-14", {}, {}});
  Json tables = Json::array();
  for (const TableEntry& entry : call.published->tables) {
    // Of equal form, so times compare as text.
    if (!after.empty() && TimeText(entry.last()) < after) continue;
    tables.push_back(TableJson(entry, call.language));
  }
  return JsonResponse(tables.dump());
}

Response OneTable(const Call& call) {
  const TableEntry* entry = call.published->Find(call.path.at("id"));
  if (entry == nullptr)
    return NotFoundProblem(
        fmt::format("there is no table '{}'; the list of tables has all", call.path.at("id")));
  return JsonResponse(TableJson(*entry, call.language).dump());
}

// What to send to /data for all of the table.
Response Query(const Call& call) {
  ChosenTable chosen;
  Response response;
  if (!FindTable(call, &chosen, &response)) return response;
  Json json;
  for (const CubeDimension& dimension : chosen.cube->dimensions()) {
    Json values = Json::array();
    for (const Category& category : dimension.categories) values.push_back(category.code);
    json["dimensions"].push_back(
        Json{{"code", dimension.code}, {"filter", "item"}, {"values", std::move(values)}});
  }
  json["response"] = {{"format", "json-stat2"}, {"maxRowCount", 50000}};
  response = JsonResponse(json.dump());
  response.pinned = chosen.pinned;
  return response;
}

Json Tree(const CubeDimension& dimension, int parent, Language language) {
  Json children = Json::array();
  for (size_t i = 0; i < dimension.categories.size(); ++i) {
    const Category& category = dimension.categories[i];
    if (category.parent != parent) continue;
    Json node{{"label", In(category.label, language)}, {"value", category.code}};
    node["children"] = Tree(dimension, static_cast<int>(i), language);
    children.push_back(std::move(node));
  }
  return children;
}

Response Dimensions(const Call& call) {
  ChosenTable chosen;
  Response response;
  if (!FindTable(call, &chosen, &response)) return response;
  Json json;
  for (const CubeDimension& dimension : chosen.cube->dimensions()) {
    json["dimensions"].push_back(Json{{"code", dimension.code},
                                      {"label", In(dimension.label, call.language)},
                                      {"categories", Tree(dimension, -1, call.language)}});
  }
  response = JsonResponse(json.dump());
  response.pinned = chosen.pinned;
  return response;
}

Response FlagList(const Call& call) {
  ChosenTable chosen;
  Response response;
  if (!FindTable(call, &chosen, &response)) return response;
  Json json = Json::array();
  for (const Flag& flag : Flags()) {
    json.push_back(
        Json{{"title", flag.code}, {"text", call.language == Language::kNorwegian ? flag.nb : flag.en}});
  }
  return JsonResponse(json.dump());
}

Response Metadata(const Call& call) {
  ChosenTable chosen;
  Response response;
  if (!FindTable(call, &chosen, &response)) return response;
  const bool nb = call.language == Language::kNorwegian;
  Json json{{"name", In(chosen.cube->table().title(), call.language)}, {"isOfficialStatistics", false}};
  json["paragraphs"] = Json::array();
  const auto add = [&](const char* nb_header, const char* en_header, const std::string& text) {
    if (text.empty()) return;
    json["paragraphs"].push_back(
        Json{{"header", nb ? nb_header : en_header}, {"content", "<p>" + EscapeHtml(text) + "</p>"}});
  };
  if (const auto definition = call.library->DefinitionOf(chosen.cube->table())) {
    add("Beskrivelse", "Description", In(definition->description(), call.language));
    for (const v1::Note& note : definition->notes()) add("Merknad", "Note", In(note.text(), call.language));
    add("Kilde", "Source", In(definition->source(), call.language));
  }
  add("Personvern", "Protection of persons",
      nb ? "Tall som kan si noe om enkeltpersoner, er skjult. Hvilke som er skjult for sin egen del, og "
           "hvilke som "
           "skjuler andre, sies ikke."
         : "Figures that could say something about single persons are hidden. Which are hidden for their own "
           "sake and "
           "which protect others is not told.");
  add("Utgivelse", "Release",
      fmt::format("{} {}, {}", chosen.release->series(), chosen.release->number(),
                  TimeText(*chosen.release)));
  response = JsonResponse(json.dump());
  return response;
}

bool ReadFilter(const nlohmann::json& json, Filter* filter, std::string* fault) {
  if (!json.is_object() || !json.contains("code") || !json["code"].is_string()) {
    *fault = "each of 'dimensions' is an object with code, filter and values";
    return false;
  }
  filter->dimension = json["code"].get<std::string>();
  const std::string kind = json.contains("filter") && json["filter"].is_string()
                               ? LowerCase(json["filter"].get<std::string>())
                               : "";
  if (kind != "item" && kind != "top" && kind != "all") {
    *fault = fmt::format("dimension {}: 'filter' is item, top or all", filter->dimension);
    return false;
  }
  filter->kind = kind == "item"  ? Filter::Kind::kItem
                 : kind == "top" ? Filter::Kind::kTop
                                 : Filter::Kind::kAll;
  if (!json.contains("values") || !json["values"].is_array()) {
    *fault = fmt::format("dimension {}: 'values' is a list", filter->dimension);
    return false;
  }
  for (const auto& value : json["values"]) {
    if (!value.is_string() && !value.is_number_integer()) {
      *fault = fmt::format("dimension {}: a value is no text", filter->dimension);
      return false;
    }
    filter->values.push_back(value.is_string() ? value.get<std::string>() : value.dump());
  }
  return true;
}

Response BodyFault(const std::string& what) {
  return ToResponse(Problem{400, what + "; GET the table's /query for an example", {}, {}});
}

Response PostData(const Call& call) {
  const nlohmann::json json = ReadBody(call.request->body);
  if (!json.is_object()) return BodyFault("the body is no JSON object");
  if (!json.contains("dimensions") || !json["dimensions"].is_array())
    return BodyFault("'dimensions' is missing, a list with a filter for each dimension");
  DataQuestion question;
  question.every = true;
  for (const auto& of : json["dimensions"]) {
    std::string fault;
    if (!ReadFilter(of, &question.filters.emplace_back(), &fault)) return BodyFault(fault);
  }
  if (json.contains("response")) {
    const auto& response = json["response"];
    if (!response.is_object()) return BodyFault("'response' is an object with format and maxRowCount");
    if (response.contains("format")) {
      if (!response["format"].is_string()) return BodyFault("'response.format' is a text");
      question.format = response["format"].get<std::string>();
    }
    if (response.contains("maxRowCount") && !response["maxRowCount"].is_null()) {
      if (!response["maxRowCount"].is_number_unsigned())
        return BodyFault("'response.maxRowCount' is a whole number from 0");
      question.most_cells = response["maxRowCount"].get<int64_t>();
    }
  }
  return AnswerData(call, question);
}

Response GetData(const Call& call, const std::string& suffix) {
  DataQuestion question;
  for (const auto& [name, value] : call.target.query) {
    if (name == "lang" || name == "release") continue;
    if (name == "format") {
      question.format = value;
    } else {
      question.filters.push_back({name, Filter::Kind::kExpressions, SplitExpressions(value)});
    }
  }
  if (!suffix.empty()) question.format = suffix;
  return AnswerData(call, question);
}

Parameter InPath(const char* name, const char* description, const char* example) {
  return {name, Parameter::In::kPath, description, {}, example};
}

constexpr const char* kTable = "/api/open/v1/{source}/table/{id}";

Parameter SourceParameter() {
  return InPath("source", "Always kpr.", "kpr");
}

std::vector<Parameter> TableParameters() {
  return {SourceParameter(), InPath("id", "The table's number, or its name such as care.occupancy.", "1"),
          ReleaseParameter(), LanguageParameter()};
}

// What a table is.
std::vector<Route> TableRoutes() {
  const Parameter after{"modifiedAfter",
                        Parameter::In::kQuery,
                        "Tables released on or after this day or time.",
                        {},
                        "2024-01-01"};
  const std::string table = kTable;
  const std::vector<Parameter> common = TableParameters();
  const std::vector<std::string> json{"application/json"};
  const auto get = [&](const std::string& path, const char* id, const char* summary,
                       const std::vector<Parameter>& parameters,
                       std::function<Response(const Call&)> handle) {
    return Route{"GET", path, id, summary, parameters, "", json, std::move(handle)};
  };
  return {
      get("/api/open/v1/Common/source", "listSources", "Sources of tables", {LanguageParameter()}, Sources),
      get("/api/open/v1/{source}/table", "listTables", "Tables of a source",
          {SourceParameter(), after, LanguageParameter()}, OfSource(Tables)),
      get(table, "getTable", "One table", {common[0], common[1], common[3]}, OfSource(OneTable)),
      get(table + "/query", "getQuery", "What to send to /data for all of the table", common,
          OfSource(Query)),
      get(table + "/dimension", "getDimensions", "Dimensions with their codes, as trees", common,
          OfSource(Dimensions)),
      get(table + "/flag", "getFlags", "What the statuses of cells mean", common, OfSource(FlagList)),
      get(table + "/metadata", "getMetadata", "What the table is about", common, OfSource(Metadata)),
  };
}

// What is in it.
std::vector<Route> DataRoutes() {
  const Parameter filters{
      "valueCodes",
      Parameter::In::kQuery,
      "A parameter for each dimension, by its code: codes, patterns with * and ?, top(n), bottom(n), "
      "from(x), to(x), range(a,b), parted by commas.",
      {},
      ""};
  std::vector<Parameter> asked = TableParameters(), suffixed = asked;
  asked.push_back({"format", Parameter::In::kQuery, "Of the answer.", Formats(), "csv"});
  asked.push_back(filters);
  suffixed.push_back(filters);
  const std::string data = std::string(kTable) + "/data";
  const auto as = [](const char* format) {
    return OfSource([format](const Call& call) { return GetData(call, format); });
  };
  return {
      {"POST", data, "postData", "Cells, each dimension filtered", TableParameters(), "DataRequest",
       ContentTypes(), OfSource(PostData)},
      {"GET", data, "getData", "Cells by expressions; dimensions that are not named give their total", asked,
       "", ContentTypes(), as("")},
      {"GET",
       data + ".csv",
       "getDataCsv",
       "The same as CSV with codes and labels",
       suffixed,
       "",
       {"text/csv"},
       as("csv")},
      {"GET",
       data + ".json",
       "getDataJson",
       "The same as JSON-stat 2",
       suffixed,
       "",
       {"application/json"},
       as("json-stat2")},
      {"GET",
       data + ".svg",
       "getDataSvg",
       "The same as a picture: lines over time, or rows in one period, of one measure",
       suffixed,
       "",
       {"image/svg+xml"},
       as("svg")},
  };
}

}  // namespace

std::vector<Route> StatisticsApi() {
  std::vector<Route> routes = TableRoutes();
  for (const Route& route : DataRoutes()) routes.push_back(route);
  return routes;
}

}  // namespace kpr::http

#include "indicators/http/saved_query.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "base/limits.h"

namespace kpr::http {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

bool ReadSelection(const nlohmann::json& json, std::vector<Filter>* filters, std::string* fault) {
  *fault = "'selection' is a list of objects with variableCode and valueCodes";
  if (!json.is_object() || !json.contains("selection") || !json["selection"].is_array()) return false;
  for (const auto& of : json["selection"]) {
    if (!of.is_object() || !of.contains("variableCode") || !of["variableCode"].is_string() ||
        !of.contains("valueCodes") || !of["valueCodes"].is_array()) {
      return false;
    }
    Filter filter{of["variableCode"].get<std::string>(), Filter::Kind::kExpressions, {}};
    for (const auto& value : of["valueCodes"]) {
      if (!value.is_string()) return false;
      filter.values.push_back(value.get<std::string>());
    }
    // An empty list is the default selection.
    if (!filter.values.empty()) filters->push_back(std::move(filter));
  }
  return true;
}

std::string FormatOf(const Call& call) {
  return call.target.Has("outputFormat") ? call.target.Get("outputFormat") : "json-stat2";
}

Json SelectionJson(const Cube& cube, const Selection& selection) {
  Json json;
  for (size_t d = 0; d < selection.size(); ++d) {
    Json codes = Json::array();
    for (const int place : selection[d])
      codes.push_back(cube.dimensions()[d].categories[static_cast<size_t>(place)].code);
    json["selection"].push_back(
        Json{{"variableCode", cube.dimensions()[d].code}, {"valueCodes", std::move(codes)}});
  }
  return json;
}

namespace {

Json QueryJson(const std::string& table, const std::vector<Filter>& filters) {
  Json json{{"tableId", table}, {"selection", Json::array()}};
  for (const Filter& filter : filters)
    json["selection"].push_back(Json{{"variableCode", filter.dimension}, {"valueCodes", filter.values}});
  return json;
}

// The question itself is the id, made of what was understood of it.
Response SaveQuery(const Call& call) {
  const nlohmann::json json = ReadBody(call.request->body);
  std::vector<Filter> filters;
  std::string fault = "'tableId' is missing";
  if (!json.is_object() || !json.contains("tableId") || !json["tableId"].is_string() ||
      call.published->Find(json["tableId"].get<std::string>()) == nullptr ||
      !ReadSelection(json, &filters, &fault)) {
    return ToResponse(Problem{400, fault, {}, {}});
  }
  const std::string id = ToHex(QueryJson(json["tableId"].get<std::string>(), filters).dump());
  if (id.size() > limits::kHttpHeaderBytes / 2)
    return ToResponse(Problem{400, "the query is too long to save; use patterns and expressions", {}, {}});
  Response response = JsonResponse(Json{{"id", id}, {"href", "/api/pxweb/v2/savedqueries/" + id}}.dump());
  response.status = 201;
  response.headers.emplace_back("Location", "/api/pxweb/v2/savedqueries/" + id);
  return response;
}

bool ReadSaved(Call* call, std::vector<Filter>* filters, Response* problem) {
  const nlohmann::json json = ReadBody(FromHex(call->path.at("id")).value_or(""));
  std::string fault;
  if (!json.is_object() || !json.contains("tableId") || !json["tableId"].is_string() ||
      !ReadSelection(json, filters, &fault)) {
    *problem = NotFoundProblem("there is no such saved query");
    return false;
  }
  call->path["id"] = json["tableId"].get<std::string>();
  return true;
}

Response GetSaved(const Call& call) {
  Call of = call;
  std::vector<Filter> filters;
  Response problem;
  if (!ReadSaved(&of, &filters, &problem)) return problem;
  Json json = QueryJson(of.path.at("id"), filters);
  json["id"] = call.path.at("id");
  return JsonResponse(json.dump());
}

Response SavedData(const Call& call) {
  Call of = call;
  DataQuestion question;
  question.format = FormatOf(call);
  Response problem;
  if (!ReadSaved(&of, &question.filters, &problem)) return problem;
  return AnswerData(of, question);
}

// As codes of today.
Response SavedSelection(const Call& call) {
  Call of = call;
  std::vector<Filter> filters;
  Response response;
  ChosenTable chosen;
  if (!ReadSaved(&of, &filters, &response) || !FindTable(of, &chosen, &response)) return response;
  Selection selection;
  Problem problem;
  if (!Select(*chosen.cube, filters, false, &selection, &problem)) return ToResponse(problem);
  return JsonResponse(SelectionJson(*chosen.cube, selection).dump());
}

}  // namespace

std::vector<Route> SavedQueries() {
  const std::string base = "/api/pxweb/v2";
  const Parameter saved{"id", Parameter::In::kPath, "As the query was saved.", {}, "7b7d"};
  const Parameter format{"outputFormat", Parameter::In::kQuery, "Of the answer.", Formats(), "csv"};
  const Parameter lang = LanguageParameter();
  const std::vector<std::string> json{"application/json"};
  const std::vector<std::string>& data = ContentTypes();
  return {
      {"POST",
       base + "/savedqueries",
       "pxSaveQuery",
       "An address for a query",
       {lang},
       "PxSavedQuery",
       json,
       SaveQuery},
      {"GET",
       base + "/savedqueries/{id}",
       "pxSavedQuery",
       "A saved query",
       {saved, lang},
       "",
       json,
       GetSaved},
      {"GET",
       base + "/savedqueries/{id}/data",
       "pxSavedData",
       "What it gives today",
       {saved, format, lang},
       "",
       data,
       SavedData},
      {"GET",
       base + "/savedqueries/{id}/selection",
       "pxSavedSelection",
       "Its codes of today",
       {saved, lang},
       "",
       json,
       SavedSelection},
  };
}

}  // namespace kpr::http

#include "indicators/http/open_api.h"

#include <nlohmann/json.hpp>

namespace kpr::http {
namespace {

using Json = nlohmann::ordered_json;

Json ParameterJson(const Parameter& parameter) {
  Json json{{"name", parameter.name},
            {"in", parameter.in == Parameter::In::kPath ? "path" : "query"},
            {"required", parameter.in == Parameter::In::kPath},
            {"description", parameter.description}};
  if (parameter.name == "valueCodes") {
    // Names of dimensions are the table's: any further parameter.
    json["schema"] = {{"type", "object"}, {"additionalProperties", {{"type", "string"}}}};
    json["style"] = "form";
    json["explode"] = true;
    json["example"] = {{"GEO", "0"}, {"AAR", "top(3)"}};
    return json;
  }
  json["schema"] = {{"type", "string"}};
  if (!parameter.values.empty()) json["schema"]["enum"] = parameter.values;
  if (!parameter.example.empty()) json["example"] = parameter.example;
  return json;
}

Json Schemas() {
  const Json text{{"type", "string"}};
  const Json texts{{"type", "array"}, {"items", text}};
  Json schemas;
  schemas["Problem"] = {{"type", "object"},
                        {"required", Json::array({"type", "title", "status", "detail"})},
                        {"properties",
                         {{"type", text},
                          {"title", text},
                          {"status", {{"type", "integer"}}},
                          {"detail", text},
                          {"dimension", text},
                          {"allowed", texts},
                          {"allowedInAll", {{"type", "integer"}}}}}};
  schemas["Filter"] = {{"type", "object"},
                       {"required", Json::array({"code", "filter", "values"})},
                       {"properties",
                        {{"code", text},
                         {"filter", {{"type", "string"}, {"enum", Json::array({"item", "top", "all"})}}},
                         {"values", texts}}}};
  schemas["DataRequest"] = {
      {"type", "object"},
      {"required", Json::array({"dimensions"})},
      {"properties",
       {{"dimensions", {{"type", "array"}, {"items", {{"$ref", "#/components/schemas/Filter"}}}}},
        {"response",
         {{"type", "object"},
          {"properties", {{"format", text}, {"maxRowCount", {{"type", "integer"}, {"minimum", 0}}}}}}}}}};
  const Json selection{{"type", "array"},
                       {"items",
                        {{"type", "object"},
                         {"required", Json::array({"variableCode", "valueCodes"})},
                         {"properties", {{"variableCode", text}, {"valueCodes", texts}}}}}};
  schemas["PxSelection"] = {{"type", "object"},
                            {"required", Json::array({"selection"})},
                            {"properties", {{"selection", selection}}}};
  schemas["PxSavedQuery"] = {{"type", "object"},
                             {"required", Json::array({"tableId", "selection"})},
                             {"properties", {{"tableId", text}, {"selection", selection}}}};
  return schemas;
}

Json OperationOf(const Route& route) {
  Json operation{{"operationId", route.id}, {"summary", route.summary}};
  operation["tags"] = Json::array({route.path.starts_with("/api/pxweb") ? "PxWebApi 2" : "Statistics"});
  for (const Parameter& parameter : route.parameters)
    operation["parameters"].push_back(ParameterJson(parameter));
  if (!route.body.empty()) {
    operation["requestBody"] = {
        {"required", true},
        {"content", {{"application/json", {{"schema", {{"$ref", "#/components/schemas/" + route.body}}}}}}}};
  }
  Json content;
  for (const std::string& type : route.content_types) content[type] = Json::object();
  operation["responses"][route.id == "pxSaveQuery" ? "201" : "200"] = {{"description", "The answer."},
                                                                       {"content", std::move(content)}};
  const Json problem{{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}};
  const auto add = [&](const char* status, const char* description) {
    operation["responses"][status] = {{"description", description}, {"content", problem}};
  };
  add("400", "Something about the request is wrong; the detail says what.");
  add("404", "There is no such table, release or file.");
  add("413", "The body is too large.");
  add("503", "The data cannot be read now.");
  return operation;
}

}  // namespace

std::string OpenApi(const std::vector<Route>& routes, const std::string& version) {
  Json json{{"openapi", "3.1.0"}};
  json["info"] = {
      {"title", "kpr statistics"},
      {"version", version},
      {"description",
       "Published quality indicators of municipal health and care services. Everything here is public; no "
       "login."},
      {"license", {{"name", "NLOD 2.0"}, {"url", "https://data.norge.no/nlod/no/2.0"}}}};
  json["servers"] = Json::array({Json{{"url", "/"}}});
  json["security"] = Json::array();
  json["tags"] = Json::array(
      {Json{{"name", "Statistics"}, {"description", "Tables, releases and revisions."}},
       Json{{"name", "PxWebApi 2"}, {"description", "The same tables for clients of statistics offices."}}});
  for (const Route& route : routes) {
    std::string path = route.path, method = LowerCase(route.method);
    if (const size_t dots = path.find("...}"); dots != std::string::npos) path.erase(dots, 3);
    json["paths"][path][method] = OperationOf(route);
  }
  json["components"]["schemas"] = Schemas();
  return json.dump(2);
}

}  // namespace kpr::http

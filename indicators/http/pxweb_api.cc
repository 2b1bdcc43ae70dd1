#include "indicators/http/pxweb_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/limits.h"
#include "indicators/geography/structure.h"
#include "indicators/http/data.h"
#include "indicators/http/saved_query.h"
#include "indicators/query/area.h"

namespace kpr::http {
namespace {

using Json = nlohmann::ordered_json;

const char* PxCode(Language language) {
  return language == Language::kEnglish ? "en" : "nb";
}

Response PxConfig(const Call&) {
  Json json;
  json["apiVersion"] = "2.0.0";
  json["languages"] =
      Json::array({Json{{"id", "nb"}, {"label", "Norsk"}}, Json{{"id", "en"}, {"label", "English"}}});
  json["defaultLanguage"] = "nb";
  json["maxDataCells"] = limits::kPublishedCells;
  json["maxCallsPerTimeWindow"] = 3000;  // as deploy/nginx/public.conf has it
  json["timeWindow"] = 60;
  json["license"] = "https://data.norge.no/nlod/no/2.0";
  json["defaultDataFormat"] = "json-stat2";
  json["dataFormats"] = Formats();
  json["features"] = Json::array();
  return JsonResponse(json.dump());
}

Json PxTableJson(const Call& call, const TableEntry& entry, const Cube& cube) {
  Json json;
  json["type"] = "Table";
  json["id"] = entry.name();
  json["label"] = In(entry.title, call.language);
  json["updated"] = TimeText(entry.last());
  const auto& periods = cube.dimensions()[1].categories;
  json["firstPeriod"] = periods.front().code;
  json["lastPeriod"] = periods.back().code;
  json["category"] = "public";
  json["discontinued"] = false;
  for (const CubeDimension& dimension : cube.dimensions())
    json["variableNames"].push_back(In(dimension.label, call.language));
  const std::string at = "/api/pxweb/v2/tables/" + entry.name();
  const auto link = [&](const char* rel, const std::string& href) {
    json["links"].push_back(Json{{"rel", rel}, {"hreflang", PxCode(call.language)}, {"href", href}});
  };
  link("self", at);
  link("metadata", at + "/metadata");
  link("data", at + "/data");
  return json;
}

// A whole number of the query, or the fallback; false where it is none.
bool PxNumber(const Call& call, const char* name, size_t fallback, size_t* number) {
  *number = fallback;
  if (!call.target.Has(name)) return true;
  const std::string text = call.target.Get(name);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size() && *number >= 1 && *number <= 10'000;
}

Response PxTables(const Call& call) {
  size_t page = 1, size = 1;
  if (!PxNumber(call, "pageNumber", 1, &page) || !PxNumber(call, "pageSize", 100, &size))
    return ToResponse(Problem{400, "pageNumber and pageSize are whole numbers from 1 to 10000", {}, {}});
  const std::string query = LowerCase(call.target.Get("query"));
  std::vector<const TableEntry*> found;
  for (const TableEntry& entry : call.published->tables) {
    const std::string words = LowerCase(entry.name() + " " + entry.title.nb() + " " + entry.title.en());
    if (words.find(query) != std::string::npos) found.push_back(&entry);
  }
  Json json;
  json["language"] = PxCode(call.language);
  json["tables"] = Json::array();
  for (size_t i = (page - 1) * size; i < std::min(found.size(), page * size); ++i) {
    auto cube = call.library->ReadCube(found[i]->last(), found[i]->indicator);
    if (!cube.ok()) return ToResponse(cube.status());
    json["tables"].push_back(PxTableJson(call, *found[i], **cube));
  }
  json["page"] = {{"pageNumber", page},
                  {"pageSize", size},
                  {"totalElements", found.size()},
                  {"totalPages", (found.size() + size - 1) / size}};
  json["links"] = Json::array();
  return JsonResponse(json.dump());
}

Response PxOneTable(const Call& call) {
  ChosenTable chosen;
  Response response;
  if (!FindTable(call, &chosen, &response)) return response;
  return JsonResponse(PxTableJson(call, *chosen.entry, *chosen.cube).dump());
}

std::string ListLabel(bool counties, int year, Language language) {
  const bool nb = language == Language::kNorwegian;
  return fmt::format("{} {}", counties ? (nb ? "Fylker" : "Counties") : (nb ? "Kommuner" : "Municipalities"),
                     year);
}

// The data document without its cells.
Response PxMetadata(const Call& call) {
  ChosenTable chosen;
  Response response;
  if (!FindTable(call, &chosen, &response)) return response;
  Document document = DocumentOf(call, chosen);
  const auto definition = call.library->DefinitionOf(chosen.cube->table());
  document.definition = definition.get();
  Json json = JsonStatHead(document, Everything(*chosen.cube));
  for (const CubeDimension& dimension : chosen.cube->dimensions()) {
    const bool total =
        dimension.role == CubeDimension::Role::kGeo || dimension.role == CubeDimension::Role::kClassification;
    Json& extension = json["dimension"][dimension.code]["extension"];
    extension["elimination"] = total;
    if (total) extension["eliminationValueCode"] = dimension.categories.front().code;
    extension["codelists"] = Json::array();
    if (dimension.role == CubeDimension::Role::kGeo) {
      const auto year = chosen.release->structure_year();
      for (const char* level : {"municipalities", "counties"}) {
        extension["codelists"].push_back(Json{
            {"id", fmt::format("vs_{}_{}", level, year)},
            {"label", ListLabel(level == std::string("counties"), static_cast<int>(year), call.language)},
            {"type", "Valueset"}});
      }
    }
  }
  response = JsonResponse(json.dump());
  return response;
}

// Code and label, in the order of the list.
using Values = std::vector<std::pair<std::string, v1::Text>>;

Response ListOf(const std::string& id, const std::string& label, const Values& values, Language language) {
  Json json{{"id", id}, {"label", label}, {"language", PxCode(language)}, {"type", "Valueset"}};
  for (const auto& [code, text] : values)
    json["values"].push_back(Json{{"code", code}, {"label", In(text, language)}});
  json["links"] = Json::array();
  return JsonResponse(json.dump());
}

Values SizeGroupValues() {
  Values values;
  for (uint32_t group = 0; group <= static_cast<uint32_t>(SizeGroups()); ++group)
    values.emplace_back(AreaCode(v1::LEVEL_SIZE_GROUP, group), AreaName(v1::LEVEL_SIZE_GROUP, group, {}));
  return values;
}

// As /indicator names them.
Values Themes() {
  const auto text = [](const char* nb, const char* en) {
    v1::Text both;
    both.set_nb(nb);
    both.set_en(en);
    return both;
  };
  return {{"leadership", text("Ledelse", "Leadership")},
          {"organisation", text("Organisering", "Organisation")},
          {"professional_practice", text("Faglig praksis", "Professional practice")},
          {"patient_results", text("Resultater for pasienten", "Patient results")},
          {"user_experience", text("Brukernes erfaringer", "Users' experience")},
          {"relative_experience", text("Pårørendes erfaringer", "Relatives' experience")},
          {"capacity", text("Plasser og ventetid", "Places and waiting time")},
          {"service_use", text("Bruk av tjenester", "Use of services")}};
}

Response PxCodeList(const Call& call) {
  const std::string id = LowerCase(call.path.at("id"));
  const bool nb = call.language == Language::kNorwegian;
  if (id == "vs_themes") return ListOf(id, nb ? "Temaer" : "Themes", Themes(), call.language);
  if (id == "vs_size_groups")
    return ListOf(id, nb ? "Kommuner etter innbyggertall" : "Municipalities by inhabitants",
                  SizeGroupValues(), call.language);
  const size_t bar = id.rfind('_');
  const std::string level = id.substr(0, bar);
  int year = 0;
  if (bar != std::string::npos) {
    const auto [end, error] = std::from_chars(id.data() + bar + 1, id.data() + id.size(), year);
    if (error != std::errc() || end != id.data() + id.size()) year = 0;
  }
  const bool counties = level == "vs_counties";
  if ((!counties && level != "vs_municipalities") || year < Structure::kFirstYear ||
      year > Structure::kLastYear) {
    return NotFoundProblem(
        fmt::format("there is no code list '{}'; they are vs_municipalities_YEAR and "
                    "vs_counties_YEAR, {} to {}, vs_size_groups and vs_themes",
                    call.path.at("id"), Structure::kFirstYear, Structure::kLastYear));
  }
  const Structure& structure = Structure::Of(year);
  std::map<std::string, v1::Text> values;
  for (const Municipality municipality : structure.municipalities()) {
    const auto kind = counties ? v1::LEVEL_COUNTY : v1::LEVEL_MUNICIPALITY;
    const uint32_t area = counties ? municipality.county() : municipality.code;
    values[AreaCode(kind, area)] = AreaName(kind, area, structure.day());
  }
  return ListOf(id, ListLabel(counties, year, call.language), {values.begin(), values.end()}, call.language);
}

Response PxPostData(const Call& call) {
  DataQuestion question;
  question.format = FormatOf(call);
  std::string fault;
  if (!ReadSelection(ReadBody(call.request->body), &question.filters, &fault))
    return ToResponse(Problem{400, fault, {}, {}});
  return AnswerData(call, question);
}

Response PxGetData(const Call& call) {
  DataQuestion question;
  question.format = FormatOf(call);
  for (const auto& [name, value] : call.target.query) {
    const std::string lower = LowerCase(name);
    if (!lower.starts_with("valuecodes[") || !lower.ends_with(']')) continue;
    question.filters.push_back(
        {name.substr(11, name.size() - 12), Filter::Kind::kExpressions, SplitExpressions(value)});
  }
  return AnswerData(call, question);
}

Response PxDefaultSelection(const Call& call) {
  ChosenTable chosen;
  Response response;
  if (!FindTable(call, &chosen, &response)) return response;
  Selection selection;
  Problem problem;
  if (!Select(*chosen.cube, {}, false, &selection, &problem)) return ToResponse(problem);
  return JsonResponse(SelectionJson(*chosen.cube, selection).dump());
}

}  // namespace

std::vector<Route> PxWebApi() {
  const std::string base = "/api/pxweb/v2", table = base + "/tables/{id}";
  const Parameter id{"id", Parameter::In::kPath, "The table's name or number.", {}, "1"};
  const Parameter list{
      "id", Parameter::In::kPath, "vs_municipalities_YEAR or vs_counties_YEAR.", {}, "vs_counties_2024"};
  const Parameter query{"query", Parameter::In::kQuery, "Words in the table's name or title.", {}, "place"};
  const Parameter page{"pageNumber", Parameter::In::kQuery, "From 1.", {}, "1"};
  const Parameter size{"pageSize", Parameter::In::kQuery, "Tables in a page, 100 unless asked.", {}, "10"};
  const Parameter format{"outputFormat", Parameter::In::kQuery, "Of the answer.", Formats(), "csv"};
  const Parameter filters{
      "valueCodes",
      Parameter::In::kQuery,
      "valueCodes[DIMENSION]: codes, patterns with * and ?, top(n), bottom(n), from(x), to(x), "
      "range(a,b), parted by commas.",
      {},
      ""};
  const Parameter lang = LanguageParameter();
  const std::vector<std::string> json{"application/json"};
  const std::vector<std::string>& data = ContentTypes();
  return {
      {"GET", base + "/config", "pxConfig", "What this API can do", {lang}, "", json, PxConfig},
      {"GET", base + "/tables", "pxTables", "Tables", {query, page, size, lang}, "", json, PxTables},
      {"GET", table, "pxTable", "One table", {id, lang}, "", json, PxOneTable},
      {"GET",
       table + "/metadata",
       "pxMetadata",
       "Dimensions and codes of a table",
       {id, ReleaseParameter(), lang},
       "",
       json,
       PxMetadata},
      {"GET",
       table + "/defaultselection",
       "pxDefaultSelection",
       "What is shown if nothing is chosen",
       {id, lang},
       "",
       json,
       PxDefaultSelection},
      {"GET",
       table + "/data",
       "pxGetData",
       "Cells",
       {id, ReleaseParameter(), format, filters, lang},
       "",
       data,
       PxGetData},
      {"POST",
       table + "/data",
       "pxPostData",
       "Cells",
       {id, ReleaseParameter(), format, lang},
       "PxSelection",
       data,
       PxPostData},
      {"GET",
       base + "/codelists/{id}",
       "pxCodeList",
       "Areas of a year, size groups, themes",
       {list, lang},
       "",
       json,
       PxCodeList},
  };
}

}  // namespace kpr::http

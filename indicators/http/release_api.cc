#include "indicators/http/release_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/date.h"
#include "base/text.h"
#include "indicators/http/json_stat.h"
#include "indicators/publication/release_files.h"

namespace kpr::http {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kBase = "/api/open/v1/kpr";

// "direction_higher_is_better" as "higher_is_better".
std::string WordOf(const std::string& name, const std::string& prefix) {
  return LowerCase(name.starts_with(prefix) ? name.substr(prefix.size()) : name);
}

std::string AddressOf(const v1::Release& release) {
  return fmt::format("{}/release/{}/{}", kBase, release.series(), release.number());
}

Json ReleaseJson(const v1::Release& release, Language language) {
  Json json{{"series", release.series()},
            {"number", release.number()},
            {"title", In(release.title(), language)},
            {"releasedAt", TimeText(release)},
            {"horizon", release.horizon()},
            {"structureYear", release.structure_year()},
            {"href", AddressOf(release)}};
  if (!release.next_release().empty()) json["nextUpdate"] = release.next_release();
  return json;
}

// Newest first.
std::vector<const v1::Release*> AllReleases(const Published& published) {
  std::vector<const v1::Release*> all;
  for (const auto& [series, releases] : published.releases) {
    for (const v1::Release& release : releases) all.push_back(&release);
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto* a, const auto* b) { return TimeText(*a) > TimeText(*b); });
  return all;
}

Response Releases(const Call& call) {
  Json json = Json::array();
  for (const v1::Release* release : AllReleases(*call.published))
    json.push_back(ReleaseJson(*release, call.language));
  return JsonResponse(json.dump());
}

const v1::Release* ReleaseOf(const Call& call, Response* problem) {
  const auto& all = call.published->releases;
  const auto series = all.find(LowerCase(call.path.at("series")));
  if (series != all.end()) {
    const std::string& wanted = call.path.at("number");
    if (LowerCase(wanted) == "latest" && !series->second.empty()) return &series->second.back();
    for (const v1::Release& release : series->second) {
      if (std::to_string(release.number()) == wanted) return &release;
    }
  }
  *problem = NotFoundProblem(fmt::format("there is no release {} of '{}'; {}/release lists all",
                                         call.path.at("number"), call.path.at("series"), kBase));
  return nullptr;
}

Response OneRelease(const Call& call) {
  Response response;
  const v1::Release* release = ReleaseOf(call, &response);
  if (release == nullptr) return response;
  Json json = ReleaseJson(*release, call.language);
  for (const v1::ReleaseFile& file : release->files()) {
    json["files"].push_back(Json{{"name", file.name()},
                                 {"bytes", file.bytes()},
                                 {"sha256", file.sha256()},
                                 {"href", AddressOf(*release) + "/file/" + file.name()}});
  }
  json["publicKey"] = release->public_key();
  json["manifest"] = AddressOf(*release) + "/file/" + publication::kManifestFile;
  json["signature"] = AddressOf(*release) + "/file/" + publication::kSignatureFile;
  response = JsonResponse(json.dump());
  const auto& releases = call.published->releases.at(release->series());
  std::string links = fmt::format("<{}/release/{}/latest>; rel=\"latest-version\"", kBase, release->series());
  if (release->number() > 1)
    links += fmt::format(", <{}>; rel=\"predecessor-version\"", AddressOf(releases[release->number() - 2]));
  response.headers.emplace_back("Link", links);
  response.headers.emplace_back("Last-Modified", HttpDate(*release));
  return response;
}

Response ReleaseFile(const Call& call) {
  Response response;
  const v1::Release* release = ReleaseOf(call, &response);
  if (release == nullptr) return response;
  const std::string& name = call.path.at("name");
  auto content = call.library->ReadFile(*release, name);
  if (!content.ok()) return ToResponse(content.status());
  response.body = std::move(*content);
  response.content_type = name.ends_with(".json")  ? "application/json"
                          : name.ends_with(".csv") ? "text/csv; charset=utf-8"
                                                   : "text/plain; charset=utf-8";
  response.pinned = LowerCase(call.path.at("number")) != "latest";
  response.headers.emplace_back("Last-Modified", HttpDate(*release));
  return response;
}

Result<v1::RevisionRecord> RevisionsOf(const Call& call, const v1::Release& release) {
  KPR_ASSIGN_OR_RETURN(const std::string json, call.library->ReadFile(release, publication::kRevisionsFile));
  v1::RevisionRecord record;
  KPR_RETURN_IF_ERROR(publication::FromJson(json, publication::kRevisionsFile, record));
  return record;
}

Json RevisionJson(const v1::FigureRevision& revision) {
  Json json{{"indicator", revision.indicator()},
            {"period", revision.period()},
            {"area", revision.area()},
            {"sex", revision.sex()},
            {"age", revision.age()}};
  json["oldValue"] = revision.has_old_value() ? Json(revision.old_value()) : Json(nullptr);
  json["newValue"] = revision.has_new_value() ? Json(revision.new_value()) : Json(nullptr);
  json["cause"] = WordOf(v1::FigureRevision::Cause_Name(revision.cause()), "CAUSE_");
  return json;
}

// Of the newest release of each series; with includeHistory of all.
Response Revisions(const Call& call) {
  const std::string after = call.target.Get("updatedAfter"), table = call.target.Get("table");
  const std::string area = call.target.Get("area");
  if (!after.empty() && !Date::Parse(after.substr(0, 10)))
    return ToResponse(Problem{400, "updatedAfter is no date or time, such as 2026-06-14", {}, {}});
  const TableEntry* entry = table.empty() ? nullptr : call.published->Find(table);
  if (!table.empty() && entry == nullptr)
    return NotFoundProblem(fmt::format("there is no table '{}'; the list of tables has all", table));
  const bool history = LowerCase(call.target.Get("includeHistory")) == "true";
  Json json = Json::array();
  for (const v1::Release* release : AllReleases(*call.published)) {
    if (entry != nullptr && release->series() != entry->series) continue;
    if (!after.empty() && TimeText(*release) < after) continue;
    if (!history && release != &call.published->releases.at(release->series()).back()) continue;
    auto record = RevisionsOf(call, *release);
    if (!record.ok()) return ToResponse(record.status());
    Json of = ReleaseJson(*release, call.language);
    of["revisions"] = Json::array();
    for (const v1::FigureRevision& revision : record->revisions()) {
      if (entry != nullptr && revision.indicator() != entry->indicator) continue;
      if (!area.empty() && revision.area() != area) continue;
      of["revisions"].push_back(RevisionJson(revision));
    }
    json.push_back(std::move(of));
  }
  return JsonResponse(json.dump());
}

std::string NorwegianCause(const std::string& cause) {
  static const std::map<std::string, std::string> words{{"events", "sene eller rettede opplysninger"},
                                                        {"definition", "ny definisjon"},
                                                        {"structure", "ny kommuneinndeling"},
                                                        {"sign_off", "kommunens godkjenning"},
                                                        {"held_revision", "endring som var holdt tilbake"},
                                                        {"protection", "personvern"}};
  const auto found = words.find(cause);
  return found == words.end() ? cause : found->second;
}

// Atom (RFC 4287): an entry a release, with how many figures it revised and why.
Response Feed(const Call& call) {
  const bool nb = call.language == Language::kNorwegian;
  const auto all = AllReleases(*call.published);
  std::string xml = fmt::format(
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed "
      "xmlns=\"http://www.w3.org/2005/Atom\"><id>urn:kpr:releases</id>"
      "<title>{}</title><updated>{}</updated><author><name>kpr</name></author>\n",
      nb ? "Utgivelser og revisjoner" : "Releases and revisions",
      all.empty() ? "1970-01-01T00:00:00Z" : TimeText(*all.front()));
  for (const v1::Release* release : all) {
    auto record = RevisionsOf(call, *release);
    if (!record.ok()) return ToResponse(record.status());
    std::map<std::string, int> causes;
    for (const v1::FigureRevision& revision : record->revisions())
      ++causes[WordOf(v1::FigureRevision::Cause_Name(revision.cause()), "CAUSE_")];
    std::string summary =
        fmt::format("{} {}", record->revisions_size(), nb ? "reviderte tall" : "revised figures");
    for (const auto& [cause, count] : causes)
      summary += fmt::format("; {}: {}", nb ? NorwegianCause(cause) : cause, count);
    xml += fmt::format(
        "<entry><id>urn:kpr:release:{0}:{1}</id><title>{2} {1}</title><updated>{3}</updated><link "
        "href=\"{4}\"/>"
        "<summary>{5}</summary></entry>\n",
        release->series(), release->number(), EscapeHtml(In(release->title(), call.language)),
        TimeText(*release), AddressOf(*release), EscapeHtml(summary));
  }
  Response response;
  response.content_type = "application/atom+xml";
  response.body = xml + "</feed>\n";
  return response;
}

Json IndicatorJson(const Call& call, const TableEntry& entry, const Cube& cube) {
  const v1::ReleaseTable& table = cube.table();
  Json json{{"table", entry.name()},
            {"tableId", entry.id},
            {"id", entry.indicator},
            {"series", entry.series},
            {"version", table.version()},
            {"title", In(table.title(), call.language)},
            {"kind", WordOf(v1::Kind_Name(table.kind()), "KIND_")},
            {"unit", In(cube.dimensions().back().categories.front().unit, call.language)},
            {"decimals", table.decimals()},
            {"releasedAt", TimeText(entry.last())},
            {"release", entry.last().number()}};
  for (const CubeDimension& dimension : cube.dimensions()) json["dimensions"].push_back(dimension.code);
  for (const Category& period : cube.dimensions()[1].categories) json["periods"].push_back(period.code);
  if (const auto definition = call.library->DefinitionOf(table)) {
    json["description"] = In(definition->description(), call.language);
    json["theme"] = WordOf(v1::Theme_Name(definition->theme()), "THEME_");
    json["direction"] = WordOf(v1::Direction_Name(definition->direction()), "DIRECTION_");
    json["source"] = In(definition->source(), call.language);
    if (definition->has_target()) json["target"] = definition->target();
    json["notes"] = Json::array();
    for (const v1::Note& note : definition->notes()) {
      json["notes"].push_back(
          Json{{"area", note.area()}, {"period", note.period()}, {"text", In(note.text(), call.language)}});
    }
  }
  return json;
}

Response Indicators(const Call& call) {
  Json json = Json::array();
  for (const TableEntry& entry : call.published->tables) {
    auto cube = call.library->ReadCube(entry.last(), entry.indicator);
    if (!cube.ok()) return ToResponse(cube.status());
    json.push_back(IndicatorJson(call, entry, **cube));
  }
  return JsonResponse(json.dump());
}

}  // namespace

std::vector<Route> ReleaseApi() {
  const Parameter series{"series", Parameter::In::kPath, "Of releases, such as care.", {}, "care"};
  const Parameter number{"number", Parameter::In::kPath, "From 1, or latest.", {}, "1"};
  const Parameter name{
      "name", Parameter::In::kPath, "Of a file, as the manifest has it.", {}, "tables/occupancy.csv"};
  const Parameter table{"table", Parameter::In::kQuery, "Only of this table.", {}, "1"};
  const Parameter area{"area", Parameter::In::kQuery, "Only of this area.", {}, "4601"};
  const Parameter after{
      "updatedAfter", Parameter::In::kQuery, "Releases from this day or time on.", {}, "2024-01-01"};
  const Parameter history{"includeHistory",
                          Parameter::In::kQuery,
                          "true: of all releases, not only the newest of each series.",
                          {"true", "false"},
                          "true"};
  const Parameter lang = LanguageParameter();
  const std::string base = kBase;
  const std::vector<std::string> json{"application/json"};
  return {
      {"GET",
       base + "/indicator",
       "listIndicators",
       "Indicators with what they mean",
       {lang},
       "",
       json,
       Indicators},
      {"GET", base + "/release", "listReleases", "All releases, newest first", {lang}, "", json, Releases},
      {"GET",
       base + "/release/{series}/{number}",
       "getRelease",
       "A release and its signed files",
       {series, number, lang},
       "",
       json,
       OneRelease},
      {"GET",
       base + "/release/{series}/{number}/file/{name...}",
       "getReleaseFile",
       "A file, as it was signed",
       {series, number, name},
       "",
       {"application/json", "text/csv", "text/plain"},
       ReleaseFile},
      {"GET",
       base + "/revision",
       "listRevisions",
       "Figures that a release changed, and why",
       {table, area, after, history, lang},
       "",
       json,
       Revisions},
      {"GET",
       base + "/feed",
       "getFeed",
       "Releases and revisions as an Atom feed",
       {lang},
       "",
       {"application/atom+xml"},
       Feed},
  };
}

}  // namespace kpr::http

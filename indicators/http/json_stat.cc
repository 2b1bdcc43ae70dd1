#include "indicators/http/json_stat.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <charconv>
#include <ctime>
#include <nlohmann/json.hpp>

namespace kpr::http {
namespace {

using Json = nlohmann::ordered_json;

Json DimensionJson(const CubeDimension& dimension, const std::vector<int>& places, Language language) {
  Json index = Json::object();  // not a list: pxwebpy reads places by code
  Json label = Json::object();
  Json child = Json::object(), unit = Json::object();
  std::vector<bool> chosen(dimension.categories.size());
  for (const int place : places) chosen[static_cast<size_t>(place)] = true;
  for (const int place : places) {
    const Category& of = dimension.categories[static_cast<size_t>(place)];
    const size_t next = index.size();
    index[of.code] = next;
    label[of.code] = In(of.label, language);
    if (of.parent >= 0 && chosen[static_cast<size_t>(of.parent)])
      child[dimension.categories[static_cast<size_t>(of.parent)].code].push_back(of.code);
    if (dimension.role == CubeDimension::Role::kMetric)
      unit[of.code] = Json{{"decimals", of.decimals}, {"label", In(of.unit, language)}};
  }
  Json category{{"index", std::move(index)}, {"label", std::move(label)}};
  if (!child.empty()) category["child"] = std::move(child);
  if (!unit.empty()) category["unit"] = std::move(unit);
  return Json{{"label", In(dimension.label, language)}, {"category", std::move(category)}};
}

Json RolesOf(const Cube& cube) {
  Json roles;
  for (const CubeDimension& dimension : cube.dimensions()) {
    if (dimension.role == CubeDimension::Role::kTime) roles["time"] = Json::array({dimension.code});
    if (dimension.role == CubeDimension::Role::kGeo) roles["geo"] = Json::array({dimension.code});
    if (dimension.role == CubeDimension::Role::kMetric) roles["metric"] = Json::array({dimension.code});
  }
  return roles;
}

Json FlagsJson(Language language) {
  Json flags;
  for (const Flag& flag : Flags()) {
    flags["index"].push_back(flag.code);
    flags["label"][flag.code] = language == Language::kNorwegian ? flag.nb : flag.en;
  }
  return flags;
}

const char* DirectionName(v1::Direction direction) {
  if (direction == v1::DIRECTION_HIGHER_IS_BETTER) return "higher_is_better";
  return direction == v1::DIRECTION_LOWER_IS_BETTER ? "lower_is_better" : "neither";
}

Json ExtensionOf(const Document& document) {
  Json extension;
  extension["flags"] = FlagsJson(document.language);
  extension["release"] = Json{{"series", document.release->series()},
                              {"number", document.release->number()},
                              {"releasedAt", TimeText(*document.release)},
                              {"horizon", document.release->horizon()},
                              {"structureYear", document.release->structure_year()}};
  if (!document.release->next_release().empty()) extension["nextUpdate"] = document.release->next_release();
  Json& indicator = extension["indicator"];
  indicator["id"] = document.cube->table().indicator();
  indicator["version"] = document.cube->table().version();
  if (document.definition != nullptr) {
    indicator["direction"] = DirectionName(document.definition->direction());
    if (document.definition->has_target()) indicator["target"] = document.definition->target();
    indicator["source"] = In(document.definition->source(), document.language);
  }
  return extension;
}

bool OfWholeTable(const v1::Note& note) {
  return note.area().empty() && note.period().empty();
}

// Whether the note is about this area, or what it is a part of, and this period, or a longer one that it is
// in.
bool IsAbout(const v1::Note& note, const Cube& cube, const std::vector<int>& places) {
  for (size_t d = 0; d < places.size(); ++d) {
    const CubeDimension& dimension = cube.dimensions()[d];
    const Category& at = dimension.categories[static_cast<size_t>(places[d])];
    if (dimension.role == CubeDimension::Role::kTime && !at.code.starts_with(note.period())) return false;
    if (dimension.role != CubeDimension::Role::kGeo || note.area().empty()) continue;
    const Category* within = &at;
    while (within->code != note.area() && within->parent >= 0)
      within = &dimension.categories[static_cast<size_t>(within->parent)];
    if (within->code != note.area()) return false;
  }
  return true;
}

// What is not about the whole table: texts, and for each cell the numbers of those about it.
Json CellNotes(const Document& document, const Selection& selection) {
  Json notes;
  if (document.definition == nullptr) return notes;
  for (const v1::Note& note : document.definition->notes()) {
    if (OfWholeTable(note)) continue;
    std::vector<size_t> about;
    size_t at = 0;
    ForEachCell(selection, [&](const std::vector<int>& places) {
      if (IsAbout(note, *document.cube, places)) about.push_back(at);
      ++at;
    });
    if (about.empty()) continue;
    const size_t number = notes["text"].size();
    notes["text"].push_back(In(note.text(), document.language));
    for (const size_t cell : about) notes["cell"][std::to_string(cell)].push_back(number);
  }
  return notes;
}

}  // namespace

std::string TimeText(const v1::Release& release) {
  google::protobuf::Timestamp at = release.released_at();
  at.set_nanos(0);
  return google::protobuf::util::TimeUtil::ToString(at);
}

std::string HttpDate(const v1::Release& release) {
  const std::time_t seconds = release.released_at().seconds();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

void AppendNumber(double value, uint32_t decimals, std::string* text) {
  char buffer[64];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed,
                                          static_cast<int>(decimals));
  (void)error;  // 64 characters hold any figure of a release
  text->append(buffer, static_cast<size_t>(end - buffer));
}

Json JsonStatHead(const Document& document, const Selection& selection) {
  const Cube& cube = *document.cube;
  Json json;
  json["version"] = "2.0";
  json["class"] = "dataset";
  json["label"] = In(cube.table().title(), document.language);
  json["source"] = document.language == Language::kNorwegian ? "Kommunalt pasient- og brukerregister (kpr)"
                                                             : "Register of municipal care services (kpr)";
  json["updated"] = TimeText(*document.release);
  if (document.definition != nullptr) {
    json["note"] = Json::array({In(document.definition->description(), document.language)});
    for (const v1::Note& note : document.definition->notes()) {
      if (OfWholeTable(note)) json["note"].push_back(In(note.text(), document.language));
    }
  }
  for (size_t d = 0; d < selection.size(); ++d) {
    const CubeDimension& dimension = cube.dimensions()[d];
    json["id"].push_back(dimension.code);
    json["size"].push_back(selection[d].size());
  }
  json["role"] = RolesOf(cube);
  for (size_t d = 0; d < selection.size(); ++d) {
    const CubeDimension& dimension = cube.dimensions()[d];
    json["dimension"][dimension.code] = DimensionJson(dimension, selection[d], document.language);
  }
  json["extension"] = ExtensionOf(document);
  return json;
}

std::string JsonStat(const Document& document, const Selection& selection) {
  const Cube& cube = *document.cube;
  // Written as they come: there may be hundreds of thousands.
  const auto& measures = cube.dimensions().back().categories;
  std::string values, statuses;
  values.reserve(CellsOf(selection) * 6);
  size_t at = 0;
  ForEachCell(selection, [&](const std::vector<int>& places) {
    const CubeCell cell = cube.At(places);
    if (at > 0) values += ',';
    if (cell.value) {
      AppendNumber(*cell.value, measures[static_cast<size_t>(places.back())].decimals, &values);
    } else {
      values += "null";
    }
    if (!cell.status.empty()) {
      if (!statuses.empty()) statuses += ',';
      statuses += fmt::format("\"{}\":\"{}\"", at, cell.status);
    }
    ++at;
  });
  Json head = JsonStatHead(document, selection);
  if (Json notes = CellNotes(document, selection); !notes.empty())
    head["extension"]["cellNotes"] = std::move(notes);
  std::string text = head.dump();
  text.pop_back();
  text += fmt::format(R"(,"value":[{}],"status":{{{}}}}})", values, statuses);
  return text;
}

}  // namespace kpr::http

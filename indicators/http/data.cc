#include "indicators/http/data.h"

#include <fmt/format.h>

#include <algorithm>

#include "indicators/http/chart.h"
#include "indicators/http/csv.h"

namespace kpr::http {

const std::vector<std::string>& Formats() {
  static const std::vector<std::string> formats{"json-stat2", "csv", "csv2", "csv3", "svg"};
  return formats;
}

const std::vector<std::string>& ContentTypes() {
  static const std::vector<std::string> types{"application/json", "text/csv", "image/svg+xml"};
  return types;
}

Document DocumentOf(const Call& call, const ChosenTable& chosen) {
  Document document;
  document.cube = chosen.cube.get();
  document.release = chosen.release;
  document.table = chosen.entry->name();
  document.language = call.language;
  return document;
}

Selection Everything(const Cube& cube) {
  Selection selection;
  for (const CubeDimension& dimension : cube.dimensions()) {
    auto& places = selection.emplace_back();
    for (size_t i = 0; i < dimension.categories.size(); ++i) places.push_back(static_cast<int>(i));
  }
  return selection;
}

Response AnswerData(const Call& call, const DataQuestion& question) {
  const std::string format = LowerCase(question.format);
  if (std::find(Formats().begin(), Formats().end(), format) == Formats().end()) {
    return ToResponse(
        Problem{400, fmt::format("format '{}' is none of those served", question.format), {}, Formats()});
  }
  ChosenTable chosen;
  Response response;
  if (!FindTable(call, &chosen, &response)) return response;
  Selection selection;
  Problem problem;
  if (!Select(*chosen.cube, question.filters, question.every, &selection, &problem))
    return ToResponse(problem);
  if (question.most_cells && CellsOf(selection) > static_cast<size_t>(*question.most_cells)) {
    return ToResponse(Problem{400,
                              fmt::format("the answer has {} rows, more than maxRowCount {}",
                                          CellsOf(selection), *question.most_cells),
                              {},
                              {}});
  }
  response.pinned = chosen.pinned;
  response.headers.emplace_back("Last-Modified", HttpDate(*chosen.release));
  Document document = DocumentOf(call, chosen);
  // A pinned answer never changes; texts of the catalogue may.
  const auto definition = chosen.pinned ? nullptr : call.library->DefinitionOf(chosen.cube->table());
  document.definition = definition.get();
  if (format == "svg") {
    response.content_type = "image/svg+xml";
    if (!DrawChart(document, selection, &response.body, &problem)) return ToResponse(problem);
  } else if (format == "json-stat2") {
    response.content_type = "application/json";
    response.body = JsonStat(document, selection);
  } else {
    const CsvForm form = format == "csv"    ? CsvForm{}
                         : format == "csv2" ? CsvForm{CsvColumns::kLabels, ';'}
                                            : CsvForm{CsvColumns::kCodes, ';'};
    response.content_type = "text/csv; charset=utf-8";
    response.body = Csv(*chosen.cube, selection, form, call.language);
  }
  return response;
}

}  // namespace kpr::http

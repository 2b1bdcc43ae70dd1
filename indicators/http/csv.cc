#include "indicators/http/csv.h"

#include <map>

#include "indicators/http/json_stat.h"

namespace kpr::http {
namespace {

std::string Quoted(const std::string& text, char separator) {
  if (text.find_first_of("\"\r\n") == std::string::npos && text.find(separator) == std::string::npos)
    return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

std::string Csv(const Cube& cube, const Selection& selection, CsvForm form, Language language) {
  const bool codes = form.columns != CsvColumns::kLabels, labels = form.columns != CsvColumns::kCodes;
  std::string text;
  // Each category's columns are made once.
  std::vector<std::vector<std::string>> columns(selection.size());
  for (size_t d = 0; d < selection.size(); ++d) {
    const CubeDimension& dimension = cube.dimensions()[d];
    const std::string label = Quoted(In(dimension.label, language), form.separator);
    if (codes) text += dimension.code + form.separator;
    if (labels) text += (codes ? dimension.code + "_label" : label) + form.separator;
    for (const Category& category : dimension.categories) {
      std::string column;
      if (codes) column += Quoted(category.code, form.separator) + form.separator;
      if (labels) column += Quoted(In(category.label, language), form.separator) + form.separator;
      columns[d].push_back(std::move(column));
    }
  }
  text += std::string("value") + form.separator + "status" + form.separator + "status_text\r\n";
  std::map<std::string_view, std::string> words;
  for (const Flag& flag : Flags())
    words[flag.code] = Quoted(language == Language::kNorwegian ? flag.nb : flag.en, form.separator);
  const auto& measures = cube.dimensions().back().categories;
  ForEachCell(selection, [&](const std::vector<int>& places) {
    for (size_t d = 0; d < places.size(); ++d) text += columns[d][static_cast<size_t>(places[d])];
    const CubeCell cell = cube.At(places);
    if (cell.value) AppendNumber(*cell.value, measures[static_cast<size_t>(places.back())].decimals, &text);
    text += form.separator;
    text += cell.status;
    text += form.separator;
    if (!cell.status.empty()) text += words[cell.status];
    text += "\r\n";
  });
  return text;
}

}  // namespace kpr::http

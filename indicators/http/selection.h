// Which categories of each dimension a caller asks for. Pure.
#pragma once

#include <string>
#include <vector>

#include "indicators/http/cube.h"
#include "indicators/http/problem.h"

namespace kpr::http {

// Places of the chosen categories, for each dimension of the cube.
using Selection = std::vector<std::vector<int>>;

// One dimension's choice, as asked for.
struct Filter {
  enum class Kind { kItem, kTop, kAll, kExpressions };
  std::string dimension;
  Kind kind = Kind::kItem;
  // Codes for kItem, one whole number for kTop (the first so many), patterns with '*' and '?' for kAll;
  // for kExpressions each a code, a pattern, top(n), bottom(n), from(x), to(x) or range(a,b).
  std::vector<std::string> values;
};

// Expressions of a query parameter, parted at commas that are not in parentheses.
std::vector<std::string> SplitExpressions(const std::string& text);

// All of them, where a dimension has no filter: its first category (the total), for time the newest; for
// measures all. With `every` a dimension without a filter is a problem. True, or the problem.
bool Select(const Cube& cube, const std::vector<Filter>& filters, bool every, Selection* selection,
            Problem* problem);

size_t CellsOf(const Selection& selection);
// Calls `then` with the places of each cell, the last dimension fastest.
template <typename Then>
void ForEachCell(const Selection& selection, Then then) {
  std::vector<size_t> at(selection.size(), 0);
  std::vector<int> places(selection.size());
  for (size_t left = CellsOf(selection); left > 0; --left) {
    for (size_t d = 0; d < selection.size(); ++d) places[d] = selection[d][at[d]];
    then(places);
    for (size_t d = selection.size(); d-- > 0;) {
      if (++at[d] < selection[d].size()) break;
      at[d] = 0;
    }
  }
}

}  // namespace kpr::http

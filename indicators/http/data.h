// An answer with the cells of a table, in the format asked for.
#pragma once

#include <optional>

#include "indicators/http/json_stat.h"
#include "indicators/http/routes.h"

namespace kpr::http {

const std::vector<std::string>& Formats();
const std::vector<std::string>& ContentTypes();  // of answers in them

struct DataQuestion {
  std::vector<Filter> filters;
  bool every = false;  // each dimension must have one
  std::string format = "json-stat2";
  std::optional<int64_t> most_cells;  // more are a problem
};

// The table that the call names, as the question wants it.
Response AnswerData(const Call& call, const DataQuestion& question);
Document DocumentOf(const Call& call, const ChosenTable& chosen);
// Every dimension's codes, for a question that names all.
Selection Everything(const Cube& cube);

}  // namespace kpr::http

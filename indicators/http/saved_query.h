// Saved queries of PxWebApi 2. A query's id is the query itself, so nothing is kept and none is ever lost.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "indicators/http/data.h"
#include "indicators/http/routes.h"

namespace kpr::http {

std::vector<Route> SavedQueries();

// A selection as PxWebApi 2 sends it: {"selection": [{"variableCode", "valueCodes": [...]}]}.
bool ReadSelection(const nlohmann::json& json, std::vector<Filter>* filters, std::string* fault);
// The same, of codes.
nlohmann::ordered_json SelectionJson(const Cube& cube, const Selection& selection);
// As outputFormat says.
std::string FormatOf(const Call& call);

}  // namespace kpr::http

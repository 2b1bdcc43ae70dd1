// Cells as JSON-stat 2.0, strict: no number is null with its status beside it, time, area and measure have
// their roles, and the legend of the statuses is in extension.flags. Pure. Source: json-stat.org/full.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "indicators/http/selection.h"

namespace kpr::http {

struct Document {
  const Cube* cube = nullptr;
  const v1::Release* release = nullptr;
  const v1::Definition* definition = nullptr;  // null: not in the catalogue any more
  std::string table;                           // its name, "care.occupancy"
  Language language = Language::kNorwegian;
};

std::string JsonStat(const Document& document, const Selection& selection);
// The same without value and status.
nlohmann::ordered_json JsonStatHead(const Document& document, const Selection& selection);

// "2026-11-24T06:00:00Z"
std::string TimeText(const v1::Release& release);
// "Tue, 24 Nov 2026 06:00:00 GMT"
std::string HttpDate(const v1::Release& release);
// Of a number as every outlet writes it.
void AppendNumber(double value, uint32_t decimals, std::string* text);

}  // namespace kpr::http

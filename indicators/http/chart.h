// The cells of a question as a chart: over time a line for each series, with the interval of a single one; in
// one period a row for each, with its interval. What is missing or not of this release is said in words.
// Pure.
#pragma once

#include <string>

#include "indicators/http/json_stat.h"

namespace kpr::http {

// True, or the problem: a chart shows one measure, and no more series than a reader can tell one from
// another. Where all measures are asked for it is the value.
bool DrawChart(const Document& document, const Selection& selection, std::string* svg, Problem* problem);

}  // namespace kpr::http

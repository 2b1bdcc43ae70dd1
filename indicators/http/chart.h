// The cells of a question as a picture: over time a line for each of what is compared, in one period a row
// for each, in the order asked for; with intervals, and in words what is missing. Pure.
#pragma once

#include <string>

#include "indicators/http/json_stat.h"

namespace kpr::http {

// True, or the problem: a picture shows one measure and not more than can be told apart. Where all measures
// are asked for it is the value.
bool DrawChart(const Document& document, const Selection& selection, std::string* svg, Problem* problem);

}  // namespace kpr::http

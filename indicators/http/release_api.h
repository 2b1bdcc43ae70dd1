// Releases, their signed files, what each revised and why (as JSON and as a feed), and the indicators with
// what a page needs to know of them.
#pragma once

#include <vector>

#include "indicators/http/routes.h"

namespace kpr::http {

std::vector<Route> ReleaseApi();

}  // namespace kpr::http

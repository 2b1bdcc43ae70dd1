// The OpenAPI 3.1 document of a table of routes. Pure.
#pragma once

#include <string>
#include <vector>

#include "indicators/http/routes.h"

namespace kpr::http {

std::string OpenApi(const std::vector<Route>& routes, const std::string& version);

}  // namespace kpr::http

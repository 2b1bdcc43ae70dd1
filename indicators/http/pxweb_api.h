// The PxWebApi 2 of the statistics offices, under /api/pxweb/v2, so that their clients read our tables. Saved
// queries are their own address: nothing is kept here.
// Source: PxAPI-2 as of January 2026.
#pragma once

#include <vector>

#include "indicators/http/routes.h"

namespace kpr::http {

std::vector<Route> PxWebApi();

}  // namespace kpr::http

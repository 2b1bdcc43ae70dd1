// The open statistics API of the institute of public health, request for request as its clients send them,
// under /api/open/v1; beside it data by GET with expressions.
#pragma once

#include <vector>

#include "indicators/http/routes.h"

namespace kpr::http {

std::vector<Route> StatisticsApi();

}  // namespace kpr::http

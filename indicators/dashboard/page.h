// The web page's files, built from src/ by esbuild and embedded. The page works from the HTTP API alone.
#pragma once

#include <vector>

#include "base/embedded.h"

namespace kpr::dashboard {

// "index.html", "assets/app.js", "assets/app.css", ...
std::vector<embedded::File> Page();

}  // namespace kpr::dashboard

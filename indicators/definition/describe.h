// The catalogue in words, for docs/indicators.md.
#pragma once

#include <ostream>

#include "indicators/definition/catalogue.h"

namespace kpr {

// Markdown: one section a definition, then the instruments. The same catalogue gives the same bytes.
void DocumentCatalogue(const Catalogue& catalogue, std::ostream* out);

}  // namespace kpr

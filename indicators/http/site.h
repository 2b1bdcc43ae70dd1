// Everything that is served: the statistics API in its two dialects, releases, the catalogue record, the
// OpenAPI document, and the web page with its files.
#pragma once

#include <string>
#include <vector>

#include "base/embedded.h"
#include "indicators/http/catalogue_record.h"
#include "indicators/http/routes.h"

namespace kpr::http {

// Behind the door of roles there is the page for sign-off as well.
enum class Door { kPublic, kRoles };

// `page` are the web page's files: index.html, roles.html and assets/.
// `borders`: TopoJSON of municipalities, ids are codes; empty: none.
std::vector<Route> Site(Door door, const std::vector<embedded::File>& page, const std::string& borders,
                        const std::string& version, const RegisterHolder& holder);

}  // namespace kpr::http

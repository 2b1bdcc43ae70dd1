#include "indicators/http/site.h"

#include <memory>

#include "base/crypto/hash.h"
#include "indicators/http/open_api.h"
#include "indicators/http/pxweb_api.h"
#include "indicators/http/release_api.h"
#include "indicators/http/saved_query.h"
#include "indicators/http/statistics_api.h"

namespace kpr::http {
namespace {

const char* TypeOf(const std::string& name) {
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  if (name.ends_with(".json")) return "application/json";
  if (name.ends_with(".woff2")) return "font/woff2";
  return "text/html; charset=utf-8";
}

// Nothing from anywhere else runs or loads in the page, whatever a figure's text says.
constexpr const char* kContentSecurity =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; object-src 'none'; "
    "base-uri 'none'; "
    "form-action 'none'";

Response PageFile(const std::vector<embedded::File>& page, const std::string& name,
                  const std::string& stamp) {
  for (const embedded::File& file : page) {
    if (file.name != name) continue;
    Response response;
    response.content_type = TypeOf(name);
    response.body = std::string(file.content);
    response.headers.emplace_back("Content-Security-Policy", kContentSecurity);
    response.headers.emplace_back("Referrer-Policy", "no-referrer");
    // Its address says what is in it: kept for good. Another node's address may not.
    response.pinned = !stamp.empty() && crypto::Sha256(file.content).starts_with(stamp) && stamp.size() == 12;
    return response;
  }
  return NotFoundProblem("the page has no file " + name);
}

}  // namespace

std::vector<Route> Site(Door door, const std::vector<embedded::File>& page, const std::string& borders,
                        const std::string& version, const RegisterHolder& holder) {
  std::vector<Route> routes = StatisticsApi();
  for (auto more : {ReleaseApi(), CatalogueApi(holder), PxWebApi(), SavedQueries()}) {
    for (Route& route : more) routes.push_back(std::move(route));
  }
  const auto document = std::make_shared<const std::string>(OpenApi(routes, version));
  const auto topology = std::make_shared<const std::string>(borders);
  const auto files = std::make_shared<const std::vector<embedded::File>>(page);
  // These are there whatever the releases are like.
  const auto add = [&](const char* path, const char* id, const char* type,
                       std::function<Response(const Call&)> handle) {
    routes.push_back({"GET", path, id, "", {}, "", {type}, std::move(handle), false});
  };
  add("/openapi.json", "getOpenApi", "application/json",
      [document](const Call&) { return JsonResponse(*document); });
  add("/health", "getHealth", "application/json", [](const Call&) {
    Response response = JsonResponse("{\"status\":\"ok\"}");
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
  });
  add("/borders.json", "getBorders", "application/json",
      [topology](const Call&) { return JsonResponse(topology->empty() ? "null" : *topology); });
  add("/", "getPage", "text/html", [files](const Call&) { return PageFile(*files, "index.html", ""); });
  if (door == Door::kRoles)
    add("/roles", "getRolesPage", "text/html",
        [files](const Call&) { return PageFile(*files, "roles.html", ""); });
  add("/assets/{name...}", "getAsset", "text/javascript", [files](const Call& call) {
    return PageFile(*files, "assets/" + call.path.at("name"), call.target.Get("v"));
  });
  return routes;
}

}  // namespace kpr::http

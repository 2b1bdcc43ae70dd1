// One table of all routes: what is served, how it is described, and who answers. The OpenAPI document is made
// of the same table.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "indicators/http/library.h"
#include "indicators/http/message.h"
#include "indicators/http/problem.h"

namespace kpr::http {

// A request whose route is known.
struct Call {
  const Request* request = nullptr;
  Target target;
  std::map<std::string, std::string> path;  // parameters in the path, as sent
  Language language = Language::kNorwegian;
  std::shared_ptr<const Published> published;
  Library* library = nullptr;
};

struct Parameter {
  std::string name;  // "valueCodes" of kind kFilters stands for valueCodes[DIMENSION]
  enum class In { kPath, kQuery } in = In::kQuery;
  std::string description;
  std::vector<std::string> values;  // the only ones; empty: any
  std::string example;
};

struct Route {
  std::string method;
  std::string path;  // "/api/open/v1/{source}/table/{id}"
  std::string id;    // of the operation
  std::string summary;
  std::vector<Parameter> parameters;
  std::string body;                        // schema of the body it takes; empty: none
  std::vector<std::string> content_types;  // of its answers
  std::function<Response(const Call&)> handle;
  bool of_releases = true;  // else it is answered without them: call.published is null
};

// Answers any request by the routes; an unknown path is 404, another method 405 with Allow. Paths are
// compared without regard to case. Thread-safe.
class Router {
 public:
  Router(std::vector<Route> routes, Library* library) : routes_(std::move(routes)), library_(library) {}
  Response Answer(const Request& request) const;
  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
  Library* library_;
};

// What all answers of data share.
Parameter LanguageParameter();
Parameter ReleaseParameter();

// The table that a call names, in the release it pins; or the problem.
struct ChosenTable {
  const TableEntry* entry = nullptr;
  const v1::Release* release = nullptr;
  bool pinned = false;
  std::shared_ptr<const Cube> cube;
};
bool FindTable(const Call& call, ChosenTable* chosen, Response* problem);

Response JsonResponse(std::string body);

// A body's JSON: null where it is none, or is deeper than any request of ours.
nlohmann::json ReadBody(const std::string& body);

}  // namespace kpr::http

#include "indicators/http/routes.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/limits.h"

namespace kpr::http {
namespace {

std::vector<std::string> Segments(const std::string& path) {
  std::vector<std::string> segments;
  size_t at = 1;
  while (at <= path.size()) {
    const size_t end = std::min(path.find('/', at), path.size());
    segments.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return segments;
}

// The last segment of a pattern may be "{name...}": all that is left.
bool Fits(const std::string& pattern, const std::string& path,
          std::map<std::string, std::string>* parameters) {
  const auto wanted = Segments(pattern), given = Segments(path);
  parameters->clear();
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (i >= given.size()) return false;
    if (wanted[i].ends_with("...}")) {
      std::string rest = given[i];
      for (size_t j = i + 1; j < given.size(); ++j) rest += "/" + given[j];
      (*parameters)[wanted[i].substr(1, wanted[i].size() - 5)] = rest;
      return !rest.empty();
    }
    if (wanted[i].starts_with('{')) {
      if (given[i].empty()) return false;
      (*parameters)[wanted[i].substr(1, wanted[i].size() - 2)] = given[i];
    } else if (LowerCase(wanted[i]) != LowerCase(given[i])) {
      return false;
    }
  }
  return wanted.size() == given.size();
}

Language LanguageOf(const Request& request, const Target& target) {
  const std::string asked = LowerCase(target.Has("lang") ? target.Get("lang") : request.accept_language);
  return asked.starts_with("en") ? Language::kEnglish : Language::kNorwegian;
}

// Values that the table of routes leaves no choice of.
std::optional<Problem> FaultIn(const Route& route, const Target& target) {
  for (const Parameter& parameter : route.parameters) {
    if (parameter.in != Parameter::In::kQuery || parameter.values.empty() || !target.Has(parameter.name))
      continue;
    const std::string value = LowerCase(target.Get(parameter.name));
    if (std::find(parameter.values.begin(), parameter.values.end(), value) != parameter.values.end())
      continue;
    return Problem{400,
                   fmt::format("parameter {}: '{}' is none of its values", parameter.name, value),
                   {},
                   parameter.values};
  }
  return std::nullopt;
}

// Libraries report by exceptions, of memory too; they end here.
Response Handle(const Route& route, const Call& call) {
  try {
    return route.handle(call);
  } catch (const std::exception& error) {
    return ToResponse(Internal(error.what()));
  }
}

}  // namespace

Response Router::Answer(const Request& request) const {
  Call call;
  call.request = &request;
  if (!ParseTarget(request.target, &call.target))
    return ToResponse(
        Problem{400, "the address is not a path with a query, or a % in it is no escape", {}, {}});
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  std::set<std::string> allowed;
  for (const Route& route : routes_) {
    if (!Fits(route.path, call.target.path, &call.path)) continue;
    allowed.insert(route.method);
    if (route.method != method) continue;
    if (const auto problem = FaultIn(route, call.target)) return ToResponse(*problem);
    call.language = LanguageOf(request, call.target);
    call.library = library_;
    if (route.of_releases) {
      auto published = library_->Now();
      if (!published.ok()) return ToResponse(published.status());
      call.published = *published;
    }
    return Handle(route, call);
  }
  if (allowed.empty())
    return NotFoundProblem("there is nothing at " + call.target.path + "; /openapi.json lists all paths");
  std::string allow = allowed.contains("GET") ? "HEAD, OPTIONS" : "OPTIONS";
  for (const std::string& one : allowed) allow += ", " + one;
  Response response;
  if (method == "OPTIONS") {
    response.status = 204;
    response.headers.emplace_back("Access-Control-Allow-Methods", allow);
    response.headers.emplace_back("Access-Control-Allow-Headers", "content-type, accept, accept-language");
    response.headers.emplace_back("Access-Control-Max-Age", "86400");
  } else {
    response = ToResponse(Problem{405, "methods here: " + allow, {}, {}});
  }
  response.headers.emplace_back("Allow", allow);
  return response;
}

Parameter LanguageParameter() {
  return {"lang",
          Parameter::In::kQuery,
          "Language of labels and words; Norwegian unless asked.",
          {"nb", "no", "en"},
          "en"};
}

Parameter ReleaseParameter() {
  return {"release",
          Parameter::In::kQuery,
          "Number of a release of the table's series, or 'latest'. With a number the answer never changes.",
          {},
          "1"};
}

bool FindTable(const Call& call, ChosenTable* chosen, Response* problem) {
  const std::string& id = call.path.at("id");
  chosen->entry = call.published->Find(id);
  if (chosen->entry == nullptr) {
    *problem = NotFoundProblem(fmt::format("there is no table '{}'; the list of tables has all", id));
    return false;
  }
  chosen->release = &chosen->entry->last();
  const std::string wanted = call.target.Get("release");
  if (!wanted.empty() && LowerCase(wanted) != "latest") {
    chosen->release = nullptr;
    std::vector<std::string> numbers{"latest"};
    for (const v1::Release* release : chosen->entry->releases) {
      numbers.push_back(std::to_string(release->number()));
      if (numbers.back() == wanted) chosen->release = release;
    }
    if (chosen->release == nullptr) {
      *problem = ToResponse(Problem{404, fmt::format("no release '{}' has the table", wanted), {}, numbers});
      return false;
    }
    chosen->pinned = true;
  }
  auto cube = call.library->ReadCube(*chosen->release, chosen->entry->indicator);
  if (!cube.ok()) {
    *problem = ToResponse(cube.status());
    return false;
  }
  chosen->cube = *cube;
  return true;
}

nlohmann::json ReadBody(const std::string& body) {
  constexpr int kDeepest = 8;
  // What is deeper is not parsed: copying and writing such a value would take as many calls as it is deep.
  bool too_deep = false;
  auto json = nlohmann::json::parse(
      body,
      [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
        too_deep = too_deep || depth > kDeepest;
        return !too_deep;
      },
      false);
  return too_deep ? nlohmann::json() : json;
}

Response JsonResponse(std::string body) {
  Response response;
  response.content_type = "application/json";
  response.body = std::move(body);
  return response;
}

}  // namespace kpr::http

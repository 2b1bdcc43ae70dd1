#include "indicators/http/problem.h"

#include <nlohmann/json.hpp>

namespace kpr::http {
namespace {

constexpr size_t kAllowedShown = 50;

const char* TitleOf(int status) {
  switch (status) {
    case 400:
      return "Bad request";
    case 404:
      return "Not found";
    case 405:
      return "Method not allowed";
    case 413:
      return "Too large";
    case 415:
      return "Unsupported media type";
    case 503:
      return "Try again later";
    default:
      return "Internal error";
  }
}

Response Failed(int status, const std::string& detail, const Status& why) {
  Response response = ToResponse(Problem{status, detail, {}, {}});
  response.failure = why.message();
  return response;
}

}  // namespace

Response ToResponse(const Problem& problem) {
  nlohmann::ordered_json json;
  json["type"] = "about:blank";
  json["title"] = TitleOf(problem.status);
  json["status"] = problem.status;
  json["detail"] = problem.detail;
  if (!problem.dimension.empty()) json["dimension"] = problem.dimension;
  if (!problem.allowed.empty()) {
    auto& allowed = json["allowed"] = nlohmann::ordered_json::array();
    for (size_t i = 0; i < problem.allowed.size() && i < kAllowedShown; ++i)
      allowed.push_back(problem.allowed[i]);
    if (problem.allowed.size() > kAllowedShown) json["allowedInAll"] = problem.allowed.size();
  }
  Response response;
  response.status = problem.status;
  response.content_type = "application/problem+json";
  // What a caller sent may come back in the words, and need not be UTF-8.
  response.body = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

Response ToResponse(const Status& status) {
  switch (status.code()) {
    case Code::kNotFound:
      return ToResponse(Problem{404, status.message(), {}, {}});
    case Code::kInvalid:
      return ToResponse(Problem{400, status.message(), {}, {}});
    case Code::kUnavailable:
    case Code::kResourceExhausted:
      return Failed(503, "the data cannot be read now; try again later", status);
    case Code::kOk:
    case Code::kFailedPrecondition:
    case Code::kDataLoss:
    case Code::kInternal:
      break;
  }
  return Failed(500, "the answer cannot be given; the operator's log says why", status);
}

Response NotFoundProblem(const std::string& detail) {
  return ToResponse(Problem{404, detail, {}, {}});
}

}  // namespace kpr::http

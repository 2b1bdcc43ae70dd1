// Errors as problem+json (RFC 9457), with the place of the fault and what would be right.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "indicators/http/message.h"

namespace kpr::http {

struct Problem {
  int status = 400;
  std::string detail;                // what is wrong and how to put it right
  std::string dimension;             // the one at fault; empty: none
  std::vector<std::string> allowed;  // its codes, or the first of them
};

Response ToResponse(const Problem& problem);
// 404 for kNotFound, 400 for kInvalid, 503 for kUnavailable and kResourceExhausted, else 500 without details.
Response ToResponse(const Status& status);
Response NotFoundProblem(const std::string& detail);

}  // namespace kpr::http

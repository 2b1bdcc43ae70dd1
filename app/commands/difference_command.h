// kpr indicators difference: a group of municipalities before and after something began, against the others.
#pragma once

#include <string>

#include "app/commands/output.h"
#include "ingest/client/connection.h"
#include "kpr/v1/indicator.pb.h"

namespace kpr {

struct DifferenceRequest {
  v1::GetIndicatorValuesRequest get;  // indicator, first and last period
  std::string members;                // a file of municipality numbers, one a line; # begins a comment
  std::string group;                  // or one that the register holds
  std::string begins;                 // the first period after it began for the members
  bool weighted = false;              // by the denominator in the last period before it; else equal weights
};

Status ShowDifference(const ClientOptions& client, const DifferenceRequest& request, Output output);

}  // namespace kpr

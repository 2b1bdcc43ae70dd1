// kpr indicators difference: a group of municipalities before and after something began, against the others.
#pragma once

#include <string>

#include "app/commands/output.h"
#include "ingest/client/connection.h"
#include "kpr/v1/indicator.pb.h"

namespace kpr {

struct DifferenceQuestion {
  v1::GetIndicatorValuesRequest get;  // indicator, first and last period
  std::string members;                // a file of municipality numbers, one a line; # begins a comment
  std::string begins;                 // the first period of the members' part
  bool weighted = false;              // by the denominator in the last period before it; else all count alike
};

Status ShowDifference(const ClientOptions& client, const DifferenceQuestion& question, Output output);

}  // namespace kpr

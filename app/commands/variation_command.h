// kpr indicators variation: how much of the variation between municipalities is chance, goes with age and
// sex, goes with attributes, and is left.
#pragma once

#include <string>
#include <vector>

#include "app/commands/output.h"
#include "ingest/client/connection.h"
#include "kpr/v1/indicator.pb.h"

namespace kpr {

struct VariationRequest {
  v1::CompareMunicipalitiesRequest compare;  // indicator and period
  std::string attributes;                    // a file, see attribute_file.h; empty: none
  std::vector<std::string> categories;       // attributes of it that are no numbers
  std::vector<std::string> held;             // attributes that the register holds
  std::vector<std::string> indicators;       // whose values of the same period are attributes
  bool size_group = false;                   // the municipality's size group is one
};

Status ShowVariation(const ClientOptions& client, const VariationRequest& request, Output output);

}  // namespace kpr

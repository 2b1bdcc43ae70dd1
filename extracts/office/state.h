// What the parts of the office ask of an extract and of the registry.
#pragma once

#include <vector>

#include "base/status.h"
#include "kpr/v1/extract.pb.h"
#include "registry/read/registry_reader.h"

namespace kpr::extract {

// Of now, by partition.
std::vector<uint64_t> PositionsOf(const RegistryReader& registry);
// kFailedPrecondition: it is in another state; `what` says which one is wanted.
Status StateIs(const v1::Extract& extract, v1::Extract::State wanted, const char* what);

}  // namespace kpr::extract

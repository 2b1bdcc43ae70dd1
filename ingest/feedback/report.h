// What the registry tells a sender about its data. Reads through ports; knows no gRPC. `owner` is the sender,
// or the one that it continues.
#pragma once

#include <functional>
#include <string>

#include "ingest/feedback/cursor.h"
#include "kpr/v1/ingest.pb.h"
#include "registry/read/registry_reader.h"
#include "registry/sender_chain/chain.h"

namespace kpr {

v1::SubmissionState SubmissionStateOf(const Chain& chain);

// Counts of the findings in force, the chain's gaps and the control totals that do not agree.
Result<v1::DataQualityReport> MakeDataQualityReport(const RegistryReader& registry, const std::string& owner,
                                                    const Chain& chain);

// Counts of the findings about one municipality, over all senders.
Result<v1::DataQualityReport> MakeMunicipalityReport(const RegistryReader& registry,
                                                     Municipality municipality);

// One page of the findings in force, by partition and key. kInvalid: not a page token.
Result<v1::ListFindingsResponse> ListFindings(const RegistryReader& registry,
                                              const v1::ListFindingsRequest& request,
                                              const std::string& owner);

// Calls `f` for each change since the cursor, which moves along, until it returns false.
Status ReadFindingChanges(const RegistryReader& registry, const std::string& owner, Cursor* cursor,
                          const std::function<bool(const v1::FindingChange&)>& f);

}  // namespace kpr

// The building of an extract: a first reading selects, a second one writes every file at once; where rare
// codes are grouped, one before them counts. All read the same position, so that a build that was interrupted
// gives the same files when it is done again. Of a delta, what has changed since an earlier extract is found
// first, and then written.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/crypto/age.h"
#include "extracts/build/row_reader.h"

namespace kpr::extract {

struct BuildOptions {
  std::string folder;                            // of the files
  std::vector<crypto::AgeRecipient> recipients;  // none: not encrypted, for dummy files
  RiskPolicy policy;
  v1::Extract described;  // what the manifest says of it: id, request, positions, software
  bool dummy = false;
  std::optional<Held> delta_to;
  std::vector<EarlierExtract> earlier;  // all that the recipient has of the project
  ReadingOptions reading;
};

struct Built {
  v1::ExtractRisk risk;  // also where it is refused
  bool refused = false;  // for its risk
  std::vector<v1::GroupedCodes> grouped;
  std::vector<SubjectId> persons;  // whom the recipient has data on from now on
  std::vector<std::string> contents;
  std::vector<v1::ExtractFile> files;
  uint64_t rows = 0;
  v1::ExtractDelta delta;
};

// kFailedPrecondition: at risk, as Select; or the earlier extract of a delta cannot be made again as it was.
// kUnavailable: interrupted.
Status Build(const TimelineSource& source, RequestPlan* plan, const BuildOptions& options, Built* built);

}  // namespace kpr::extract

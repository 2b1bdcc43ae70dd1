// What is said to a witness and what it answers (C2SP tlog-witness): it signs checkpoints of a log, each of
// which continues the one that it signed before, so that no two histories are shown. Pure.
#pragma once

#include <string>

#include "base/status.h"
#include "registry/audit/merkle_tree.h"

namespace kpr::audit {

// The body of POST <witness>/add-checkpoint. `proof` is that `note` continues the tree of `earlier` entries,
// the last that the witness has signed; empty for none.
std::string AddCheckpointBody(uint64_t earlier, const std::vector<Hash>& proof, const std::string& note);

// The note with what the witness has added to it. kDataLoss: not its signature.
Result<std::string> AddCosignature(const std::string& note, const std::string& answer,
                                   const std::string& witness_key);

}  // namespace kpr::audit

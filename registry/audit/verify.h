// Checks a log from its files alone, as anybody can.
#pragma once

#include <string>

#include "base/status.h"
#include "registry/audit/signed_note.h"

namespace kpr::audit {

// The folder of checkpoint and tiles. kDataLoss names the file: something is missing, changed or in another
// order than what was signed. kInvalid: the key is none.
Result<Checkpoint> VerifyFiles(const std::string& folder, const std::string& verifier_key);

// That a later checkpoint continues an earlier one, from the files of the later. kDataLoss: history was
// rewritten, or the log is shorter.
Status VerifyContinues(const std::string& folder, const Checkpoint& earlier, const Checkpoint& later);

// That each entry is of the record behind it. `folder` has records/ and public/, `key` seals the records.
Status VerifyRecords(const std::string& folder, const std::string& key, const Checkpoint& checkpoint);

}  // namespace kpr::audit

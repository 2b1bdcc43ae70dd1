#include "registry/audit/witness.h"

#include <fmt/format.h>

#include "base/crypto/hash.h"
#include "registry/audit/signed_note.h"

namespace kpr::audit {

std::string AddCheckpointBody(uint64_t earlier, const std::vector<Hash>& proof, const std::string& note) {
  std::string body = fmt::format("old {}\n", earlier);
  for (const Hash& hash : proof) body += crypto::ToBase64(hash) + "\n";
  return body + "\n" + note;
}

Result<std::string> AddCosignature(const std::string& note, const std::string& answer,
                                   const std::string& witness_key) {
  std::string cosigned = note + answer;
  const auto parsed = ParseNote(cosigned);
  if (!parsed || !IsSignedBy(*parsed, witness_key))
    return DataLoss("the witness's answer is not its signature of the checkpoint, by the key that is known");
  return cosigned;
}

}  // namespace kpr::audit

// Signed notes and the checkpoints in them, as C2SP has them (signed-note, tlog-checkpoint,
// tlog-cosignature), so that foreign tools verify them unchanged. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/crypto/signature.h"
#include "base/status.h"
#include "registry/audit/merkle_tree.h"

namespace kpr::audit {

// What the log says of itself at one size.
struct Checkpoint {
  std::string origin;  // names the log, without blanks and '+'
  uint64_t size = 0;
  Hash root;

  std::string ToText() const;  // the three lines that are signed
};
// None: not such lines.
std::optional<Checkpoint> ParseCheckpoint(const std::string& text);

// "origin+0123abcd+base64": how a reader knows a log or a witness. `type` 1 is a log's, 4 a witness's.
std::string VerifierKey(const std::string& name, const std::string& public_key, uint8_t type = 1);

// The text, a blank line, and the log's signature.
Result<std::string> SignNote(const std::string& text, const std::string& name, const crypto::SigningKey& key);

struct Note {
  std::string text;
  std::vector<std::string> signatures;  // lines, without their ends
};
// None: not a note.
std::optional<Note> ParseNote(const std::string& note);
// Whether the note has a signature by the verifier key, of a log or a witness.
bool IsSignedBy(const Note& note, const std::string& verifier_key);
// The checkpoint of a note that the key has signed. kDataLoss says what is wrong.
Result<Checkpoint> OpenCheckpoint(const std::string& note, const std::string& verifier_key);

}  // namespace kpr::audit

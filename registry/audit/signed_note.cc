#include "registry/audit/signed_note.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "base/crypto/hash.h"
#include "base/ids.h"

namespace kpr::audit {
namespace {

constexpr char kDash[] = "\xe2\x80\x94 ";  // an em dash and a blank
constexpr size_t kKeyIdBytes = 4, kPublicKeyBytes = 32, kSignatureBytes = 64;
constexpr uint8_t kLogKey = 1, kWitnessKey = 4;

std::string KeyId(const std::string& name, const std::string& typed_key) {
  return crypto::Sha256Bytes(name + "\n" + typed_key).substr(0, kKeyIdBytes);
}

struct Key {
  std::string name, id;
  uint8_t type = 0;
  std::string public_key;  // base64
};

std::optional<Key> ParseKey(const std::string& text) {
  const size_t first = text.find('+'), second = text.find('+', first + 1);
  if (first == std::string::npos || second == std::string::npos) return std::nullopt;
  const auto typed = crypto::FromBase64(text.substr(second + 1));
  const auto id = FromHex(text.substr(first + 1, second - first - 1));
  Key key;
  key.name = text.substr(0, first);
  if (key.name.empty() || !typed || typed->size() != 1 + kPublicKeyBytes || !id) return std::nullopt;
  key.id = KeyId(key.name, *typed);
  key.type = static_cast<uint8_t>(typed->front());
  key.public_key = crypto::ToBase64(typed->substr(1));
  if (*id != key.id || (key.type != kLogKey && key.type != kWitnessKey)) return std::nullopt;
  return key;
}

// A witness signs the text with the time at which it saw it.
bool IsSignature(const std::string& text, const Key& key, const std::string& bytes) {
  if (key.type == kLogKey) return crypto::SignedBy(text, crypto::ToBase64(bytes), key.public_key);
  if (bytes.size() != 8 + kSignatureBytes) return false;
  const auto time = ByteReader(bytes.substr(0, 8)).BigEndian<uint64_t>();
  return crypto::SignedBy(fmt::format("cosignature/v1\ntime {}\n{}", time, text),
                          crypto::ToBase64(bytes.substr(8)), key.public_key);
}

}  // namespace

std::string Checkpoint::ToText() const {
  return fmt::format("{}\n{}\n{}\n", origin, size, crypto::ToBase64(root));
}

std::optional<Checkpoint> ParseCheckpoint(const std::string& text) {
  const size_t first = text.find('\n'), second = text.find('\n', first + 1),
               third = text.find('\n', second + 1);
  if (first == std::string::npos || second == std::string::npos || third == std::string::npos)
    return std::nullopt;
  Checkpoint checkpoint;
  checkpoint.origin = text.substr(0, first);
  const std::string size = text.substr(first + 1, second - first - 1);
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), checkpoint.size);
  const bool number =
      error == std::errc() && end == size.data() + size.size() && (size == "0" || !size.starts_with('0'));
  const auto root = crypto::FromBase64(text.substr(second + 1, third - second - 1));
  if (checkpoint.origin.empty() || !number || !root || root->size() != crypto::kHashBytes)
    return std::nullopt;
  checkpoint.root = *root;
  return checkpoint;
}

std::string VerifierKey(const std::string& name, const std::string& public_key, uint8_t type) {
  const std::string typed =
      std::string(1, static_cast<char>(type)) + crypto::FromBase64(public_key).value_or("");
  return fmt::format("{}+{}+{}", name, ToHex(KeyId(name, typed)), crypto::ToBase64(typed));
}

Result<std::string> SignNote(const std::string& text, const std::string& name,
                             const crypto::SigningKey& key) {
  KPR_ASSIGN_OR_RETURN(const std::string signature, key.Sign(text));
  const std::string typed =
      std::string(1, static_cast<char>(kLogKey)) + *crypto::FromBase64(key.public_key());
  return fmt::format("{}\n{}{} {}\n", text, kDash, name,
                     crypto::ToBase64(KeyId(name, typed) + *crypto::FromBase64(signature)));
}

std::optional<Note> ParseNote(const std::string& note) {
  const size_t blank = note.rfind("\n\n");
  if (blank == std::string::npos || !note.ends_with('\n')) return std::nullopt;
  Note parsed;
  parsed.text = note.substr(0, blank + 1);
  for (size_t at = blank + 2; at < note.size();) {
    const size_t end = note.find('\n', at);
    const std::string line = note.substr(at, end - at);
    if (!line.starts_with(kDash)) return std::nullopt;
    parsed.signatures.push_back(line);
    at = end + 1;
  }
  if (parsed.signatures.empty()) return std::nullopt;
  return parsed;
}

bool IsSignedBy(const Note& note, const std::string& verifier_key) {
  const auto key = ParseKey(verifier_key);
  if (!key) return false;
  const std::string prefix = kDash + key->name + " ";
  return std::any_of(note.signatures.begin(), note.signatures.end(), [&](const std::string& line) {
    if (!line.starts_with(prefix)) return false;
    const auto bytes = crypto::FromBase64(line.substr(prefix.size()));
    return bytes && bytes->starts_with(key->id) && IsSignature(note.text, *key, bytes->substr(kKeyIdBytes));
  });
}

Result<Checkpoint> OpenCheckpoint(const std::string& note, const std::string& verifier_key) {
  const auto key = ParseKey(verifier_key);
  if (!key) return Invalid("the public key is none: expected NAME+HASH+KEY");
  const auto parsed = ParseNote(note);
  if (!parsed) return DataLoss("the checkpoint is no signed note");
  if (!IsSignedBy(*parsed, verifier_key)) return DataLoss("the checkpoint is not signed by " + verifier_key);
  const auto checkpoint = ParseCheckpoint(parsed->text);
  if (!checkpoint) return DataLoss("the checkpoint is signed, but is none");
  if (checkpoint->origin != key->name) return DataLoss("the checkpoint is of the log " + checkpoint->origin);
  return *checkpoint;
}

}  // namespace kpr::audit

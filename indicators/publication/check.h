// Anybody's check of releases, from their public files alone: hashes, signature, chain, and the attack
// repeated.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "kpr/v1/publication.pb.h"

namespace kpr::publication {

struct CheckedRelease {
  v1::Release manifest;
  std::string manifest_sha256;
  uint64_t files = 0, bytes = 0;
  uint64_t figures = 0, hidden = 0;
  double narrowest = 0;
  bool other_lists = false;  // than those in use: the release's own have been believed
};

// The folder of one release. `public_key` (base64): the key it must be signed with; empty: the one it names.
// `before`: the release that it must follow; none: its place in the chain is not checked. The first fault is
// the error: it names file and figure.
Result<CheckedRelease> CheckRelease(const std::string& folder, const std::string& public_key,
                                    const CheckedRelease* before);

}  // namespace kpr::publication

// Who may send what. Pure data; app/ reads it from the policy file.
#pragma once

#include <map>
#include <set>
#include <string>

#include "base/ids.h"

namespace kpr {

struct AdmissionPolicy {
  // Sender name (the certificate's URI SAN) to the municipalities it may send for.
  std::map<std::string, std::set<Municipality>> senders;
  // Plaintext loopback only: any sender, any municipality.
  bool anyone = false;

  bool Knows(const std::string& sender) const { return anyone || senders.contains(sender); }
  bool MaySend(const std::string& sender, Municipality municipality) const {
    if (anyone) return true;
    const auto it = senders.find(sender);
    return it != senders.end() && it->second.contains(municipality);
  }
};

// A name that can be a key in stores and logs: 1 to 200 printable ASCII characters without blanks.
inline bool IsSenderName(const std::string& name) {
  if (name.empty() || name.size() > 200) return false;
  for (char c : name) {
    if (c <= ' ' || c > '~') return false;
  }
  return true;
}

}  // namespace kpr

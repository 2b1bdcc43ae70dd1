// When the code of each municipality ends. What municipalities report of themselves counts until then, so
// cells are computed by it: stores remember by which ends theirs are. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/date.h"
#include "base/ids.h"

namespace kpr {

class CodeEnds {
 public:
  // Later calls for a code replace earlier ones.
  void Set(Municipality municipality, Date until);
  // The first day on which the code is no longer in force: kNoEnd while it is, kFirstDate for a code that is
  // in no list.
  Date Of(Municipality municipality) const {
    const auto it = until_.find(municipality.code);
    return it == until_.end() ? kFirstDate : it->second;
  }
  // A code that is here and not in `other`; code 0: there is none.
  Municipality MissingIn(const CodeEnds& other) const;
  // One word; the same for the same ends.
  std::string Encode() const;
  static bool Decode(std::string_view text, CodeEnds* ends);
  bool operator==(const CodeEnds&) const = default;

 private:
  std::map<uint16_t, Date> until_;
};

}  // namespace kpr

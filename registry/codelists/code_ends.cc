#include "registry/codelists/code_ends.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace kpr {

void CodeEnds::Set(Municipality municipality, Date until) {
  until_[municipality.code] = until;
}

Municipality CodeEnds::MissingIn(const CodeEnds& other) const {
  const auto it = std::find_if(until_.begin(), until_.end(),
                               [&](const auto& entry) { return !other.until_.contains(entry.first); });
  return it == until_.end() ? Municipality() : Municipality{it->first};
}

std::string CodeEnds::Encode() const {
  std::string text;
  for (const auto& [code, until] : until_)
    text += fmt::format("{}{:04}:{}", text.empty() ? "" : ",", code, until.days);
  return text;
}

bool CodeEnds::Decode(std::string_view text, CodeEnds* ends) {
  *ends = {};
  while (!text.empty()) {
    const std::string_view entry = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), entry.size() + 1));
    if (entry.size() < 6 || entry[4] != ':') return false;
    const auto code = Municipality::Parse(std::string(entry.substr(0, 4)));
    Date until;
    const auto [end, error] = std::from_chars(entry.data() + 5, entry.data() + entry.size(), until.days);
    if (!code || error != std::errc() || end != entry.data() + entry.size()) return false;
    ends->Set(*code, until);
  }
  return true;
}

}  // namespace kpr

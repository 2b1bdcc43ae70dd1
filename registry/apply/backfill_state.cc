#include "registry/apply/backfill_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "base/ids.h"
#include "registry/codelists/edition.h"
#include "registry/store/partition_store.h"

namespace kpr {
namespace {

const IndicatorVersion* Find(const std::vector<IndicatorVersion>& versions, uint32_t number) {
  for (const IndicatorVersion& version : versions) {
    if (version.number == number) return &version;
  }
  return nullptr;
}

// Stores that do not name them were computed by the lists that were built in.
// Those of the lists of version 0.1.0: a test holds the built-in lists to them, see codelists_test.
const Edition& OfEarlierStores() {
  return BuiltInEdition();
}

constexpr std::string_view kCodeEnds = "code_ends ", kFormat = "format";

}  // namespace

bool BackfillState::Has(uint32_t number) const {
  return Find(complete, number) != nullptr;
}

std::string BackfillState::Encode() const {
  std::string text = fmt::format("{} {}\n", kFormat, kStoreFormat);
  for (const IndicatorVersion& v : complete)
    text += fmt::format("complete {:08x} {:016x} {}\n", v.number, v.definition_hash, v.name);
  for (const IndicatorVersion& v : pending)
    text += fmt::format("pending {:08x} {:016x} {}\n", v.number, v.definition_hash, v.name);
  if (!cursor.empty()) text += fmt::format("cursor {}\n", ToHex(cursor));
  const std::string ends = code_ends.Encode();
  if (!ends.empty()) text += fmt::format("{}{}\n", kCodeEnds, ends);
  return text;
}

bool ComputedByEnds(std::string_view text, std::string_view code_ends) {
  if (text.empty()) return true;
  const size_t at = text.find(kCodeEnds);
  if (at == std::string_view::npos) return code_ends == OfEarlierStores().ends_text;
  text.remove_prefix(at + kCodeEnds.size());
  return text.substr(0, text.find('\n')) == code_ends;
}

bool BackfillState::Decode(std::string_view text, BackfillState* state) {
  *state = {};
  state->code_ends = OfEarlierStores().ends;
  std::istringstream in{std::string(text)};
  std::string format;
  for (std::string word; in >> word;) {
    if (word == kFormat) {
      if (!(in >> format)) return false;
      continue;
    }
    if (word == "cursor") {
      if (!(in >> word)) return false;
      const auto cursor = FromHex(word);
      if (!cursor) return false;
      state->cursor = *cursor;
      continue;
    }
    if (word == "code_ends") {
      if (!(in >> word) || !CodeEnds::Decode(word, &state->code_ends)) return false;
      continue;
    }
    if (word != "complete" && word != "pending") return false;
    IndicatorVersion version;
    if (!(in >> std::hex >> version.number >> version.definition_hash >> version.name)) return false;
    (word == "complete" ? state->complete : state->pending).push_back(version);
  }
  // A worker of another version published it.
  if (format != kStoreFormat) state->complete.clear(), state->pending.clear();
  return true;
}

Result<BackfillTransition> TransitionTo(const BackfillState& before, std::vector<IndicatorVersion> wanted) {
  std::sort(wanted.begin(), wanted.end());
  BackfillTransition change;
  change.after.code_ends = before.code_ends;
  for (const auto* had : {&before.complete, &before.pending}) {
    for (const IndicatorVersion& version : *had) {
      const IndicatorVersion* other = Find(wanted, version.number);
      if (other == nullptr) {
        change.dropped.push_back(version.number);
      } else if (other->definition_hash != version.definition_hash) {
        return FailedPrecondition(
            fmt::format("{} is defined differently from what its cells were computed by: give it another "
                        "version, or run 'kpr rebuild'",
                        version.name));
      }
    }
  }
  std::vector<IndicatorVersion> missing;
  for (const IndicatorVersion& version : wanted) {
    if (before.Has(version.number)) {
      change.after.complete.push_back(version);
    } else {
      missing.push_back(version);
    }
  }
  if (missing == before.pending) {
    change.after.cursor = before.cursor;
  } else {
    // A backfill that had begun restarts together with the new versions. It clears what it fills, whatever a
    // damaged or copied store holds under these numbers.
    for (const IndicatorVersion& version : missing) change.dropped.push_back(version.number);
  }
  change.after.pending = std::move(missing);
  return change;
}

}  // namespace kpr

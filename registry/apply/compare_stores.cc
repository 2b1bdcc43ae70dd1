#include "registry/apply/compare_stores.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/slots.h"
#include "registry/timeline/known_versions.h"

namespace kpr {
namespace {

constexpr size_t kEntriesAtOnce = 5000;

struct Compared {
  Table table;
  const char* name;
};
constexpr Compared kCompared[] = {{Table::kTimelines, "timelines"}, {Table::kCells, "cells"},
                                  {Table::kTotals, "totals"},       {Table::kDayBoundaries, "day boundaries"},
                                  {Table::kFindings, "findings"},   {Table::kQuarantine, "quarantine"}};

// What an entry means: versions that a timeline does not accept, their order, and amounts that have become
// zero may differ. No text: it means nothing.
Result<std::optional<std::string>> MeaningOf(Table table, std::string_view key, std::string_view value) {
  if (table == Table::kTimelines) {
    std::vector<std::string_view> accepted;
    if (!AcceptedBytes({}, value, &accepted)) return DataLoss("timeline of " + ToHex(key));
    std::sort(accepted.begin(), accepted.end());
    std::string facts;
    for (const std::string_view bytes : accepted) facts += bytes;
    return std::optional(std::move(facts));
  }
  if (table == Table::kCells || table == Table::kTotals) {
    Slots slots;
    if (!AddTo(&slots, value)) return DataLoss("cell " + ToHex(key));
    std::string amounts = EncodeSlots(slots);
    return amounts.empty() ? std::nullopt : std::optional(std::move(amounts));
  }
  return std::optional(std::string(value));
}

using Block = std::map<std::string, std::string>;

// Entries from `first` on; `last` is the last key read where there may be more.
Status ReadBlock(const Snapshot& store, Table table, const std::string& first, Block* block,
                 std::optional<std::string>* last) {
  size_t read = 0;
  Status damage;
  KPR_RETURN_IF_ERROR(store.ScanRange(table, first, "", [&](std::string_view key, std::string_view value) {
    auto meaning = MeaningOf(table, key, value);
    damage = meaning.status();
    if (!damage.ok()) return false;
    if (*meaning) block->emplace(key, std::move(**meaning));
    if (++read < kEntriesAtOnce) return true;
    *last = std::string(key);
    return false;
  }));
  return damage;
}

void Compare(const Block& a, const Block& b, const std::optional<std::string>& until, const char* table,
             StoreDifferences* found) {
  const auto note = [&](const std::string& key) {
    if (found->differences++ == 0) found->first = fmt::format("{} {}", table, ToHex(key));
  };
  const auto within = [&](auto it, const Block& block) {
    return it != block.end() && (!until || it->first <= *until);
  };
  auto x = a.begin(), y = b.begin();
  while (within(x, a) || within(y, b)) {
    ++found->entries;
    if (!within(y, b) || (within(x, a) && x->first < y->first)) {
      note((x++)->first);
    } else if (!within(x, a) || y->first < x->first) {
      note((y++)->first);
    } else {
      if (x->second != y->second) note(x->first);
      ++x;
      ++y;
    }
  }
}

}  // namespace

Result<StoreDifferences> CompareStores(const Snapshot& a, const Snapshot& b,
                                       const std::function<bool()>& cancelled) {
  StoreDifferences found;
  if (a.state().horizon_days != b.state().horizon_days) {
    found.differences = 1;
    found.first = "horizon";
  }
  for (const Compared& compared : kCompared) {
    std::string first;
    for (bool more = true; more;) {
      if (cancelled()) return Unavailable("interrupted");
      Block in_a, in_b;
      std::optional<std::string> last_a, last_b;
      KPR_RETURN_IF_ERROR(ReadBlock(a, compared.table, first, &in_a, &last_a));
      KPR_RETURN_IF_ERROR(ReadBlock(b, compared.table, first, &in_b, &last_b));
      // As far as both were read; what one has beyond is read again.
      std::optional<std::string> until = last_a;
      if (!until || (last_b && *last_b < *until)) until = last_b;
      Compare(in_a, in_b, until, compared.name, &found);
      more = until.has_value();
      if (more) first = *until + '\0';
    }
  }
  return found;
}

}  // namespace kpr

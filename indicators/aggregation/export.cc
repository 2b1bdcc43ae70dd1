#include "indicators/aggregation/export.h"

#include <fmt/format.h>

#include <algorithm>

#include "indicators/cells/cell.h"

namespace kpr {

Result<std::map<std::string, std::string>> ExportCells(const PartitionReaders& stores) {
  std::map<std::string, Slots> sums;
  for (const auto& store : stores) {
    bool whole = true;
    KPR_RETURN_IF_ERROR(store->Scan(Table::kCells, "", [&](std::string_view key, std::string_view value) {
      whole = AddTo(&sums[std::string(key)], value) && whole;
      return true;
    }));
    if (!whole) return DataLoss("a cell does not decode: run 'kpr rebuild'");
  }
  std::map<std::string, std::string> result;
  for (const auto& [key, slots] : sums) {
    std::string text;
    for (const auto& [slot, amount] : slots) {
      if (amount != 0) text += fmt::format("{}{}={}", text.empty() ? "" : " ", slot, amount);
    }
    if (!text.empty()) result.emplace(key, std::move(text));
  }
  return result;
}

Result<std::vector<std::string>> ExportFindings(const PartitionReaders& stores) {
  std::vector<std::string> keys;
  for (const auto& store : stores) {
    KPR_RETURN_IF_ERROR(store->Scan(Table::kFindings, "", [&](std::string_view key, std::string_view) {
      keys.emplace_back(key);
      return true;
    }));
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

}  // namespace kpr

#include "indicators/reference/verify.h"

#include <fmt/format.h>

#include <algorithm>

#include "indicators/cells/cell.h"
#include "indicators/cells/export.h"
#include "indicators/engine/plan.h"
#include "kpr/v1/log.pb.h"

namespace kpr {

Result<NaiveRegister> ReadLog(EventLog* log, const std::vector<uint64_t>& ends) {
  constexpr size_t kReadBytes = 8u << 20;
  NaiveRegister naive;
  v1::LogRecord record;
  for (uint32_t stream = 0; stream < log->partitions(); ++stream) {
    for (uint64_t at = 0; at < ends[stream];) {
      KPR_ASSIGN_OR_RETURN(const auto chunks, log->Read(stream, at, kReadBytes));
      bool whole = true;
      for (const LogChunk& chunk : chunks) {
        whole = chunk.ForEach([&](uint64_t offset, std::string_view bytes) {
          if (offset < at || offset >= ends[stream]) return;
          whole = record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) && whole;
          if (record.has_event()) naive.Add(record.event(), record.sender());
          if (record.has_tick()) naive.Tick(record.tick().horizon_days());
        }) && whole;
      }
      if (!whole || chunks.empty()) return Damaged(fmt::format("log stream {} from offset {}", stream, at));
      at = chunks.back().end();
    }
  }
  return naive;
}

std::string DescribeCell(const std::string& encoded, const Catalogue& catalogue) {
  CellKey key;
  if (!CellKey::Decode(encoded, &key)) return "undecodable key " + ToHex(encoded);
  std::string indicator = key.indicator == 0 ? "facts" : fmt::format("{:08x}", key.indicator);
  for (const auto& d : catalogue.definitions) {
    if (IndicatorNumber(d) == key.indicator) indicator = fmt::format("{}@{}", d.id(), d.version());
  }
  std::string places;
  for (size_t i = 0; i < key.municipality_count; ++i) {
    places += (i ? "+" : "") + Municipality{key.municipalities[i]}.ToString();
  }
  return fmt::format("{} {} municipality {} provider {} sex {} age {}", indicator, key.period().ToString(),
                     places, key.provider, key.sex, AgeBandName(key.age));
}

Result<Verification> Verify(EventLog* log, const std::vector<const PartitionStore*>& stores,
                            const Catalogue& catalogue) {
  constexpr size_t kShown = 20;
  std::vector<uint64_t> ends;
  for (const PartitionStore* store : stores) ends.push_back(store->next_offset());
  KPR_ASSIGN_OR_RETURN(const NaiveRegister naive, ReadLog(log, ends));
  const auto expected = naive.Cells(catalogue);
  KPR_ASSIGN_OR_RETURN(const auto found, ExportCells(stores));
  Verification result{naive.events(), expected.size(), {}};
  const auto differ = [&](const std::string& key, const std::string& want, const std::string& have) {
    if (result.differences.size() < kShown) {
      result.differences.push_back(
          fmt::format("{}: batch has [{}], register has [{}]", DescribeCell(key, catalogue), want, have));
    }
  };
  for (const auto& [key, want] : expected) {
    const auto it = found.find(key);
    if (it == found.end()) {
      differ(key, want, "");
    } else if (it->second != want) {
      differ(key, want, it->second);
    }
  }
  for (const auto& [key, have] : found) {
    if (!expected.contains(key)) differ(key, "", have);
  }
  return result;
}

}  // namespace kpr

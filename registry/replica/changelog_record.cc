#include "registry/replica/changelog_record.h"

#include <fmt/format.h>

#include "base/bytes.h"

namespace kpr {
namespace {

constexpr char kMarkKey[] = "\xFF";

// The numbers are part of the stored form.
struct Tag {
  Table table;
  char number;
};
constexpr Tag kTags[] = {{Table::kCells, 1},    {Table::kTotals, 2},   {Table::kDayBoundaries, 3},
                         {Table::kFindings, 4}, {Table::kFeedback, 5}, {Table::kQuarantine, 6}};

Status Unknown(const ChangelogRecord& record) {
  return DataLoss(fmt::format("published record at offset {}", record.offset));
}

}  // namespace

std::string ChangeKey(Table table, std::string_view key) {
  std::string out;
  for (const Tag& tag : kTags) {
    if (tag.table == table) out.push_back(tag.number);
  }
  out.append(key);
  return out;
}

ChangelogRecord EncodeChange(std::string change_key, uint64_t position, const std::string& value) {
  ChangelogRecord record{std::move(change_key), std::string(), 0};
  PutVarint(&*record.value, position);
  record.value->append(value);
  return record;
}

ChangelogRecord EncodeMarker(const BatchCommitMarker& marker) {
  ChangelogRecord record{kMarkKey, std::string(), 0};
  PutVarint(&*record.value, marker.state.next_offset);
  PutSigned(&*record.value, marker.state.horizon_days);
  PutVarint(&*record.value, marker.state.feedback_next);
  PutVarint(&*record.value, marker.epoch);
  PutSigned(&*record.value, marker.at_ms);
  record.value->append(marker.catalogue);
  return record;
}

bool IsMarker(const ChangelogRecord& record) {
  return record.key == kMarkKey;
}

Result<Change> DecodeChange(const ChangelogRecord& record) {
  Change change;
  bool known = false;
  for (const Tag& tag : kTags) {
    if (record.key.empty() || record.key[0] != tag.number) continue;
    change.table = tag.table;
    known = true;
  }
  if (!known) return Unknown(record);
  change.key = record.key.substr(1);
  if (!record.value) return change;
  ByteReader reader(*record.value);
  change.position = reader.Varint();
  change.value = std::string(reader.Bytes(reader.size()));
  if (reader.failed()) return Unknown(record);
  return change;
}

Result<BatchCommitMarker> DecodeMarker(const ChangelogRecord& record) {
  BatchCommitMarker marker;
  if (!record.value) return Unknown(record);
  ByteReader reader(*record.value);
  marker.state.next_offset = reader.Varint();
  marker.state.horizon_days = static_cast<int32_t>(reader.Signed());
  marker.state.feedback_next = reader.Varint();
  marker.epoch = reader.Varint();
  marker.at_ms = reader.Signed();
  marker.catalogue = std::string(reader.Bytes(reader.size()));
  if (reader.failed()) return Unknown(record);
  return marker;
}

}  // namespace kpr

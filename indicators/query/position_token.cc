#include "indicators/query/position_token.h"

#include "base/bytes.h"
#include "base/ids.h"

namespace kpr {
namespace {

// Against slips of the hand, not against forgery: every position is allowed to ask for.
uint16_t Check(std::string_view bytes) {
  return static_cast<uint16_t>(Fnv1a(bytes));
}

}  // namespace

std::string PositionToken(const std::vector<uint64_t>& positions) {
  std::string bytes;
  for (const uint64_t position : positions) PutVarint(&bytes, position);
  PutBigEndian(&bytes, Check(bytes));
  return ToHex(bytes);
}

Result<std::vector<uint64_t>> ParsePositionToken(const std::string& token, uint32_t partitions) {
  const Status wrong = Invalid("position: expected a token of an answer of this registry");
  const auto bytes = FromHex(token);
  if (!bytes || bytes->size() < 3) return wrong;
  const std::string_view encoded = std::string_view(*bytes).substr(0, bytes->size() - 2);
  if (ByteReader(std::string_view(*bytes).substr(encoded.size())).BigEndian<uint16_t>() != Check(encoded))
    return wrong;
  ByteReader reader(encoded);
  std::vector<uint64_t> positions;
  while (!reader.empty() && !reader.failed()) positions.push_back(reader.Varint());
  if (reader.failed() || positions.size() != partitions) return wrong;
  return positions;
}

}  // namespace kpr

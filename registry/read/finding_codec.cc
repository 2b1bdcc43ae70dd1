#include "registry/read/finding_codec.h"

#include "base/bytes.h"

namespace kpr {
namespace {

void PutUuid(std::string* out, const Uuid& id) {
  out->append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
}

Uuid ToUuid(std::string_view bytes) {
  Uuid id;
  if (bytes.size() == 16) std::memcpy(id.bytes.data(), bytes.data(), 16);
  return id;
}

}  // namespace

std::string SenderPrefix(uint64_t sender) {
  std::string key;
  PutBigEndian(&key, sender);
  return key;
}

std::string EncodeFindingKey(const SubjectId& subject, const TimelineFinding& finding) {
  std::string key = SenderPrefix(finding.sender);
  key.append(subject.view());
  key.push_back(static_cast<char>(finding.code));
  PutUuid(&key, finding.event_id);
  PutUuid(&key, finding.related);
  PutBigEndian(&key, finding.municipality.code);
  return key;
}

bool DecodeFindingKey(std::string_view key, TimelineFinding* finding) {
  ByteReader reader(key);
  finding->sender = reader.BigEndian<uint64_t>();
  reader.Bytes(16);
  finding->code = static_cast<FindingCode>(reader.BigEndian<uint8_t>());
  finding->event_id = ToUuid(reader.Bytes(16));
  finding->related = ToUuid(reader.Bytes(16));
  finding->municipality = {reader.BigEndian<uint16_t>()};
  return !reader.failed() && reader.empty();
}

std::string EncodeFeedbackKey(uint64_t sender, uint64_t number) {
  std::string key = SenderPrefix(sender);
  PutBigEndian(&key, number);
  return key;
}

uint64_t FeedbackNumber(std::string_view key) {
  return ByteReader(key.substr(8)).BigEndian<uint64_t>();
}

std::string EncodeFeedback(bool withdrawn, std::string_view finding_key) {
  return std::string(1, withdrawn ? '\1' : '\0') + std::string(finding_key);
}

}  // namespace kpr

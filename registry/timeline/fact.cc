#include "registry/timeline/fact.h"

#include <cstddef>

namespace kpr {
namespace {

size_t TailSize(const FactHeader& h) {
  return 4u * h.value_count + 16u * h.via_count + (h.kind == FactKind::kIdentityChanged ? 32u : 0u);
}

}  // namespace

Uuid Fact::via(int i) const {
  Uuid id;
  std::memcpy(id.bytes.data(), tail.data() + after_values() + 16u * static_cast<size_t>(i), 16);
  return id;
}

SubjectId Fact::from_subject() const {
  return SubjectId::FromView(tail.substr(after_values() + 16u * via_count, 16));
}

SubjectId Fact::to_subject() const {
  return SubjectId::FromView(tail.substr(after_values() + 16u * via_count + 16, 16));
}

bool Fact::SameContent(const Fact& other) const {
  FactHeader a = *this, b = other;
  a.offset = b.offset = 0;
  a.via_count = b.via_count = 0;
  return std::memcmp(&a, &b, sizeof a) == 0 &&
         tail.substr(0, after_values()) == other.tail.substr(0, after_values()) &&
         (kind != FactKind::kIdentityChanged ||
          (from_subject() == other.from_subject() && to_subject() == other.to_subject()));
}

void EncodeFact(const FactHeader& header, std::span<const int32_t> values, std::span<const Uuid> via,
                std::span<const SubjectId> identity, std::string* out) {
  FactHeader h = header;
  h.value_count = static_cast<uint8_t>(values.size());
  h.via_count = static_cast<uint8_t>(via.size());
  out->append(reinterpret_cast<const char*>(&h), sizeof h);
  out->append(reinterpret_cast<const char*>(values.data()), values.size() * 4);
  for (const Uuid& id : via) out->append(reinterpret_cast<const char*>(id.bytes.data()), 16);
  for (const SubjectId& id : identity) out->append(id.view());
}

bool DecodeFacts(std::string_view bytes, std::vector<Fact>* facts) {
  while (!bytes.empty()) {
    Fact fact;
    if (bytes.size() < sizeof(FactHeader)) return false;
    std::memcpy(static_cast<FactHeader*>(&fact), bytes.data(), sizeof(FactHeader));
    bytes.remove_prefix(sizeof(FactHeader));
    const size_t tail = TailSize(fact);
    if (bytes.size() < tail) return false;
    fact.tail = bytes.substr(0, tail);
    bytes.remove_prefix(tail);
    facts->push_back(fact);
  }
  return true;
}

void SetOffset(uint64_t offset, std::string* encoded) {
  std::memcpy(encoded->data() + offsetof(FactHeader, offset), &offset, sizeof offset);
}

std::string HandOn(const Fact& fact, std::span<const Uuid> added_via) {
  std::vector<int32_t> values;
  for (int i = 0; i < fact.value_count; ++i) values.push_back(fact.value(i));
  std::vector<Uuid> via;
  for (int i = 0; i < fact.via_count; ++i) via.push_back(fact.via(i));
  via.insert(via.end(), added_via.begin(), added_via.end());
  std::vector<SubjectId> identity;
  if (fact.kind == FactKind::kIdentityChanged) identity = {fact.from_subject(), fact.to_subject()};
  FactHeader header = fact;
  header.offset = 0;  // its place in another log is not known yet
  std::string out;
  EncodeFact(header, values, via, identity, &out);
  return out;
}

}  // namespace kpr

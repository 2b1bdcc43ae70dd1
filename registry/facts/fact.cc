#include "registry/facts/fact.h"

#include <cstddef>

#include "registry/facts/descriptor.h"

namespace kpr {
namespace {

size_t TailSize(const FactHeader& h) {
  return 4u * h.value_count + 16u * h.forward_count + (h.kind == FactKind::kIdentityChanged ? 32u : 0u);
}

}  // namespace

Uuid Fact::forwarded_by(int i) const {
  Uuid id;
  std::memcpy(id.bytes.data(), tail.data() + after_values() + 16u * static_cast<size_t>(i), 16);
  return id;
}

Uuid Fact::path_entry() const {
  Uuid entry = original;
  for (size_t i = 0; i < sizeof sender; ++i) entry.bytes[i] ^= static_cast<uint8_t>(sender >> (8 * i));
  return entry;
}

SubjectId Fact::from_subject() const {
  return SubjectId::FromView(tail.substr(after_values() + 16u * forward_count, 16));
}

SubjectId Fact::to_subject() const {
  return SubjectId::FromView(tail.substr(after_values() + 16u * forward_count + 16, 16));
}

bool Fact::SameContent(const Fact& other) const {
  FactHeader a = *this, b = other;
  a.offset = b.offset = 0;
  a.forward_count = b.forward_count = 0;
  return std::memcmp(&a, &b, sizeof a) == 0 &&
         tail.substr(0, after_values()) == other.tail.substr(0, after_values()) &&
         (kind != FactKind::kIdentityChanged ||
          (from_subject() == other.from_subject() && to_subject() == other.to_subject()));
}

void EncodeFact(const FactHeader& header, std::span<const int32_t> values, std::span<const Uuid> forwarded_by,
                std::span<const SubjectId> identity, std::string* out) {
  FactHeader h = header;
  h.value_count = static_cast<uint8_t>(values.size());
  h.forward_count = static_cast<uint8_t>(forwarded_by.size());
  out->append(reinterpret_cast<const char*>(&h), sizeof h);
  out->append(reinterpret_cast<const char*>(values.data()), values.size() * 4);
  for (const Uuid& id : forwarded_by) out->append(reinterpret_cast<const char*>(id.bytes.data()), 16);
  for (const SubjectId& id : identity) out->append(id.view());
}

bool DecodeFacts(std::string_view bytes, std::vector<Fact>* facts) {
  while (!bytes.empty()) {
    Fact fact;
    if (bytes.size() < sizeof(FactHeader)) return false;
    std::memcpy(static_cast<FactHeader*>(&fact), bytes.data(), sizeof(FactHeader));
    if (DescriptorOf(fact.kind) == nullptr) return false;
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

std::string Forward(const Fact& fact, std::span<const Uuid> added_forwards) {
  std::vector<int32_t> values;
  for (int i = 0; i < fact.value_count; ++i) values.push_back(fact.value(i));
  std::vector<Uuid> forwarded_by;
  for (int i = 0; i < fact.forward_count; ++i) forwarded_by.push_back(fact.forwarded_by(i));
  forwarded_by.insert(forwarded_by.end(), added_forwards.begin(), added_forwards.end());
  std::vector<SubjectId> identity;
  if (fact.kind == FactKind::kIdentityChanged) identity = {fact.from_subject(), fact.to_subject()};
  FactHeader header = fact;
  header.offset = 0;  // its place in another log is not known yet
  std::string out;
  EncodeFact(header, values, forwarded_by, identity, &out);
  return out;
}

}  // namespace kpr

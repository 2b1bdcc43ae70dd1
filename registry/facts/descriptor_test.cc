#include "registry/facts/descriptor.h"

#include <gtest/gtest.h>

#include <set>

#include "registry/facts/encode_event.h"

namespace kpr {
namespace {

TEST(FactDescriptor, EveryFactOfTheMessageHasOne) {
  const auto* facts = v1::Event::descriptor()->FindOneofByName("fact");
  std::set<int> numbers;
  for (int i = 0; i < facts->field_count(); ++i) {
    numbers.insert(facts->field(i)->number());
    const auto* descriptor = DescriptorOf(static_cast<FactKind>(facts->field(i)->number()));
    ASSERT_NE(descriptor, nullptr) << facts->field(i)->name();
    EXPECT_FALSE(descriptor->subjects.empty()) << facts->field(i)->name();
  }
  EXPECT_EQ(numbers.size(), FactDescriptors().size()) << "one each, and none without a message";
}

TEST(FactDescriptor, UnknownKindsHaveNone) {
  EXPECT_EQ(DescriptorOf(static_cast<FactKind>(255)), nullptr);
  EXPECT_EQ(DescriptorOf(v1::Event()), nullptr);
  EXPECT_FALSE(EncodeEvent(v1::Event(), 1, 0).ok());
}

// A flipped bit in a stored kind is damage, not a fact that nobody knows what to do with.
TEST(FactDescriptor, StoredBytesOfAnUnknownKindAreDamaged) {
  FactHeader header;
  header.kind = FactKind::kServiceStarted;
  std::string bytes;
  EncodeFact(header, {}, {}, {}, &bytes);
  std::vector<Fact> facts;
  ASSERT_TRUE(DecodeFacts(bytes, &facts));
  bytes[0] = static_cast<char>(bytes[0] ^ 0x40);
  EXPECT_FALSE(DecodeFacts(bytes, &facts));
}

TEST(ViolationDescriptor, NamesAreOnce) {
  std::set<std::string> names;
  for (const ViolationDescriptor& violation : ViolationDescriptors()) {
    EXPECT_TRUE(names.insert(violation.name).second) << violation.name;
    EXPECT_STREQ(NameOf(violation.code), violation.name);
  }
}

}  // namespace
}  // namespace kpr

#include "registry/audit/merkle_tree.h"

#include <gtest/gtest.h>

#include "base/crypto/hash.h"
#include "base/ids.h"

namespace kpr::audit {
namespace {

// Written once more from the definition in RFC 6962, 2.1, over whole lists.
Hash NaiveRoot(const std::vector<std::string>& entries) {
  if (entries.empty()) return crypto::Sha256Bytes("");
  if (entries.size() == 1) return crypto::Sha256Bytes(std::string(1, '\0') + entries[0]);
  size_t half = 1;
  while (2 * half < entries.size()) half *= 2;
  const auto middle = entries.begin() + static_cast<int64_t>(half);
  return crypto::Sha256Bytes("\1" + NaiveRoot({entries.begin(), middle}) +
                             NaiveRoot({middle, entries.end()}));
}

HashReader ReaderOf(const std::vector<std::string>& entries) {
  return [&entries](int level, uint64_t index) -> Result<Hash> {
    const uint64_t count = uint64_t{1} << level;
    if ((index + 1) * count > entries.size()) return Invalid("no such subtree");
    const auto begin = entries.begin() + static_cast<int64_t>(index * count);
    return NaiveRoot({begin, begin + static_cast<int64_t>(count)});
  };
}

std::vector<std::string> Entries(size_t count) {
  std::vector<std::string> entries;
  for (size_t i = 0; i < count; ++i) entries.push_back("entry " + std::to_string(i));
  return entries;
}

// The entries and roots by which implementations of Certificate Transparency test themselves.
TEST(MerkleTree, HasTheKnownRoots) {
  const std::vector<std::string> entries{"",
                                         *FromHex("00"),
                                         *FromHex("10"),
                                         *FromHex("2021"),
                                         *FromHex("3031"),
                                         *FromHex("40414243"),
                                         *FromHex("5051525354555657"),
                                         *FromHex("606162636465666768696a6b6c6d6e6f")};
  const auto root = [&](uint64_t size) { return ToHex(*RootOf(size, ReaderOf(entries))); };
  EXPECT_EQ(root(0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(root(1), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  EXPECT_EQ(root(2), "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
  EXPECT_EQ(root(3), "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
  EXPECT_EQ(root(8), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}

TEST(MerkleTree, EveryEntryOfEveryTreeIsProvenAndNoOther) {
  for (size_t size = 1; size <= 40; ++size) {
    const auto entries = Entries(size);
    const Hash root = NaiveRoot(entries);
    ASSERT_EQ(*RootOf(size, ReaderOf(entries)), root);
    for (size_t index = 0; index < size; ++index) {
      const auto proof = *InclusionProof(index, size, ReaderOf(entries));
      const Hash leaf = LeafHash(entries[index]);
      EXPECT_TRUE(VerifyInclusion(leaf, index, size, proof, root)) << index << " of " << size;
      EXPECT_FALSE(VerifyInclusion(LeafHash("another"), index, size, proof, root));
      EXPECT_FALSE(VerifyInclusion(leaf, index, size, proof, LeafHash("another root")));
      if (size > 1) {
        EXPECT_FALSE(VerifyInclusion(leaf, (index + 1) % size, size, proof, root));
        EXPECT_FALSE(VerifyInclusion(leaf, index, size, {proof.begin(), proof.end() - 1}, root));
      }
      auto longer = proof;
      longer.push_back(root);
      EXPECT_FALSE(VerifyInclusion(leaf, index, size, longer, root));
    }
  }
}

TEST(MerkleTree, EveryEarlierTreeIsContinuedAndNoOther) {
  for (size_t size = 1; size <= 40; ++size) {
    const auto entries = Entries(size);
    const Hash root = NaiveRoot(entries);
    for (size_t earlier = 1; earlier <= size; ++earlier) {
      const Hash before = NaiveRoot({entries.begin(), entries.begin() + static_cast<int64_t>(earlier)});
      const auto proof = *ConsistencyProof(earlier, size, ReaderOf(entries));
      EXPECT_TRUE(VerifyConsistency(earlier, before, size, root, proof)) << earlier << " of " << size;
      auto rewritten = entries;
      rewritten[earlier - 1] = "rewritten";
      EXPECT_FALSE(VerifyConsistency(earlier, before, size, NaiveRoot(rewritten), proof));
      EXPECT_FALSE(VerifyConsistency(earlier, LeafHash("x"), size, root, proof));
      if (earlier < size && earlier > 1) {
        EXPECT_FALSE(VerifyConsistency(earlier - 1, before, size, root, proof)) << earlier << " of " << size;
      }
      for (size_t i = 0; i < proof.size(); ++i) {
        auto changed = proof;
        changed[i][0] ^= 1;
        EXPECT_FALSE(VerifyConsistency(earlier, before, size, root, changed));
      }
    }
  }
}

}  // namespace
}  // namespace kpr::audit

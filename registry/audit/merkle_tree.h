// The hash tree of RFC 6962: hashes of leaves and nodes, roots, proofs that an entry is in a tree and that
// one tree continues another, and their checks. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace kpr::audit {

using Hash = std::string;  // 32 bytes

Hash LeafHash(std::string_view entry);
Hash NodeHash(std::string_view left, std::string_view right);

// Gives the hash of a whole subtree: of the 2^level entries from index * 2^level on.
using HashReader = std::function<Result<Hash>(int level, uint64_t index)>;

// Of the first `size` entries; of none the hash of nothing.
Result<Hash> RootOf(uint64_t size, const HashReader& read);
// index < size.
Result<std::vector<Hash>> InclusionProof(uint64_t index, uint64_t size, const HashReader& read);
// 0 < earlier <= size.
Result<std::vector<Hash>> ConsistencyProof(uint64_t earlier, uint64_t size, const HashReader& read);

bool VerifyInclusion(const Hash& leaf, uint64_t index, uint64_t size, const std::vector<Hash>& proof,
                     const Hash& root);
bool VerifyConsistency(uint64_t earlier, const Hash& earlier_root, uint64_t size, const Hash& root,
                       const std::vector<Hash>& proof);

}  // namespace kpr::audit

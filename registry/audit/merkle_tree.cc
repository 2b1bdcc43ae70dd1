#include "registry/audit/merkle_tree.h"

#include <bit>

#include "base/crypto/hash.h"

namespace kpr::audit {
namespace {

// The largest power of two below n, for n > 1.
uint64_t SplitOf(uint64_t n) {
  return std::bit_floor(n - 1);
}

// Of entries [begin, begin + count), count > 0.
Result<Hash> RangeHash(uint64_t begin, uint64_t count, const HashReader& read) {
  if (std::has_single_bit(count) && begin % count == 0) return read(std::countr_zero(count), begin / count);
  const uint64_t left = SplitOf(count);
  KPR_ASSIGN_OR_RETURN(const Hash first, RangeHash(begin, left, read));
  KPR_ASSIGN_OR_RETURN(const Hash second, RangeHash(begin + left, count - left, read));
  return NodeHash(first, second);
}

// RFC 6962, 2.1.1: from the entry upwards.
Status AddPath(uint64_t index, uint64_t begin, uint64_t count, const HashReader& read,
               std::vector<Hash>* proof) {
  if (count == 1) return {};
  const uint64_t left = SplitOf(count);
  if (index < left) {
    KPR_RETURN_IF_ERROR(AddPath(index, begin, left, read, proof));
    KPR_ASSIGN_OR_RETURN(proof->emplace_back(), RangeHash(begin + left, count - left, read));
  } else {
    KPR_RETURN_IF_ERROR(AddPath(index - left, begin + left, count - left, read, proof));
    KPR_ASSIGN_OR_RETURN(proof->emplace_back(), RangeHash(begin, left, read));
  }
  return {};
}

// RFC 6962, 2.1.2. `whole`: the earlier tree is known by its root.
Status AddSubproof(uint64_t earlier, uint64_t begin, uint64_t count, bool whole, const HashReader& read,
                   std::vector<Hash>* proof) {
  if (earlier == count) {
    if (whole) return {};
    KPR_ASSIGN_OR_RETURN(proof->emplace_back(), RangeHash(begin, count, read));
    return {};
  }
  const uint64_t left = SplitOf(count);
  if (earlier <= left) {
    KPR_RETURN_IF_ERROR(AddSubproof(earlier, begin, left, whole, read, proof));
    KPR_ASSIGN_OR_RETURN(proof->emplace_back(), RangeHash(begin + left, count - left, read));
  } else {
    KPR_RETURN_IF_ERROR(AddSubproof(earlier - left, begin + left, count - left, false, read, proof));
    KPR_ASSIGN_OR_RETURN(proof->emplace_back(), RangeHash(begin, left, read));
  }
  return {};
}

}  // namespace

Hash LeafHash(std::string_view entry) {
  return crypto::Sha256Bytes(std::string(1, '\0').append(entry));
}

Hash NodeHash(std::string_view left, std::string_view right) {
  return crypto::Sha256Bytes(std::string(1, '\1').append(left).append(right));
}

Result<Hash> RootOf(uint64_t size, const HashReader& read) {
  if (size == 0) return crypto::Sha256Bytes("");
  return RangeHash(0, size, read);
}

Result<std::vector<Hash>> InclusionProof(uint64_t index, uint64_t size, const HashReader& read) {
  if (index >= size) return Invalid("there is no such entry in a tree of that size");
  std::vector<Hash> proof;
  KPR_RETURN_IF_ERROR(AddPath(index, 0, size, read, &proof));
  return proof;
}

Result<std::vector<Hash>> ConsistencyProof(uint64_t earlier, uint64_t size, const HashReader& read) {
  if (earlier == 0 || earlier > size) return Invalid("expected two sizes, the earlier one first");
  std::vector<Hash> proof;
  KPR_RETURN_IF_ERROR(AddSubproof(earlier, 0, size, true, read, &proof));
  return proof;
}

// RFC 9162, 2.1.3.2.
bool VerifyInclusion(const Hash& leaf, uint64_t index, uint64_t size, const std::vector<Hash>& proof,
                     const Hash& root) {
  if (index >= size) return false;
  uint64_t node = index, last = size - 1;
  Hash hash = leaf;
  for (const Hash& sibling : proof) {
    if (last == 0) return false;
    if ((node & 1) == 1 || node == last) {
      hash = NodeHash(sibling, hash);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      hash = NodeHash(hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && hash == root;
}

// RFC 9162, 2.1.4.2.
bool VerifyConsistency(uint64_t earlier, const Hash& earlier_root, uint64_t size, const Hash& root,
                       const std::vector<Hash>& proof) {
  if (earlier == 0 || earlier > size) return false;
  if (earlier == size) return proof.empty() && earlier_root == root;
  if (proof.empty()) return false;
  size_t at = 0;
  const bool whole = std::has_single_bit(earlier);
  Hash old_hash = whole ? earlier_root : proof[at++], new_hash = old_hash;
  uint64_t node = earlier - 1, last = size - 1;
  while ((node & 1) == 1) {
    node >>= 1;
    last >>= 1;
  }
  for (; at < proof.size(); ++at) {
    if (last == 0) return false;
    if ((node & 1) == 1 || node == last) {
      old_hash = NodeHash(proof[at], old_hash);
      new_hash = NodeHash(proof[at], new_hash);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      new_hash = NodeHash(new_hash, proof[at]);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && old_hash == earlier_root && new_hash == root;
}

}  // namespace kpr::audit

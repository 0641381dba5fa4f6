// The Merkle tree of RFC 6962 section 2.1 over the journal's records.
//
// Promises: leaf and node hashes are domain separated (0x00, 0x01); the frontier of a tree of any
// size is at most 63 hashes. Pure; a Frontier is thread-compatible.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace jit::ledger {

using Hash = std::array<std::uint8_t, 32>;

Hash Sha256(absl::string_view bytes);
std::string HexOf(const Hash& hash);
std::string Sha256Hex(absl::string_view bytes);
Hash LeafHash(absl::string_view leaf);
Hash NodeHash(const Hash& left, const Hash& right);

// The roots of the complete subtrees that make up a tree, largest first: all that is needed to grow
// it and to tell its root.
class Frontier {
 public:
  void Append(const Hash& leaf_hash);
  std::uint64_t size() const { return size_; }
  Hash Root() const;  // of the empty tree: SHA-256 of nothing

  // For keeping it in a store: 8 bytes big-endian size, then the hashes. kDataLoss when malformed.
  std::string Serialize() const;
  static absl::StatusOr<Frontier> Deserialize(absl::string_view bytes);

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash> peaks_;
};

// RFC 6962 2.1.1 and 2.1.2 over leaf hashes; proofs are verified without the tree.
std::vector<Hash> InclusionProof(const std::vector<Hash>& leaves, std::uint64_t index);
std::vector<Hash> ConsistencyProof(const std::vector<Hash>& leaves, std::uint64_t old_size);
bool VerifyInclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                     const std::vector<Hash>& proof, const Hash& root);
bool VerifyConsistency(std::uint64_t old_size, const Hash& old_root, std::uint64_t new_size,
                       const Hash& new_root, const std::vector<Hash>& proof);

}  // namespace jit::ledger

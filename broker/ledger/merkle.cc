#include "broker/ledger/merkle.h"

#include <openssl/evp.h>

#include <bit>
#include <cstdlib>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"

namespace jit::ledger {
namespace {

struct ContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// OpenSSL 3 looks an algorithm up anew at every use of EVP_sha256(); that costs more than hashing a
// short record, so it is fetched once.
const EVP_MD* FetchedSha256() {
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm;
}

// SHA-256 over the concatenation of the parts. Without a hash nothing that this program promises
// holds, so a hash that fails (no memory, no algorithm) stops it.
Hash HashOf(std::initializer_list<absl::string_view> parts) {
  thread_local const std::unique_ptr<EVP_MD_CTX, ContextDeleter> context(EVP_MD_CTX_new());
  Hash hash;
  bool ok = context != nullptr && EVP_DigestInit_ex(context.get(), FetchedSha256(), nullptr) == 1;
  for (const absl::string_view part : parts) {
    ok = ok && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  }
  ok = ok && EVP_DigestFinal_ex(context.get(), hash.data(), nullptr) == 1;
  if (!ok) {
    std::abort();
  }
  return hash;
}

absl::string_view BytesOf(const Hash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

// The largest power of two smaller than `size`, which is at least 2 (k of RFC 6962 2.1).
std::uint64_t SplitOf(std::uint64_t size) {
  return std::bit_floor(size - 1);
}

// MTH(D[begin:end]) of RFC 6962 2.1, over leaf hashes; the range is not empty.
Hash RootOf(const std::vector<Hash>& leaves, std::uint64_t begin, std::uint64_t end) {
  Frontier frontier;
  for (std::uint64_t i = begin; i < end; ++i) {
    frontier.Append(leaves[i]);
  }
  return frontier.Root();
}

// PATH(m, D[begin:end]) of RFC 6962 2.1.1; `index` is absolute.
void AddPath(const std::vector<Hash>& leaves, std::uint64_t begin, std::uint64_t end,
             std::uint64_t index, std::vector<Hash>& proof) {
  if (end - begin < 2) {
    return;
  }
  const std::uint64_t middle = begin + SplitOf(end - begin);
  if (index < middle) {
    AddPath(leaves, begin, middle, index, proof);
    proof.push_back(RootOf(leaves, middle, end));
  } else {
    AddPath(leaves, middle, end, index, proof);
    proof.push_back(RootOf(leaves, begin, middle));
  }
}

// Whether the old tree is the whole range, whose root the verifier then has already (b of
// SUBPROOF).
enum class OldRoot { kKnown, kNeeded };

// SUBPROOF(m, D[begin:end], b) of RFC 6962 2.1.2; `old_size` counts from begin and is not 0.
void AddSubproof(const std::vector<Hash>& leaves, std::uint64_t begin, std::uint64_t end,
                 std::uint64_t old_size, OldRoot old_root, std::vector<Hash>& proof) {
  const std::uint64_t size = end - begin;
  if (old_size == size) {
    if (old_root == OldRoot::kNeeded) {
      proof.push_back(RootOf(leaves, begin, end));
    }
    return;
  }
  const std::uint64_t split = SplitOf(size);
  if (old_size <= split) {
    AddSubproof(leaves, begin, begin + split, old_size, old_root, proof);
    proof.push_back(RootOf(leaves, begin + split, end));
  } else {
    AddSubproof(leaves, begin + split, end, old_size - split, OldRoot::kNeeded, proof);
    proof.push_back(RootOf(leaves, begin, begin + split));
  }
}

}  // namespace

Hash Sha256(absl::string_view bytes) {
  return HashOf({bytes});
}

std::string HexOf(const Hash& hash) {
  return absl::BytesToHexString(BytesOf(hash));
}

std::string Sha256Hex(absl::string_view bytes) {
  return HexOf(Sha256(bytes));
}

Hash LeafHash(absl::string_view leaf) {
  return HashOf({absl::string_view("\0", 1), leaf});
}

Hash NodeHash(const Hash& left, const Hash& right) {
  return HashOf({absl::string_view("\1", 1), BytesOf(left), BytesOf(right)});
}

void Frontier::Append(const Hash& leaf_hash) {
  Hash node = leaf_hash;
  // Each low one bit of the size is a complete subtree that the new leaf completes to a larger one.
  for (std::uint64_t rest = size_; (rest & 1) != 0; rest >>= 1) {
    node = NodeHash(peaks_.back(), node);
    peaks_.pop_back();
  }
  peaks_.push_back(node);
  ++size_;
}

Hash Frontier::Root() const {
  if (peaks_.empty()) {
    return Sha256("");
  }
  Hash root = peaks_.back();
  for (std::size_t i = peaks_.size() - 1; i-- > 0;) {
    root = NodeHash(peaks_[i], root);
  }
  return root;
}

std::string Frontier::Serialize() const {
  std::string bytes;
  bytes.reserve(8 + peaks_.size() * sizeof(Hash));
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(static_cast<std::uint8_t>(size_ >> shift)));
  }
  for (const Hash& peak : peaks_) {
    bytes.append(BytesOf(peak).data(), peak.size());
  }
  return bytes;
}

absl::StatusOr<Frontier> Frontier::Deserialize(absl::string_view bytes) {
  if (bytes.size() < 8) {
    return absl::DataLossError("the frontier is shorter than its size field");
  }
  Frontier frontier;
  for (int i = 0; i < 8; ++i) {
    frontier.size_ = (frontier.size_ << 8) | static_cast<std::uint8_t>(bytes[i]);
  }
  if ((frontier.size_ >> 63) != 0) {
    return absl::DataLossError("the frontier's size is beyond what a journal can hold");
  }
  const auto peaks = static_cast<std::size_t>(std::popcount(frontier.size_));
  if (bytes.size() != 8 + peaks * sizeof(Hash)) {
    return absl::DataLossError("the frontier does not hold as many hashes as its size asks for");
  }
  for (std::size_t i = 0; i < peaks; ++i) {
    Hash peak;
    const absl::string_view part = bytes.substr(8 + i * peak.size(), peak.size());
    std::copy(part.begin(), part.end(), peak.begin());
    frontier.peaks_.push_back(peak);
  }
  return frontier;
}

std::vector<Hash> InclusionProof(const std::vector<Hash>& leaves, std::uint64_t index) {
  std::vector<Hash> proof;
  if (index < leaves.size()) {
    AddPath(leaves, 0, leaves.size(), index, proof);
  }
  return proof;
}

std::vector<Hash> ConsistencyProof(const std::vector<Hash>& leaves, std::uint64_t old_size) {
  std::vector<Hash> proof;
  if (old_size > 0 && old_size < leaves.size()) {
    AddSubproof(leaves, 0, leaves.size(), old_size, OldRoot::kKnown, proof);
  }
  return proof;
}

// RFC 9162 2.1.3.2: `node` walks from the leaf to the root, `last` is the rightmost node beside it.
bool VerifyInclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                     const std::vector<Hash>& proof, const Hash& root) {
  if (index >= size) {
    return false;
  }
  std::uint64_t node = index;
  std::uint64_t last = size - 1;
  Hash hash = leaf;
  for (const Hash& sibling : proof) {
    if (last == 0) {
      return false;
    }
    if ((node & 1) != 0 || node == last) {
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

// RFC 9162 2.1.4.2: one walk that rebuilds both roots.
bool VerifyConsistency(std::uint64_t old_size, const Hash& old_root, std::uint64_t new_size,
                       const Hash& new_root, const std::vector<Hash>& proof) {
  if (old_size > new_size) {
    return false;
  }
  if (old_size == new_size) {
    return proof.empty() && old_root == new_root;
  }
  if (old_size == 0) {
    return proof.empty() && old_root == Sha256("");
  }
  std::uint64_t node = old_size - 1;
  std::uint64_t last = new_size - 1;
  while ((node & 1) != 0) {
    node >>= 1;
    last >>= 1;
  }
  // A complete old tree is a node of the new one, and its root is not sent.
  std::size_t next = 0;
  if (!std::has_single_bit(old_size) && proof.empty()) {
    return false;
  }
  Hash old_hash = std::has_single_bit(old_size) ? old_root : proof[next++];
  Hash new_hash = old_hash;
  for (; next < proof.size(); ++next) {
    if (last == 0) {
      return false;
    }
    if ((node & 1) != 0 || node == last) {
      old_hash = NodeHash(proof[next], old_hash);
      new_hash = NodeHash(proof[next], new_hash);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      new_hash = NodeHash(new_hash, proof[next]);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && old_hash == old_root && new_hash == new_root;
}

}  // namespace jit::ledger

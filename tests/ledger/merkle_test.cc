#include "broker/ledger/merkle.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
// rapidcheck's glue needs gtest first.
#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "rapidcheck/gtest.h"

namespace jit::ledger {
namespace {

// The definitions of RFC 6962 section 2.1, copied out literally: slow, recursive, obviously right.
namespace slow {

std::uint64_t K(std::uint64_t n) {
  std::uint64_t k = 1;
  while (k * 2 < n) {
    k *= 2;
  }
  return k;
}

std::vector<Hash> Slice(const std::vector<Hash>& d, std::uint64_t begin, std::uint64_t end) {
  return {d.begin() + static_cast<std::ptrdiff_t>(begin),
          d.begin() + static_cast<std::ptrdiff_t>(end)};
}

Hash Mth(const std::vector<Hash>& d) {
  if (d.empty()) {
    return Sha256("");
  }
  if (d.size() == 1) {
    return d[0];
  }
  const std::uint64_t k = K(d.size());
  return NodeHash(Mth(Slice(d, 0, k)), Mth(Slice(d, k, d.size())));
}

std::vector<Hash> Path(std::uint64_t m, const std::vector<Hash>& d) {
  if (d.size() == 1) {
    return {};
  }
  const std::uint64_t k = K(d.size());
  std::vector<Hash> path;
  if (m < k) {
    path = Path(m, Slice(d, 0, k));
    path.push_back(Mth(Slice(d, k, d.size())));
  } else {
    path = Path(m - k, Slice(d, k, d.size()));
    path.push_back(Mth(Slice(d, 0, k)));
  }
  return path;
}

std::vector<Hash> Subproof(std::uint64_t m, const std::vector<Hash>& d, bool whole) {
  if (m == d.size()) {
    return whole ? std::vector<Hash>{} : std::vector<Hash>{Mth(d)};
  }
  const std::uint64_t k = K(d.size());
  std::vector<Hash> proof;
  if (m <= k) {
    proof = Subproof(m, Slice(d, 0, k), whole);
    proof.push_back(Mth(Slice(d, k, d.size())));
  } else {
    proof = Subproof(m - k, Slice(d, k, d.size()), false);
    proof.push_back(Mth(Slice(d, 0, k)));
  }
  return proof;
}

}  // namespace slow

constexpr std::uint64_t kSizes = 64;

std::vector<Hash> Leaves(std::uint64_t count) {
  std::vector<Hash> leaves;
  for (std::uint64_t i = 0; i < count; ++i) {
    leaves.push_back(LeafHash(absl::StrCat("leaf ", i)));
  }
  return leaves;
}

Frontier FrontierOf(const std::vector<Hash>& leaves) {
  Frontier frontier;
  for (const Hash& leaf : leaves) {
    frontier.Append(leaf);
  }
  return frontier;
}

TEST(Merkle, TheEmptyTreeHasTheHashOfNothing) {
  EXPECT_EQ(HexOf(Frontier().Root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

// The reference vectors of Certificate Transparency: eight leaves and the root after each.
TEST(Merkle, TheReferenceLeavesGiveTheReferenceRoots) {
  const std::vector<std::string> leaves = {"",
                                           "00",
                                           "10",
                                           "2021",
                                           "3031",
                                           "40414243",
                                           "5051525354555657",
                                           "606162636465666768696a6b6c6d6e6f"};
  const std::vector<std::string> roots = {
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  Frontier frontier;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    frontier.Append(LeafHash(absl::HexStringToBytes(leaves[i])));
    EXPECT_EQ(HexOf(frontier.Root()), roots[i]) << "after " << i + 1 << " leaves";
  }
}

TEST(Merkle, LeavesAndNodesAreHashedApart) {
  const Hash left = LeafHash("a");
  const Hash right = LeafHash("b");
  const std::string both =
      absl::StrCat(std::string(left.begin(), left.end()), std::string(right.begin(), right.end()));
  EXPECT_NE(NodeHash(left, right), LeafHash(both));
  EXPECT_NE(LeafHash("a"), Sha256("a"));
}

TEST(Merkle, EveryRootIsTheOneOfTheDefinition) {
  for (std::uint64_t size = 0; size <= kSizes; ++size) {
    EXPECT_EQ(FrontierOf(Leaves(size)).Root(), slow::Mth(Leaves(size))) << size;
  }
}

TEST(Merkle, EveryInclusionProofIsTheOneOfTheDefinitionAndVerifies) {
  for (std::uint64_t size = 1; size <= kSizes; ++size) {
    const std::vector<Hash> leaves = Leaves(size);
    const Hash root = slow::Mth(leaves);
    for (std::uint64_t index = 0; index < size; ++index) {
      const std::vector<Hash> proof = InclusionProof(leaves, index);
      ASSERT_EQ(proof, slow::Path(index, leaves)) << index << " of " << size;
      ASSERT_TRUE(VerifyInclusion(leaves[index], index, size, proof, root));
    }
  }
}

TEST(Merkle, AnInclusionProofHoldsForNothingElse) {
  constexpr std::uint64_t kSize = 13;
  const std::vector<Hash> leaves = Leaves(kSize);
  const Hash root = slow::Mth(leaves);
  for (std::uint64_t index = 0; index < kSize; ++index) {
    const std::vector<Hash> proof = InclusionProof(leaves, index);
    for (std::uint64_t other = 0; other < kSize; ++other) {
      if (other != index) {
        EXPECT_FALSE(VerifyInclusion(leaves[other], index, kSize, proof, root));
        EXPECT_FALSE(VerifyInclusion(leaves[index], other, kSize, proof, root));
      }
    }
    std::vector<Hash> longer = proof;
    longer.push_back(root);
    EXPECT_FALSE(VerifyInclusion(leaves[index], index, kSize, longer, root));
    std::vector<Hash> shorter = proof;
    shorter.pop_back();
    EXPECT_FALSE(VerifyInclusion(leaves[index], index, kSize, shorter, root));
    for (std::size_t i = 0; i < proof.size(); ++i) {
      std::vector<Hash> bent = proof;
      bent[i][i] ^= 1;
      EXPECT_FALSE(VerifyInclusion(leaves[index], index, kSize, bent, root));
    }
  }
  EXPECT_FALSE(VerifyInclusion(leaves[0], kSize, kSize, {}, root));
  EXPECT_TRUE(InclusionProof(leaves, kSize).empty());
}

TEST(Merkle, EveryConsistencyProofIsTheOneOfTheDefinitionAndVerifies) {
  for (std::uint64_t new_size = 1; new_size <= kSizes; ++new_size) {
    const std::vector<Hash> leaves = Leaves(new_size);
    const Hash new_root = slow::Mth(leaves);
    for (std::uint64_t old_size = 1; old_size <= new_size; ++old_size) {
      const Hash old_root = slow::Mth(slow::Slice(leaves, 0, old_size));
      const std::vector<Hash> proof = ConsistencyProof(leaves, old_size);
      ASSERT_EQ(proof, slow::Subproof(old_size, leaves, true)) << old_size << " to " << new_size;
      ASSERT_TRUE(VerifyConsistency(old_size, old_root, new_size, new_root, proof));
    }
  }
}

TEST(Merkle, AConsistencyProofDoesNotHoldForAnotherHistory) {
  for (std::uint64_t new_size = 2; new_size <= 20; ++new_size) {
    const std::vector<Hash> leaves = Leaves(new_size);
    const Hash new_root = slow::Mth(leaves);
    for (std::uint64_t old_size = 1; old_size < new_size; ++old_size) {
      const Hash old_root = slow::Mth(slow::Slice(leaves, 0, old_size));
      const std::vector<Hash> proof = ConsistencyProof(leaves, old_size);
      std::vector<Hash> forked = slow::Slice(leaves, 0, old_size);
      forked.back()[0] ^= 1;
      EXPECT_FALSE(VerifyConsistency(old_size, slow::Mth(forked), new_size, new_root, proof));
      EXPECT_FALSE(VerifyConsistency(old_size, old_root, new_size, old_root, proof));
      std::vector<Hash> longer = proof;
      longer.push_back(new_root);
      EXPECT_FALSE(VerifyConsistency(old_size, old_root, new_size, new_root, longer));
      std::vector<Hash> shorter = proof;
      shorter.pop_back();
      EXPECT_FALSE(VerifyConsistency(old_size, old_root, new_size, new_root, shorter));
    }
  }
}

TEST(Merkle, TheEmptyTreeIsConsistentWithEveryLaterOneAndNoneWithAnEarlier) {
  const std::vector<Hash> leaves = Leaves(3);
  const Hash root = slow::Mth(leaves);
  EXPECT_TRUE(VerifyConsistency(0, Sha256(""), 3, root, {}));
  EXPECT_FALSE(VerifyConsistency(0, root, 3, root, {}));
  EXPECT_FALSE(VerifyConsistency(4, root, 3, root, {}));
  EXPECT_FALSE(VerifyConsistency(3, root, 3, root, {root}));
}

TEST(Frontier, IsKeptAndReadBackAtEverySize) {
  for (std::uint64_t size = 0; size <= kSizes; ++size) {
    const Frontier frontier = FrontierOf(Leaves(size));
    const absl::StatusOr<Frontier> read = Frontier::Deserialize(frontier.Serialize());
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->size(), size);
    EXPECT_EQ(read->Root(), frontier.Root());
    EXPECT_EQ(read->Serialize(), frontier.Serialize());
  }
}

TEST(Frontier, GoesOnGrowingAfterItWasReadBack) {
  Frontier frontier = Frontier::Deserialize(FrontierOf(Leaves(21)).Serialize()).value();
  const std::vector<Hash> leaves = Leaves(40);
  for (std::size_t i = 21; i < leaves.size(); ++i) {
    frontier.Append(leaves[i]);
  }
  EXPECT_EQ(frontier.Root(), slow::Mth(leaves));
}

TEST(Frontier, OfMalformedBytesIsDataLoss) {
  const std::string good = FrontierOf(Leaves(5)).Serialize();
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(Frontier::Deserialize(good.substr(0, size)).status().code(),
              absl::StatusCode::kDataLoss);
  }
  EXPECT_FALSE(Frontier::Deserialize(good + "x").ok());
  EXPECT_FALSE(Frontier::Deserialize(std::string(8, '\xff') + std::string(64 * 32, 'x')).ok());
}

RC_GTEST_PROP(Merkle, AnyTreeIsConsistentWithEachOfItsBeginnings, ()) {
  const auto texts = *rc::gen::nonEmpty(rc::gen::arbitrary<std::vector<std::string>>());
  std::vector<Hash> leaves;
  for (const std::string& text : texts) {
    leaves.push_back(LeafHash(text));
  }
  const auto old_size = *rc::gen::inRange<std::uint64_t>(0, leaves.size() + 1);
  const Hash old_root = FrontierOf(slow::Slice(leaves, 0, old_size)).Root();
  RC_ASSERT(VerifyConsistency(old_size, old_root, leaves.size(), FrontierOf(leaves).Root(),
                              ConsistencyProof(leaves, old_size)));
}

}  // namespace
}  // namespace jit::ledger

#include "broker/ledger/checkpoint.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/ledger/example_key.h"

namespace jit::ledger {
namespace {

using ::testing::HasSubstr;

// The example of the signed-note format, as Go's sumdb/note documents it: a stranger's key and
// note.
constexpr char kNeumannKey[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr char kNeumannSeed[] = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
constexpr char kNeumannNote[] =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdng"
    "otpRZb6KE6RyyBwJnAM=\n";

CheckpointSigner ExampleSigner(absl::string_view name = "jit-access/demo") {
  return CheckpointSigner::Create(name, ExampleKeyPem()).value();
}

SignedCheckpoint Example() {
  return ExampleSigner().Sign(8, LeafHash("root")).value();
}

std::string Message(const absl::Status& status) {
  return std::string(status.message());
}

TEST(CheckpointNote, ItsBytesNeverChange) {
  EXPECT_EQ(Example().note,
            "jit-access/demo\n"
            "8\n"
            "PAb5plclr2BSYfY2ZyyWINQJcx2JpFHXRV/pxK4WeCk=\n"
            "\n"
            "— jit-access/demo XcXoRvzl+qwztBVePvfVsW8i0q16HxrSiLAuanBWBzT85X45RWcXxnO/2/G5/55F8"
            "kSEgTyY5LcNB/T5xi0mSigTJAQ=\n");
  EXPECT_EQ(ExampleSigner().Verifier().text(),
            "jit-access/demo+5dc5e846+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs");
}

TEST(CheckpointNote, OpensWithItsKeyAndTellsWhatWasSigned) {
  const SignedCheckpoint checkpoint = Example();
  const absl::StatusOr<SignedCheckpoint> opened = ExampleSigner().Verifier().Open(checkpoint.note);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(*opened, checkpoint);
  EXPECT_EQ(opened->body, (CheckpointBody{"jit-access/demo", 8, LeafHash("root")}));
}

TEST(CheckpointNote, EverySingleBitThatFlipsIsFound) {
  const CheckpointVerifier verifier = ExampleSigner().Verifier();
  const std::string note = Example().note;
  for (std::size_t bit = 0; bit < note.size() * 8; ++bit) {
    std::string flipped = note;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(verifier.Open(flipped).status().code(), absl::StatusCode::kDataLoss) << bit;
  }
}

TEST(CheckpointNote, EveryTruncationAndAdditionIsFound) {
  const CheckpointVerifier verifier = ExampleSigner().Verifier();
  const std::string note = Example().note;
  for (std::size_t size = 0; size < note.size(); ++size) {
    EXPECT_FALSE(verifier.Open(note.substr(0, size)).ok()) << size;
  }
  for (const char* more : {"\n", " ", "x", "x\n", "\n\n", "— \n", "— x\n", "— x y\n"}) {
    EXPECT_FALSE(verifier.Open(note + more).ok()) << more;
    EXPECT_FALSE(verifier.Open(more + note).ok()) << more;
  }
}

TEST(CheckpointNote, MayCarryTheSignaturesOfWitnesses) {
  const std::string witness =
      absl::StrCat("— witness.example/w1 ", absl::Base64Escape(std::string(76, 'w')), "\n");
  const std::string note = Example().note;
  EXPECT_TRUE(ExampleSigner().Verifier().Open(note + witness).ok());
  const std::string head = note.substr(0, note.rfind("\n\n") + 2);
  EXPECT_THAT(Message(ExampleSigner().Verifier().Open(head + witness).status()),
              HasSubstr("not signed by this key"));
}

TEST(CheckpointNote, OfAnotherKeyOrNameIsNotOpened) {
  const CheckpointSigner other =
      CheckpointSigner::Create("jit-access/demo", Ed25519Pem(std::string(32, 'x'))).value();
  EXPECT_THAT(Message(other.Verifier().Open(Example().note).status()),
              HasSubstr("not signed by this key"));
  EXPECT_THAT(Message(ExampleSigner("jit-access/other").Verifier().Open(Example().note).status()),
              HasSubstr("not signed by this key"));
}

TEST(CheckpointKey, OfTheFormatsOwnExampleIsReadAndItsNoteVerifies) {
  const absl::StatusOr<CheckpointVerifier> verifier = CheckpointVerifier::Parse(kNeumannKey);
  ASSERT_TRUE(verifier.ok()) << verifier.status();
  EXPECT_EQ(verifier->name(), "PeterNeumann");
  // The signature holds; only then is it noticed that the text is no checkpoint.
  EXPECT_THAT(Message(verifier->Open(kNeumannNote).status()), HasSubstr("not a checkpoint"));
  const std::string bent =
      absl::StrReplaceAll(kNeumannNote, {{"your problem is", "my problem is"}});
  EXPECT_THAT(Message(verifier->Open(bent).status()), HasSubstr("does not hold"));
}

TEST(CheckpointKey, OfTheFormatsOwnExampleGivesThatVerifierKey) {
  std::string typed_seed;
  ASSERT_TRUE(absl::Base64Unescape(kNeumannSeed, &typed_seed));
  const absl::StatusOr<CheckpointSigner> signer =
      CheckpointSigner::Create("PeterNeumann", Ed25519Pem(typed_seed.substr(1)));
  ASSERT_TRUE(signer.ok()) << signer.status();
  EXPECT_EQ(signer->Verifier().text(), kNeumannKey);
}

TEST(CheckpointKey, IdIsTheOneOfTheSpecification) {
  const std::string text = ExampleSigner().Verifier().text();
  std::string typed_key;
  ASSERT_TRUE(absl::Base64Unescape(text.substr(text.rfind('+') + 1), &typed_key));
  const std::string hash = Sha256Hex(absl::StrCat("jit-access/demo\n", typed_key));
  EXPECT_TRUE(absl::StartsWith(text, absl::StrCat("jit-access/demo+", hash.substr(0, 8), "+")))
      << text;
}

TEST(CheckpointKey, WithEveryFlippedBitIsRefused) {
  const std::string text = kNeumannKey;
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string flipped = text;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(CheckpointVerifier::Parse(flipped).status().code(),
              absl::StatusCode::kInvalidArgument)
        << flipped;
  }
}

TEST(CheckpointKey, InOtherFormsIsRefused) {
  for (const char* text : {"", "+", "++", "a+b+c", "PeterNeumann+c74f20a3",
                           "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                           "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n",
                           " PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                           "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq_LDE4izWy10TW"}) {
    EXPECT_FALSE(CheckpointVerifier::Parse(text).ok()) << text;
  }
}

TEST(CheckpointSignerKey, MustBeEd25519AndReadableWithoutAPassPhrase) {
  for (const char* pem : {"", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}) {
    EXPECT_EQ(CheckpointSigner::Create("a", pem).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  // A P-256 key, made for this test.
  const char* ec = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQglizifPpqcJAjkA1S
5LZYsjcYiZDf8XRvRAZ0oYlUeoChRANCAARjmQUcRUTWa/iOwEAvujhkXfDuy/kf
VT8WydCGUDdwL2JnQmiA8QfI/SVPUYDQy2DVXJV+9q914ngDKSt7MwKz
-----END PRIVATE KEY-----
)";
  EXPECT_THAT(Message(CheckpointSigner::Create("a", ec).status()), HasSubstr("not an Ed25519"));
}

TEST(CheckpointSignerKey, HasANameThatFitsInANote) {
  for (const std::string& name : {std::string(), std::string("a b"), std::string("a+b"),
                                  std::string("a\nb"), std::string("ä"), std::string(121, 'a')}) {
    EXPECT_FALSE(CheckpointSigner::Create(name, ExampleKeyPem()).ok()) << name;
  }
  EXPECT_TRUE(CheckpointSigner::Create(std::string(120, 'a'), ExampleKeyPem()).ok());
}

TEST(CheckpointSignerKey, SignsTheSameAfterItWasMoved) {
  CheckpointSigner first = ExampleSigner();
  CheckpointSigner second = std::move(first);
  CheckpointSigner third = ExampleSigner("jit-access/other");
  third = std::move(second);
  EXPECT_EQ(third.Sign(8, LeafHash("root")).value(), Example());
}

}  // namespace
}  // namespace jit::ledger

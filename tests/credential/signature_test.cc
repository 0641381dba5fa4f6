#include "broker/credential/signature.h"

#include <openssl/err.h>

#include <string>

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/credential/made_certificate.h"

namespace jit::credential {
namespace {

using ::testing::HasSubstr;

constexpr char kStatement[] = R"({"decision":"approve","lease":"abc"})";

absl::Status VerifyReview(const KeyAndCertificate& signer, const std::string& text,
                          const std::string& signature) {
  const absl::Status status = Verify(signer.certificate_pem, kReviewContext, text, signature);
  EXPECT_EQ(ERR_peek_error(), 0u) << "an error was left for the next user of OpenSSL";
  return status;
}

class EveryGoodKey : public ::testing::TestWithParam<KeyShape> {
 protected:
  const KeyAndCertificate signer_ = MakePerson("jit://demo/reviewer", GetParam());
  const std::string text_ = ReviewText(kStatement, "looks fine");
  const std::string signature_ = Sign(signer_.key_pem, kReviewContext, text_).value();
};

TEST_P(EveryGoodKey, SignsWhatItsCertificateVerifies) {
  EXPECT_TRUE(VerifyReview(signer_, text_, signature_).ok());
}

TEST_P(EveryGoodKey, DoesNotVerifyAnotherStatementNoteOrContext) {
  EXPECT_FALSE(VerifyReview(signer_, ReviewText(kStatement, "looks fine."), signature_).ok());
  EXPECT_FALSE(VerifyReview(signer_, ReviewText(kStatement, ""), signature_).ok());
  EXPECT_FALSE(VerifyReview(signer_, ReviewText("{}", "looks fine"), signature_).ok());
  EXPECT_FALSE(VerifyReview(signer_, kStatement, signature_).ok());
  EXPECT_FALSE(Verify(signer_.certificate_pem, "jit-access other v1", text_, signature_).ok());
  EXPECT_FALSE(Verify(signer_.certificate_pem, "", text_, signature_).ok());
}

TEST_P(EveryGoodKey, DoesNotVerifyForAnotherCertificate) {
  const KeyAndCertificate other = MakePerson("jit://demo/reviewer", GetParam());
  EXPECT_FALSE(VerifyReview(other, text_, signature_).ok());
  const KeyShape another = GetParam() == KeyShape::kP256 ? KeyShape::kEd25519 : KeyShape::kP256;
  EXPECT_FALSE(VerifyReview(MakePerson("jit://demo/reviewer", another), text_, signature_).ok());
}

TEST_P(EveryGoodKey, DoesNotVerifyWhenOneBitOfTheSignatureFlips) {
  for (std::size_t bit = 0; bit < signature_.size() * 8; ++bit) {
    std::string flipped = signature_;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(VerifyReview(signer_, text_, flipped).ok()) << bit;
  }
}

TEST_P(EveryGoodKey, DoesNotVerifyWhatIsNoSignature) {
  for (const std::string& text :
       {std::string(), std::string("AAAA"), signature_ + "\n", " " + signature_, signature_ + "=",
        signature_.substr(1), signature_ + signature_, std::string(1 << 20, 'A')}) {
    EXPECT_FALSE(VerifyReview(signer_, text_, text).ok());
  }
}

INSTANTIATE_TEST_SUITE_P(Signature, EveryGoodKey,
                         ::testing::Values(KeyShape::kP256, KeyShape::kEd25519),
                         [](const auto& each) {
                           return each.param == KeyShape::kP256 ? "P256" : "Ed25519";
                         });

class EveryOtherKey : public ::testing::TestWithParam<KeyShape> {};

TEST_P(EveryOtherKey, IsRefusedForSigningAndForVerifying) {
  const KeyAndCertificate signer = MakePerson("jit://demo/reviewer", GetParam());
  const absl::Status signing = Sign(signer.key_pem, kReviewContext, kStatement).status();
  EXPECT_EQ(signing.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(signing.message()), HasSubstr("neither P-256 nor Ed25519"));
  const std::string plausible = absl::Base64Escape(std::string(64, 'x'));
  EXPECT_THAT(std::string(VerifyReview(signer, kStatement, plausible).message()),
              HasSubstr("neither P-256 nor Ed25519"));
}

INSTANTIATE_TEST_SUITE_P(Signature, EveryOtherKey,
                         ::testing::Values(KeyShape::kRsa2048, KeyShape::kP384,
                                           KeyShape::kSecp256k1));

TEST(Signature, SaysWhenKeyOrCertificateIsMissing) {
  EXPECT_THAT(std::string(Sign("", kReviewContext, kStatement).status().message()),
              HasSubstr("unencrypted private key"));
  EXPECT_THAT(std::string(Verify("", kReviewContext, kStatement, "AAAA").message()),
              HasSubstr("not a certificate"));
}

// Made with `openssl pkeyutl -sign -rawin`: what a stranger signs with stock tools is accepted.
TEST(Signature, MadeWithStockToolsVerifies) {
  constexpr char kCertificate[] = R"(-----BEGIN CERTIFICATE-----
MIIBnTCCAUOgAwIBAgIUUSJlJDnpmDvGlEepGj9JqUCwjwMwCgYIKoZIzj0EAwIw
EzERMA8GA1UEAwwIcmV2aWV3ZXIwIBcNMjYxMTIwMTA1ODM5WhgPMjEyNjEwMjcx
MDU4MzlaMBMxETAPBgNVBAMMCHJldmlld2VyMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEsXH2pmhAbLFqqSL3SE302s2N1p1luO0ctDtxaPYE0hg7kbVDTm28tlNn
3y/+a58RpHfqxxgfJ7MhPMEbbzUWkKNzMHEwHQYDVR0OBBYEFAgQLc9bCqDzfNOx
OeUidSj6S/meMB8GA1UdIwQYMBaAFAgQLc9bCqDzfNOxOeUidSj6S/meMA8GA1Ud
EwEB/wQFMAMBAf8wHgYDVR0RBBcwFYYTaml0Oi8vZGVtby9yZXZpZXdlcjAKBggq
hkjOPQQDAgNIADBFAiBdpVJQW3dLPueue60iF4EXldPtgNkZ4zn48zvWYCTwdAIh
AJeH8j4jekqjM2wdHVa9zc6rRBz1xdlorzcCYw7tPB4L
-----END CERTIFICATE-----
)";
  constexpr char kSignature[] =
      "MEUCIQDSv/epmmsyiVjATpvGze7keFWmt+f6O/ESqCKa4LAL+QIgV6bGVkIN"
      "W7LyOhQtZYQkMmEWX+e6bRpoBsxzJv6AuM4=";
  EXPECT_EQ(Verify(kCertificate, kReviewContext, ReviewText(kStatement, "ok"), kSignature),
            absl::OkStatus());
}

}  // namespace
}  // namespace jit::credential

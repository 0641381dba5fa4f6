#include "broker/credential/certificate.h"

#include <openssl/err.h>

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/credential/made_certificate.h"

namespace jit::credential {
namespace {

using ::testing::HasSubstr;
using Sans = std::vector<std::pair<SanShape, std::string>>;

KeyAndCertificate With(const Sans& sans) {
  CertificateOrder order;
  order.sans = sans;
  return MakeCertificate(order);
}

std::string WhyNot(const std::string& pem) {
  const absl::Status status = ReadCertificate(pem).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ERR_peek_error(), 0u) << "an error was left for the next user of OpenSSL";
  return std::string(status.message());
}

TEST(ReadCertificate, TellsTheIdentityTheSerialAndTheDates) {
  const KeyAndCertificate made = MakePerson("jit://demo/engineer");
  const absl::StatusOr<Certificate> read = ReadCertificate(made.certificate_pem);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->uri_san, "jit://demo/engineer");
  EXPECT_EQ(read->serial, "0abc");
  EXPECT_EQ(read->fingerprint.size(), 64u);
  EXPECT_EQ(read->not_before, absl::FromUnixSeconds(1'700'000'000));
  EXPECT_EQ(read->not_after, absl::FromUnixSeconds(1'900'000'000));
}

TEST(ReadCertificate, PassesOverNamesOfOtherKinds) {
  const auto made = With({{SanShape::kDns, "a.example"},
                          {SanShape::kUri, "jit://demo/a"},
                          {SanShape::kEmail, "a@a.example"}});
  EXPECT_EQ(ReadCertificate(made.certificate_pem)->uri_san, "jit://demo/a");
}

TEST(ReadCertificate, ReadsTheFirstOfAChain) {
  const auto leaf = MakePerson("jit://demo/leaf");
  const auto other = MakePerson("jit://demo/other");
  EXPECT_EQ(ReadCertificate(leaf.certificate_pem + other.certificate_pem)->uri_san,
            "jit://demo/leaf");
}

TEST(ReadCertificate, WithoutAUriSanIsNobody) {
  CertificateOrder order;
  order.common_name = "jit://demo/engineer";
  EXPECT_THAT(WhyNot(MakeCertificate(order).certificate_pem), HasSubstr("no URI SAN"));
  EXPECT_THAT(WhyNot(With({{SanShape::kDns, "jit.example"}}).certificate_pem),
              HasSubstr("no URI SAN"));
  EXPECT_THAT(WhyNot(With({{SanShape::kUri, ""}}).certificate_pem), HasSubstr("no URI SAN"));
}

TEST(ReadCertificate, WithTwoUriSansIsNobody) {
  const Sans two = {{SanShape::kUri, "jit://demo/a"}, {SanShape::kUri, "jit://demo/b"}};
  EXPECT_THAT(WhyNot(With(two).certificate_pem), HasSubstr("more than one"));
  const Sans same = {{SanShape::kUri, "jit://demo/a"}, {SanShape::kUri, "jit://demo/a"}};
  EXPECT_THAT(WhyNot(With(same).certificate_pem), HasSubstr("more than one"));
}

TEST(ReadCertificate, WithTheWholeExtensionTwiceIsNobody) {
  CertificateOrder order;
  order.sans = {{SanShape::kUri, "jit://demo/a"}};
  order.san_twice = CertificateOrder::SanTwice::kYes;
  EXPECT_THAT(WhyNot(MakeCertificate(order).certificate_pem), HasSubstr("no URI SAN"));
}

TEST(ReadCertificate, WithAnOversizeOrUnprintableUriSanIsNobody) {
  const std::string longest = "jit://" + std::string(250, 'a');
  EXPECT_TRUE(ReadCertificate(MakePerson(longest).certificate_pem).ok());
  EXPECT_THAT(WhyNot(MakePerson(longest + "a").certificate_pem), HasSubstr("longer than 256"));
  for (const std::string& uri : {std::string("jit://demo/a\0b", 14), std::string("jit://demo/a\n"),
                                 std::string("jit://demo/a b"), std::string("jit://demo/\xc3\xa4"),
                                 std::string("jit://demo/a\x7f")}) {
    EXPECT_THAT(WhyNot(MakePerson(uri).certificate_pem), HasSubstr("not printable ASCII"));
  }
}

TEST(ReadCertificate, OfSomethingElseIsRefused) {
  const auto made = MakePerson("jit://demo/a");
  const std::string half = made.certificate_pem.substr(0, made.certificate_pem.size() / 2);
  for (const std::string& pem :
       {std::string(), std::string("x"), made.key_pem, half, made.certificate_pem + half,
        std::string(2 * 1024 * 1024, 'x') + made.certificate_pem}) {
    EXPECT_THAT(WhyNot(pem), HasSubstr("not a certificate"));
  }
}

class ServerPair : public ::testing::Test {
 protected:
  static KeyAndCertificate Authority(const std::string& name,
                                     const KeyAndCertificate* issuer = nullptr) {
    CertificateOrder order;
    order.common_name = name;
    order.authority = CertificateOrder::Authority::kYes;
    return MakeCertificate(order, issuer);
  }
  static KeyAndCertificate Leaf(const KeyAndCertificate& issuer) {
    CertificateOrder order;
    order.common_name = "broker";
    order.sans = {{SanShape::kDns, "localhost"}};
    return MakeCertificate(order, &issuer);
  }
  static std::string Check(const std::string& certificates, const std::string& key,
                           const std::string& authorities, std::int64_t now = 1'800'000'000) {
    const absl::Status status =
        CheckServerPair(certificates, key, authorities, absl::FromUnixSeconds(now));
    EXPECT_EQ(ERR_peek_error(), 0u);
    return std::string(status.message());
  }

  const KeyAndCertificate root_ = Authority("root");
  const KeyAndCertificate leaf_ = Leaf(root_);
};

TEST_F(ServerPair, IssuedByTheAuthorityHolds) {
  EXPECT_EQ(Check(leaf_.certificate_pem, leaf_.key_pem, root_.certificate_pem), "");
  const auto other = Authority("other");
  EXPECT_EQ(
      Check(leaf_.certificate_pem, leaf_.key_pem, other.certificate_pem + root_.certificate_pem),
      "");
}

TEST_F(ServerPair, WithAnIntermediateHoldsWhenTheChainIsThere) {
  const auto middle = Authority("middle", &root_);
  const auto leaf = Leaf(middle);
  EXPECT_EQ(
      Check(leaf.certificate_pem + middle.certificate_pem, leaf.key_pem, root_.certificate_pem),
      "");
  EXPECT_EQ(Check(leaf.certificate_pem, leaf.key_pem, middle.certificate_pem), "");
  EXPECT_THAT(Check(leaf.certificate_pem, leaf.key_pem, root_.certificate_pem),
              HasSubstr("does not verify"));
}

TEST_F(ServerPair, OutsideItsDatesDoesNotHold) {
  EXPECT_THAT(Check(leaf_.certificate_pem, leaf_.key_pem, root_.certificate_pem, 1'600'000'000),
              HasSubstr("not yet valid"));
  EXPECT_THAT(Check(leaf_.certificate_pem, leaf_.key_pem, root_.certificate_pem, 1'950'000'000),
              HasSubstr("expired"));
}

TEST_F(ServerPair, OfAnotherAuthorityOrKeyDoesNotHold) {
  const auto impostor = Authority("root");
  EXPECT_THAT(Check(leaf_.certificate_pem, leaf_.key_pem, impostor.certificate_pem),
              HasSubstr("does not verify"));
  EXPECT_THAT(Check(leaf_.certificate_pem, root_.key_pem, root_.certificate_pem),
              HasSubstr("does not belong"));
}

TEST_F(ServerPair, WithAPartMissingSaysWhich) {
  EXPECT_THAT(Check("", leaf_.key_pem, root_.certificate_pem), HasSubstr("the certificate is not"));
  EXPECT_THAT(Check(leaf_.certificate_pem, "", root_.certificate_pem), HasSubstr("the key is not"));
  EXPECT_THAT(Check(leaf_.certificate_pem, leaf_.key_pem, ""), HasSubstr("authorities"));
}

}  // namespace
}  // namespace jit::credential

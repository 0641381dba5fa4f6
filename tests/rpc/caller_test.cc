#include "broker/rpc/caller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/development/authority.h"
#include "tests/testing/policy_builder.h"
#include "tests/testing/status_matchers.h"

namespace jit::rpc {
namespace {

using core::Reason;
using ::testing::HasSubstr;
using testing::RefusedSaying;
using testing::RefusedWith;

constexpr absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

std::string CertificateWith(std::vector<std::string> uris) {
  const auto authority =
      development::Authority::Make("test authority", kNow - absl::Hours(1), kNow + absl::Hours(9));
  const auto pair = authority->Issue({.common_name = "operator",
                                      .uris = std::move(uris),
                                      .dns_names = {"engineer.test"},
                                      .addresses = {},
                                      .use = development::Use::kClient,
                                      .not_before = kNow - absl::Minutes(1),
                                      .not_after = kNow + absl::Hours(1)});
  return pair.ok() ? pair->certificate_pem : "";
}

absl::StatusOr<Caller> IdentifyAt(absl::Time now, const std::string& pem,
                                  const DenyList& denied = {}) {
  return Identify(pem, testing::ShopPolicy().people, denied, now);
}

TEST(Caller, IsThePersonWhomTheUriNamesAndNotTheCommonName) {
  const auto caller = IdentifyAt(kNow, CertificateWith({"jit://test/engineer"}));
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->person, testing::Person("engineer"));
  EXPECT_EQ(caller->identity, "jit://test/engineer");
  EXPECT_EQ(caller->manager, testing::Person("manager"));
  EXPECT_EQ(caller->not_after, kNow + absl::Hours(1));
  EXPECT_THAT(caller->groups, ::testing::ElementsAre(testing::Group("engineers")));
}

TEST(Caller, WithoutACertificateOrWithAnythingElseIsUnknown) {
  EXPECT_THAT(IdentifyAt(kNow, ""), RefusedWith(Reason::kUnknownCaller));
  EXPECT_THAT(IdentifyAt(kNow, "jit://test/engineer"), RefusedWith(Reason::kUnknownCaller));
  EXPECT_THAT(IdentifyAt(kNow, CertificateWith({})), RefusedWith(Reason::kUnknownCaller));
}

TEST(Caller, WithTwoNamesIsNeitherOfThem) {
  EXPECT_THAT(IdentifyAt(kNow, CertificateWith({"jit://test/engineer", "jit://test/engineer"})),
              RefusedSaying(Reason::kUnknownCaller, HasSubstr("more than one URI")));
}

TEST(Caller, IsUnknownOutsideTheDatesOfTheCertificate) {
  const std::string pem = CertificateWith({"jit://test/engineer"});
  EXPECT_TRUE(IdentifyAt(kNow - absl::Minutes(1), pem).ok());
  EXPECT_THAT(IdentifyAt(kNow - absl::Minutes(1) - absl::Seconds(1), pem),
              RefusedWith(Reason::kUnknownCaller));
  EXPECT_THAT(IdentifyAt(kNow + absl::Hours(1), pem), RefusedWith(Reason::kUnknownCaller));
}

TEST(Caller, IsNobodyWhenTheDirectoryDoesNotKnowTheIdentityToTheLetter) {
  for (const char* identity : {"jit://test/stranger", "jit://test/Engineer", "jit://test/engineer/",
                               "jit://other/engineer"}) {
    EXPECT_THAT(IdentifyAt(kNow, CertificateWith({identity})), RefusedWith(Reason::kUnknownPerson));
  }
  EXPECT_THAT(IdentifyAt(kNow, CertificateWith({"jit://test/drifter"})),
              RefusedWith(Reason::kPersonInNoGroup));
}

TEST(Caller, IsTurnedAwayByFingerprintSerialOrIdentity) {
  const std::string pem = CertificateWith({"jit://test/engineer"});
  const auto certificate = credential::ReadCertificate(pem);
  ASSERT_TRUE(certificate.ok());
  for (const std::string& line :
       {"fingerprint " + certificate->fingerprint, "serial 00:" + certificate->serial,
        std::string("identity jit://test/engineer")}) {
    const DenyListReading reading = ReadDenyList(line);
    ASSERT_TRUE(reading.errors.empty()) << line;
    EXPECT_THAT(IdentifyAt(kNow, pem, reading.list), RefusedWith(Reason::kRevokedCertificate));
    EXPECT_TRUE(IdentifyAt(kNow, CertificateWith({"jit://test/reviewer"}), reading.list).ok());
  }
}

TEST(DenyList, TakesWhatOpensslPrintsAndIgnoresComments) {
  const DenyListReading reading = ReadDenyList(
      "# lost laptops\n"
      "\n"
      "  serial 0A:FF  # one\n"
      "serial 00\n"
      "fingerprint AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:"
      "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99\n"
      "identity jit://test/engineer");
  EXPECT_THAT(reading.errors, ::testing::IsEmpty());
  EXPECT_THAT(reading.list.serials, ::testing::ElementsAre("0", "aff"));
  EXPECT_THAT(
      reading.list.fingerprints,
      ::testing::ElementsAre("aabbccddeeff00112233445566778899aabbccddeeff00112233445566778899"));
}

TEST(DenyList, NamesEveryBadLineByNumberAndKeepsTheGoodOnes) {
  const DenyListReading reading =
      ReadDenyList("serial xyz\nserial 0a\nfingerprint 0a\nname somebody\nidentity\nserial 1 2\n");
  EXPECT_EQ(reading.errors.size(), 5U);
  EXPECT_THAT(reading.errors, ::testing::Each(::testing::Not(HasSubstr("somebody"))));
  EXPECT_THAT(reading.errors[0], ::testing::StartsWith("line 1: "));
  EXPECT_THAT(reading.errors[1], ::testing::StartsWith("line 3: "));
  EXPECT_THAT(reading.list.serials, ::testing::ElementsAre("a"));
}

}  // namespace
}  // namespace jit::rpc

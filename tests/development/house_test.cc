#include "broker/development/house.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "absl/time/civil_time.h"
#include "broker/credential/certificate.h"

namespace jit::development {
namespace {

const absl::Time kNow = absl::FromCivil(absl::CivilDay(2026, 11, 20), absl::UTCTimeZone());

class CountingEntropy : public ports::Entropy {
 public:
  void Fill(std::span<std::uint8_t> bytes) override {
    std::generate(bytes.begin(), bytes.end(), [this] { return next_++; });
  }

 private:
  std::uint8_t next_ = 0;
};

class HouseTest : public testing::Test {
 protected:
  HouseTest() {
    std::string pattern = testing::TempDir() + "jit-house-XXXXXX";
    place_ = mkdtemp(pattern.data());
  }
  ~HouseTest() override { std::filesystem::remove_all(place_); }
  Folder folder() const { return *Folder::Open(place_); }
  std::string place_;
};

core::Directory EngineerAlone(const std::string& identity) {
  core::Directory directory;
  const core::PersonId id = *core::PersonId::Parse("engineer");
  directory.people.emplace(
      id, core::Person{.id = id, .identities = {identity}, .groups = {}, .manager = {}});
  return directory;
}

std::string IdentityIn(const Folder& folder) {
  const absl::StatusOr<std::string> pem = folder.Read("engineer.pem");
  return pem.ok() ? credential::ReadCertificate(*pem)->uri_san : "";
}

TEST_F(HouseTest, GivesEverybodyACertificateWithTheirIdentity) {
  ASSERT_TRUE(MakeKeys(folder(), EngineerAlone("jit://dev/engineer"), kNow).ok());
  EXPECT_EQ(IdentityIn(folder()), "jit://dev/engineer");
}

TEST_F(HouseTest, MakesAServerPairThatTheBrokerWouldPublish) {
  ASSERT_TRUE(MakeKeys(folder(), EngineerAlone("jit://dev/engineer"), kNow).ok());
  EXPECT_TRUE(credential::CheckServerPair(*folder().Read(kServerCertificateFile),
                                          *folder().Read(kServerKeyFile),
                                          *folder().Read(kAuthorityFile), kNow)
                  .ok());
}

TEST_F(HouseTest, UsesWhatItMadeAgain) {
  const core::Directory people = EngineerAlone("jit://dev/engineer");
  ASSERT_TRUE(MakeKeys(folder(), people, kNow).ok());
  const std::string before = *folder().Read("engineer.pem") + *folder().Read("broker.pem") +
                             *folder().Read("authority.pem") + *folder().Read("checkpoint.key");
  ASSERT_TRUE(MakeKeys(folder(), people, kNow + absl::Hours(1)).ok());
  EXPECT_EQ(before, *folder().Read("engineer.pem") + *folder().Read("broker.pem") +
                        *folder().Read("authority.pem") + *folder().Read("checkpoint.key"));
}

TEST_F(HouseTest, RenewsWhatIsAboutToEndUnderTheSameAuthority) {
  const core::Directory people = EngineerAlone("jit://dev/engineer");
  ASSERT_TRUE(MakeKeys(folder(), people, kNow).ok());
  const std::string engineer = *folder().Read("engineer.pem");
  const std::string server = *folder().Read("broker.pem");
  const std::string authority = *folder().Read("authority.pem");
  ASSERT_TRUE(MakeKeys(folder(), people, kNow + kCertificateLife - absl::Hours(24)).ok());
  EXPECT_NE(engineer, *folder().Read("engineer.pem"));
  EXPECT_NE(server, *folder().Read("broker.pem"));
  EXPECT_EQ(authority, *folder().Read("authority.pem"));
}

TEST_F(HouseTest, MakesTheCertificateAgainWhenTheIdentityChanged) {
  ASSERT_TRUE(MakeKeys(folder(), EngineerAlone("jit://dev/engineer"), kNow).ok());
  ASSERT_TRUE(MakeKeys(folder(), EngineerAlone("jit://demo/engineer"), kNow).ok());
  EXPECT_EQ(IdentityIn(folder()), "jit://demo/engineer");
}

TEST_F(HouseTest, LeavesAPolicyThatSomebodyEditedAlone) {
  ASSERT_TRUE(WritePolicy(folder()).ok());
  const Folder policy = *Folder::Open(folder().PathOf(kPolicyFolder));
  ASSERT_TRUE(policy.Write("dev.toml", "# mine\n", Privacy::kReadable).ok());
  ASSERT_TRUE(WritePolicy(folder()).ok());
  EXPECT_EQ(*policy.Read("dev.toml"), "# mine\n");
  EXPECT_TRUE(policy.Has("people.toml"));
}

TEST_F(HouseTest, WritesWhatTheProgramsReadFromTheEnvironment) {
  ASSERT_TRUE(
      WriteEnvironments(folder(), EngineerAlone("jit://dev/engineer"), "localhost:7420").ok());
  EXPECT_EQ(*folder().Read("engineer.env"),
            "export JIT_BROKER='localhost:7420'\n"
            "export JIT_CA='" +
                place_ +
                "/authority.pem'\n"
                "export JIT_CERT='" +
                place_ +
                "/engineer.pem'\n"
                "export JIT_KEY='" +
                place_ + "/engineer.key'\n");
}

TEST_F(HouseTest, KeepsAPasswordOnceMade) {
  CountingEntropy entropy;
  const absl::StatusOr<credential::Secret> first = KeptPassword(folder(), "password", entropy);
  const absl::StatusOr<credential::Secret> again = KeptPassword(folder(), "password", entropy);
  const absl::StatusOr<credential::Secret> other = KeptPassword(folder(), "other", entropy);
  ASSERT_TRUE(first.ok() && again.ok() && other.ok());
  EXPECT_TRUE(first->ConstantTimeEquals(*again));
  EXPECT_FALSE(first->ConstantTimeEquals(*other));
  EXPECT_EQ(first->RevealForUse().size(), 43U);
}

}  // namespace
}  // namespace jit::development

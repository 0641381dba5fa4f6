// Certificates that are not good enough, as the person who holds one sees it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

#include "broker/development/authority.h"
#include "tests/end_to_end/scene.h"

namespace jit::end_to_end {
namespace {

using development::Authority;
using development::CertificateOrder;
using ::testing::HasSubstr;

class Papers : public ::testing::Test {
 protected:
  void SetUp() override {
    scene_ = Scene::Make();
    ASSERT_NE(scene_, nullptr);
    ASSERT_TRUE(scene_->Start());
    now_ = absl::FromChrono(std::chrono::system_clock::now());
    absl::StatusOr<Authority> authority = Authority::Load(
        scene_->ReadFile("authority.pem"), credential::Secret(scene_->ReadFile("authority.key")));
    ASSERT_TRUE(authority.ok());
    authority_ = std::make_unique<Authority>(*std::move(authority));
  }

  CertificateOrder Order(const std::vector<std::string>& uris) const {
    return {.common_name = "somebody",
            .uris = uris,
            .dns_names = {},
            .addresses = {},
            .use = development::Use::kClient,
            .not_before = now_ - absl::Hours(1),
            .not_after = now_ + absl::Hours(1)};
  }

  // What `jit-access whoami` says with such a certificate.
  Said WhoAmI(const Authority& authority, const CertificateOrder& order) {
    const absl::StatusOr<development::KeyPair> pair = authority.Issue(order);
    EXPECT_TRUE(pair.ok()) << pair.status();
    scene_->WriteFile("somebody.pem", pair->certificate_pem);
    scene_->WriteFile("somebody.key", std::string(pair->key_pem.RevealForUse()));
    std::filesystem::permissions(scene_->folder() + "/somebody.key", std::filesystem::perms(0600));
    return scene_->By("somebody", {"jit-access", "whoami"});
  }

  std::unique_ptr<Scene> scene_;
  std::unique_ptr<Authority> authority_;
  absl::Time now_;
};

TEST_F(Papers, OfTheRightPersonAreGood) {
  const Said said = WhoAmI(*authority_, Order({"jit://demo/engineer"}));
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("engineer"));
}

TEST_F(Papers, OfAnotherAuthorityAreTurnedAwayWithAWordOnWhatToDo) {
  const absl::StatusOr<Authority> other =
      Authority::Make("somebody else's authority", now_ - absl::Hours(1), now_ + absl::Hours(1));
  ASSERT_TRUE(other.ok());
  const Said said = WhoAmI(*other, Order({"jit://demo/engineer"}));
  EXPECT_EQ(said.status, 7);
  EXPECT_THAT(said.err, HasSubstr("certificate"));
}

TEST_F(Papers, ThatHaveEndedAreSaidToHaveEnded) {
  CertificateOrder order = Order({"jit://demo/engineer"});
  order.not_before = now_ - absl::Hours(3);
  order.not_after = now_ - absl::Hours(1);
  const Said said = WhoAmI(*authority_, order);
  EXPECT_NE(said.status, 0);
  EXPECT_THAT(said.err, HasSubstr("ended"));
}

TEST_F(Papers, WithTwoIdentitiesAreNobodys) {
  const Said said = WhoAmI(*authority_, Order({"jit://demo/engineer", "jit://demo/manager"}));
  EXPECT_NE(said.status, 0);
  EXPECT_THAT(said.err, HasSubstr("URI"));
}

TEST_F(Papers, OfSomebodyTheDirectoryDoesNotKnowAreRefused) {
  const Said said = WhoAmI(*authority_, Order({"jit://demo/stranger"}));
  EXPECT_EQ(said.status, 3);
  EXPECT_THAT(said.err, HasSubstr("unknown_person"));
}

TEST_F(Papers, OfSomebodyInNoGroupAreRefused) {
  scene_->WriteFile("policies/people.toml",
                    scene_->ReadFile("policies/people.toml") +
                        "\n[people.drifter]\nidentities = [\"jit://demo/drifter\"]\n");
  scene_->broker().Signal(SIGHUP);
  EXPECT_TRUE(Comes([&] {
    const Said said = WhoAmI(*authority_, Order({"jit://demo/drifter"}));
    return said.status == 3 && said.err.find("person_in_no_group") != std::string::npos;
  }));
}

TEST_F(Papers, AreMissingWhenNoneAreNamed) {
  Environment papers = scene_->PapersOf("engineer");
  papers.erase("JIT_CERT");
  papers.erase("JIT_KEY");
  const Said said =
      RunProgram({Scene::ProgramPath("jit-access"), "whoami"}, papers, scene_->folder());
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.err, HasSubstr("JIT_CERT"));
}

}  // namespace
}  // namespace jit::end_to_end

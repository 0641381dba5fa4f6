// The fake keeps the contract.
#include "tests/contract/target_contract.h"
#include "tests/testing/memory_target.h"
#include "tests/testing/simulated_clock.h"

namespace jit::testing {
namespace {

class MemoryWorld : public TargetWorld {
 public:
  MemoryWorld() { target_.AllowOnly({"app_reader", "app_writer", "app_owner"}); }

  ports::Target& target() override { return target_; }
  absl::Time Now() override { return clock_.Now().wall; }
  bool CanLogIn(const core::LoginName& login, const Credential& credential) override {
    return target_.CanLogIn(login) &&
           target_.VerifierDigestOf(login) == credential.verifier.Digest();
  }
  bool OpenSession(const core::LoginName& login, const Credential& credential) override {
    return CanLogIn(login, credential) && target_.OpenSession(login).ok();
  }
  int LiveSessions(const core::LoginName& login) override { return target_.SessionsOf(login); }
  void OwnRelation(const core::LoginName& login, const Credential& credential) override {
    ASSERT_TRUE(CanLogIn(login, credential));
    target_.SetOwned(login, MemoryTarget::Owns::kRelations);
  }
  void MakeFunction(const core::LoginName& login, const Credential& credential,
                    const std::string& name) override {
    ASSERT_TRUE(CanLogIn(login, credential));
    target_.ChangeSchema("function", "public." + name + "()", "select 1");
  }
  void HideSchema() override { target_.HideSchema(1); }
  void ShowSchema() override { target_.HideSchema(0); }
  void ChangeOwnPassword(const core::LoginName& login, const Credential& credential) override {
    ASSERT_TRUE(CanLogIn(login, credential));
    target_.ChangeVerifier(login);
  }
  void PutUnmarked(const core::LoginName& login) override { target_.PutUnmarked(login); }
  bool RoleExists(const core::LoginName& login) override { return target_.Exists(login); }
  void StopServer() override { target_.Set(MemoryTarget::Reach::kDown); }
  void StartServer() override {
    target_.RestartServer();
    target_.Set(MemoryTarget::Reach::kUp);
  }
  void MakeReadOnly() override { target_.Set(MemoryTarget::Writable::kNo); }

 private:
  SimulatedClock clock_;
  MemoryTarget target_{*core::TargetName::Parse("shop"), clock_};
};

std::unique_ptr<TargetWorld> MakeMemoryWorld() {
  return std::make_unique<MemoryWorld>();
}

INSTANTIATE_TEST_SUITE_P(Memory, TargetContract, ::testing::Values(&MakeMemoryWorld));

}  // namespace
}  // namespace jit::testing

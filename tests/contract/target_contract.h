// What every ports::Target keeps, asked from inside: with the credential, through the front door.
//
// A driver gives a TargetWorld per test; the suite is instantiated once for the fake and once for a
// real PostgreSQL. A difference between the two is a bug in the fake.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "broker/ports/target.h"
#include "tests/testing/seeded_entropy.h"
#include "tests/testing/status_matchers.h"

namespace jit::testing {

// A password and what travels of it.
struct Credential {
  std::string password;
  credential::ScramVerifier verifier;
};

// A target and the world around it, as holders and bystanders see it.
class TargetWorld {
 public:
  virtual ~TargetWorld() = default;
  virtual ports::Target& target() = 0;
  virtual absl::Time Now() = 0;

  // The groups app_reader, app_writer and app_owner, who owns the tables, are allowed; app_secret
  // exists and is not.
  virtual bool CanLogIn(const core::LoginName& login, const Credential& credential) = 0;
  // Opens a session and keeps it; false when the login is refused.
  virtual bool OpenSession(const core::LoginName& login, const Credential& credential) = 0;
  // How many of the sessions kept for a login still answer.
  virtual int LiveSessions(const core::LoginName& login) = 0;
  // The holder creates a table and puts a row into it. Only for a login that is on.
  virtual void OwnRelation(const core::LoginName& login, const Credential& credential) = 0;
  // The holder makes the function public.<name>(), which nothing else comes with.
  virtual void MakeFunction(const core::LoginName& login, const Credential& credential,
                            const std::string& name) = 0;
  // Nobody can look at the schema until it is given free.
  virtual void HideSchema() = 0;
  virtual void ShowSchema() = 0;
  virtual void ChangeOwnPassword(const core::LoginName& login, const Credential& credential) = 0;
  virtual void PutUnmarked(const core::LoginName& login) = 0;
  virtual bool RoleExists(const core::LoginName& login) = 0;
  virtual void StopServer() = 0;
  virtual void StartServer() = 0;
  virtual void MakeReadOnly() = 0;
};

using WorldMaker = std::unique_ptr<TargetWorld> (*)();

class TargetContract : public ::testing::TestWithParam<WorldMaker> {
 protected:
  void SetUp() override {
    world_ = GetParam()();
    ASSERT_NE(world_, nullptr) << "the world could not be made";
  }

  core::LoginName NewLogin() {
    core::LeaseId::Bytes bytes;
    entropy_.Fill(bytes);
    return core::LoginName::Of(core::LeaseId::FromBytes(bytes));
  }

  Credential NewCredential() {
    std::array<std::uint8_t, 32> secret;
    std::array<std::uint8_t, 16> salt;
    entropy_.Fill(secret);
    entropy_.Fill(salt);
    const credential::Secret password = credential::PasswordFrom(secret);
    return {std::string(password.RevealForUse()), *credential::ScramVerifier::Make(password, salt)};
  }

  ports::LoginOrder Order(const core::LoginName& login) {
    return ports::LoginOrder{.login = login,
                             .person = *core::PersonId::Parse("engineer"),
                             .member_of = {*core::PgGroup::Parse("app_reader")},
                             .connection_limit = 3,
                             .valid_until = world_->Now() + absl::Minutes(30),
                             .statement_timeout = absl::Minutes(1),
                             .lock_timeout = absl::Seconds(5),
                             .idle_in_transaction_timeout = absl::Minutes(1)};
  }

  ports::Target& target() { return world_->target(); }

  // One login that is on.
  struct Opened {
    core::LoginName login;
    Credential credential;
  };
  Opened OpenOne() {
    Opened opened{NewLogin(), NewCredential()};
    EXPECT_THAT(target().OpenLogin(Order(opened.login), opened.credential.verifier), IsOk());
    return opened;
  }

  // The same of one that acts as the owner of the tables.
  ports::LoginOrder OwnerOrder(const core::LoginName& login) {
    ports::LoginOrder order = Order(login);
    order.acts_as = *core::PgGroup::Parse("app_owner");
    order.member_of = {*order.acts_as};
    order.writes = true;
    return order;
  }
  Opened OpenAsOwner() {
    Opened opened{NewLogin(), NewCredential()};
    EXPECT_THAT(target().OpenLogin(OwnerOrder(opened.login), opened.credential.verifier), IsOk());
    return opened;
  }

  ports::OffOutcome TurnOffOne(const core::LoginName& login) {
    auto outcomes = target().TurnOff({login});
    EXPECT_THAT(outcomes, IsOk());
    return outcomes.ok() ? outcomes->at(0) : ports::OffOutcome{login};
  }
  ports::RemoveOutcome RemoveOne(const core::LoginName& login) {
    auto outcomes = target().Remove({login});
    EXPECT_THAT(outcomes, IsOk());
    return outcomes.ok() ? outcomes->at(0) : ports::RemoveOutcome{login};
  }
  std::optional<ports::LoginSeen> See(const core::LoginName& login) {
    auto state = target().Inspect();
    EXPECT_THAT(state, IsOk());
    if (!state.ok()) return std::nullopt;
    for (const ports::LoginSeen& seen : state->logins) {
      if (seen.login == login) return seen;
    }
    return std::nullopt;
  }

  std::unique_ptr<TargetWorld> world_;
  SeededEntropy entropy_{20261120};
};

}  // namespace jit::testing

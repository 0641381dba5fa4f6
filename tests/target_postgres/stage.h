// Where holders and the target meet: a private cluster, logins with their passwords, short words.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/target_postgres/holder.h"
#include "tests/testing/postgres_target.h"
#include "tests/testing/seeded_entropy.h"
#include "tests/testing/status_matchers.h"

namespace jit::testing {

struct Opened {
  core::LoginName login;
  std::string password;
  std::string verifier;
  ports::LoginOrder order;
};

class Stage : public ::testing::Test {
 protected:
  // What the cluster is configured with; a test that needs something says so before it starts.
  virtual PrivatePostgres::Options Options() { return {}; }

  void SetUp() override {
    auto started = PostgresTarget::Start(Options());
    ASSERT_TRUE(started.ok()) << started.status();
    world_ = std::move(*started);
  }

  ports::Target& target() { return world_->target(); }
  PrivatePostgres& cluster() { return world_->cluster(); }
  absl::Time Now() { return world_->clock().Now().wall; }
  std::string Sql(absl::string_view sql) { return world_->Sql(sql); }
  std::string SqlIn(absl::string_view database, absl::string_view sql) {
    return world_->SqlIn(database, sql);
  }

  core::LoginName NewLogin();
  Opened Prepare(const std::string& group = "app_writer");
  Opened Open(const std::string& group = "app_writer");
  std::string Conninfo(const Opened& opened, const std::string& database = "shop") {
    return cluster().ConninfoFor(opened.login.text(), opened.password, database);
  }
  Holder Enter(const Opened& opened, const std::string& options = "",
               const std::string& database = "shop") {
    return Holder(Conninfo(opened, database), options);
  }
  bool CanLogIn(const Opened& opened) { return Enter(opened).Connected(); }

  ports::OffOutcome TurnOff(const Opened& opened);
  ports::RemoveOutcome Remove(const Opened& opened);
  // Off, then removed; both must come about.
  void Close(const Opened& opened);
  bool RoleExists(const Opened& opened);
  int SessionsOf(const Opened& opened);

  std::unique_ptr<PostgresTarget> world_;
  SeededEntropy entropy_{7};
};

}  // namespace jit::testing

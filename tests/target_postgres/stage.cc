#include "tests/target_postgres/stage.h"

#include <array>

#include "absl/strings/str_cat.h"

namespace jit::testing {

core::LoginName Stage::NewLogin() {
  core::LeaseId::Bytes bytes;
  entropy_.Fill(bytes);
  return core::LoginName::Of(core::LeaseId::FromBytes(bytes));
}

Opened Stage::Prepare(const std::string& group) {
  std::array<std::uint8_t, 32> secret;
  std::array<std::uint8_t, 16> salt;
  entropy_.Fill(secret);
  entropy_.Fill(salt);
  const credential::Secret password = credential::PasswordFrom(secret);
  const core::LoginName login = NewLogin();
  return Opened{.login = login,
                .password = std::string(password.RevealForUse()),
                .verifier = credential::ScramVerifier::Make(password, salt)->RevealForTarget(),
                .order = ports::LoginOrder{.login = login,
                                           .person = *core::PersonId::Parse("engineer"),
                                           .member_of = {*core::PgGroup::Parse(group)},
                                           .connection_limit = 5,
                                           .valid_until = Now() + absl::Minutes(30),
                                           .statement_timeout = absl::Minutes(5),
                                           .lock_timeout = absl::Seconds(5),
                                           .idle_in_transaction_timeout = absl::Minutes(5),
                                           .writes = group == "app_writer"}};
}

Opened Stage::Open(const std::string& group) {
  Opened opened = Prepare(group);
  EXPECT_THAT(target().OpenLogin(opened.order, *credential::ScramVerifier::Parse(opened.verifier)),
              IsOk());
  return opened;
}

ports::OffOutcome Stage::TurnOff(const Opened& opened) {
  auto outcomes = target().TurnOff({opened.login});
  EXPECT_THAT(outcomes, IsOk());
  return outcomes.ok() ? outcomes->at(0) : ports::OffOutcome{opened.login};
}

ports::RemoveOutcome Stage::Remove(const Opened& opened) {
  auto outcomes = target().Remove({opened.login});
  EXPECT_THAT(outcomes, IsOk());
  return outcomes.ok() ? outcomes->at(0) : ports::RemoveOutcome{opened.login};
}

void Stage::Close(const Opened& opened) {
  const ports::OffOutcome off = TurnOff(opened);
  EXPECT_EQ(off.state, ports::OffState::kOff) << off.report;
  const ports::RemoveOutcome removed = Remove(opened);
  EXPECT_EQ(removed.state, ports::RemoveState::kRemoved) << removed.report;
  EXPECT_FALSE(RoleExists(opened));
}

bool Stage::RoleExists(const Opened& opened) {
  return Sql(absl::StrCat("select count(*) from pg_roles where rolname = '", opened.login.text(),
                          "'")) == "1";
}

int Stage::SessionsOf(const Opened& opened) {
  return std::atoi(Sql(absl::StrCat("select count(*) from pg_stat_activity where usename = '",
                                    opened.login.text(), "'"))
                       .c_str());
}

}  // namespace jit::testing

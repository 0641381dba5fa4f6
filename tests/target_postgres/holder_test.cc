// What a holder can see, change and reach from inside, and what the server's log gets to know.
#include "tests/target_postgres/holder.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/target_postgres/stage.h"

namespace jit::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class FromInside : public Stage {};

class TalkativeServer : public Stage {
 protected:
  PrivatePostgres::Options Options() override {
    PrivatePostgres::Options options;
    options.settings = {{"log_statement", "all"},
                        {"log_min_duration_statement", "0"},
                        {"log_min_error_statement", "debug5"},
                        {"log_error_verbosity", "verbose"},
                        {"log_parameter_max_length", "-1"},
                        {"log_parameter_max_length_on_error", "-1"},
                        {"debug_print_parse", "off"}};
    return options;
  }
};

// C-17: whatever the server is told to log, also about statements that fail.
TEST_F(TalkativeServer, NoPasswordAndNoVerifierIsInTheServersLog) {
  const Opened opened = Open();
  std::vector<std::string> secrets = {opened.password};
  for (absl::string_view part : absl::StrSplit(opened.verifier, absl::ByAnyChar("$:"))) {
    if (part.size() > 16) secrets.emplace_back(part);
  }
  ASSERT_EQ(secrets.size(), 4U);  // password, salt, StoredKey, ServerKey
  const auto verifier = *credential::ScramVerifier::Parse(opened.verifier);
  // Again, with other attributes, with a group that is not allowed, over a role that is not ours.
  EXPECT_THAT(target().OpenLogin(opened.order, verifier), IsOk());
  ports::LoginOrder other = opened.order;
  other.connection_limit = 1;
  EXPECT_THAT(target().OpenLogin(other, verifier), Not(IsOk()));
  other = opened.order;
  other.login = NewLogin();
  other.member_of = {*core::PgGroup::Parse("app_secret")};
  EXPECT_THAT(target().OpenLogin(other, verifier), Not(IsOk()));
  // Inside CREATE ROLE itself: the group is allowed, and then the name is taken.
  Sql("insert into jit.allowed_group values ('app_secret')");
  Holder locker(cluster().SuperuserConninfo("shop"));
  ASSERT_TRUE(locker.Run(absl::StrCat("begin; create role ", other.login.text())));
  EXPECT_THAT(target().OpenLogin(other, verifier), Not(IsOk()));
  ASSERT_TRUE(locker.Run("rollback"));
  EXPECT_TRUE(CanLogIn(opened));
  const std::string activity = Sql("select string_agg(query, ' ') from pg_stat_activity");
  const std::string log = cluster().ServerLog();
  EXPECT_THAT(log, HasSubstr("jit.open_login"));
  for (const std::string& secret : secrets) {
    EXPECT_EQ(log.find(secret), std::string::npos) << "a secret is in the log";
    EXPECT_EQ(activity.find(secret), std::string::npos) << "a secret is in pg_stat_activity";
  }
  Close(opened);
}

// C-11: objects planted where a careless session would find them.
TEST_F(FromInside, PlantedOperatorsAndSearchPathsDoNotReachTheBroker) {
  Sql("create schema evil; grant usage on schema evil to public; create table evil.caught(who "
      "text);"
      "grant insert on evil.caught to public;"
      "create function evil.trap(text, name) returns boolean language plpgsql as $$ begin"
      " insert into evil.caught values (current_user); return true; end $$;"
      "create operator evil.= (leftarg = text, rightarg = name, function = evil.trap);"
      "create function evil.now() returns timestamptz language sql as"
      " $$ insert into evil.caught values (current_user); select 'infinity'::timestamptz $$;"
      "create function evil.clock_timestamp() returns timestamptz language sql as"
      " $$ insert into evil.caught values (current_user); select 'infinity'::timestamptz $$;"
      "create function evil.pg_terminate_backend(int) returns boolean language sql as"
      " $$ select false $$;"
      "create view evil.pg_roles as select * from pg_catalog.pg_roles where false;"
      "create view evil.pg_stat_activity as select * from pg_catalog.pg_stat_activity where false;"
      "alter database shop set search_path = evil, pg_catalog, public;"
      "alter role jit_broker set search_path = evil, pg_catalog;"
      "alter role jit_owner set search_path = evil, pg_catalog;"
      "alter database shop set timezone = 'Asia/Tokyo'; alter database shop set datestyle = "
      "'german'");
  auto fresh = world_->Adapter(world_->BrokerConninfo(), std::nullopt);
  ASSERT_THAT(fresh, IsOk());
  const Opened opened = Prepare();
  ASSERT_THAT((*fresh)->OpenLogin(opened.order, *credential::ScramVerifier::Parse(opened.verifier)),
              IsOk());
  Holder holder = Enter(opened);
  ASSERT_TRUE(holder.Connected());
  auto state = (*fresh)->Inspect();
  ASSERT_THAT(state, IsOk());
  ASSERT_EQ(state->logins.size(), 1U);
  EXPECT_EQ(state->logins[0].valid_until,
            absl::FromUnixMicros(absl::ToUnixMicros(opened.order.valid_until)));
  EXPECT_EQ((*fresh)->TurnOff({opened.login})->at(0).state, ports::OffState::kOff);
  EXPECT_FALSE(holder.Run("select 1"));
  EXPECT_EQ((*fresh)->Remove({opened.login})->at(0).state, ports::RemoveState::kRemoved);
  EXPECT_EQ(Sql("select count(*) from evil.caught"), "0");
}

// C-18: allowed to the holder are their password and their settings; nothing that prolongs.
TEST_F(FromInside, AHolderCannotProlongWidenOrRenameTheirLogin) {
  const Opened opened = Open();
  const std::string& login = opened.login.text();
  Holder holder = Enter(opened);
  ASSERT_TRUE(holder.Run("alter role current_user set statement_timeout = 0"));
  for (const std::string& sql :
       {absl::StrCat("alter role ", login, " valid until 'infinity'"),
        absl::StrCat("alter role ", login, " connection limit 100"),
        absl::StrCat("alter role ", login, " createrole"),
        absl::StrCat("alter role ", login, " noinherit"),
        absl::StrCat("alter role ", login, " rename to free"),
        absl::StrCat("comment on role ", login, " is 'nobody''s'"),
        absl::StrCat("grant app_writer to ", login, " with admin option"),
        absl::StrCat("grant app_secret to ", login), std::string("grant app_writer to app_secret"),
        absl::StrCat("grant ", login, " to app_secret")}) {
    EXPECT_EQ(holder.Ask(sql).rfind("ERROR", 0), 0U) << sql;
  }
  // Opening again takes the settings away.
  ASSERT_THAT(target().OpenLogin(opened.order, *credential::ScramVerifier::Parse(opened.verifier)),
              IsOk());
  EXPECT_EQ(Enter(opened).Ask("show statement_timeout"), "5min");
  Close(opened);
}

// C-32: a name is never given twice, so nobody inherits what a policy or a file says about it.
TEST_F(FromInside, NamesAreOfOneFormAndNeverComeTwice) {
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) {
    const std::string name = NewLogin().text();
    EXPECT_TRUE(seen.insert(name).second);
    ASSERT_EQ(name.size(), 30U);
    ASSERT_EQ(name.substr(0, 4), "jit_");
    ASSERT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567", 4), std::string::npos);
  }
}

// C-34: denied already, and to stay so.
TEST_F(FromInside, AWriterHasNoWayOutOfTheirDatabaseRights) {
  const Opened opened = Open();
  const Opened other = Open();
  Holder bystander = Enter(other);
  ASSERT_TRUE(bystander.Connected());
  const std::string pid = bystander.Ask("select pg_backend_pid()");
  Holder holder = Enter(opened);
  ASSERT_TRUE(holder.Run("update public.orders set amount = 1 where id = 1"));
  for (const std::string& sql : {std::string("copy public.orders to program 'cat'"),
                                 std::string("copy public.orders to '/tmp/stolen'"),
                                 std::string("select pg_read_file('/etc/passwd')"),
                                 std::string("alter system set log_statement = 'none'"),
                                 std::string("set session authorization app_owner"),
                                 std::string("set role app_owner"),
                                 std::string("set session_replication_role = replica"),
                                 std::string("set log_statement = 'none'"),
                                 std::string("select * from pg_authid"),
                                 std::string("create publication p for all tables"),
                                 std::string("create extension file_fdw"),
                                 std::string("create role mine"),
                                 std::string("truncate public.orders"),
                                 std::string("drop table public.orders"),
                                 std::string("alter table public.orders disable trigger all"),
                                 std::string("select * from jit.issued"),
                                 std::string("select jit.measure()"),
                                 std::string("select jit.bar('{}', 1)"),
                                 absl::StrCat("alter role ", other.login.text(), " password 'x'"),
                                 absl::StrCat("select pg_terminate_backend(", pid, ")")}) {
    EXPECT_EQ(holder.Ask(sql), "ERROR 42501") << sql;
  }
  EXPECT_TRUE(bystander.Run("select 1"));
}

TEST_F(FromInside, AReaderReadsAndNothingElseWhateverTheySetAside) {
  const Opened opened = Open("app_reader");
  Holder holder = Enter(opened, "-c default_transaction_read_only=off -c statement_timeout=0");
  EXPECT_EQ(holder.Ask("select count(*) from public.orders"), "1000");
  EXPECT_EQ(holder.Ask("update public.orders set amount = 0"), "ERROR 42501");
  EXPECT_EQ(holder.Ask("create table public.mine(x int)"), "ERROR 42501");
}

// C-35: timeouts are a convenience; the number of connections is not.
TEST_F(FromInside, TheConnectionLimitHoldsAndTheTimeoutsAreOnlyDefaults) {
  const Opened opened = Open();
  std::vector<Holder> sessions;
  for (int i = 0; i < 5; ++i) {
    sessions.push_back(Enter(opened));
    ASSERT_TRUE(sessions.back().Connected());
  }
  EXPECT_FALSE(CanLogIn(opened));
  EXPECT_EQ(sessions[0].Ask("show idle_in_transaction_session_timeout"), "5min");
  EXPECT_TRUE(sessions[0].Run("set idle_in_transaction_session_timeout = 0"));
}

// C-35: the application's advisory locks share one space with everybody's.
TEST_F(FromInside, SomebodyWhoHoldsAdvisoryLocksHoldsUpNothing) {
  const Opened opened = Open();
  Holder holder = Enter(opened);
  ASSERT_TRUE(holder.Run("select pg_advisory_lock(i) from generate_series(-1000, 1000) i"));
  Close(opened);
  EXPECT_EQ(Sql("select count(*) from pg_locks where locktype = 'advisory'"), "0");
}

}  // namespace
}  // namespace jit::testing

// The kit: what it lets the broker do, what it refuses, and that it can be installed again.
#include "broker/target_postgres/kit.h"

#include "absl/strings/str_cat.h"
#include "broker/pq/connection.h"
#include "broker/pq/sqlstate.h"
#include "tests/target_postgres/stage.h"

namespace jit::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::Duration kPatience = absl::Seconds(10);

class Kit : public Stage {
 protected:
  std::unique_ptr<pq::Connection> Broker() {
    auto connection = pq::Connection::Open(world_->BrokerConninfo(), pq::StartUp());
    EXPECT_TRUE(connection.ok()) << connection.status();
    return std::move(*connection);
  }

  // Calls the kit directly, as somebody with the broker's credential would.
  std::string OpenDirectly(const std::string& login, const std::string& person,
                           const std::vector<std::string>& groups, std::int64_t limit,
                           absl::Time valid_until, const std::string& verifier) {
    auto answer = Broker()->Run(
        "select outcome from jit.open_login($1, $2, $3, $4, $5, $6, 1000, 1000, 1000, false, $7)",
        pq::Parameters()
            .Text(target().Measure()->system_identifier)
            .Text(login)
            .Text(person)
            .TextArray(groups)
            .Integer(limit)
            .Integer(absl::ToUnixMicros(valid_until))
            .Text(verifier),
        kPatience);
    return answer.ok() ? std::string(answer->Text(0, 0)) : pq::SqlStateOf(answer.status());
  }
};

TEST_F(Kit, InstallingAgainKeepsLoginsAndListsAndAddsAVersion) {
  const Opened opened = Open();
  for (int i = 0; i < 2; ++i) {
    ASSERT_THAT(target_postgres::Install(cluster().SuperuserConninfo("shop"), {}), IsOk());
  }
  EXPECT_EQ(Sql("select count(*) from jit.kit"), "3");
  EXPECT_EQ(Sql("select count(*) from jit.allowed_group"), "2");
  EXPECT_TRUE(CanLogIn(opened));
  Close(opened);
}

TEST_F(Kit, TheScriptForPsqlInstallsTheSame) {
  SqlIn("postgres", "create database elsewhere");
  target_postgres::KitOptions options;
  options.broker = "other_broker";
  options.groups = {*core::PgGroup::Parse("app_reader")};
  options.ttl_max = absl::Hours(2);
  auto script = target_postgres::KitSql(options);
  ASSERT_THAT(script, IsOk());
  SqlIn("elsewhere", *script);
  SqlIn("elsewhere", *script);
  EXPECT_EQ(SqlIn("elsewhere", "select name from jit.allowed_group"), "app_reader");
  EXPECT_EQ(SqlIn("elsewhere", "select ttl_max from jit.limits"), "02:00:00");
  EXPECT_EQ(SqlIn("elsewhere", "select has_schema_privilege('other_broker', 'jit', 'usage')"), "t");
}

TEST_F(Kit, AMalformedNameOfTheBrokerIsRefusedBeforeAnySqlIsMade) {
  for (const char* name : {"", "Broker", "a b", "a'b", "a\"b", "1a", "pg_x", "jit_owner",
                           "a123456789012345678901234567890123456789012345678901234567890123"}) {
    target_postgres::KitOptions options;
    options.broker = name;
    EXPECT_THAT(target_postgres::KitSql(options), StatusIs(absl::StatusCode::kInvalidArgument))
        << name;
  }
}

TEST_F(Kit, ARoleOfThatNameWithPowersIsNotMadeTheBroker) {
  Sql("create role mighty login createrole");
  target_postgres::KitOptions options;
  options.broker = "mighty";
  EXPECT_THAT(target_postgres::Install(cluster().SuperuserConninfo("shop"), options),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

// C-23, C-27, C-31: groups whose closure reaches something powerful.
TEST_F(Kit, NestedAndPredefinedPowersAreFound) {
  Sql("create role with_login login");
  Sql("create role reads_all; grant pg_read_all_data to reads_all");
  Sql("create role makes_roles createrole; create role nested; grant makes_roles to nested");
  Sql("create role owns_shop; alter database shop owner to owns_shop");
  for (const char* group : {"with_login", "reads_all", "nested", "owns_shop", "no_such_group"}) {
    target_postgres::KitOptions options;
    options.groups = {*core::PgGroup::Parse(group)};
    EXPECT_THAT(target_postgres::Install(cluster().SuperuserConninfo("shop"), options),
                StatusIs(absl::StatusCode::kFailedPrecondition))
        << group;
  }
  // One that grew powers after it was allowed.
  Sql("grant pg_read_all_data to app_reader");
  const Opened opened = Prepare("app_reader");
  EXPECT_THAT(target().OpenLogin(opened.order, *credential::ScramVerifier::Parse(opened.verifier)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_FALSE(RoleExists(opened));
}

// A stolen broker credential reaches the functions and nothing else.
TEST_F(Kit, TheBrokersLoginCanDoNothingButCallItsFunctions) {
  const Opened opened = Open();
  auto broker = Broker();
  for (const char* sql : {
           "select * from public.orders",
           "select * from jit.issued",
           "update jit.limits set ttl_max = '10 years'",
           "insert into jit.allowed_group values ('app_secret')",
           "create role mine",
           "grant app_writer to jit_broker",
           "grant jit_owner to jit_broker",
           "set role jit_owner",
           "set role app_writer",
           "alter role jit_broker createrole",
           "create table jit.mine(x int)",
           "create schema mine",
           "select jit.make_role('jit_aaaaaaaaaaaaaaaaaaaaaaaaaa', '{app_secret}', 1, now(), '', "
           "'', null)",
           "select jit.dangers_of_group('app_reader')",
           "select jit.verifier_digests('{postgres}')",
           "select rolpassword from pg_authid",
       }) {
    auto answer = broker->Run(sql, kPatience);
    EXPECT_FALSE(answer.ok()) << sql;
    EXPECT_EQ(pq::SqlStateOf(answer.status()), "42501") << sql << answer.status();
  }
  // A login that is on is lent to nobody.
  auto lent =
      broker->Run("select jit.lend($1)", pq::Parameters().Text(opened.login.text()), kPatience);
  EXPECT_EQ(pq::SqlStateOf(lent.status()), "JT005");
  for (const char* role : {"app_owner", "postgres", "jit_owner"}) {
    auto other = broker->Run("select jit.lend($1)", pq::Parameters().Text(role), kPatience);
    EXPECT_EQ(pq::SqlStateOf(other.status()), "JT003") << role;
  }
}

// The verbs of closing take any name, and touch only logins of ours.
TEST_F(Kit, ClosingVerbsLeaveRolesThatAreNotOursAlone) {
  Sql("create role somebody login password 'x'");
  Holder somebody(cluster().ConninfoFor("somebody", "x", "shop"));
  ASSERT_TRUE(somebody.Connected());
  auto broker = Broker();
  const pq::Parameters names =
      pq::Parameters().TextArray({"somebody", "postgres", "app_owner", "jit_owner"});
  for (const char* sql :
       {"select * from jit.take_memberships($1)", "select * from jit.bar($1, 10)",
        "select * from jit.end_sessions($1, '{}')", "select * from jit.drop_logins($1)"}) {
    EXPECT_TRUE(broker->Run(sql, names, kPatience).ok()) << sql;
  }
  EXPECT_EQ(pq::SqlStateOf(broker->Run("select jit.clear('app_owner')", kPatience).status()),
            "JT003");
  EXPECT_TRUE(somebody.Run("select 1"));
  EXPECT_EQ(Sql("select count(*) from pg_roles where rolname in ('somebody', 'app_owner')"), "2");
  EXPECT_EQ(Sql("select rolcanlogin from pg_roles where rolname = 'somebody'"), "t");
}

// C-33: what the broker is made to send is checked again where it arrives.
TEST_F(Kit, TextThatIsNotANameIsRefused) {
  const Opened good = Prepare();
  const std::vector<std::string> groups = {"app_reader"};
  const std::string& login = good.login.text();
  for (const std::string& bad :
       {std::string("jit_short"), login + "a", login.substr(0, 29) + "\"", "JIT" + login.substr(3),
        login + std::string(40, 'a'), login.substr(0, 28) + "\xc3\xa9", std::string("postgres"),
        std::string("jit_owner"), std::string(), login + "; drop role postgres"}) {
    EXPECT_EQ(OpenDirectly(bad, "engineer", groups, 1, good.order.valid_until, good.verifier),
              "JT001")
        << bad;
  }
  for (const std::string& bad : {std::string("a'b"), std::string(), std::string("A"),
                                 std::string("a\nb"), std::string(64, 'a')}) {
    EXPECT_EQ(OpenDirectly(login, bad, groups, 1, good.order.valid_until, good.verifier), "JT001");
  }
  for (const std::string& bad :
       {std::string("plain password"), std::string("md5d41d8cd98f00b204e9800998ecf8427e"),
        std::string(), "SCRAM-SHA-256$1:" + good.verifier.substr(19), good.verifier + "x",
        good.verifier + "'; drop role postgres; --"}) {
    EXPECT_EQ(OpenDirectly(login, "engineer", groups, 1, good.order.valid_until, bad), "JT001");
  }
  EXPECT_EQ(OpenDirectly(login, "engineer", {}, 1, good.order.valid_until, good.verifier), "JT001");
  EXPECT_EQ(OpenDirectly(login, "engineer", {"app_reader", "app_reader"}, 1, good.order.valid_until,
                         good.verifier),
            "JT001");
  EXPECT_EQ(OpenDirectly(login, "engineer", {"a\"b"}, 1, good.order.valid_until, good.verifier),
            "JT004");
  EXPECT_FALSE(RoleExists(good));
}

// R2, R5: there is no login without an end, nor with one beyond what the DBA allows.
TEST_F(Kit, TheDbaHasTheLastWordOnTimeConnectionsAndNumber) {
  const Opened good = Prepare();
  const std::vector<std::string> groups = {"app_reader"};
  const std::string& login = good.login.text();
  for (const absl::Time end : {absl::UnixEpoch(), Now() - absl::Seconds(1), Now() + absl::Hours(25),
                               absl::FromUnixSeconds(1LL << 33)}) {
    EXPECT_EQ(OpenDirectly(login, "engineer", groups, 1, end, good.verifier), "JT006");
  }
  for (const std::int64_t limit : {-1, 0, 11, 1000000}) {
    EXPECT_EQ(OpenDirectly(login, "engineer", groups, limit, good.order.valid_until, good.verifier),
              "JT007");
  }
  Sql("update jit.limits set logins_max = 1");
  EXPECT_EQ(OpenDirectly(login, "engineer", groups, 1, good.order.valid_until, good.verifier),
            "opened");
  EXPECT_EQ(
      OpenDirectly(NewLogin().text(), "engineer", groups, 1, good.order.valid_until, good.verifier),
      "JT007");
}

// C-16: a forged marker without our row, and our row without the marker.
TEST_F(Kit, ARoleThatOnlyLooksLikeOursIsLeftAloneAndReported) {
  const Opened squatted = Prepare();
  Sql(absl::StrCat("create role ", squatted.login.text(), " login createdb; comment on role ",
                   squatted.login.text(), " is 'jit-access login; lease ",
                   squatted.login.lease().text(), "; person engineer; database shop'"));
  EXPECT_THAT(
      target().OpenLogin(squatted.order, *credential::ScramVerifier::Parse(squatted.verifier)),
      RefusedWith(core::Reason::kTargetNotReady));
  EXPECT_EQ(TurnOff(squatted).state, ports::OffState::kNotYet);
  EXPECT_EQ(Remove(squatted).state, ports::RemoveState::kNeedsReview);
  EXPECT_EQ(Sql(absl::StrCat("select rolcanlogin and rolcreatedb from pg_roles where rolname = '",
                             squatted.login.text(), "'")),
            "t");

  const Opened stripped = Open();
  Sql(absl::StrCat("comment on role ", stripped.login.text(), " is null"));
  EXPECT_EQ(TurnOff(stripped).state, ports::OffState::kNotYet);
  EXPECT_THAT(target().Inspect()->unmarked,
              ::testing::UnorderedElementsAre(squatted.login.text(), stripped.login.text()));
}

// Another database of the cluster with a kit of its own: each minds its logins.
TEST_F(Kit, LoginsOfAnotherTargetInTheSameClusterAreNotOursAndNotUnmarked) {
  const Opened opened = Open();
  SqlIn("postgres", "create database second");
  target_postgres::KitOptions options;
  options.groups = {*core::PgGroup::Parse("app_reader")};
  ASSERT_THAT(target_postgres::Install(cluster().SuperuserConninfo("second"), options), IsOk());
  auto second = world_->Adapter(
      cluster().ConninfoFor("jit_broker", "only-for-tests-0123456789", "second"), std::nullopt);
  ASSERT_THAT(second, IsOk());
  auto state = (*second)->Inspect();
  ASSERT_THAT(state, IsOk());
  EXPECT_THAT(state->logins, ::testing::IsEmpty());
  EXPECT_THAT(state->unmarked, ::testing::IsEmpty());
  EXPECT_EQ((*second)->TurnOff({opened.login})->at(0).state, ports::OffState::kNotYet);
  EXPECT_TRUE(CanLogIn(opened));
}

}  // namespace
}  // namespace jit::testing

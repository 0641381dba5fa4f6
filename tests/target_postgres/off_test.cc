// Holders who want to stay: each has found a way in that a plain NOLOGIN and terminate would miss.
// Numbers are those of the threat model's catalogue.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/target_postgres/stage.h"

namespace jit::testing {
namespace {

using ports::OffState;
using ::testing::HasSubstr;

// The bound for hostile holders, with room for a machine that does ten other things.
constexpr absl::Duration kHostileMax = absl::Seconds(8);

class Off : public Stage {
 protected:
  PrivatePostgres::Options Options() override {
    PrivatePostgres::Options options;
    options.settings["max_prepared_transactions"] = "10";
    return options;
  }

  int HalfStarted() { return std::atoi(Sql("select count(*) from jit.half_started()").c_str()); }

  void TurnsOffInTime(const Opened& opened) {
    const absl::Time before = Now();
    const ports::OffOutcome outcome = TurnOff(opened);
    EXPECT_EQ(outcome.state, OffState::kOff) << outcome.report;
    EXPECT_LT(Now() - before, kHostileMax);
    EXPECT_EQ(SessionsOf(opened), 0);
    EXPECT_FALSE(CanLogIn(opened));
  }
};

// C-01: past the check whether it may log in, and not yet shown to anybody.
TEST_F(Off, AGhostThatSleepsBeforeItIsShownNeverWakesUpWithRights) {
  const Opened opened = Open();
  Holder ghost = Enter(opened, "-c post_auth_delay=30");
  ghost.Poll();
  for (int i = 0; i < 500 && HalfStarted() == 0; ++i) ghost.Poll();
  ASSERT_EQ(HalfStarted(), 1);
  ASSERT_EQ(SessionsOf(opened), 0);
  TurnsOffInTime(opened);
  EXPECT_EQ(HalfStarted(), 0);
  EXPECT_FALSE(ghost.Run("update public.orders set amount = 0"));
}

// C-01: one that becomes a session while it is looked for.
TEST_F(Off, AGhostThatWakesUpInTimeIsEndedAsASession) {
  const Opened opened = Open();
  Holder ghost = Enter(opened, "-c post_auth_delay=1");
  for (int i = 0; i < 500 && HalfStarted() == 0; ++i) ghost.Poll();
  TurnsOffInTime(opened);
  EXPECT_FALSE(ghost.Run("update public.orders set amount = 0"));
  EXPECT_EQ(Sql("select count(*) from public.orders where amount = 0"), "10");
}

// C-02: the row of the role is locked by its own holder.
TEST_F(Off, AHolderWhoLocksTheirOwnRoleIsOffAllTheSame) {
  const Opened opened = Open();
  Holder holder = Enter(opened);
  ASSERT_TRUE(holder.Run("begin"));
  ASSERT_TRUE(holder.Run("alter role current_user password 'mine'"));
  TurnsOffInTime(opened);
  EXPECT_FALSE(holder.Run("commit"));
}

// C-03: the lock is held by a transaction that has no session, with a name that wants to be quoted.
TEST_F(Off, APreparedTransactionIsRolledBackInWhateverDatabaseItIs) {
  const Opened opened = Open();
  for (const char* database : {"shop", "postgres"}) {
    Holder holder = Enter(opened, "", database);
    ASSERT_TRUE(holder.Run("begin"));
    if (database == std::string("shop")) {
      ASSERT_TRUE(holder.Run("alter role current_user password 'mine'"));
    } else {
      ASSERT_TRUE(holder.Run("select lo_create(0)"));
    }
    ASSERT_TRUE(holder.Run(absl::StrCat(
        "prepare transaction 'it''s; drop schema jit cascade; -- \\ ", database, "'")));
  }
  ASSERT_EQ(Sql("select count(*) from pg_prepared_xacts"), "2");
  TurnsOffInTime(opened);
  EXPECT_EQ(Sql("select count(*) from pg_prepared_xacts"), "0");
  // Nothing of the lending is left.
  EXPECT_EQ(Sql("select count(*) from pg_auth_members where member = 'jit_broker'::regrole"), "0");
  Close(opened);
}

// C-03: one that cannot be reached is named, and delays off by its own time only.
TEST_F(Off, APreparedTransactionOutOfReachDelaysTheRemovalAndNotOff) {
  const Opened opened = Open();
  SqlIn("postgres", "create database walled");
  Holder holder = Enter(opened, "", "walled");
  ASSERT_TRUE(holder.Run("begin"));
  ASSERT_TRUE(holder.Run("select lo_create(0)"));
  ASSERT_TRUE(holder.Run("prepare transaction 'walled in'"));
  SqlIn("postgres", "revoke connect on database walled from public");
  TurnsOffInTime(opened);
  const ports::RemoveOutcome outcome = Remove(opened);
  EXPECT_NE(outcome.state, ports::RemoveState::kRemoved);
  EXPECT_THAT(outcome.report, HasSubstr("walled"));
  SqlIn("postgres", "grant connect on database walled to public");
  Close(opened);
}

// C-20: privileges are cached, and a cursor goes on reading after they were taken.
TEST_F(Off, AnOpenCursorDiesWithItsSession) {
  const Opened opened = Open();
  Holder holder = Enter(opened);
  ASSERT_TRUE(holder.Run("begin"));
  ASSERT_TRUE(holder.Run("declare c cursor for select * from public.orders"));
  ASSERT_TRUE(holder.Run("fetch 1 from c"));
  TurnsOffInTime(opened);
  EXPECT_FALSE(holder.Run("fetch 1 from c"));
}

// C-21: VALID UNTIL is looked at by the login only.
TEST_F(Off, ASessionThatOutlivesTheEndOfItsLoginIsEnded) {
  Opened opened = Prepare();
  opened.order.valid_until = Now() + absl::Seconds(2);
  ASSERT_THAT(target().OpenLogin(opened.order, *credential::ScramVerifier::Parse(opened.verifier)),
              IsOk());
  Holder holder = Enter(opened);
  ASSERT_TRUE(holder.Connected());
  while (Now() < opened.order.valid_until + absl::Milliseconds(100)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_FALSE(CanLogIn(opened));
  EXPECT_TRUE(holder.Run("select 1"));
  TurnsOffInTime(opened);
  EXPECT_FALSE(holder.Run("select 1"));
}

// C-22: a client that reads nothing keeps its backend writing.
TEST_F(Off, AClientThatNeverReadsIsEnded) {
  const Opened opened = Open("app_reader");
  std::thread reader([&] {
    Holder holder = Enter(opened);
    holder.Run("select repeat('x', 1000) from generate_series(1, 100000000)");
  });
  while (SessionsOf(opened) == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  TurnsOffInTime(opened);
  reader.join();
}

// C-40: connections that never finish proving who they are look like ghosts.
TEST_F(Off, StrangersWhoNeverFinishLoggingInDelayNobodyForLong) {
  const Opened opened = Open();
  std::vector<int> strangers;
  for (int i = 0; i < 5; ++i) {
    const int stranger = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(cluster().port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(connect(stranger, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    // A start-up packet for a role that exists, and then silence (protocol 3.0).
    const char packet[] = "\0\0\0\x19\0\x03\0\0user\0jit_broker\0";
    static_assert(sizeof packet == 25);
    ASSERT_EQ(write(stranger, packet, sizeof packet), 25);
    strangers.push_back(stranger);
  }
  while (HalfStarted() < 5) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  TurnsOffInTime(opened);
  for (const int stranger : strangers) close(stranger);
}

// C-19: the server has no room for anybody, but the pair for closing is in already.
TEST_F(Off, AServerThatIsFullStillLetsItsLoginsBeClosed) {
  const Opened opened = Open();
  ASSERT_THAT(target().Inspect(), IsOk());  // opens the pair
  Sql("create role crowd login password 'x'");
  std::vector<Holder> crowd;
  for (int i = 0; i < 120; ++i) {
    crowd.emplace_back(cluster().ConninfoFor("crowd", "x", "shop"));
    if (!crowd.back().Connected()) break;
  }
  ASSERT_LT(crowd.size(), 120U);
  const ports::OffOutcome outcome = TurnOff(opened);
  EXPECT_EQ(outcome.state, OffState::kOff) << outcome.report;
}

// One hostile holder among many delays nobody else's end.
TEST_F(Off, AHostileHolderInTheBatchKeepsNobodyElseLoggedIn) {
  const Opened hostile = Open();
  Holder lock = Enter(hostile);
  ASSERT_TRUE(lock.Run("begin"));
  ASSERT_TRUE(lock.Run("alter role current_user password 'mine'"));
  std::vector<Opened> others;
  std::vector<Holder> sessions;
  std::vector<core::LoginName> all = {hostile.login};
  for (int i = 0; i < 20; ++i) {
    others.push_back(Open());
    sessions.push_back(Enter(others.back()));
    ASSERT_TRUE(sessions.back().Connected());
    all.push_back(others.back().login);
  }
  auto outcomes = target().TurnOff(all);
  ASSERT_THAT(outcomes, IsOk());
  for (const ports::OffOutcome& outcome : *outcomes) {
    EXPECT_EQ(outcome.state, OffState::kOff) << outcome.report;
  }
  for (Holder& session : sessions) EXPECT_FALSE(session.Run("select 1"));
}

// C-04: reconnecting in a storm, mixed with ghosts and locks. No survivor, and no write after off.
TEST_F(Off, AStormOfReconnectionsLeavesNoSurvivorAndNoLaterWrite) {
  Sql("create table public.writes(at timestamptz not null default clock_timestamp());"
      "grant insert on public.writes to app_writer");
  for (int round = 0; round < 3; ++round) {
    const Opened opened = Open();
    std::atomic<bool> over = false;
    std::atomic<int> tries = 0;
    std::vector<std::thread> storm;
    for (int i = 0; i < 6; ++i) {
      storm.emplace_back([&, i] {
        while (!over) {
          Holder holder = Enter(opened, i == 0 ? "-c post_auth_delay=1" : "");
          ++tries;
          if (!holder.Connected(std::chrono::seconds(3))) continue;
          if (i == 1) holder.Run("begin; alter role current_user password 'mine'");
          for (int k = 0; k < 20 && holder.Run("insert into public.writes default values"); ++k) {
          }
        }
      });
    }
    while (tries < 30 || Sql("select count(*) from public.writes") == "0") {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    ports::OffOutcome outcome = TurnOff(opened);
    // A sweep comes again; so does this test, for a while.
    for (int i = 0; i < 3 && outcome.state != OffState::kOff; ++i) outcome = TurnOff(opened);
    EXPECT_EQ(outcome.state, OffState::kOff) << outcome.report;
    const std::string off = Sql("select clock_timestamp()");
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    over = true;
    for (std::thread& thread : storm) thread.join();
    EXPECT_EQ(SessionsOf(opened), 0);
    EXPECT_EQ(Sql(absl::StrCat("select count(*) from public.writes where at > '", off, "'")), "0");
    Close(opened);
  }
}

}  // namespace
}  // namespace jit::testing

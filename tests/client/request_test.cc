// Asking, waiting and breaking the glass against a broker of scripts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/client/leases.h"

namespace jit::testing {
namespace {

using console::ExitCode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

const Words kRequest = {"request",  "--target", "shop",  "--role", "writer",
                        "--reason", "INC-4711", "--ttl", "30m"};

Words With(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(Request, ARoleWithoutSeatsIsOpenInOneCall) {
  FakeBroker fake;
  TestConsole console;
  v1::CreateLeaseRequest asked;
  fake.create_lease = [&](const v1::CreateLeaseRequest& request, auto* response) {
    asked = request;
    *response->mutable_lease() = Open();
    return absl::OkStatus();
  };
  EXPECT_EQ(RunAccess(fake, console, kRequest), ExitCode::kOk);
  EXPECT_THAT(fake.calls(), ElementsAre("CreateLease"));
  EXPECT_EQ(asked.target(), "shop");
  EXPECT_EQ(asked.role(), "writer");
  EXPECT_EQ(asked.reason(), "INC-4711");
  EXPECT_EQ(asked.ttl().seconds(), 1800);
  EXPECT_THAT(asked.scram_verifier(), StartsWith("SCRAM-SHA-256$4096:"));
  EXPECT_THAT(console.out(), StartsWith(std::string("lease     ") + kLeaseId + "\n"));
  EXPECT_THAT(console.out(), HasSubstr("host      db.example\nport      5432\ndatabase  shop\n"));
  EXPECT_THAT(console.err(), HasSubstr("jit-access connect"));
}

TEST(Request, JsonIsOneObjectWithThePassword) {
  FakeBroker fake;
  TestConsole console;
  fake.create_lease = Answering<v1::CreateLeaseRequest, v1::CreateLeaseResponse>(Open());
  EXPECT_EQ(RunAccess(fake, console, With(kRequest, {"--output", "json"})), ExitCode::kOk);
  const Json json = Json::parse(console.out());
  EXPECT_EQ(json["lease"], kLeaseId);
  EXPECT_EQ(json["state"], "open");
  EXPECT_EQ(json["login"], std::string("jit_") + kLeaseId);
  EXPECT_EQ(json["password"].get<std::string>().size(), 43u);
  EXPECT_EQ(json["host"], "db.example");
  EXPECT_EQ(json["port"], 5432);
  EXPECT_EQ(json["database"], "shop");
  EXPECT_EQ(json["expire_time"], "2027-01-15T08:30:00.000000Z");
}

TEST(Request, WaitsForTheReviewAndOpensWithTheSameVerifier) {
  FakeBroker fake;
  TestConsole console;
  std::string filed;
  std::string opened;
  fake.create_lease = [&](const v1::CreateLeaseRequest& request, auto* response) {
    filed = request.scram_verifier();
    *response->mutable_lease() = Waiting();
    return absl::OkStatus();
  };
  fake.wait_lease = [&](const v1::WaitLeaseRequest& request, auto* response) {
    EXPECT_EQ(request.known_version(), 1);
    *response->mutable_lease() = LeaseIn(v1::Lease::STATE_APPROVED, 2);
    return absl::OkStatus();
  };
  fake.open_lease = [&](const v1::OpenLeaseRequest& request, auto* response) {
    opened = request.scram_verifier();
    *response->mutable_lease() = Open();
    return absl::OkStatus();
  };
  EXPECT_EQ(RunAccess(fake, console, kRequest), ExitCode::kOk);
  EXPECT_THAT(fake.calls(), ElementsAre("CreateLease", "WaitLease", "OpenLease"));
  EXPECT_EQ(filed, opened);
  EXPECT_THAT(console.err(),
              HasSubstr("Waiting for second (reviewer or manager); lapses in 1h 0m (0s)"));
}

TEST(Request, OnATerminalTheWaitingLineIsRewrittenAndLeavesNothingBehind) {
  FakeBroker fake;
  TestConsole console;
  console.Type("");
  fake.create_lease = Answering<v1::CreateLeaseRequest, v1::CreateLeaseResponse>(Waiting());
  fake.wait_lease =
      Answering<v1::WaitLeaseRequest, v1::WaitLeaseResponse>(LeaseIn(v1::Lease::STATE_DENIED, 2));
  EXPECT_EQ(RunAccess(fake, console, kRequest), ExitCode::kDenied);
  EXPECT_THAT(console.err(), HasSubstr("\r\x1b[KWaiting for second"));
  EXPECT_THAT(console.err(), HasSubstr("\r\x1b[KLease "));
}

TEST(Request, NoWaitReturnsPendingWithTheId) {
  for (const bool json : {false, true}) {
    FakeBroker fake;
    TestConsole console;
    fake.create_lease = Answering<v1::CreateLeaseRequest, v1::CreateLeaseResponse>(Waiting());
    const Words words =
        With(kRequest, json ? Words{"--no-wait", "--output", "json"} : Words{"--no-wait"});
    EXPECT_EQ(RunAccess(fake, console, words), ExitCode::kPending);
    EXPECT_THAT(fake.calls(), ElementsAre("CreateLease"));
    EXPECT_THAT(console.err(), HasSubstr("jit-access withdraw"));
    if (json) {
      EXPECT_EQ(Json::parse(console.out())["state"], "requested");
      EXPECT_TRUE(Json::parse(console.out())["password"].is_null());
    } else {
      EXPECT_EQ(console.out(), std::string("lease     ") + kLeaseId + "\n");
    }
  }
}

TEST(Request, CtrlCLeavesTheLeaseWaitingAndSaysHowToComeBack) {
  FakeBroker fake;
  TestConsole console;
  console.Interrupt();
  fake.create_lease = Answering<v1::CreateLeaseRequest, v1::CreateLeaseResponse>(Waiting());
  EXPECT_EQ(RunAccess(fake, console, kRequest), ExitCode::kPending);
  EXPECT_THAT(console.err(), HasSubstr(std::string("jit-access connect ") + kLeaseId));
  EXPECT_THAT(fake.calls(), ElementsAre("CreateLease"));
}

TEST(Request, AnotherReviewAfterAPolicyChangeIsWaitedFor) {
  FakeBroker fake;
  TestConsole console;
  int opens = 0;
  fake.create_lease = Answering<v1::CreateLeaseRequest, v1::CreateLeaseResponse>(
      LeaseIn(v1::Lease::STATE_APPROVED, 2));
  fake.open_lease = [&](const auto&, v1::OpenLeaseResponse* response) {
    if (++opens == 1) {
      return RefuseWith(v1::REFUSAL_REASON_POLICY_CHANGED, "rule `writers` has changed");
    }
    *response->mutable_lease() = Open();
    return absl::OkStatus();
  };
  fake.wait_lease =
      Answering<v1::WaitLeaseRequest, v1::WaitLeaseResponse>(LeaseIn(v1::Lease::STATE_APPROVED, 5));
  EXPECT_EQ(RunAccess(fake, console, kRequest), ExitCode::kOk);
  EXPECT_THAT(console.err(), HasSubstr("policy_changed"));
}

TEST(Request, AFaultWhileOpeningKeepsTheLeaseAndSaysHowToGoOn) {
  FakeBroker fake;
  TestConsole console;
  fake.create_lease = Answering<v1::CreateLeaseRequest, v1::CreateLeaseResponse>(
      LeaseIn(v1::Lease::STATE_APPROVED, 2));
  fake.open_lease = [&](const auto&, auto*) {
    return absl::UnavailableError("something the broker needs is away (fault 12ab)");
  };
  EXPECT_EQ(RunAccess(fake, console, kRequest), ExitCode::kFault);
  EXPECT_THAT(console.err(), HasSubstr("(fault 12ab)"));
  EXPECT_THAT(console.err(), HasSubstr("stands as it is"));
}

TEST(Request, AFaultWhileFilingSaysHowToFindOut) {
  FakeBroker fake;
  TestConsole console;
  fake.create_lease = [](const auto&, auto*) {
    return absl::DeadlineExceededError("it took too long (fault 77)");
  };
  EXPECT_EQ(RunAccess(fake, console, kRequest), ExitCode::kFault);
  EXPECT_THAT(console.err(), HasSubstr("jit-access list --mine"));
}

TEST(Request, ABrokerThatGoesAwayWhileWaitingIsWaitedFor) {
  FakeBroker fake;
  TestConsole console;
  int waits = 0;
  fake.create_lease = Answering<v1::CreateLeaseRequest, v1::CreateLeaseResponse>(Waiting());
  fake.wait_lease = [&](const auto&, v1::WaitLeaseResponse* response) {
    if (++waits < 4) return absl::UnavailableError("Socket closed");
    *response->mutable_lease() = LeaseIn(v1::Lease::STATE_LAPSED, 2);
    return absl::OkStatus();
  };
  EXPECT_EQ(RunAccess(fake, console, kRequest), ExitCode::kEnded);
  EXPECT_THAT(console.err(), HasSubstr("The broker does not answer; trying again"));
}

TEST(Request, ATargetThatStaysSilentIsNotWaitedForWithoutEnd) {
  FakeBroker fake;
  TestConsole console;
  absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  fake.create_lease = Answering<v1::CreateLeaseRequest, v1::CreateLeaseResponse>(
      LeaseIn(v1::Lease::STATE_OPENING, 3));
  fake.wait_lease = [&](const auto&, v1::WaitLeaseResponse* response) {
    console.SetNow(now += absl::Seconds(25));
    *response->mutable_lease() = LeaseIn(v1::Lease::STATE_OPENING, 3);
    return absl::OkStatus();
  };
  EXPECT_EQ(RunAccess(fake, console, kRequest), ExitCode::kFault);
  EXPECT_THAT(console.err(), HasSubstr("nobody knows yet whether the login was made"));
  EXPECT_THAT(console.err(), HasSubstr("jit-access status"));
  EXPECT_THAT(console.out(), Not(HasSubstr("password")));
}

struct Ending {
  v1::Lease::State state;
  std::string cause;
  ExitCode code;
  std::string word;
};

TEST(Request, EveryOtherEndHasItsOwnExitCode) {
  const std::vector<Ending> endings = {
      {v1::Lease::STATE_DENIED, "", ExitCode::kDenied, "denied"},
      {v1::Lease::STATE_CLOSED, "denied", ExitCode::kDenied, "closed (denied)"},
      {v1::Lease::STATE_WITHDRAWN, "", ExitCode::kEnded, "withdrawn"},
      {v1::Lease::STATE_LAPSED, "", ExitCode::kEnded, "lapsed"},
      {v1::Lease::STATE_CLOSING, "revoked", ExitCode::kEnded, "closing (revoked)"},
      {v1::Lease::STATE_OFF, "deadline", ExitCode::kEnded, "off (deadline)"},
      {v1::Lease::STATE_CLOSED, "fault", ExitCode::kFault, "closed (fault)"},
  };
  for (const Ending& ending : endings) {
    FakeBroker fake;
    TestConsole console;
    v1::Lease lease = LeaseIn(ending.state, 2);
    lease.set_close_cause(ending.cause);
    lease.set_detail("reviewer said: \x1b[2J no");
    fake.create_lease = Answering<v1::CreateLeaseRequest, v1::CreateLeaseResponse>(Waiting());
    fake.wait_lease = Answering<v1::WaitLeaseRequest, v1::WaitLeaseResponse>(lease);
    EXPECT_EQ(RunAccess(fake, console, kRequest), ending.code);
    EXPECT_THAT(console.err(), HasSubstr("is " + ending.word + ".\n"));
    EXPECT_THAT(console.err(), HasSubstr("Why: reviewer said: \\x1b[2J no"));
    EXPECT_THAT(console.out(), Not(HasSubstr("password")));
  }
}

TEST(Request, TablesWithoutAKeyGoByNameAndAreShownWithTheLease) {
  FakeBroker fake;
  TestConsole console;
  fake.create_lease = [](const v1::CreateLeaseRequest& request, auto* response) {
    *response->mutable_lease() = Waiting();
    *response->mutable_lease()->mutable_keyless() = request.keyless();
    return absl::OkStatus();
  };
  EXPECT_EQ(RunAccess(fake, console,
                      With(kRequest, {"--keyless", "shop.audit_log", "--keyless", "shop.imports",
                                      "--no-wait", "--output", "json"})),
            ExitCode::kPending);
  EXPECT_THAT(Json::parse(console.out())["keyless"], ElementsAre("shop.audit_log", "shop.imports"));
}

TEST(BreakGlass, InAScriptTheLongFlagIsNeeded) {
  const Words words = {"break-glass", "--target", "shop", "--role", "writer", "--reason", "down"};
  FakeBroker fake;
  TestConsole console;
  EXPECT_EQ(RunAccess(fake, console, words), ExitCode::kNotConfirmed);
  EXPECT_THAT(fake.calls(), IsEmpty());
  EXPECT_THAT(console.err(), HasSubstr("--yes-this-is-an-emergency"));
  fake.break_glass = Answering<v1::BreakGlassRequest, v1::BreakGlassResponse>(Open());
  EXPECT_EQ(RunAccess(fake, console, With(words, {"--yes-this-is-an-emergency"})), ExitCode::kOk);
  EXPECT_THAT(console.err(), HasSubstr(std::string("jit-approve review ") + kLeaseId));
}

TEST(BreakGlass, OnATerminalTheTargetsNameIsTyped) {
  const Words words = {"break-glass", "--target", "shop",  "--role",    "writer",
                       "--reason",    "down",     "--ttl", "15m",       "--incident",
                       "INC-1",       "--output", "json",  "--keyless", "shop.audit_log"};
  {
    FakeBroker fake;
    TestConsole console;
    console.Type("yes\n");
    EXPECT_EQ(RunAccess(fake, console, words), ExitCode::kNotConfirmed);
    EXPECT_THAT(fake.calls(), IsEmpty());
  }
  FakeBroker fake;
  TestConsole console;
  console.Type("shop\n");
  fake.break_glass = [](const v1::BreakGlassRequest& request, auto* response) {
    EXPECT_EQ(request.incident(), "INC-1");
    EXPECT_THAT(request.keyless(), ElementsAre("shop.audit_log"));
    EXPECT_EQ(request.ttl().seconds(), 900);
    *response->mutable_lease() = Open();
    return absl::OkStatus();
  };
  EXPECT_EQ(RunAccess(fake, console, words), ExitCode::kOk);
  EXPECT_EQ(Json::parse(console.out())["state"], "open");
}

}  // namespace
}  // namespace jit::testing

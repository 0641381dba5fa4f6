// The commands of jit-access that look, end and fail, against a broker of scripts.
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

TEST(Status, TheStateIsTheFirstWord) {
  FakeBroker fake;
  TestConsole console;
  v1::Lease lease = Waiting();
  lease.set_reason("look\nState: open \xe2\x80\xae");
  fake.get_lease = Answering<v1::GetLeaseRequest, v1::GetLeaseResponse>(lease);
  EXPECT_EQ(RunAccess(fake, console, {"status", kLeaseId}), ExitCode::kOk);
  EXPECT_THAT(console.out(), StartsWith("requested\n"));
  EXPECT_THAT(console.out(), HasSubstr("look\\nState: open \\u{202e}"));
  EXPECT_EQ(RunAccess(fake, console, {"status", kLeaseId, "--exit-code"}), ExitCode::kPending);
}

TEST(Status, SaysWhatTheRoleMay) {
  FakeBroker fake;
  TestConsole console;
  v1::Lease lease = Open();
  fake.get_lease = Answering<v1::GetLeaseRequest, v1::GetLeaseResponse>(lease);
  EXPECT_EQ(RunAccess(fake, console, {"status", kLeaseId}), ExitCode::kOk);
  EXPECT_THAT(console.out(), HasSubstr("writer (may change data)\n"));
  lease.set_defines(true);
  fake.get_lease = Answering<v1::GetLeaseRequest, v1::GetLeaseResponse>(lease);
  EXPECT_EQ(RunAccess(fake, console, {"status", kLeaseId}), ExitCode::kOk);
  EXPECT_THAT(console.out(), HasSubstr("writer (may change data and tables)\n"));
}

TEST(Status, JsonHasEveryKeyWhateverTheState) {
  for (const v1::Lease& lease : {Waiting(), Open(), LeaseIn(v1::Lease::STATE_DENIED)}) {
    FakeBroker fake;
    TestConsole console;
    fake.get_lease = Answering<v1::GetLeaseRequest, v1::GetLeaseResponse>(lease);
    EXPECT_EQ(RunAccess(fake, console, {"status", kLeaseId, "--output", "json"}), ExitCode::kOk);
    const Json json = Json::parse(console.out());
    for (const char* key : {"lease", "state", "login", "host", "port", "database", "expire_time",
                            "seats", "close_cause", "review_owed", "ttl_seconds"}) {
      EXPECT_TRUE(json.contains(key)) << key;
    }
  }
}

TEST(List, FollowsThePagesOnlyWhenAskedTo) {
  FakeBroker fake;
  fake.list_leases = [](const v1::ListLeasesRequest& request, auto* response) {
    EXPECT_TRUE(request.mine());
    EXPECT_EQ(request.states(0), v1::Lease::STATE_OPEN);
    *response->add_leases() = Open();
    if (request.page_token().empty()) response->set_next_page_token("more");
    return absl::OkStatus();
  };
  TestConsole console;
  const Words words = {"list", "--mine", "--state", "open"};
  EXPECT_EQ(RunAccess(fake, console, words), ExitCode::kOk);
  EXPECT_THAT(console.err(), HasSubstr("jit-access list --all"));
  EXPECT_THAT(console.out(), HasSubstr("ends in 30m 0s"));
  TestConsole all;
  EXPECT_EQ(RunAccess(fake, all, With(words, {"--all", "--output", "json"})), ExitCode::kOk);
  EXPECT_EQ(Json::parse(all.out())["leases"].size(), 2u);
  EXPECT_EQ(Json::parse(all.out())["more"], false);
}

TEST(List, NothingIsSaidOnStandardErrorOnly) {
  FakeBroker fake;
  TestConsole console;
  fake.list_leases = [](const auto&, auto*) { return absl::OkStatus(); };
  EXPECT_EQ(RunAccess(fake, console, {"list"}), ExitCode::kOk);
  EXPECT_EQ(console.out(), "");
  EXPECT_EQ(console.err(), "No leases.\n");
}

TEST(Open, GivesAnOpenLeaseANewPassword) {
  FakeBroker fake;
  TestConsole console;
  fake.get_lease = Answering<v1::GetLeaseRequest, v1::GetLeaseResponse>(Open());
  fake.open_lease = Answering<v1::OpenLeaseRequest, v1::OpenLeaseResponse>(Open(4));
  EXPECT_EQ(RunAccess(fake, console, {"open", kLeaseId}), ExitCode::kOk);
  EXPECT_THAT(fake.calls(), ElementsAre("GetLease", "OpenLease"));
  EXPECT_THAT(console.out(), HasSubstr("password  "));
}

TEST(Open, AnEndedLeaseSaysSoWithItsOwnExitCode) {
  FakeBroker fake;
  TestConsole console;
  fake.get_lease =
      Answering<v1::GetLeaseRequest, v1::GetLeaseResponse>(LeaseIn(v1::Lease::STATE_CLOSED));
  EXPECT_EQ(RunAccess(fake, console, {"open", kLeaseId}), ExitCode::kEnded);
  EXPECT_EQ(console.out(), "");
}

TEST(EndAndWithdraw, SayWhatBecameOfTheLease) {
  FakeBroker fake;
  TestConsole console;
  fake.end_lease =
      Answering<v1::EndLeaseRequest, v1::EndLeaseResponse>(LeaseIn(v1::Lease::STATE_CLOSING));
  fake.withdraw_lease = Answering<v1::WithdrawLeaseRequest, v1::WithdrawLeaseResponse>(
      LeaseIn(v1::Lease::STATE_WITHDRAWN));
  EXPECT_EQ(RunAccess(fake, console, {"end", kLeaseId}), ExitCode::kOk);
  EXPECT_EQ(RunAccess(fake, console, {"withdraw", kLeaseId}), ExitCode::kOk);
  EXPECT_EQ(console.out(), std::string(kLeaseId) + " is closing\n" + kLeaseId + " is withdrawn\n");
}

TEST(History, ShowsWhatHappenedAndEscapesIt) {
  FakeBroker fake;
  fake.list_history = [](const auto&, v1::ListHistoryResponse* response) {
    v1::TimelineEvent* event = response->add_events();
    event->set_sequence(7);
    event->mutable_time()->set_seconds(kTestNow);
    event->set_type("lease.asked.v1");
    event->set_summary("engineer asked: \x1b]52;c;x\x07");
    event->set_body(R"({"reason":"x"})");
    return absl::OkStatus();
  };
  TestConsole console;
  EXPECT_EQ(RunAccess(fake, console, {"history", kLeaseId}), ExitCode::kOk);
  EXPECT_THAT(console.out(), HasSubstr("engineer asked: \\x1b]52;c;x\\x07"));
  TestConsole json;
  EXPECT_EQ(RunAccess(fake, json, {"history", kLeaseId, "--output", "json"}), ExitCode::kOk);
  EXPECT_EQ(Json::parse(json.out())["events"][0]["body"]["reason"], "x");
}

TEST(Roles, ShowTimesSeatsAndWhereTheGlassIs) {
  FakeBroker fake;
  fake.list_roles = [](const auto&, v1::ListRolesResponse* response) {
    v1::OfferedRole* role = response->add_roles();
    role->set_target("shop");
    role->set_role("writer");
    role->set_writes(true);
    role->mutable_default_ttl()->set_seconds(1800);
    role->mutable_max_ttl()->set_seconds(7200);
    role->add_seats()->set_name("second");
    role->set_break_glass(true);
    role->mutable_break_glass_max_ttl()->set_seconds(900);
    return absl::OkStatus();
  };
  TestConsole console;
  EXPECT_EQ(RunAccess(fake, console, {"roles"}), ExitCode::kOk);
  EXPECT_THAT(console.out(), HasSubstr("shop    writer  change  30m      2h       up to 15m"));
  TestConsole json;
  EXPECT_EQ(RunAccess(fake, json, {"roles", "--output", "json"}), ExitCode::kOk);
  EXPECT_EQ(Json::parse(json.out())["roles"][0]["max_ttl_seconds"], 7200);
}

TEST(Roles, ShowAsWhatChangesMayBePlanned) {
  FakeBroker fake;
  fake.list_roles = [](const auto&, v1::ListRolesResponse* response) {
    v1::OfferedChange* change = response->add_changes();
    change->set_target("shop");
    change->set_role("schema");
    change->set_defines(true);
    change->add_seats()->set_name("second");
    change->mutable_seats(0)->set_from("group reviewers");
    return absl::OkStatus();
  };
  TestConsole console;
  EXPECT_EQ(RunAccess(fake, console, {"roles"}), ExitCode::kOk);
  EXPECT_THAT(console.out(), HasSubstr("As guarded changes"));
  EXPECT_THAT(console.out(),
              HasSubstr("shop    schema  change, alter  no           second (group reviewers)"));
  EXPECT_EQ(console.err(), "");
  TestConsole json;
  EXPECT_EQ(RunAccess(fake, json, {"roles", "--output", "json"}), ExitCode::kOk);
  EXPECT_EQ(Json::parse(json.out())["changes"][0]["defines"], true);
}

TEST(WhoCanApprove, NamesRuleSeatsAndPeople) {
  FakeBroker fake;
  fake.list_approvers = [](const auto&, v1::ListApproversResponse* response) {
    response->set_rule("writers");
    *response->mutable_seats() = Waiting().seats();
    return absl::OkStatus();
  };
  const Words words = {"who-can-approve", "--target", "shop", "--role", "writer"};
  TestConsole console;
  EXPECT_EQ(RunAccess(fake, console, words), ExitCode::kOk);
  EXPECT_EQ(console.out(),
            "rule  writers\n"
            "seat  second (group reviewers): open; could be filled by reviewer, manager\n");
  TestConsole json;
  EXPECT_EQ(RunAccess(fake, json, With(words, {"--output", "json"})), ExitCode::kOk);
  EXPECT_EQ(Json::parse(json.out())["seats"][0]["candidates"][1], "manager");
}

TEST(WhoAmI, ShowsThePersonAndTheDebt) {
  FakeBroker fake;
  fake.who_am_i = [](const auto&, v1::WhoAmIResponse* response) {
    response->set_person("oncall");
    response->set_identity("spiffe://example/oncall");
    response->add_groups("oncall");
    response->set_debt_lease(kLeaseId);
    response->mutable_certificate_expire_time()->set_seconds(kTestNow + 7200);
    return absl::OkStatus();
  };
  TestConsole console;
  EXPECT_EQ(RunAccess(fake, console, {"whoami"}), ExitCode::kOk);
  EXPECT_THAT(console.out(), HasSubstr("person       oncall\n"));
  EXPECT_THAT(console.out(), HasSubstr(std::string(kLeaseId) + ", not reviewed by anybody yet"));
  TestConsole json;
  EXPECT_EQ(RunAccess(fake, json, {"whoami", "--output", "json"}), ExitCode::kOk);
  EXPECT_TRUE(Json::parse(json.out())["manager"].is_null());
}

// Every command that talks to the broker, with arguments that make sense.
const std::vector<Words> kEveryCommand = {
    kRequest,
    {"break-glass", "--target", "a", "--role", "b", "--reason", "c", "--yes-this-is-an-emergency"},
    {"status", kLeaseId},
    {"list"},
    {"connect", kLeaseId},
    {"run", kLeaseId, "--", "true"},
    {"open", kLeaseId},
    {"end", kLeaseId},
    {"withdraw", kLeaseId},
    {"history", kLeaseId},
    {"roles"},
    {"who-can-approve", "--target", "a", "--role", "b"},
    {"whoami"},
};

TEST(EveryCommand, SaysWhyItWasRefusedAndPrintsNoData) {
  FakeBroker fake;
  const auto refuse = [](const auto&, auto*) {
    return RefuseWith(v1::REFUSAL_REASON_NO_RULE_ALLOWS, "no rule names you here");
  };
  fake.create_lease = refuse;
  fake.break_glass = refuse;
  fake.get_lease = refuse;
  fake.list_leases = refuse;
  fake.end_lease = refuse;
  fake.withdraw_lease = refuse;
  fake.list_history = refuse;
  fake.list_roles = refuse;
  fake.list_approvers = refuse;
  fake.who_am_i = refuse;
  for (const Words& words : kEveryCommand) {
    TestConsole console;
    EXPECT_EQ(RunAccess(fake, console, words), ExitCode::kRefused) << words[0];
    EXPECT_THAT(console.err(), HasSubstr("Refused (no_rule_allows)")) << words[0];
    EXPECT_THAT(console.err(), HasSubstr("Next: ")) << words[0];
    EXPECT_EQ(console.out(), "") << words[0];
  }
}

TEST(EveryCommand, SaysThatTheBrokerIsUnreachable) {
  FakeBroker fake;
  fake.Kill();
  for (const Words& words : kEveryCommand) {
    TestConsole console;
    EXPECT_EQ(RunAccess(fake, console, words), ExitCode::kUnreachable) << words[0];
    EXPECT_THAT(console.err(), HasSubstr("Unreachable: The broker at")) << words[0];
  }
}

TEST(EveryCommand, MistypedIsAUsageErrorAndCallsNobody) {
  const std::vector<Words> mistakes = {
      {"request", "--target", "shop", "--role", "writer"},
      With(kRequest, {"--ttl", "1h"}),
      {"request", "--target", "a", "--role", "b", "--reason", "c", "--ttl", "1h1h"},
      {"status"},
      {"list", "--state", "asleep"},
      {"run", kLeaseId},
      {"connect", kLeaseId, "--role", "writer"},
      {"connect", "--role", "writer"},
      {"connect", "--ttl", "5m"},
      {"who-can-approve", "--target", "a"},
      {"whoami", "--output", "yaml"},
      {"frobnicate"},
  };
  for (const Words& words : mistakes) {
    FakeBroker fake;
    TestConsole console;
    EXPECT_EQ(RunAccess(fake, console, words), ExitCode::kUsage) << words[0];
    EXPECT_THAT(fake.calls(), IsEmpty());
    EXPECT_THAT(console.err(), Not(IsEmpty()));
    EXPECT_EQ(console.out(), "");
  }
}

}  // namespace
}  // namespace jit::testing

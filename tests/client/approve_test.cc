// jit-approve against a broker of scripts: what is shown, what is signed, what is not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/approve_scene.h"

namespace jit::testing {
namespace {

using Scene = ApproverScene;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Approve, OnATerminalSignsWhatWasShownOnceTheyTypedYes) {
  Scene scene;
  scene.console.Type("yes\n");
  EXPECT_EQ(scene.Run({"approve", kLeaseId, "--note", "plan looked at"}), ExitCode::kOk);
  EXPECT_EQ(scene.approved.lease_id(), kLeaseId);
  EXPECT_EQ(scene.approved.digest(), scene.DigestFor("approve"));
  EXPECT_EQ(scene.approved.note(), "plan looked at");
  EXPECT_TRUE(scene.Covers(scene.approved.signature(), "approve", "plan looked at"));
  EXPECT_FALSE(scene.Covers(scene.approved.signature(), "approve", "another note"));
  EXPECT_EQ(scene.console.out(), std::string(kLeaseId) + " is approved\n");
}

TEST(Approve, ShowsWhoWhatWhereHowLongAndWhyAndTheDigestLast) {
  Scene scene;
  scene.console.Type("no\n");
  EXPECT_EQ(scene.Run({"approve", kLeaseId}), ExitCode::kNotConfirmed);
  const std::string shown = scene.console.err();
  std::size_t at = 0;
  for (const std::string part :
       {"who", "engineer", "what", "writer (MAY CHANGE DATA)", "where", "shop", "how long", "30m",
        "Why, in their words:", "| INC-4711: mark orphaned invoices", "shop_writers",
        "APPROVE: engineer as writer (MAY CHANGE DATA) on shop for 30m", "digest "}) {
    const std::size_t found = shown.find(part, at);
    ASSERT_NE(found, std::string::npos) << part << " in order in:\n" << shown;
    at = found;
  }
  EXPECT_THAT(shown, HasSubstr("digest " + scene.DigestFor("approve") + "\nApprove this?"));
  EXPECT_EQ(scene.keys_read, 0);
  EXPECT_THAT(scene.fake.calls(), ElementsAre("GetStatement"));
}

TEST(Approve, TablesThatNothingCanBePutBackInAreALineOfTheirOwnAndInTheLastOne) {
  Scene scene;
  scene.changes["keyless"] = {"shop.audit_log", "shop.im\nports"};
  scene.changes["version"] = 2;
  scene.console.get().err.width = 200;
  scene.console.Type("no\n");
  EXPECT_EQ(scene.Run({"approve", kLeaseId}), ExitCode::kNotConfirmed);
  EXPECT_THAT(scene.console.err(),
              HasSubstr("changed rows of shop.audit_log and shop.im\\nports cannot be put back: no "
                        "primary key\n"));
  EXPECT_THAT(
      scene.console.err(),
      HasSubstr("on shop for 30m, NO UNDO for shop.audit_log and shop.im\\nports\ndigest "));
}

TEST(Approve, FreeTextCannotForgeALineOrTurnTheTextRound) {
  Scene scene;
  scene.changes["reason"] =
      "ok\n\ndigest 0000\nwhat  reader\x1b[2J\r\xe2\x80\xae" + std::string(90, 'x');
  scene.console.get().err.width = 200;
  scene.console.Type("no\n");
  scene.Run({"approve", kLeaseId});
  const std::string shown = scene.console.err();
  EXPECT_THAT(shown, HasSubstr("  | ok\\n\\ndigest 0000\\nwhat  reader\\x1b[2J\\r\\u{202e}"));
  EXPECT_THAT(shown, Not(HasSubstr("\x1b[2J")));
  EXPECT_THAT(shown, Not(HasSubstr("\xe2\x80\xae")));
  EXPECT_THAT(shown, Not(HasSubstr("\ndigest 0000")));
}

TEST(Approve, WhatThisProgramDoesNotKnowIsShownToo) {
  Scene scene;
  scene.changes["moon_phase"] = "full\x07";
  scene.console.Type("no\n");
  scene.Run({"approve", kLeaseId});
  EXPECT_THAT(scene.console.err(), HasSubstr("moon_phase"));
  EXPECT_THAT(scene.console.err(), HasSubstr("full\\x07"));
}

TEST(Approve, WithoutATerminalNothingIsSigned) {
  Scene scene;
  EXPECT_EQ(scene.Run({"approve", kLeaseId}), ExitCode::kNotConfirmed);
  EXPECT_EQ(scene.keys_read, 0);
  EXPECT_THAT(scene.console.err(), HasSubstr("--yes --digest"));
}

TEST(Approve, InAScriptTheDigestHasToBeTheOneThatWasLookedAt) {
  {
    Scene scene;
    EXPECT_EQ(scene.Run({"approve", kLeaseId, "--yes"}), ExitCode::kUsage);
    EXPECT_THAT(scene.fake.calls(), IsEmpty());
  }
  {
    Scene scene;
    EXPECT_EQ(scene.Run({"approve", kLeaseId, "--yes", "--digest", std::string(64, '0')}),
              ExitCode::kRefused);
    EXPECT_EQ(scene.keys_read, 0);
    EXPECT_THAT(scene.console.err(), HasSubstr("digest_mismatch"));
  }
  Scene scene;
  EXPECT_EQ(scene.Run({"approve", kLeaseId, "--yes", "--digest", scene.DigestFor("approve"),
                       "--output", "json"}),
            ExitCode::kOk);
  EXPECT_EQ(Json::parse(scene.console.out())["state"], "approved");
}

struct Lie {
  std::string about;
  std::function<void(v1::GetStatementResponse&)> tell;
};

TEST(Approve, AStatementThatDoesNotHoldTogetherIsNotSigned) {
  const auto replace = [](const std::string& key, const Json& value) {
    return [key, value](v1::GetStatementResponse& response) {
      Json fields = StatementFields("approve");
      if (value.is_null()) {
        fields.erase(key);
      } else {
        fields[key] = value;
      }
      response.set_statement(TextOf(fields));
      response.set_digest(ledger::Sha256Hex(response.statement()));
    };
  };
  const std::vector<Lie> lies = {
      {"does not have the digest", [](auto& response) { response.set_digest("00"); }},
      {"is not canonical JSON",
       [](auto& response) {
         response.set_statement(" " + response.statement());
         response.set_digest(ledger::Sha256Hex(response.statement()));
       }},
      {"is about another lease", replace("lease", "bbbbbbbbbbbbbbbbbbbbbbbbbb")},
      {"is about another decision", replace("decision", "accept")},
      {"is of a version", replace("version", 3)},
      {"does not say which tables", replace("version", 2)},
      {"does not say which tables", replace("keyless", {"shop.audit_log"})},
      {"does not say `ttl_seconds`", replace("ttl_seconds", nullptr)},
      {"does not say `requester`", replace("requester", nullptr)},
      {"does not say `role`", replace("role", 7)},
  };
  for (const Lie& lie : lies) {
    Scene scene;
    const auto honest = scene.fake.get_statement;
    scene.fake.get_statement = [&](const v1::GetStatementRequest& request, auto* response) {
      const absl::Status status = honest(request, response);
      lie.tell(*response);
      return status;
    };
    scene.console.Type("yes\n");
    EXPECT_EQ(scene.Run({"approve", kLeaseId}), ExitCode::kFault) << lie.about;
    EXPECT_THAT(scene.console.err(), HasSubstr(lie.about));
    EXPECT_EQ(scene.keys_read, 0) << lie.about;
  }
}

TEST(Approve, AKeyThatIsNoneIsNamedAsTheFault) {
  Scene scene;
  scene.person.key_pem = "not a key";
  scene.console.Type("yes\n");
  EXPECT_EQ(scene.Run({"approve", kLeaseId}), ExitCode::kFault);
  EXPECT_THAT(scene.console.err(), HasSubstr("key"));
}

TEST(Approve, TheBrokersRefusalComesWithTheNextStep) {
  Scene scene;
  scene.fake.approve_lease = [](const auto&, auto*) {
    return RefuseWith(v1::REFUSAL_REASON_OWN_LEASE, "you asked for this lease yourself");
  };
  scene.console.Type("yes\n");
  EXPECT_EQ(scene.Run({"approve", kLeaseId}), ExitCode::kRefused);
  EXPECT_THAT(scene.console.err(), HasSubstr("Refused (own_lease): Nobody decides on their own"));
  EXPECT_EQ(scene.console.out(), "");
}

TEST(Approve, ALeaseThatStillWaitsNamesWhoIsMissing) {
  Scene scene;
  scene.fake.approve_lease =
      Answering<v1::ApproveLeaseRequest, v1::ApproveLeaseResponse>(Waiting());
  scene.console.Type("yes\n");
  EXPECT_EQ(scene.Run({"approve", kLeaseId}), ExitCode::kOk);
  EXPECT_THAT(scene.console.err(), HasSubstr("Still waiting for second (reviewer or manager)"));
}

TEST(Deny, SignsTheNoWithItsReason) {
  Scene scene;
  EXPECT_EQ(scene.Run({"deny", kLeaseId, "--reason", "use the replica"}), ExitCode::kOk);
  EXPECT_EQ(scene.denied.note(), "use the replica");
  EXPECT_TRUE(scene.Covers(scene.denied.signature(), "deny", "use the replica"));
  EXPECT_EQ(scene.Run({"deny", kLeaseId}), ExitCode::kUsage);
}

TEST(Revoke, AsksNothingAndSignsNothing) {
  Scene scene;
  scene.fake.revoke_lease = [](const v1::RevokeLeaseRequest& request, auto* response) {
    EXPECT_EQ(request.note(), "wrong database");
    *response->mutable_lease() = LeaseIn(v1::Lease::STATE_CLOSING, 5);
    return absl::OkStatus();
  };
  EXPECT_EQ(scene.Run({"revoke", kLeaseId, "--reason", "wrong database"}), ExitCode::kOk);
  EXPECT_EQ(scene.keys_read, 0);
  EXPECT_EQ(scene.console.out(), std::string(kLeaseId) + " is closing\n");
}

TEST(Review, WithVerdictAndFindingsSignsThem) {
  Scene scene;
  scene.changes["path"] = "break_glass";
  EXPECT_EQ(scene.Run({"review", kLeaseId, "--verdict", "ok", "--findings", "one row"}),
            ExitCode::kOk);
  EXPECT_EQ(scene.reviewed.verdict(), v1::DECISION_ACCEPT);
  EXPECT_EQ(scene.reviewed.findings(), "one row");
  EXPECT_TRUE(scene.Covers(scene.reviewed.signature(), "accept", "one row"));
  EXPECT_THAT(scene.console.err(), HasSubstr("BREAK-GLASS: it was opened without approval"));
}

TEST(Review, AsksForWhatWasNotGiven) {
  Scene scene;
  scene.console.Type("not-ok\nthree tables touched\n");
  EXPECT_EQ(scene.Run({"review", kLeaseId}), ExitCode::kOk);
  EXPECT_EQ(scene.reviewed.verdict(), v1::DECISION_OBJECT);
  EXPECT_TRUE(scene.Covers(scene.reviewed.signature(), "object", "three tables touched"));
}

TEST(Review, AVerdictWithoutFindingsIsNone) {
  for (const std::string typed : {"", "maybe\n", "ok\n\n"}) {
    Scene scene;
    scene.console.Type(typed);
    EXPECT_EQ(scene.Run({"review", kLeaseId}), ExitCode::kNotConfirmed);
    EXPECT_EQ(scene.keys_read, 0);
    EXPECT_THAT(scene.console.err(), HasSubstr("Nothing was signed."));
  }
}

TEST(Inbox, OwedReviewsComeFirst) {
  Scene scene;
  scene.fake.list_inbox = [](const auto&, v1::ListInboxResponse* response) {
    *response->add_waiting() = Waiting();
    v1::Lease owed = LeaseIn(v1::Lease::STATE_CLOSED);
    owed.set_requester("oncall");
    owed.set_break_glass(true);
    *response->add_owed() = owed;
    return absl::OkStatus();
  };
  EXPECT_EQ(scene.Run({"inbox"}), ExitCode::kOk);
  EXPECT_THAT(scene.console.out(), StartsWith("BREAK-GLASS, review owed\n"));
  EXPECT_LT(scene.console.out().find("oncall"), scene.console.out().find("Waiting for you"));
  Scene json;
  json.fake.list_inbox = scene.fake.list_inbox;
  EXPECT_EQ(json.Run({"inbox", "--output", "json"}), ExitCode::kOk);
  EXPECT_EQ(Json::parse(json.console.out())["owed"][0]["requester"], "oncall");
  EXPECT_EQ(Json::parse(json.console.out())["waiting"].size(), 1u);
}

TEST(Show, GivesTheDigestThatApproveWillAskFor) {
  Scene scene;
  EXPECT_EQ(scene.Run({"show", kLeaseId, "--output", "json"}), ExitCode::kOk);
  const Json json = Json::parse(scene.console.out());
  EXPECT_EQ(json["digest"], scene.DigestFor("approve"));
  EXPECT_EQ(json["statement"]["requester"], "engineer");
  EXPECT_EQ(json["lease"]["state"], "requested");
  Scene text;
  EXPECT_EQ(text.Run({"show", kLeaseId, "--for", "not-ok"}), ExitCode::kOk);
  EXPECT_THAT(text.console.out(), StartsWith("The lease is requested.\n"));
  EXPECT_THAT(text.console.out(), HasSubstr("\ndigest " + text.DigestFor("object") + "\n"));
}

TEST(EveryApproverCommand, IsRefusedOrUnreachableInSoManyWords) {
  const std::vector<Words> commands = {
      {"inbox"},
      {"show", kLeaseId},
      {"approve", kLeaseId},
      {"deny", kLeaseId, "--reason", "x"},
      {"revoke", kLeaseId, "--reason", "x"},
      {"review", kLeaseId, "--verdict", "ok", "--findings", "x"},
  };
  for (const Words& words : commands) {
    Scene scene;
    const auto refuse = [](const auto&, auto*) {
      return RefuseWith(v1::REFUSAL_REASON_UNKNOWN_LEASE, "there is no such lease");
    };
    scene.fake.list_inbox = refuse;
    scene.fake.get_lease = refuse;
    scene.fake.get_statement = refuse;
    scene.fake.revoke_lease = refuse;
    EXPECT_EQ(scene.Run(words), ExitCode::kRefused) << words[0];
    EXPECT_EQ(scene.console.out(), "") << words[0];
    scene.fake.Kill();
    EXPECT_EQ(scene.Run(words), ExitCode::kUnreachable) << words[0];
  }
}

}  // namespace
}  // namespace jit::testing

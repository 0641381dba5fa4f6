// Guarded changes on the command line, against a broker of scripts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/client/changes.h"

namespace jit::testing {
namespace {

using console::ExitCode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

struct Scene {
  Scene() {
    script.str(kScript);
    console.get().in = &script;
    fake.plan_change = [this](const v1::PlanChangeRequest& request, auto* response) {
      planned = request;
      *response->mutable_change() = ChangeIn(v1::Change::STATE_PLANNED);
      return absl::OkStatus();
    };
    fake.plan_undo = [this](const v1::PlanUndoRequest& request, auto* response) {
      undone = request;
      *response->mutable_change() = ChangeIn(v1::Change::STATE_PLANNED);
      return absl::OkStatus();
    };
    fake.wait_change = AnsweringWith<v1::WaitChangeRequest, v1::WaitChangeResponse>(Rehearsed());
  }
  ExitCode Run(const Words& words) { return RunAccess(fake, console, words); }
  ExitCode Plan(const Words& more = {}) {
    Words words = {"change", "plan",   "-",        "--target", "shop",
                   "--role", "writer", "--reason", "INC-4711"};
    words.insert(words.end(), more.begin(), more.end());
    return Run(words);
  }

  FakeBroker fake;
  TestConsole console;
  std::istringstream script;
  v1::PlanChangeRequest planned;
  v1::PlanUndoRequest undone;
};

TEST(ChangePlan, TakesTheOnlyRoleThatChangesMayBePlannedAsAndAsksWhenThereAreSeveral) {
  Scene scene;
  std::vector<std::string> roles = {"schema"};
  scene.fake.list_roles = [&](const auto&, v1::ListRolesResponse* response) {
    response->add_roles()->set_target("shop");
    response->mutable_roles(0)->set_role("ddl");
    response->mutable_roles(0)->set_writes(true);
    for (const std::string& role : roles) {
      v1::OfferedChange* change = response->add_changes();
      change->set_target("shop");
      change->set_role(role);
    }
    return absl::OkStatus();
  };
  const auto plan = [&scene] {
    scene.script.clear();
    scene.script.seekg(0);
    return scene.Run({"change", "plan", "-", "--target", "shop", "--reason", "INC-4711"});
  };
  EXPECT_EQ(plan(), ExitCode::kOk);
  EXPECT_EQ(scene.planned.role(), "schema");
  roles.push_back("writer");
  EXPECT_EQ(plan(), ExitCode::kUsage);
  EXPECT_THAT(scene.console.err(), HasSubstr("name one with --role: schema, writer"));
  roles.clear();
  EXPECT_EQ(plan(), ExitCode::kUsage);
  EXPECT_THAT(scene.console.err(), HasSubstr("No rule lets you plan changes there"));
}

TEST(ChangePlan, ShowsWhatTheRehearsalDid) {
  Scene scene;
  EXPECT_EQ(scene.Plan({"--expect", "orders=1", "--expect", "#1=1"}), ExitCode::kOk);
  EXPECT_EQ(scene.planned.script(), kScript);
  EXPECT_THAT(scene.planned.expectations(), ElementsAre("orders=1", "#1=1"));
  EXPECT_EQ(scene.console.out(), R"(change cw5nvrvrrlxijqfntz3gzfwx4e
cw5nvrvrrlxijqfntz3gzfwx4e is rehearsed

Statements, 5 ms in all
  1. line 2  UPDATE, 1 row, 3 ms, plan cost 8
    update shop.orders set status = 'paid' where id = 7
     ! warning  line 2, locks_rows: It waits for others.

Rows per table
TABLE        BY THE SCRIPT  BY CASCADE  BY TRIGGER  REMARKS
shop.orders  1 updated      3 deleted   2 inserted  of about 1,204

Rows before and after, some of them
  shop.orders, updated
      id      7
    - status  open\x1b[2J
    + status  paid

Locks
ON           MODE              HELD FOR
shop.orders  RowExclusiveLock  4 ms

Undo will not bring back
  - The sequence shop.orders_id_seq stays where it is.

Commits only if
  orders=1

Can be taken back for 7d after it is applied, except as said above.
)");
  EXPECT_THAT(scene.console.err(), HasSubstr("Nothing was changed"));
  EXPECT_THAT(scene.console.err(),
              HasSubstr("`jit-access change submit " + std::string(kChangeId)));
}

TEST(ChangePlan, AMissedExpectationIsRefusedAndNamed) {
  Scene scene;
  v1::Change change = Rehearsed();
  v1::ChangeMiss* miss = change.mutable_rehearsal()->add_misses();
  miss->set_subject("shop.orders.updated");
  miss->set_expected("1");
  miss->set_found(1204);
  scene.fake.wait_change = AnsweringWith<v1::WaitChangeRequest, v1::WaitChangeResponse>(change);
  EXPECT_EQ(scene.Plan(), ExitCode::kRefused);
  EXPECT_THAT(scene.console.out(), HasSubstr("x shop.orders.updated: expected 1, found 1,204\n"));
}

TEST(ChangePlan, TellsHowFarTheRehearsalIs) {
  Scene scene;
  int asked = 0;
  scene.fake.wait_change = [&](const v1::WaitChangeRequest& request, auto* response) {
    EXPECT_EQ(request.known_version(), 1);
    EXPECT_EQ(request.known_tick(), asked);
    *response->mutable_change() = Rehearsed();
    if (++asked > 1) return absl::OkStatus();
    v1::Change change = ChangeIn(v1::Change::STATE_PLANNED);
    change.mutable_progress()->set_run(v1::ChangeProgress::RUN_REHEARSAL);
    change.mutable_progress()->set_statement(2);
    change.mutable_progress()->set_statements(5);
    change.mutable_progress()->set_rows(1204);
    change.mutable_progress()->set_tick(1);
    *response->mutable_change() = change;
    return absl::OkStatus();
  };
  EXPECT_EQ(scene.Plan(), ExitCode::kOk);
  EXPECT_THAT(scene.console.err(), HasSubstr("Rehearsing: statement 2 of 5; 1,204 rows (0s)\n"));
}

TEST(ChangePlan, WithNoWaitPrintsTheIdAndIsPending) {
  Scene scene;
  EXPECT_EQ(scene.Plan({"--no-wait"}), ExitCode::kPending);
  EXPECT_THAT(scene.console.out(), StartsWith(std::string("change ") + kChangeId + "\n"));
  EXPECT_THAT(scene.fake.calls(), ElementsAre("PlanChange"));
}

TEST(ChangePlan, AnswersWithOneJsonObject) {
  Scene scene;
  EXPECT_EQ(scene.Plan({"--output", "json"}), ExitCode::kOk);
  const Json json = Json::parse(scene.console.out());
  EXPECT_EQ(json["change"], kChangeId);
  EXPECT_EQ(json["state"], "rehearsed");
  EXPECT_EQ(json["rehearsal"]["report"]["statements"][0]["findings"][0]["severity"], "warning");
  EXPECT_EQ(json["rehearsal"]["report"]["tables"][0]["cascaded"]["deleted"], 3);
  EXPECT_TRUE(json["execution"].is_null());
}

TEST(ChangePlan, RefusesAScriptThatIsNoneBeforeAnythingIsSent) {
  for (const std::string& script :
       {std::string(), std::string("\xff"), std::string(1048577, ' ')}) {
    Scene scene;
    scene.script.str(script);
    EXPECT_EQ(scene.Plan(), ExitCode::kUsage);
    EXPECT_THAT(scene.fake.calls(), ElementsAre());
  }
}

TEST(ChangeApply, FollowsItToItsEnd) {
  Scene scene;
  scene.fake.apply_change = AnsweringWith<v1::ApplyChangeRequest, v1::ApplyChangeResponse>(
      ChangeIn(v1::Change::STATE_APPLYING, 5));
  scene.fake.wait_change = AnsweringWith<v1::WaitChangeRequest, v1::WaitChangeResponse>(
      ChangeIn(v1::Change::STATE_APPLIED, 6));
  EXPECT_EQ(scene.Run({"change", "apply", kChangeId}), ExitCode::kOk);
  EXPECT_THAT(scene.console.out(), StartsWith(std::string(kChangeId) + " is applied\n"));
  EXPECT_THAT(scene.console.err(), HasSubstr("change undo"));
}

TEST(ChangeApply, CtrlCAsksTheBrokerToCancelAndSaysWhatHappened) {
  Scene scene;
  scene.fake.apply_change = AnsweringWith<v1::ApplyChangeRequest, v1::ApplyChangeResponse>(
      ChangeIn(v1::Change::STATE_APPLYING, 5));
  scene.fake.cancel_change = AnsweringWith<v1::CancelChangeRequest, v1::CancelChangeResponse>(
      ChangeIn(v1::Change::STATE_APPLYING, 5));
  v1::Change back = ChangeIn(v1::Change::STATE_ROLLED_BACK, 6);
  back.set_why("cancelled");
  scene.fake.wait_change = AnsweringWith<v1::WaitChangeRequest, v1::WaitChangeResponse>(back);
  scene.console.Interrupt();
  EXPECT_EQ(scene.Run({"change", "apply", kChangeId}), ExitCode::kRefused);
  EXPECT_THAT(scene.fake.calls(), ElementsAre("ApplyChange", "CancelChange", "WaitChange"));
  EXPECT_THAT(scene.console.out(), HasSubstr("is rolled_back\n  | cancelled\n"));
  EXPECT_THAT(scene.console.err(), HasSubstr("Nothing was changed"));
}

TEST(ChangeUndo, WithPlanOnlyShowsItsConflicts) {
  Scene scene;
  v1::Change change = Rehearsed();
  v1::UndoConflict* conflict = change.mutable_rehearsal()->mutable_report()->add_conflicts();
  conflict->set_table("shop.orders");
  conflict->set_key("id=7");
  conflict->set_what("It was changed since.");
  scene.fake.wait_change = AnsweringWith<v1::WaitChangeRequest, v1::WaitChangeResponse>(change);
  EXPECT_EQ(scene.Run({"change", "undo", kChangeId, "--plan", "--on-conflict", "skip", "--reason",
                       "wrong"}),
            ExitCode::kOk);
  EXPECT_EQ(scene.undone.on_conflict(), v1::ChangeSubject::ON_CONFLICT_SKIP);
  EXPECT_THAT(scene.fake.calls(), ElementsAre("PlanUndo", "WaitChange"));
  EXPECT_THAT(scene.console.out(), HasSubstr("shop.orders  id=7  It was changed since.\n"));
}

TEST(ChangeUndo, ThatWouldTakeNothingBackIsNotSubmitted) {
  Scene scene;
  v1::Change change = Rehearsed();
  change.set_purpose(v1::Change::PURPOSE_UNDO);
  change.mutable_rehearsal()->clear_expected();
  change.mutable_rehearsal()->mutable_report()->Clear();
  scene.fake.wait_change = AnsweringWith<v1::WaitChangeRequest, v1::WaitChangeResponse>(change);
  EXPECT_EQ(scene.Run({"undo", kLeaseId, "--reason", "wrong"}), ExitCode::kRefused);
  EXPECT_THAT(scene.console.err(), HasSubstr("There is nothing to take back.\n"));
  v1::UndoConflict* conflict = change.mutable_rehearsal()->mutable_report()->add_conflicts();
  conflict->set_table("shop.orders");
  conflict->set_key("id=7");
  conflict->set_what("It was changed since.");
  scene.fake.wait_change = AnsweringWith<v1::WaitChangeRequest, v1::WaitChangeResponse>(change);
  EXPECT_EQ(scene.Run({"change", "undo", kChangeId, "--reason", "wrong"}), ExitCode::kRefused);
  EXPECT_THAT(scene.console.out(), HasSubstr("shop.orders  id=7  It was changed since.\n"));
  EXPECT_THAT(scene.console.out(), Not(HasSubstr("Can be taken back")));
  EXPECT_THAT(scene.console.err(), HasSubstr("--on-conflict skip"));
  EXPECT_THAT(scene.fake.calls(), ElementsAre("PlanUndo", "WaitChange", "PlanUndo", "WaitChange"));
}

TEST(ChangeUndo, IsAppliedAtOnceWhenNoSeatIsDemanded) {
  Scene scene;
  scene.fake.submit_change = AnsweringWith<v1::SubmitChangeRequest, v1::SubmitChangeResponse>(
      ChangeIn(v1::Change::STATE_APPROVED, 4));
  scene.fake.apply_change = AnsweringWith<v1::ApplyChangeRequest, v1::ApplyChangeResponse>(
      ChangeIn(v1::Change::STATE_APPLIED, 6));
  EXPECT_EQ(scene.Run({"undo", kLeaseId, "--since", "15m", "--table", "shop.orders", "--table",
                       "shop.items", "--reason", "wrong"}),
            ExitCode::kOk);
  EXPECT_EQ(scene.undone.lease_id(), kLeaseId);
  EXPECT_EQ(scene.undone.since().seconds(), kTestNow - 900);
  EXPECT_THAT(scene.undone.tables(), ElementsAre("shop.orders", "shop.items"));
  EXPECT_THAT(scene.fake.calls(),
              ElementsAre("PlanUndo", "WaitChange", "SubmitChange", "ApplyChange"));
}

TEST(ChangeUndo, SaysWhomItWaitsFor) {
  Scene scene;
  v1::Change waiting = ChangeIn(v1::Change::STATE_SUBMITTED, 4);
  waiting.add_seats()->set_name("second");
  waiting.mutable_seats(0)->add_candidates("manager");
  scene.fake.submit_change =
      AnsweringWith<v1::SubmitChangeRequest, v1::SubmitChangeResponse>(waiting);
  EXPECT_EQ(scene.Run({"change", "undo", kChangeId, "--reason", "wrong"}), ExitCode::kPending);
  EXPECT_THAT(scene.console.err(), HasSubstr("Waits for second (manager).\n"));
}

TEST(Changes, ListsStepsAndTheRowsOfOne) {
  Scene scene;
  scene.fake.list_row_changes = [](const v1::ListRowChangesRequest& request, auto* response) {
    v1::RowChange* step = response->add_steps();
    step->set_sequence(17);
    step->mutable_time()->set_seconds(kTestNow);
    step->set_schema("shop");
    step->set_table("orders");
    step->set_verb(v1::RowSample::VERB_DELETED);
    step->set_rows(1204);
    step->set_cause("cascade");
    step->set_query("delete\nfrom x");
    EXPECT_EQ(request.lease_id(), kLeaseId);
    return absl::OkStatus();
  };
  scene.fake.list_rows = [](const v1::ListRowsRequest& request, auto* response) {
    EXPECT_EQ(request.sequence(), 17);
    *response->add_rows() = ReportOfOneUpdate().samples(0);
    return absl::OkStatus();
  };
  EXPECT_EQ(scene.Run({"changes", kLeaseId}), ExitCode::kOk);
  EXPECT_THAT(scene.console.out(),
              HasSubstr("17    2027-01-15 08:00:00 UTC  shop.orders  deleted  1,204  cascade  "
                        "delete\\nfrom x\n"));
  EXPECT_EQ(scene.Run({"changes", kLeaseId, "--rows", "17"}), ExitCode::kOk);
  EXPECT_THAT(scene.console.out(), HasSubstr("    + status  paid\n"));
}

TEST(ChangeDropForGood, ShowsWhatIsKeptAndWhetherItWasTouched) {
  Scene scene;
  scene.fake.list_kept = [](const v1::ListKeptRequest&, auto* response) {
    v1::KeptThing* thing = response->add_kept();
    thing->set_what("The table shop.carts.");
    thing->set_bytes(3 << 20);
    thing->mutable_time()->set_seconds(kTestNow);
    thing->set_touched("Nothing touched it.");
    return absl::OkStatus();
  };
  scene.fake.plan_drop = AnsweringWith<v1::PlanDropRequest, v1::PlanDropResponse>(Rehearsed());
  EXPECT_EQ(scene.Run({"change", "drop-for-good", kChangeId, "--reason", "x"}), ExitCode::kOk);
  EXPECT_THAT(scene.console.out(), HasSubstr("3.0 MiB  The table shop.carts.  Nothing touched it"));
}

TEST(ChangeShow, PrintsTheScriptWithLineNumbersAndEveryText) {
  Scene scene;
  v1::Change change = Rehearsed();
  change.set_why("sent\x1b back");
  scene.fake.get_change = AnsweringWith<v1::GetChangeRequest, v1::GetChangeResponse>(change);
  EXPECT_EQ(scene.Run({"change", "show", kChangeId}), ExitCode::kOk);
  EXPECT_THAT(scene.console.out(), HasSubstr("   1 | -- expect: orders=1\n   2 | update shop."));
  EXPECT_THAT(scene.console.out(), HasSubstr("  | sent\\x1b back\n"));
  EXPECT_THAT(scene.console.out(), Not(HasSubstr("\x1b")));
}

TEST(EveryChangeCommand, IsRefusedOrUnreachableInSoManyWords) {
  for (const Words& words : std::vector<Words>{{"change", "show", kChangeId},
                                               {"change", "list"},
                                               {"change", "submit", kChangeId},
                                               {"change", "apply", kChangeId},
                                               {"change", "cancel", kChangeId},
                                               {"change", "withdraw", kChangeId},
                                               {"change", "history", kChangeId},
                                               {"change", "kept", kChangeId}}) {
    Scene scene;
    const auto refuse = [](const auto&, auto*) {
      return RefuseWith(v1::REFUSAL_REASON_UNKNOWN_CHANGE, "there is no such change");
    };
    scene.fake.get_change = refuse;
    scene.fake.list_changes = refuse;
    scene.fake.submit_change = refuse;
    scene.fake.apply_change = refuse;
    scene.fake.cancel_change = refuse;
    scene.fake.withdraw_change = refuse;
    scene.fake.list_change_history = refuse;
    scene.fake.list_kept = refuse;
    EXPECT_EQ(scene.Run(words), ExitCode::kRefused) << words[1];
    EXPECT_EQ(scene.console.out(), "") << words[1];
    scene.fake.Kill();
    EXPECT_EQ(scene.Run(words), ExitCode::kUnreachable) << words[1];
  }
}

TEST(TheChangeGroup, ExplainsItselfAndNeedsACommand) {
  Scene scene;
  EXPECT_EQ(scene.Run({"change", "--help"}), ExitCode::kOk);
  EXPECT_THAT(scene.console.out(), HasSubstr("change drop-for-good"));
  EXPECT_EQ(scene.Run({"change"}), ExitCode::kUsage);
  EXPECT_EQ(scene.Run({"change", "eat"}), ExitCode::kUsage);
}

}  // namespace
}  // namespace jit::testing

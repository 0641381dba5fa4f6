// A stage with a small shop on it, and the way of a change as one line a step.
#pragma once

#include <string>
#include <utility>

#include "broker/core/change/lifecycle.h"
#include "broker/core/refusal.h"
#include "broker/use_cases/apply.h"
#include "broker/use_cases/look_up_changes.h"
#include "broker/use_cases/plan_change.h"
#include "broker/use_cases/rehearse.h"
#include "broker/use_cases/review_change.h"
#include "broker/use_cases/submit.h"
#include "broker/use_cases/tend_changes.h"
#include "tests/use_cases/stage.h"

namespace jit::use_cases {

// Somebody who watches, and may stop a run at a statement.
class Watcher : public RunView {
 public:
  void Progress(const ports::RunProgress& progress) override { statement = progress.statement; }
  bool Cancelled() override { return statement == cancel_at; }
  int statement = 0;
  int cancel_at = -1;
};

// Three orders, and the statements `fix one`, `fix all`, `add`, `clear` and `define`.
struct ChangeStage : Stage {
  ChangeStage() {
    for (const char* key : {"1", "2", "3"}) bench.Put("shop.orders", key, "new");
    bench.Say("fix one", {.edits = {{"shop.orders", "1", "paid"}}});
    bench.Say("fix all", {.edits = {{"shop.orders", "1", "void"},
                                    {"shop.orders", "2", "void"},
                                    {"shop.orders", "3", "void"}}});
    bench.Say("add", {.edits = {{"shop.orders", "4", "new"}}});
    bench.Say("clear", {.edits = {{"shop.orders", "3", std::nullopt}}});
    bench.Say("define", {.alters = "column", .keeps = "the column note, renamed"});
  }

  PlanOrder Script(const char* person, const std::string& script) {
    return PlanOrder{NewKey(),
                     {.requester = Person(person),
                      .target = Prod(),
                      .role = Role("writer"),
                      .purpose = policy::Purpose::kScript,
                      .reason = "ticket 7",
                      .script = script,
                      .script_digest = "",
                      .subject = {},
                      .written = {}}};
  }
  PlanOrder About(const char* person, policy::Purpose purpose, const change::Subject& subject) {
    PlanOrder order = Script(person, "");
    order.plan.purpose = purpose;
    order.plan.subject = subject;
    return order;
  }
  PlanOrder Undo(const char* person, const core::ChangeId& subject) {
    return About(person, policy::Purpose::kUndo, {.change = subject});
  }
  absl::StatusOr<SeenChange> Rehearsed(const PlanOrder& order) {
    absl::StatusOr<SeenChange> planned = PlanChange(ports, order);
    if (!planned.ok()) return planned;
    return RunRehearsal(ports, *planned->change.id, watcher);
  }
  absl::StatusOr<SeenChange> Review(const char* by, const core::ChangeId& id,
                                    lease::Verdict verdict = lease::Verdict::kYes) {
    const testing::Signer& signer = testing::Cast::Get().signers.at(Person(by));
    absl::StatusOr<ChangeStatementView> view =
        ChangeStatementToSign(ports, Person(by), id, verdict);
    if (!view.ok()) return view.status();
    return ReviewChange(ports, {NewKey(), Person(by), id, verdict, view->digest,
                                *credential::Sign(signer.key_pem, credential::kReviewContext,
                                                  credential::ReviewText(view->statement, "seen")),
                                signer.certificate_pem, "seen"});
  }
  // Planned by alice, rehearsed, submitted and approved by rita.
  core::ChangeId Approved(const PlanOrder& order) {
    const absl::StatusOr<SeenChange> rehearsed = Rehearsed(order);
    EXPECT_TRUE(rehearsed.ok()) << rehearsed.status();
    EXPECT_EQ(rehearsed->change.state, change::State::kRehearsed) << rehearsed->change.why;
    const core::ChangeId id = *rehearsed->change.id;
    const absl::StatusOr<SeenChange> submitted = SubmitChange(ports, order.plan.requester, id);
    EXPECT_TRUE(submitted.ok()) << submitted.status();
    for (const char* reviewer : {"rita", "manu"}) {
      if (ChangeOf(id).state != change::State::kSubmitted) break;
      const absl::StatusOr<SeenChange> reviewed = Review(reviewer, id);
      EXPECT_TRUE(reviewed.ok()) << reviewed.status();
    }
    EXPECT_EQ(ChangeOf(id).state, change::State::kApproved);
    return id;
  }
  absl::StatusOr<SeenChange> ApplyAndRun(const core::ChangeId& id) {
    absl::StatusOr<SeenChange> started = ApplyChange(ports, ChangeOf(id).plan->requester, id);
    if (!started.ok()) return started;
    return RunExecution(ports, id, watcher);
  }
  core::ChangeId Applied(const PlanOrder& order) {
    const core::ChangeId id = Approved(order);
    const absl::StatusOr<SeenChange> applied = ApplyAndRun(id);
    EXPECT_TRUE(applied.ok()) << applied.status();
    EXPECT_EQ(applied->change.state, change::State::kApplied) << applied->change.why;
    return id;
  }
  // A while later: what is ended is swept away, and changes are tended.
  TendReport Tend(const std::set<core::ChangeId>& running = {}) {
    clock.Advance(absl::Seconds(15));
    Sweep();
    Sweep();
    return TendChanges(ports, running, tend_memory);
  }
  change::Change ChangeOf(const core::ChangeId& id) { return LoadChange(ports, id)->change; }
  lease::State RunOf(const core::ChangeId& id) { return StateOf(ChangeOf(id).execution->lease); }
  std::map<std::string, std::string> Orders() { return bench.tables()["shop.orders"]; }

  using Stage::Review;
  Watcher watcher;
  TendMemory tend_memory;
};

inline std::optional<core::Reason> Refused(const absl::Status& status) {
  return core::ReasonOf(status);
}

}  // namespace jit::use_cases

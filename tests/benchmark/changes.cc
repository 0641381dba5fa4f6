#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/benchmark/measures.h"
#include "tests/benchmark/rounds.h"

namespace jit::benchmark {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr int kScriptRows = 1'000;
constexpr int kUndoRows = 20'000;
constexpr int kTurns = 5;

// Waits while the change is in this state; another one than `next` is an error.
absl::StatusOr<v1::Change> WaitWhile(channel::Broker& broker, v1::Change change,
                                     v1::Change::State state, v1::Change::State next) {
  const absl::Time give_up = absl::Now() + absl::Minutes(2);
  while (change.state() == state && absl::Now() < give_up) {
    v1::WaitChangeRequest wait;
    wait.set_change_id(change.id());
    wait.set_known_version(change.version());
    wait.mutable_wait()->set_seconds(20);
    auto seen = broker.Wait(wait, [] { return channel::Broker::Tick::kGoOn; });
    if (!seen.ok()) return seen.status();
    change = seen->change();
  }
  if (change.state() == next) return change;
  return absl::InternalError(
      absl::StrCat("the change is ", v1::Change::State_Name(change.state()), ": ", change.why()));
}

// From rehearsed to approved; the policy of the stand asks nobody.
absl::StatusOr<v1::Change> Submit(channel::Broker& broker, const v1::Change& change) {
  v1::SubmitChangeRequest submit;
  submit.set_idempotency_id(broker.NewIdempotencyId());
  submit.set_change_id(change.id());
  auto submitted = broker.Call(submit);
  if (!submitted.ok()) return submitted.status();
  return WaitWhile(broker, submitted->change(), v1::Change::STATE_SUBMITTED,
                   v1::Change::STATE_APPROVED);
}

absl::StatusOr<v1::Change> Apply(channel::Broker& broker, const v1::Change& change) {
  v1::ApplyChangeRequest apply;
  apply.set_idempotency_id(broker.NewIdempotencyId());
  apply.set_change_id(change.id());
  auto applied = broker.Call(apply);
  if (!applied.ok()) return applied.status();
  return WaitWhile(broker, applied->change(), v1::Change::STATE_APPLYING,
                   v1::Change::STATE_APPLIED);
}

// Plans a script and waits for its rehearsal.
absl::StatusOr<v1::Change> Rehearse(channel::Broker& broker, const std::string& script) {
  v1::PlanChangeRequest plan;
  plan.set_idempotency_id(broker.NewIdempotencyId());
  plan.set_target("dev");
  plan.set_role("writer");
  plan.set_reason("benchmark");
  plan.set_script(script);
  auto planned = broker.Call(plan);
  if (!planned.ok()) return planned.status();
  return WaitWhile(broker, planned->change(), v1::Change::STATE_PLANNED,
                   v1::Change::STATE_REHEARSED);
}

absl::StatusOr<v1::Change> RehearseAndApply(channel::Broker& broker, const std::string& script) {
  auto rehearsed = Rehearse(broker, script);
  if (!rehearsed.ok()) return rehearsed;
  auto approved = Submit(broker, *rehearsed);
  if (!approved.ok()) return approved;
  return Apply(broker, *approved);
}

std::vector<std::string> Statements() {
  std::vector<std::string> statements;
  for (int id = 1; id <= kScriptRows; ++id) {
    statements.push_back(
        absl::StrCat("update public.orders set amount = amount + 1 where id = ", id));
  }
  return statements;
}

absl::StatusOr<double> Bare(pq::Connection& connection,
                            const std::vector<std::string>& statements) {
  const absl::Time before = absl::Now();
  if (auto begun = connection.Run("begin", kPatience); !begun.ok()) return begun.status();
  for (const std::string& sql : statements) {
    if (auto done = connection.Run(sql, kPatience); !done.ok()) return done.status();
  }
  if (auto committed = connection.Run("commit", kPatience); !committed.ok()) {
    return committed.status();
  }
  return absl::ToDoubleSeconds(absl::Now() - before);
}

absl::StatusOr<Figure> ScriptFigure(channel::Broker& broker, pq::Connection& direct,
                                    absl::string_view what,
                                    const std::vector<std::string>& statements) {
  std::string script;
  for (const std::string& sql : statements) absl::StrAppend(&script, sql, ";\n");
  std::vector<double> bare;
  std::vector<double> guarded;
  for (int turn = 0; turn < kTurns; ++turn) {
    auto once = Bare(direct, statements);
    if (!once.ok()) return once.status();
    bare.push_back(*once);
    const absl::Time before = absl::Now();
    if (auto applied = RehearseAndApply(broker, script); !applied.ok()) return applied.status();
    guarded.push_back(absl::ToDoubleSeconds(absl::Now() - before));
  }
  const double floor = Quantile(bare, 0.5) * 1e3;
  const double took = Quantile(guarded, 0.5) * 1e3;
  const double ratio = took / floor;
  return Figure{absl::StrCat("rehearse and apply a script ", what, ", against running it bare"),
                absl::StrFormat("%.1f (%.0f ms of %.0f ms)", ratio, took, floor), "≤ 3",
                ratio <= 3 ? Figure::Verdict::kMet : Figure::Verdict::kMissed};
}

absl::StatusOr<Figure> UndoFigure(channel::Broker& broker) {
  auto applied = RehearseAndApply(
      broker,
      absl::StrCat("update public.orders set amount = amount + 1 where id <= ", kUndoRows, ";"));
  if (!applied.ok()) return applied.status();
  v1::PlanUndoRequest plan;
  plan.set_idempotency_id(broker.NewIdempotencyId());
  plan.set_change_id(applied->id());
  plan.set_reason("benchmark");
  auto planned = broker.Call(plan);
  if (!planned.ok()) return planned.status();
  auto rehearsed =
      WaitWhile(broker, planned->change(), v1::Change::STATE_PLANNED, v1::Change::STATE_REHEARSED);
  if (!rehearsed.ok()) return rehearsed.status();
  auto approved = Submit(broker, *rehearsed);
  if (!approved.ok()) return approved.status();
  const absl::Time before = absl::Now();
  if (auto undone = Apply(broker, *approved); !undone.ok()) return undone.status();
  const double seconds = absl::ToDoubleSeconds(absl::Now() - before);
  return Figure{
      "rows put back by an undo, per second",
      absl::StrFormat("%.0f/s (%d rows in %.2f s)", kUndoRows / seconds, kUndoRows, seconds), "",
      Figure::Verdict::kNoAim};
}

}  // namespace

Figures MeasureChanges(Stand& stand) {
  auto client = stand.Client("engineer");
  if (!client.ok()) return client.status();
  auto direct = stand.Direct();
  if (!direct.ok()) return direct.status();
  auto many = ScriptFigure(**client, **direct, "of 1,000 statements, a row each", Statements());
  if (!many.ok()) return many.status();
  auto one = ScriptFigure(
      **client, **direct, "of one statement over 1,000 rows",
      {absl::StrCat("update public.orders set amount = amount + 1 where id <= ", kScriptRows)});
  if (!one.ok()) return one.status();
  auto undo = UndoFigure(**client);
  if (!undo.ok()) return undo.status();
  return std::vector<Figure>{*many, *one, *undo};
}

}  // namespace jit::benchmark

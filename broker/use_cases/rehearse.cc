#include "broker/use_cases/rehearse.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/core/change/lifecycle.h"
#include "broker/use_cases/read_script.h"
#include "broker/use_cases/run.h"
#include "broker/use_cases/shell.h"

namespace jit::use_cases {
namespace {

// Passes on what the run tells and asks; a rehearsal never commits.
class RehearsalWatcher : public ports::RunWatcher {
 public:
  explicit RehearsalWatcher(RunView& view) : view_(view) {}
  void Progress(const ports::RunProgress& progress) override { view_.Progress(progress); }
  bool Cancelled() override { return view_.Cancelled(); }
  absl::Status MayCommit(const change::Report& /*report*/,
                         const std::string& /*schema_fingerprint*/) override {
    return absl::FailedPreconditionError("a rehearsal is never committed");
  }

 private:
  RunView& view_;
};

// What is to be recorded of a rehearsal in the login of `run`.
change::Command Rehearse(Ports& ports, const change::Change& change, const core::LeaseId& run,
                         RunView& view) {
  absl::StatusOr<ReadyRun> ready = MakeReady(ports, change, run, ports::RunEnd::kRollBack);
  if (!ready.ok()) return change::RecordNotRehearsed{std::string(ready.status().message()), {}};
  RehearsalWatcher watcher(view);
  absl::StatusOr<ports::RunOutcome> outcome = ready->bench->Run(ready->order, watcher);
  if (!outcome.ok()) {
    return change::RecordNotRehearsed{std::string(outcome.status().message()), {}};
  }
  if (!outcome->why.ok()) {
    return change::RecordNotRehearsed{std::string(outcome->why.message()),
                                      FindingsOf(ready->order.statements)};
  }
  AddFindings(ready->order.statements, outcome->report);
  return change::RecordRehearsed{.lease = run,
                                 .report = std::move(outcome->report),
                                 .schema_fingerprint = outcome->schema_fingerprint,
                                 .system_identifier = outcome->system_identifier};
}

}  // namespace

absl::StatusOr<SeenChange> RunRehearsal(Ports& ports, const core::ChangeId& id, RunView& view) {
  absl::StatusOr<SeenChange> seen = LoadChange(ports, id);
  if (!seen.ok() || seen->change.state != change::State::kPlanned) return seen;
  absl::StatusOr<core::LeaseId> run = FileRun(ports, seen->change, ports::RunEnd::kRollBack);
  if (!run.ok()) return run.status();
  const change::Command outcome = Rehearse(ports, seen->change, *run, view);
  const absl::StatusOr<RunLogin> ended = EndRun(ports, *run);
  absl::StatusOr<SeenChange> after = Execute(
      ports, id, [&](const SeenChange&) -> absl::StatusOr<change::Command> { return outcome; });
  if (!after.ok()) return after.status();
  if (!ended.ok()) return ended.status();
  return after;
}

}  // namespace jit::use_cases

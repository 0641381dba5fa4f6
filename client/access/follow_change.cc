#include "client/access/follow_change.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/access/waiting_line.h"
#include "client/channel/change_json.h"
#include "client/channel/proto_time.h"
#include "client/channel/refusal_text.h"
#include "client/channel/show_change.h"
#include "client/channel/show_report.h"
#include "client/console/printer.h"
#include "client/console/visible.h"

namespace jit::access {
namespace {

using channel::Broker;
using console::ExitCode;
using console::Visible;

constexpr absl::Duration kAwayLongest = absl::Minutes(5);
constexpr absl::Duration kAwayPause = absl::Seconds(2);
// How long a cancelled run may take to say how it ended before the person gets the prompt back.
constexpr absl::Duration kCancelLongest = absl::Minutes(1);

bool Runs(const v1::Change& change) {
  return change.state() == v1::Change::STATE_PLANNED ||
         change.state() == v1::Change::STATE_APPLYING;
}

const char* HintFor(const v1::Change& change) {
  return change.state() == v1::Change::STATE_APPLYING
             ? "Ctrl-C asks the broker to cancel it; what happened is said then."
             : "Ctrl-C stops the waiting and leaves the change as it is.";
}

// A person's second Ctrl-C cannot be told from the first, so a cancelled run is left after a while.
class Interrupts {
 public:
  explicit Interrupts(console::Console& console) : console_(console) {}

  Broker::Tick On(const v1::Change& change) {
    if (!console_.interrupted()) return Broker::Tick::kGoOn;
    if (change.state() != v1::Change::STATE_APPLYING || !cancelled_.has_value()) {
      return Broker::Tick::kStop;
    }
    return console_.now() - *cancelled_ > kCancelLongest ? Broker::Tick::kStop
                                                         : Broker::Tick::kGoOn;
  }
  // Whether to go on waiting after the waiting was stopped.
  bool GoOnAfterAskingToCancel(const v1::Change& change, WaitingLine& line, Broker& broker) {
    if (change.state() != v1::Change::STATE_APPLYING || cancelled_.has_value()) return false;
    cancelled_ = console_.now();
    line.Clear();
    v1::CancelChangeRequest request;
    request.set_idempotency_id(broker.NewIdempotencyId());
    request.set_change_id(change.id());
    const auto answer = broker.Call(request);
    if (answer.ok()) {
      *console_.err.stream << "Asked the broker to cancel; waiting for what happened.\n";
    } else {
      channel::Explain(answer.status(), console_);
    }
    return true;
  }

 private:
  console::Console& console_;
  std::optional<absl::Time> cancelled_;
};

// An answer whose version is not above the known one comes without script and reports.
void Take(const v1::Change& answer, v1::Change& change) {
  if (answer.version() > change.version()) {
    change = answer;
    return;
  }
  change.clear_progress();
  if (answer.has_progress()) *change.mutable_progress() = answer.progress();
}

v1::WaitChangeRequest WaitFor(const v1::Change& change) {
  v1::WaitChangeRequest request;
  request.set_change_id(change.id());
  request.set_known_version(change.version());
  request.set_known_tick(change.progress().tick());
  *request.mutable_wait() = channel::ToProto(absl::Seconds(25));
  return request;
}

void TellNothingTakenBack(const v1::Change& change, std::ostream& err) {
  if (change.rehearsal().report().conflicts().empty()) {
    err << "There is nothing to take back.\n";
    return;
  }
  err << "Nothing would be taken back: the rows above stand in the way.\nNext: where they were "
         "changed since, the same with --on-conflict skip leaves these rows as they are, with "
         "--on-conflict overwrite it loses what changed them.\n";
}

}  // namespace

absl::StatusOr<v1::Change> FollowChange(v1::Change change, console::Console& console,
                                        Broker& broker) {
  WaitingLine line(console, HintFor(change));
  Interrupts interrupts(console);
  absl::Time heard = console.now();
  while (Runs(change)) {
    const auto answer = broker.Wait(WaitFor(change), [&] {
      line.ShowText(channel::ProgressText(change));
      return interrupts.On(change);
    });
    if (answer.ok()) {
      heard = console.now();
      Take(answer->change(), change);
    } else if (absl::IsCancelled(answer.status())) {
      if (!interrupts.GoOnAfterAskingToCancel(change, line, broker)) return change;
    } else if (!channel::IsUnreachable(answer.status()) || console.now() - heard > kAwayLongest) {
      return answer.status();
    } else {
      line.ShowText("The broker does not answer; trying again");
      console.wait_readable(-1, kAwayPause);
    }
  }
  return change;
}

void ShowPlanned(const v1::Change& change, console::Output output, console::Console& console) {
  if (output == console::Output::kJson) return;
  *console.out.stream << "change " << Visible(change.id()) << '\n' << std::flush;
}

ExitCode ShowRehearsed(v1::Change change, console::Output output, console::Console& console,
                       Broker& broker) {
  const std::string id = change.id();
  const auto followed = FollowChange(std::move(change), console, broker);
  if (!followed.ok()) {
    const ExitCode code = channel::Explain(followed.status(), console);
    *console.err.stream << "The rehearsal goes on: `jit-access change show " << Visible(id)
                        << "` shows it.\n";
    return code;
  }
  return ShowOutcome(*followed, output, console);
}

absl::StatusOr<v1::Change> Submit(const std::string& change_id, Broker& broker) {
  v1::SubmitChangeRequest request;
  request.set_idempotency_id(broker.NewIdempotencyId());
  request.set_change_id(change_id);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return answer.status();
  return answer->change();
}

absl::StatusOr<v1::Change> ApplyAndFollow(const std::string& change_id, console::Console& console,
                                          Broker& broker) {
  v1::ApplyChangeRequest request;
  request.set_idempotency_id(broker.NewIdempotencyId());
  request.set_change_id(change_id);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return answer.status();
  auto followed = FollowChange(answer->change(), console, broker);
  if (!followed.ok()) {
    *console.err.stream << "It may be running: nothing here stops it. `jit-access change show "
                        << Visible(change_id) << "` says how it ended.\n";
  }
  return followed;
}

ExitCode GoThroughWithUndo(v1::Change change, UndoStop stop, console::Output output,
                           console::Console& console, Broker& broker) {
  const std::string id = change.id();
  auto step = FollowChange(std::move(change), console, broker);
  if (!step.ok()) return channel::Explain(step.status(), console);
  const bool ready = step->state() == v1::Change::STATE_REHEARSED &&
                     step->rehearsal().misses().empty() && !channel::TakesNothingBack(*step);
  if (!ready || stop == UndoStop::kAfterPlan) return ShowOutcome(*step, output, console);
  if (output == console::Output::kText) channel::PrintRehearsal(console.out, *step);
  step = Submit(id, broker);
  if (!step.ok()) return channel::Explain(step.status(), console);
  if (step->state() == v1::Change::STATE_APPROVED && step->reviews().empty()) {
    step = ApplyAndFollow(id, console, broker);
    if (!step.ok()) return channel::Explain(step.status(), console);
  }
  return ShowOutcome(*step, output, console);
}

ExitCode ShowOutcome(const v1::Change& change, console::Output output, console::Console& console) {
  if (output == console::Output::kJson) {
    console::PrintJson(console.out, channel::ChangeJson(change));
  } else {
    std::ostream& out = *console.out.stream;
    const bool planned =
        change.state() == v1::Change::STATE_REHEARSED || change.state() == v1::Change::STATE_FAILED;
    out << Visible(change.id()) << " is " << channel::StateWord(change.state()) << '\n';
    if (planned) channel::PrintRehearsal(console.out, change);
    if (change.execution().has_report()) {
      channel::PrintReport(console.out, change.execution().report());
    }
    if (!planned && !change.why().empty()) console::PrintQuoted(console.out, change.why());
  }
  TellNext(change, console);
  return channel::ExitCodeFor(change);
}

void TellNext(const v1::Change& change, console::Console& console) {
  std::ostream& err = *console.err.stream;
  const std::string id = Visible(change.id());
  const std::string seats = channel::OpenSeatsText(change);
  switch (static_cast<int>(change.state())) {
    case v1::Change::STATE_PLANNED:
      err << "Next: `jit-access change show " << id << "` shows the rehearsal when it is done.\n";
      return;
    case v1::Change::STATE_REHEARSED:
      if (channel::TakesNothingBack(change)) {
        TellNothingTakenBack(change, err);
      } else if (change.rehearsal().misses().empty()) {
        err << "Nothing was changed: it was rolled back.\nNext: `jit-access change submit " << id
            << "` hands it to its reviewers; `jit-access change withdraw " << id
            << "` takes it back.\n";
      } else {
        err << "Nothing was changed. The counts are not the expected ones.\nNext: correct the "
               "script or what you expect of it, then plan it again.\n";
      }
      return;
    case v1::Change::STATE_FAILED:
      err << "Nothing was changed.\nNext: correct what is named above, then plan it again.\n";
      return;
    case v1::Change::STATE_SUBMITTED:
      err << "Waits for " << (seats.empty() ? std::string("its reviewers") : seats)
          << ".\nNext: `jit-access change apply " << id << "` once it is approved.\n";
      return;
    case v1::Change::STATE_APPROVED:
      err << "Next: `jit-access change apply " << id << "` runs it, once.\n";
      return;
    case v1::Change::STATE_APPLYING:
      err << "Nobody knows yet how it ended; it never runs twice.\nNext: `jit-access change show "
          << id << "` says what came of it.\n";
      return;
    case v1::Change::STATE_APPLIED:
      err << "Next: `jit-access change undo " << id
          << " --plan --reason TEXT` shows what taking it back would do.\n";
      return;
    case v1::Change::STATE_ROLLED_BACK:
      err << "Nothing was changed: it was rolled back.\nNext: `jit-access change show " << id
          << "` shows why; plan it again to try again.\n";
      return;
    default:
      err << "Next: `jit-access change history " << id << "` shows what happened.\n";
  }
}

v1::ChangeSubject::OnConflict OnConflictOf(const std::string& word) {
  if (word == "skip") return v1::ChangeSubject::ON_CONFLICT_SKIP;
  if (word == "overwrite") return v1::ChangeSubject::ON_CONFLICT_OVERWRITE;
  return v1::ChangeSubject::ON_CONFLICT_REFUSE;
}

ExitCode ExplainPlanning(const absl::Status& status, console::Console& console) {
  const ExitCode code = channel::Explain(status, console);
  if (!channel::RefusalOf(status).has_value()) {
    *console.err.stream << "Whether a change was planned is not known: `jit-access change list "
                           "--mine` shows it.\n";
  }
  return code;
}

}  // namespace jit::access

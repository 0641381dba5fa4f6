#include "broker/use_cases/run.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/core/lease/lifecycle.h"
#include "broker/core/policy/change_rule.h"
#include "broker/core/refusal.h"
#include "broker/use_cases/open.h"
#include "broker/use_cases/read_script.h"
#include "broker/use_cases/shell.h"

namespace jit::use_cases {
namespace {

// The permits in the target outlast the login by this much, since they are left before it is made.
constexpr absl::Duration kPermitMargin = absl::Minutes(1);

bool HasScript(policy::Purpose purpose) {
  return purpose == policy::Purpose::kScript || purpose == policy::Purpose::kUnrehearsed;
}

bool HasLogin(lease::State state) {
  return state == lease::State::kOpening || state == lease::State::kOpen;
}

// The reason of the lease says what it is for, and is how the runs of a change are found again.
std::string ReasonOfRun(const change::Change& change, ports::RunEnd end) {
  const absl::string_view what = end == ports::RunEnd::kCommit ? "execution" : "rehearsal";
  return absl::StrCat(what, " of change ", change.id->text());
}

absl::StatusOr<core::LoginName> LoginToUndo(Ports& ports, const change::Subject& subject) {
  if (subject.lease.has_value()) return core::LoginName::Of(*subject.lease);
  absl::StatusOr<SeenChange> undone = LoadChange(ports, *subject.change);
  if (!undone.ok()) return undone.status();
  if (!undone->change.execution.has_value()) {
    return core::Refuse(core::Reason::kNothingToUndo, "the change to be undone was never applied");
  }
  return core::LoginName::Of(undone->change.execution->lease);
}

absl::StatusOr<ports::Preparation> PreparationFor(Ports& ports, const change::Change& change,
                                                  const core::LeaseId& run, ports::RunEnd end) {
  const policy::ChangeTerms& terms = *change.terms;
  const change::Subject& subject = change.plan->subject;
  ports::Preparation preparation{
      .login = core::LoginName::Of(run),
      .change = *change.id,
      .end = end,
      .member_of = terms.member_of,
      .owner = terms.owner,
      .rows_max = terms.rows_max,
      .valid_until = ports.time.Now() + policy::TermsOfRun(terms).ttl + kPermitMargin,
      .undo_of = std::nullopt,
      .drop_of = std::nullopt,
      .since = subject.since,
      .tables = subject.tables,
      .on_conflict = subject.on_conflict,
  };
  if (change.plan->purpose == policy::Purpose::kUndo) {
    absl::StatusOr<core::LoginName> login = LoginToUndo(ports, subject);
    if (!login.ok()) return login.status();
    preparation.undo_of = *login;
  }
  if (change.plan->purpose == policy::Purpose::kDropForGood) preparation.drop_of = subject.change;
  return preparation;
}

// A password that leaves this process only in the log-in of the run, and what the target keeps.
struct Key {
  credential::Secret password;
  credential::ScramVerifier verifier;
};
absl::StatusOr<Key> MakeKey(Ports& ports) {
  std::array<std::uint8_t, 32> secret;
  std::array<std::uint8_t, 16> salt;
  ports.entropy.Fill(secret);
  ports.entropy.Fill(salt);
  credential::Secret password = credential::PasswordFrom(secret);
  secret.fill(0);
  absl::StatusOr<credential::ScramVerifier> verifier =
      credential::ScramVerifier::Make(password, salt);
  if (!verifier.ok()) return verifier.status();
  return Key{std::move(password), *std::move(verifier)};
}

ports::RunOrder OrderFor(const change::Change& change, const core::LeaseId& run, ports::RunEnd end,
                         credential::Secret password) {
  const policy::ChangeTerms& terms = *change.terms;
  return ports::RunOrder{
      .login = core::LoginName::Of(run),
      .password = std::move(password),
      .change = *change.id,
      .end = end,
      .purpose = change.plan->purpose,
      .owner = terms.owner,
      .statements = {},
      .statement_timeout = terms.statement_timeout,
      .lock_timeout = terms.lock_timeout,
      .run_max = terms.run_max,
      .samples = terms.samples,
      .masked = terms.masked,
  };
}

}  // namespace

absl::StatusOr<ports::Bench*> BenchOf(Ports& ports, const core::TargetName& name) {
  const auto found = ports.benches.find(name);
  if (found == ports.benches.end()) {
    return core::Refuse(core::Reason::kTargetNotReady,
                        "this broker runs no changes on this target; an operator has to add it to "
                        "the broker's configuration");
  }
  return found->second;
}

absl::StatusOr<core::LeaseId> FileRun(Ports& ports, const change::Change& change,
                                      ports::RunEnd end) {
  const auto id = NewId<core::LeaseId>(ports);
  absl::StatusOr<std::vector<lease::Event>> events =
      lease::Decide(lease::Lease{},
                    lease::Ask{.id = id,
                               .bid = {.requester = change.plan->requester,
                                       .target = change.plan->target,
                                       .role = change.plan->role,
                                       .ttl = std::nullopt,
                                       .path = policy::Path::kChange},
                               .reason = ReasonOfRun(change, end),
                               .incident = "",
                               .waiting_now = 0,
                               .debt = std::nullopt,
                               .run_terms = policy::TermsOfRun(*change.terms)},
                    *ports.policy.Current(), ports.time.Now());
  if (!events.ok()) return events.status();
  absl::StatusOr<SeenLease> filed = AppendEvents(ports, SeenLease{}, *events, {});
  if (!filed.ok()) return filed.status();
  return id;
}

absl::StatusOr<ReadyRun> MakeReady(Ports& ports, const change::Change& change,
                                   const core::LeaseId& run, ports::RunEnd end) {
  absl::StatusOr<ports::Bench*> bench = BenchOf(ports, change.plan->target);
  if (!bench.ok()) return bench.status();
  std::vector<sql::Statement> statements;
  if (HasScript(change.plan->purpose)) {
    absl::StatusOr<sql::Script> script = ReadScript(ports, change.plan->script);
    if (!script.ok()) return script.status();
    const absl::Status fit = CheckScript(*script, change.plan->purpose);
    if (!fit.ok()) return fit;
    statements = std::move(script->statements);
  }
  absl::StatusOr<ports::Preparation> preparation = PreparationFor(ports, change, run, end);
  if (!preparation.ok()) return preparation.status();
  const absl::Status prepared = (*bench)->Prepare(*preparation);
  if (!prepared.ok()) return prepared;

  absl::StatusOr<Key> key = MakeKey(ports);
  if (!key.ok()) return key.status();
  absl::StatusOr<SeenLease> opened = OpenRun(ports, run, key->verifier);
  if (!opened.ok()) return opened.status();
  if (opened->lease.state != lease::State::kOpen) {
    return absl::UnavailableError(
        opened->lease.close_note.empty()
            ? "the target did not say whether it made the login of the run"
            : absl::StrCat("the login of the run was not made: ", opened->lease.close_note));
  }
  ReadyRun ready{*bench, OrderFor(change, run, end, std::move(key->password))};
  ready.order.statements = std::move(statements);
  return ready;
}

absl::StatusOr<RunLogin> EndRun(Ports& ports, const core::LeaseId& run) {
  absl::StatusOr<SeenLease> after =
      Execute(ports, run, [](const SeenLease& seen) -> absl::StatusOr<lease::Command> {
        const core::PersonId& by = *seen.lease.requester;
        if (seen.lease.state == lease::State::kApproved) return lease::Withdraw{by};
        if (HasLogin(seen.lease.state)) return lease::End{by};
        return lease::Tick{};
      });
  if (!after.ok()) return after.status();
  const lease::State state = after->lease.state;
  if (state == lease::State::kOff || state == lease::State::kClosed) return RunLogin::kGone;
  return lease::IsFinal(state) ? RunLogin::kNeverOpened : RunLogin::kGoing;
}

absl::Status EndRunsOf(Ports& ports, const change::Change& change) {
  ports::SummaryFilter filter;
  filter.requester = change.plan->requester;
  filter.target = change.plan->target;
  filter.states = {lease::State::kApproved, lease::State::kOpening, lease::State::kOpen};
  filter.limit = 10'000;
  absl::StatusOr<std::vector<ports::LeaseSummary>> rows = ports.journal.Summaries(filter);
  if (!rows.ok()) return rows.status();
  for (const ports::LeaseSummary& row : *rows) {
    if (row.path != policy::Path::kChange) continue;
    absl::StatusOr<SeenLease> seen = LoadLease(ports, row.id);
    if (!seen.ok()) return seen.status();
    if (seen->lease.reason != ReasonOfRun(change, ports::RunEnd::kRollBack) &&
        seen->lease.reason != ReasonOfRun(change, ports::RunEnd::kCommit)) {
      continue;
    }
    const absl::StatusOr<RunLogin> ended = EndRun(ports, row.id);
    if (!ended.ok()) return ended.status();
  }
  return absl::OkStatus();
}

}  // namespace jit::use_cases

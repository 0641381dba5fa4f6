#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/core/change/decide.h"
#include "broker/core/change/lifecycle.h"
#include "broker/core/free_text.h"
#include "broker/core/refusal.h"

namespace jit::change {
namespace {

using core::Reason;
using core::Refuse;
using policy::Purpose;

constexpr std::size_t kTableTextMax = 255;  // schema, dot and table, quoted

bool IsScript(const Plan& plan) {
  return plan.purpose == Purpose::kScript || plan.purpose == Purpose::kUnrehearsed;
}

bool IsKeepable(absl::string_view text) {
  return core::IsUtf8(text) && text.find('\0') == absl::string_view::npos;
}

absl::Status CheckScript(const Plan& plan) {
  if (!IsScript(plan)) {
    return plan.script.empty() ? absl::OkStatus()
                               : Refuse(Reason::kMalformedScript,
                                        "an undo or a drop for good comes without a script");
  }
  if (plan.script.empty()) {
    return Refuse(Reason::kMalformedScript, "the script is empty");
  }
  if (!IsKeepable(plan.script)) {
    return Refuse(Reason::kMalformedScript, "the script is not UTF-8, or holds a NUL byte");
  }
  if (plan.script.size() > kScriptBytesMax) {
    return Refuse(Reason::kScriptTooLarge,
                  absl::StrCat("the script has ", plan.script.size(), " bytes, and ",
                               kScriptBytesMax, " are allowed; split it into several changes"));
  }
  return absl::OkStatus();
}

absl::Status CheckExpectations(const Plan& plan) {
  if (plan.written.size() > kExpectationsMax) {
    return Refuse(Reason::kMalformedExpectation,
                  absl::StrCat("more than ", kExpectationsMax, " expectations were written"));
  }
  const bool counted = plan.purpose == Purpose::kScript || plan.purpose == Purpose::kUndo;
  if (!plan.written.empty() && !counted) {
    return Refuse(Reason::kMalformedExpectation,
                  "nothing is counted in such a change, so nothing can be expected of it");
  }
  return absl::OkStatus();
}

// Whether the plan says what it works on, in the one way that its purpose has.
absl::Status CheckSaid(const Plan& plan) {
  const Subject& subject = plan.subject;
  const bool of_change = subject.change.has_value();
  const bool of_lease = subject.lease.has_value();
  const bool fits = IsScript(plan)                          ? !of_change && !of_lease
                    : plan.purpose == Purpose::kDropForGood ? of_change && !of_lease
                                                            : of_change != of_lease;
  if (!fits) {
    return Refuse(Reason::kUnknownChange,
                  "a script works on nothing else, an undo on one change or one lease, and a drop "
                  "for good on one change");
  }
  const bool tables_keepable =
      std::all_of(subject.tables.begin(), subject.tables.end(), [](const std::string& table) {
        return !table.empty() && table.size() <= kTableTextMax && IsKeepable(table);
      });
  if (!tables_keepable) {
    return Refuse(Reason::kMalformedName, "the name of a table is malformed");
  }
  return absl::OkStatus();
}

absl::Status CheckWaiting(const MakePlan& command, const policy::Policy& policy,
                          const absl::StatusOr<policy::ChangeTerms>& terms) {
  const bool would_wait = terms.ok() && !terms->seats.empty();
  if (!would_wait || command.waiting_now < policy.limits.waiting_leases_max) {
    return absl::OkStatus();
  }
  return Refuse(Reason::kTooManyWaiting,
                absl::StrCat("you have ", command.waiting_now, " changes waiting for reviews, and ",
                             policy.limits.waiting_leases_max,
                             " are allowed; withdraw one with `jit-access change withdraw ID`"));
}

// Of several refusals that apply, the one that comes first in the list of reasons; OK when none
// does.
absl::Status Foremost(const std::vector<absl::Status>& statuses) {
  absl::Status foremost;
  for (const absl::Status& status : statuses) {
    if (!status.ok() && (foremost.ok() || core::ReasonOf(status) < core::ReasonOf(foremost))) {
      foremost = status;
    }
  }
  return foremost;
}

std::vector<Finding> RefusedOf(const Report& report) {
  std::vector<Finding> refused;
  for (const StatementReport& statement : report.statements) {
    std::copy_if(statement.findings.begin(), statement.findings.end(), std::back_inserter(refused),
                 [](const Finding& finding) { return finding.severity == Severity::kRefused; });
  }
  return refused;
}

Plan RecordablePlan(Plan plan) {
  if (plan.subject.since.has_value()) {
    plan.subject.since = absl::FromUnixMicros(absl::ToUnixMicros(*plan.subject.since));
  }
  return plan;
}

}  // namespace

Decision Decider::operator()(const MakePlan& command) const {
  if (change.id.has_value()) {
    return Refuse(Reason::kWrongState, absl::StrCat("this change has been planned already; it is ",
                                                    StateWord(change.state)));
  }
  const Plan& plan = command.plan;
  absl::StatusOr<policy::ChangeTerms> terms = policy::JudgeChange(policy, BidOf(plan));
  const absl::Status of_terms =
      terms.ok() ? Foremost({CheckDebt(command.debt, terms->access),
                             CheckSubject(plan, command.subject, terms->waiting_period, now)})
                 : terms.status();
  const absl::Status status = Foremost({core::CheckFreeText(plan.reason, {"the reason"}),
                                        CheckScript(plan), CheckExpectations(plan), CheckSaid(plan),
                                        of_terms, CheckWaiting(command, policy, terms)});
  if (!status.ok()) {
    return status;
  }
  return std::vector<Event>{Planned{
      .id = command.id, .plan = RecordablePlan(plan), .terms = *std::move(terms), .time = now}};
}

Decision Decider::operator()(const RecordRehearsed& command) const {
  if (change.state != State::kPlanned) {
    return std::vector<Event>{};
  }
  Report report = Recordable(command.report);
  std::vector<Finding> refused = RefusedOf(report);
  if (!refused.empty()) {
    std::string why = absl::StrCat("line ", refused.front().line, ": ", refused.front().why);
    return std::vector<Event>{
        NotRehearsed{.why = std::move(why), .findings = std::move(refused), .time = now}};
  }
  std::vector<Expectation> expected;
  // What is never tried has no counts to expect.
  if (change.plan->purpose != Purpose::kUnrehearsed) {
    expected =
        Joined(change.plan->written, ExpectationsFrom(report, change.terms->tolerance_percent));
  }
  std::vector<Miss> misses = change.plan->purpose == Purpose::kUnrehearsed
                                 ? std::vector<Miss>{}
                                 : Misses(expected, report);
  return std::vector<Event>{
      Rehearsed{.rehearsal = Rehearsal{.lease = command.lease,
                                       .report = std::move(report),
                                       .schema_fingerprint = command.schema_fingerprint,
                                       .system_identifier = command.system_identifier,
                                       .expected = std::move(expected),
                                       .misses = std::move(misses)},
                .time = now}};
}

Decision Decider::operator()(const RecordNotRehearsed& command) const {
  if (change.state != State::kPlanned) {
    return std::vector<Event>{};
  }
  return std::vector<Event>{NotRehearsed{
      .why = core::AsFreeText(command.why), .findings = Recordable(command.findings), .time = now}};
}

}  // namespace jit::change

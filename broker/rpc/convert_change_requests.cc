#include "broker/rpc/convert_change_requests.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/core/change/expectation.h"
#include "broker/core/refusal.h"
#include "broker/rpc/convert_requests.h"
#include "broker/rpc/request_parts.h"

namespace jit::rpc {
namespace {

constexpr int kTablesMax = 256;
constexpr std::size_t kTableBytesMax = 256;

// google.protobuf.Timestamp: 0001-01-01 to 9999-12-31, nanos below a second.
constexpr std::int64_t kTimestampSecondsMin = -62'135'596'800;
constexpr std::int64_t kTimestampSecondsMax = 253'402'300'799;

absl::StatusOr<absl::Time> Time(const google::protobuf::Timestamp& time) {
  if (time.seconds() < kTimestampSecondsMin || time.seconds() > kTimestampSecondsMax ||
      time.nanos() < 0 || time.nanos() >= kNanosPerSecond) {
    return core::Refuse(core::Reason::kTtlMalformed, "the time is not one that a clock could show");
  }
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

absl::StatusOr<std::vector<change::Expectation>> Expectations(
    const v1::PlanChangeRequest& request) {
  std::vector<change::Expectation> expectations;
  for (const std::string& text : request.expectations()) {
    absl::StatusOr<std::vector<change::Expectation>> parsed = change::ParseExpectations(text);
    if (!parsed.ok()) {
      return parsed.status();
    }
    expectations.insert(expectations.end(), parsed->begin(), parsed->end());
    if (expectations.size() > change::kExpectationsMax) {
      return core::Refuse(
          core::Reason::kMalformedExpectation,
          absl::StrCat("a change takes at most ", change::kExpectationsMax, " expectations"));
    }
  }
  return expectations;
}

absl::StatusOr<change::OnConflict> OnConflict(v1::ChangeSubject::OnConflict on_conflict) {
  if (on_conflict == v1::ChangeSubject::ON_CONFLICT_UNSPECIFIED ||
      on_conflict == v1::ChangeSubject::ON_CONFLICT_REFUSE) {
    return change::OnConflict::kRefuse;
  }
  if (on_conflict == v1::ChangeSubject::ON_CONFLICT_SKIP) {
    return change::OnConflict::kSkip;
  }
  if (on_conflict == v1::ChangeSubject::ON_CONFLICT_OVERWRITE) {
    return change::OnConflict::kOverwrite;
  }
  return core::Refuse(core::Reason::kMalformedName,
                      "what to do on a conflict is one of refuse, skip, overwrite");
}

template <class Request>
absl::StatusOr<WorkOf> Work(const Request& request) {
  if (request.change_id().empty() == request.lease_id().empty()) {
    return core::Refuse(core::Reason::kMalformedName, "name either a change or a lease");
  }
  if (request.change_id().empty()) {
    absl::StatusOr<core::LeaseId> lease = core::LeaseId::Parse(request.lease_id());
    if (!lease.ok()) {
      return lease.status();
    }
    return WorkOf(*std::move(lease));
  }
  absl::StatusOr<core::ChangeId> change = core::ChangeId::Parse(request.change_id());
  if (!change.ok()) {
    return change.status();
  }
  return WorkOf(*std::move(change));
}

template <class Request>
absl::StatusOr<core::ChangeId> MutatedChange(const Request& request) {
  return Mutated<core::ChangeId>(request.change_id(), request);
}

absl::StatusOr<lease::Verdict> Verdict(v1::Decision decision) {
  if (decision == v1::DECISION_APPROVE) {
    return lease::Verdict::kYes;
  }
  if (decision == v1::DECISION_DENY) {
    return lease::Verdict::kNo;
  }
  return core::Refuse(core::Reason::kMalformedName, "the decision on a change is approve or deny");
}

std::optional<change::State> State(int state) {
  switch (state) {
    case v1::Change::STATE_PLANNED:
      return change::State::kPlanned;
    case v1::Change::STATE_REHEARSED:
      return change::State::kRehearsed;
    case v1::Change::STATE_FAILED:
      return change::State::kFailed;
    case v1::Change::STATE_SUBMITTED:
      return change::State::kSubmitted;
    case v1::Change::STATE_APPROVED:
      return change::State::kApproved;
    case v1::Change::STATE_DENIED:
      return change::State::kDenied;
    case v1::Change::STATE_WITHDRAWN:
      return change::State::kWithdrawn;
    case v1::Change::STATE_LAPSED:
      return change::State::kLapsed;
    case v1::Change::STATE_APPLYING:
      return change::State::kApplying;
    case v1::Change::STATE_APPLIED:
      return change::State::kApplied;
    case v1::Change::STATE_ROLLED_BACK:
      return change::State::kRolledBack;
    case v1::Change::STATE_UNDONE:
      return change::State::kUndone;
    case v1::Change::STATE_DROPPED:
      return change::State::kDropped;
    default:
      return std::nullopt;  // unspecified, or of a newer client
  }
}

}  // namespace

absl::StatusOr<use_cases::PlanOrder> ToOrder(const v1::PlanChangeRequest& request,
                                             const Caller& caller) {
  absl::StatusOr<core::TargetName> target = core::TargetName::Parse(request.target());
  if (!target.ok()) {
    return target.status();
  }
  absl::StatusOr<core::RoleName> role = core::RoleName::Parse(request.role());
  if (!role.ok()) {
    return role.status();
  }
  absl::StatusOr<core::IdempotencyId> id = core::IdempotencyId::Parse(request.idempotency_id());
  if (!id.ok()) {
    return id.status();
  }
  absl::StatusOr<std::vector<change::Expectation>> expectations = Expectations(request);
  if (!expectations.ok()) {
    return expectations.status();
  }
  return use_cases::PlanOrder{
      *std::move(id), change::Plan{.requester = caller.person,
                                   .target = *std::move(target),
                                   .role = *std::move(role),
                                   .purpose = request.unrehearsed() ? policy::Purpose::kUnrehearsed
                                                                    : policy::Purpose::kScript,
                                   .reason = request.reason(),
                                   .script = request.script(),
                                   .script_digest = "",
                                   .subject = {},
                                   .written = *std::move(expectations)}};
}

absl::StatusOr<SubjectOrder> ToOrder(const v1::PlanUndoRequest& request) {
  absl::StatusOr<WorkOf> of = Work(request);
  if (!of.ok()) {
    return of.status();
  }
  absl::StatusOr<core::IdempotencyId> id = core::IdempotencyId::Parse(request.idempotency_id());
  if (!id.ok()) {
    return id.status();
  }
  change::Subject subject;
  if (auto* change = std::get_if<core::ChangeId>(&*of)) {
    if (request.has_since() || request.tables_size() > 0) {
      return core::Refuse(core::Reason::kMalformedName,
                          "a change is taken back as a whole; times and tables are for a lease");
    }
    subject.change = std::move(*change);
  } else {
    subject.lease = std::get<core::LeaseId>(*of);
  }
  if (request.has_since()) {
    const absl::StatusOr<absl::Time> since = Time(request.since());
    if (!since.ok()) {
      return since.status();
    }
    subject.since = *since;
  }
  if (request.tables_size() > kTablesMax) {
    return core::Refuse(core::Reason::kMalformedName,
                        absl::StrCat("name at most ", kTablesMax, " tables"));
  }
  for (const std::string& table : request.tables()) {
    if (table.empty() || table.size() > kTableBytesMax) {
      return core::Refuse(core::Reason::kMalformedName, "a table is named schema.table");
    }
    subject.tables.push_back(table);
  }
  const absl::StatusOr<change::OnConflict> on_conflict = OnConflict(request.on_conflict());
  if (!on_conflict.ok()) {
    return on_conflict.status();
  }
  subject.on_conflict = *on_conflict;
  return SubjectOrder{*std::move(id), policy::Purpose::kUndo, request.reason(), std::move(subject)};
}

absl::StatusOr<SubjectOrder> ToOrder(const v1::PlanDropRequest& request) {
  absl::StatusOr<core::ChangeId> change = MutatedChange(request);
  if (!change.ok()) {
    return change.status();
  }
  change::Subject subject;
  subject.change = *std::move(change);
  return SubjectOrder{*core::IdempotencyId::Parse(request.idempotency_id()),
                      policy::Purpose::kDropForGood, request.reason(), std::move(subject)};
}

absl::StatusOr<core::ChangeId> ToChange(const v1::GetChangeRequest& request) {
  return core::ChangeId::Parse(request.change_id());
}

absl::StatusOr<core::ChangeId> ToChange(const v1::ListChangeHistoryRequest& request) {
  return core::ChangeId::Parse(request.change_id());
}

absl::StatusOr<core::ChangeId> ToChange(const v1::ListKeptRequest& request) {
  return core::ChangeId::Parse(request.change_id());
}

absl::StatusOr<core::ChangeId> ToChange(const v1::SubmitChangeRequest& request) {
  return MutatedChange(request);
}

absl::StatusOr<core::ChangeId> ToChange(const v1::WithdrawChangeRequest& request) {
  return MutatedChange(request);
}

absl::StatusOr<core::ChangeId> ToChange(const v1::ApplyChangeRequest& request) {
  return MutatedChange(request);
}

absl::StatusOr<core::ChangeId> ToChange(const v1::CancelChangeRequest& request) {
  return MutatedChange(request);
}

absl::StatusOr<ChangeWaitOrder> ToOrder(const v1::WaitChangeRequest& request) {
  absl::StatusOr<core::ChangeId> change = core::ChangeId::Parse(request.change_id());
  if (!change.ok()) {
    return change.status();
  }
  const absl::StatusOr<absl::Duration> wait =
      request.has_wait() ? ToWait(request.wait()) : kWaitMax;
  if (!wait.ok()) {
    return wait.status();
  }
  ChangeWaitOrder order{*std::move(change), request.known_version(), std::nullopt, *wait};
  if (request.has_known_tick()) {
    order.known_tick = request.known_tick();
  }
  return order;
}

absl::StatusOr<use_cases::ChangeListOrder> ToOrder(const v1::ListChangesRequest& request,
                                                   const Caller& caller) {
  use_cases::ChangeListOrder order{.by = caller.person, .mine_only = request.mine()};
  if (absl::Status filled = FillListOrder<core::ChangeId>(request, kPageSizeDefault, kPageSizeMax,
                                                          State, "change", order);
      !filled.ok()) {
    return filled;
  }
  return order;
}

absl::StatusOr<ChangeStatementOrder> ToOrder(const v1::GetChangeStatementRequest& request) {
  absl::StatusOr<core::ChangeId> change = core::ChangeId::Parse(request.change_id());
  if (!change.ok()) {
    return change.status();
  }
  const absl::StatusOr<lease::Verdict> verdict = Verdict(request.decision());
  if (!verdict.ok()) {
    return verdict.status();
  }
  return ChangeStatementOrder{*std::move(change), *verdict};
}

absl::StatusOr<use_cases::ChangeReviewOrder> ToOrder(const v1::ReviewChangeRequest& request,
                                                     const Caller& caller) {
  absl::StatusOr<core::ChangeId> change = MutatedChange(request);
  if (!change.ok()) {
    return change.status();
  }
  const absl::StatusOr<lease::Verdict> verdict = Verdict(request.decision());
  if (!verdict.ok()) {
    return verdict.status();
  }
  if (absl::Status form = CheckSigned(request); !form.ok()) {
    return form;
  }
  return use_cases::ChangeReviewOrder{*core::IdempotencyId::Parse(request.idempotency_id()),
                                      caller.person,
                                      *std::move(change),
                                      *verdict,
                                      request.digest(),
                                      request.signature(),
                                      caller.certificate_pem,
                                      request.note()};
}

absl::StatusOr<ChangeDenyOrder> ToOrder(const v1::DenyChangeRequest& request) {
  absl::StatusOr<core::ChangeId> change = MutatedChange(request);
  if (!change.ok()) {
    return change.status();
  }
  return ChangeDenyOrder{*std::move(change), request.note()};
}

absl::StatusOr<StepsOrder> ToOrder(const v1::ListRowChangesRequest& request) {
  absl::StatusOr<WorkOf> of = Work(request);
  if (!of.ok()) {
    return of.status();
  }
  if (request.after_sequence() < 0) {
    return core::Refuse(core::Reason::kMalformedName, "a sequence is a number from 0 on");
  }
  const absl::StatusOr<int> limit =
      Limit("how many", request.page_size(), kStepsDefault, kRowsAtOnceMax);
  if (!limit.ok()) {
    return limit.status();
  }
  return StepsOrder{*std::move(of), request.after_sequence(), *limit};
}

absl::StatusOr<RowsOrder> ToOrder(const v1::ListRowsRequest& request) {
  absl::StatusOr<WorkOf> of = Work(request);
  if (!of.ok()) {
    return of.status();
  }
  if (request.sequence() < 0) {
    return core::Refuse(core::Reason::kMalformedName, "a sequence is a number from 0 on");
  }
  const absl::StatusOr<int> limit =
      Limit("how many", request.limit(), kRowsDefault, kRowsAtOnceMax);
  if (!limit.ok()) {
    return limit.status();
  }
  return RowsOrder{*std::move(of), request.sequence(), *limit};
}

}  // namespace jit::rpc

#include "broker/rpc/door.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/core/policy/judge.h"
#include "broker/core/refusal.h"

namespace jit::rpc {
namespace {

bool Overlap(const std::set<core::GroupName>& left, const std::set<core::GroupName>& right) {
  return std::any_of(left.begin(), left.end(),
                     [&](const core::GroupName& group) { return right.contains(group); });
}

bool MayAsk(const policy::Policy& policy, const core::Person& person) {
  return std::any_of(policy.targets.begin(), policy.targets.end(), [&](const auto& target) {
    const auto names = [&](const auto& rule) { return Overlap(person.groups, rule.who); };
    const policy::TargetPolicy& rules = target.second;
    return std::any_of(rules.rules.begin(), rules.rules.end(), names) ||
           std::any_of(rules.break_glass.begin(), rules.break_glass.end(), names) ||
           std::any_of(rules.changes.begin(), rules.changes.end(), names);
  });
}

bool CouldSit(const policy::Policy& policy, const core::Person& person, const policy::Seat& seat) {
  if (const auto* group = std::get_if<core::GroupName>(&seat.from)) {
    return person.groups.contains(*group);
  }
  return std::any_of(policy.people.people.begin(), policy.people.people.end(),
                     [&](const auto& other) { return other.second.manager == person.id; });
}

bool MayApprove(const policy::Policy& policy, const core::Person& person) {
  return std::any_of(policy.targets.begin(), policy.targets.end(), [&](const auto& target) {
    const auto sits = [&](const policy::Seat& seat) { return CouldSit(policy, person, seat); };
    const auto any = [&](const std::vector<policy::Seat>& seats) {
      return std::any_of(seats.begin(), seats.end(), sits);
    };
    return std::any_of(target.second.rules.begin(), target.second.rules.end(),
                       [&](const policy::Rule& rule) { return any(rule.seats); }) ||
           std::any_of(target.second.changes.begin(), target.second.changes.end(),
                       [&](const policy::ChangeRule& rule) {
                         return any(rule.seats) || any(rule.undo_seats) || any(rule.drop_seats) ||
                                (rule.unrehearsed_seats && any(*rule.unrehearsed_seats));
                       }) ||
           std::any_of(target.second.break_glass.begin(), target.second.break_glass.end(),
                       [&](const policy::BreakGlassRule& rule) { return sits(rule.reviewer); });
  });
}

// For the refusal: who a method is for, as the end of a sentence.
std::string Named(Kind kind) {
  switch (kind) {
    case Kind::kKnown:
      return "people of the directory";
    case Kind::kAsker:
      return "people whom a rule lets ask";
    case Kind::kApprover:
      return "people who could fill a seat";
    case Kind::kOperator:
      return "operators";
    case Kind::kAuditor:
      return "auditors";
  }
  return "nobody";
}

}  // namespace

const std::vector<DoorRule>& DoorTable() {
  // Giving back, taking back and looking stay open to everyone known: who has left the group that
  // let them ask must still be able to end what they hold. Opening and applying too: there the use
  // case judges the rule again and says what changed.
  static const std::vector<DoorRule> table = {
      {"jit.v1.LeaseService.WhoAmI", {Kind::kKnown}},
      {"jit.v1.LeaseService.ListRoles", {Kind::kKnown}},
      {"jit.v1.LeaseService.ListApprovers", {Kind::kKnown}},
      {"jit.v1.LeaseService.CreateLease", {Kind::kAsker}},
      {"jit.v1.LeaseService.BreakGlass", {Kind::kAsker}},
      {"jit.v1.LeaseService.OpenLease", {Kind::kKnown}},
      {"jit.v1.LeaseService.EndLease", {Kind::kKnown}},
      {"jit.v1.LeaseService.WithdrawLease", {Kind::kKnown}},
      {"jit.v1.LeaseService.GetLease", {Kind::kKnown}},
      {"jit.v1.LeaseService.WaitLease", {Kind::kKnown}},
      {"jit.v1.LeaseService.ListLeases", {Kind::kKnown}},
      {"jit.v1.LeaseService.ListHistory", {Kind::kKnown}},
      {"jit.v1.ReviewService.ListInbox", {Kind::kKnown}},
      {"jit.v1.ReviewService.GetStatement", {Kind::kKnown}},
      // Askers too, so that who tries their own lease hears that, and not something about doors.
      {"jit.v1.ReviewService.ApproveLease", {Kind::kApprover, Kind::kAsker}},
      {"jit.v1.ReviewService.DenyLease", {Kind::kApprover, Kind::kAsker}},
      {"jit.v1.ReviewService.RevokeLease", {Kind::kApprover, Kind::kOperator}},
      {"jit.v1.ReviewService.ReviewBreakGlass", {Kind::kApprover}},
      {"jit.v1.ReviewService.AcceptResidue", {Kind::kApprover}},
      {"jit.v1.ChangeService.PlanChange", {Kind::kAsker}},
      {"jit.v1.ChangeService.PlanUndo", {Kind::kAsker}},
      {"jit.v1.ChangeService.PlanDrop", {Kind::kAsker}},
      {"jit.v1.ChangeService.GetChange", {Kind::kKnown}},
      {"jit.v1.ChangeService.WaitChange", {Kind::kKnown}},
      {"jit.v1.ChangeService.SubmitChange", {Kind::kKnown}},
      {"jit.v1.ChangeService.WithdrawChange", {Kind::kKnown}},
      {"jit.v1.ChangeService.ApplyChange", {Kind::kKnown}},
      {"jit.v1.ChangeService.CancelChange", {Kind::kKnown}},
      {"jit.v1.ChangeService.ListChanges", {Kind::kKnown}},
      {"jit.v1.ChangeService.ListChangeHistory", {Kind::kKnown}},
      {"jit.v1.ChangeService.GetChangeStatement", {Kind::kKnown}},
      {"jit.v1.ChangeService.ReviewChange", {Kind::kApprover}},
      {"jit.v1.ChangeService.DenyChange", {Kind::kApprover, Kind::kOperator}},
      {"jit.v1.ChangeService.ListRowChanges", {Kind::kKnown}},
      {"jit.v1.ChangeService.ListRows", {Kind::kKnown}},
      {"jit.v1.ChangeService.ListKept", {Kind::kKnown}},
      {"jit.v1.AuditService.ExportJournal", {Kind::kAuditor}},
      {"jit.v1.AuditService.GetCheckpoint", {Kind::kAuditor, Kind::kOperator}},
      {"jit.v1.OperatorService.ReloadPolicy", {Kind::kOperator}},
      {"jit.v1.OperatorService.GetBrokerStatus", {Kind::kOperator, Kind::kAuditor}},
  };
  return table;
}

bool IsKind(Kind kind, const policy::Policy& policy, const core::PersonId& id) {
  const core::Person* person = policy.people.Find(id);
  if (person == nullptr || person->groups.empty()) {
    return false;
  }
  switch (kind) {
    case Kind::kKnown:
      return true;
    case Kind::kAsker:
      return MayAsk(policy, *person);
    case Kind::kApprover:
      return MayApprove(policy, *person);
    case Kind::kOperator:
      return policy::IsOperator(policy, id);
    case Kind::kAuditor:
      return policy::IsAuditor(policy, id);
  }
  return false;
}

absl::Status PassDoor(absl::string_view method, const policy::Policy& policy,
                      const core::PersonId& person) {
  const auto& table = DoorTable();
  const auto rule = std::find_if(table.begin(), table.end(),
                                 [&](const DoorRule& each) { return each.method == method; });
  if (rule == table.end()) {
    return core::Refuse(core::Reason::kUnknownMethod,
                        "the broker has no such method; is the client newer than the broker?");
  }
  if (std::any_of(rule->opens.begin(), rule->opens.end(),
                  [&](Kind kind) { return IsKind(kind, policy, person); })) {
    return absl::OkStatus();
  }
  return core::Refuse(
      core::Reason::kMethodNotForCaller,
      absl::StrCat("this is for ",
                   absl::StrJoin(rule->opens, " and for ",
                                 [](std::string* out, Kind kind) { out->append(Named(kind)); }),
                   " only; `jit-access whoami` shows who you are here"));
}

}  // namespace jit::rpc

#include "broker/core/policy/change_rule.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "broker/core/policy/named.h"
#include "broker/core/policy/seats.h"
#include "broker/core/refusal.h"

namespace jit::policy {
namespace {

using core::Reason;
using core::Refuse;

// The seats that a rule demands for a purpose; nothing when it does not allow the purpose.
std::optional<std::vector<Seat>> SeatsFor(const ChangeRule& rule, Purpose purpose) {
  switch (purpose) {
    case Purpose::kScript:
      return rule.seats;
    case Purpose::kUnrehearsed:
      return rule.unrehearsed_seats;
    case Purpose::kUndo:
      return rule.undo_seats;
    case Purpose::kDropForGood:
      return rule.drop_seats;
  }
  return std::nullopt;
}

const ChangeRule* FirstRuleFor(const Policy& policy, const TargetPolicy& target,
                               const ChangeBid& bid) {
  const auto found =
      std::find_if(target.changes.begin(), target.changes.end(), [&](const ChangeRule& rule) {
        return rule.roles.count(bid.role) > 0 && NamesPerson(policy, rule, bid.requester);
      });
  return found == target.changes.end() ? nullptr : &*found;
}

ChangeTerms TermsOf(const Policy& policy, const OfferedRole& role, const ChangeRule& rule,
                    std::vector<Seat> seats) {
  return ChangeTerms{.rule = rule.name,
                     .rule_fingerprint = rule.fingerprint,
                     .role_fingerprint = role.fingerprint,
                     .policy_fingerprint = policy.fingerprint,
                     .access = role.access,
                     .member_of = role.member_of,
                     .owner = role.owner,
                     .seats = std::move(seats),
                     .tolerance_percent = rule.tolerance_percent,
                     .samples = rule.samples,
                     .masked = rule.masked,
                     .rows_max = rule.rows_max,
                     .run_max = rule.run_max,
                     .statement_timeout = rule.statement_timeout,
                     .lock_timeout = rule.lock_timeout,
                     .waiting_period = rule.waiting_period,
                     .images_kept = rule.images_kept,
                     .review_window = policy.limits.review_window,
                     .approved_window = policy.limits.approved_window};
}

}  // namespace

absl::StatusOr<ChangeTerms> JudgeChange(const Policy& policy, const ChangeBid& bid) {
  if (const absl::Status status = CheckPerson(policy, bid.requester); !status.ok()) {
    return status;
  }
  const absl::StatusOr<const TargetPolicy*> target = FindTarget(policy, bid.target);
  if (!target.ok()) {
    return target.status();
  }
  const absl::StatusOr<const OfferedRole*> role = FindRole(**target, bid.role);
  if (!role.ok()) {
    return role.status();
  }
  const ChangeRule* rule = FirstRuleFor(policy, **target, bid);
  if (rule == nullptr) {
    return Refuse(Reason::kNoRuleAllows,
                  absl::StrCat("no rule lets your groups run changes as role ", bid.role.text(),
                               " on target ", bid.target.text(), "; ", kSeeRoles));
  }
  std::optional<std::vector<Seat>> seats = SeatsFor(*rule, bid.purpose);
  if (!seats.has_value()) {
    return Refuse(Reason::kUnrehearsedNotAllowed,
                  absl::StrCat("rule ", rule->name.text(),
                               " lets nothing run that was not rehearsed; take out what cannot run "
                               "in a transaction"));
  }
  if (const std::optional<Seat> empty = EmptySeat(policy.people, *seats, bid.requester)) {
    return NobodyCanSit(*empty, "so this could never be approved");
  }
  return TermsOf(policy, **role, *rule, *std::move(seats));
}

absl::Status ChangeStillStands(const Policy& policy, const ChangeBid& bid,
                               const ChangeTerms& terms) {
  const absl::StatusOr<const TargetPolicy*> target =
      RoleStillStands(policy, bid.target, bid.role, terms.role_fingerprint);
  if (!target.ok()) {
    return target.status();
  }
  return RuleStillStands(policy, (*target)->changes,
                         Decided{terms.rule, terms.rule_fingerprint, bid.requester});
}

bool MayDenyChange(const Policy& policy, const core::PersonId& person,
                   const core::PersonId& requester, const ChangeTerms& terms) {
  return person != requester &&
         (IsInAny(policy, person, policy.offices.operators) ||
          std::any_of(terms.seats.begin(), terms.seats.end(), [&](const Seat& seat) {
            return WhoCanSit(policy.people, seat, requester).count(person) > 0;
          }));
}

bool MaySeeChange(const Policy& policy, const core::PersonId& person,
                  const core::PersonId& requester, const ChangeTerms& terms) {
  return person == requester || MayDenyChange(policy, person, requester, terms) ||
         IsInAny(policy, person, policy.offices.auditors);
}

Terms TermsOfRun(const ChangeTerms& terms) {
  return Terms{.rule = terms.rule,
               .rule_fingerprint = terms.rule_fingerprint,
               .role_fingerprint = terms.role_fingerprint,
               .policy_fingerprint = terms.policy_fingerprint,
               .access = terms.access,
               .member_of = terms.member_of,
               .ttl = terms.run_max,
               .connection_limit = 2,
               .statement_timeout = terms.statement_timeout,
               .lock_timeout = terms.lock_timeout,
               // A run that stops between two statements holds its locks no longer than it may run.
               .idle_in_transaction_timeout = terms.run_max,
               .guard = std::nullopt,
               .seats = {},
               .reviewer = std::nullopt,
               .review_within = absl::ZeroDuration(),
               .review_window = terms.review_window,
               .approved_window = terms.approved_window};
}

}  // namespace jit::policy

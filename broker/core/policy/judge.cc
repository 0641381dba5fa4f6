#include "broker/core/policy/judge.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/core/policy/named.h"
#include "broker/core/policy/seats.h"
#include "broker/core/refusal.h"

namespace jit::policy {
namespace {

using core::Reason;
using core::Refuse;
using Outcome = Consideration::Outcome;

std::string RoleWords(const Bid& bid) {
  return absl::StrCat("role ", bid.role.text(), " on target ", bid.target.text());
}

// What one walk through the rules of a target found, in file order.
template <class AnyRule>
struct Walk {
  const AnyRule* decided = nullptr;
  absl::Duration longest;  // that a rule naming the person and the role allows
  bool named = false;      // whether any rule names the person and the role
  std::vector<Consideration> considered;
};

template <class AnyRule>
Consideration Consider(const Policy& policy, const AnyRule& rule, const Bid& bid,
                       absl::Duration limit) {
  if (!NamesPerson(policy, rule, bid.requester)) {
    return {rule.name, Outcome::kDoesNotNameYou,
            absl::StrCat("rule ", rule.name.text(), " is for other groups: ",
                         absl::StrJoin(rule.who, ", ", [](std::string* out, const auto& group) {
                           absl::StrAppend(out, group.text());
                         }))};
  }
  if (rule.roles.count(bid.role) == 0) {
    return {rule.name, Outcome::kDoesNotNameRole,
            absl::StrCat("rule ", rule.name.text(), " does not name the role")};
  }
  if (bid.ttl.has_value() && *bid.ttl > limit) {
    return {
        rule.name, Outcome::kTimeTooLong,
        absl::StrCat("rule ", rule.name.text(), " allows at most ", absl::FormatDuration(limit))};
  }
  return {rule.name, Outcome::kDecided,
          absl::StrCat("rule ", rule.name.text(),
                       " names the requester and the role, and allows up to ",
                       absl::FormatDuration(limit))};
}

template <class AnyRule>
Walk<AnyRule> WalkRules(const Policy& policy, const std::vector<AnyRule>& rules,
                        absl::Duration role_ttl_max, const Bid& bid) {
  Walk<AnyRule> walk;
  for (const AnyRule& rule : rules) {
    if (walk.decided != nullptr) {
      walk.considered.push_back({rule.name, Outcome::kNotReached,
                                 absl::StrCat("rule ", rule.name.text(), " was not reached: rule ",
                                              walk.decided->name.text(), " decided")});
      continue;
    }
    const absl::Duration limit = std::min(rule.ttl_max, role_ttl_max);
    Consideration consideration = Consider(policy, rule, bid, limit);
    if (consideration.outcome == Outcome::kTimeTooLong ||
        consideration.outcome == Outcome::kDecided) {
      walk.named = true;
      walk.longest = std::max(walk.longest, limit);
    }
    if (consideration.outcome == Outcome::kDecided) {
      walk.decided = &rule;
    }
    walk.considered.push_back(std::move(consideration));
  }
  return walk;
}

absl::Status CheckTtl(const Limits& limits, const Bid& bid) {
  if (!bid.ttl.has_value()) {
    return absl::OkStatus();
  }
  const absl::Duration ttl = *bid.ttl;
  // Deadlines, statements and records count whole seconds; rounding would change what was asked.
  if (ttl != absl::Trunc(ttl, absl::Seconds(1))) {
    return Refuse(Reason::kTtlMalformed, "the time asked for is not a whole number of seconds");
  }
  if (ttl < limits.ttl_min) {
    return Refuse(Reason::kTtlTooShort,
                  absl::StrCat("the time asked for is too short; the least is ",
                               absl::FormatDuration(limits.ttl_min)));
  }
  return absl::OkStatus();
}

absl::Status TooLong(const Bid& bid, absl::Duration longest) {
  return Refuse(Reason::kTtlTooLong,
                absl::StrCat("the time asked for is too long; for ", RoleWords(bid),
                             " you may have ", absl::FormatDuration(longest), " at most"));
}

// The terms as far as role and limits make them, the same for both paths.
Terms TermsOf(const Policy& policy, const OfferedRole& role, const core::RuleName& rule,
              const std::string& rule_fingerprint, absl::Duration ttl) {
  return Terms{.rule = rule,
               .rule_fingerprint = rule_fingerprint,
               .role_fingerprint = role.fingerprint,
               .policy_fingerprint = policy.fingerprint,
               .access = role.access,
               .member_of = role.member_of,
               .owner = role.owner,
               .ttl = ttl,
               .connection_limit = role.connection_limit,
               .statement_timeout = role.statement_timeout,
               .lock_timeout = role.lock_timeout,
               .idle_in_transaction_timeout = role.idle_in_transaction_timeout,
               .guard = role.guard,
               .seats = {},
               .reviewer = std::nullopt,
               .review_within = absl::ZeroDuration(),
               .review_window = policy.limits.review_window,
               .approved_window = policy.limits.approved_window};
}

absl::StatusOr<Terms> JudgeOrdinary(const Policy& policy, const TargetPolicy& target,
                                    const OfferedRole& role, const Bid& bid) {
  const Walk<Rule> walk = WalkRules(policy, target.rules, role.ttl_max, bid);
  if (!walk.named) {
    return Refuse(Reason::kNoRuleAllows, absl::StrCat("no rule lets your groups ask for ",
                                                      RoleWords(bid), "; ", kSeeRoles));
  }
  if (walk.decided == nullptr) {
    return TooLong(bid, walk.longest);
  }
  const Rule& rule = *walk.decided;
  if (const std::optional<Seat> empty = EmptySeat(policy.people, rule.seats, bid.requester)) {
    return NobodyCanSit(*empty, "so this could never be approved");
  }
  const absl::Duration limit = std::min(rule.ttl_max, role.ttl_max);
  const absl::Duration ttl = bid.ttl.value_or(std::min(role.ttl_default, limit));
  Terms terms = TermsOf(policy, role, rule.name, rule.fingerprint, ttl);
  terms.seats = rule.seats;
  return terms;
}

absl::StatusOr<Terms> JudgeBreakGlass(const Policy& policy, const TargetPolicy& target,
                                      const OfferedRole& role, const Bid& bid) {
  const Walk<BreakGlassRule> walk = WalkRules(policy, target.break_glass, role.ttl_max, bid);
  if (!walk.named) {
    return Refuse(Reason::kBreakGlassNotAllowed,
                  absl::StrCat("no break-glass rule names your groups and ", RoleWords(bid), "; ",
                               kSeeRoles));
  }
  if (walk.decided == nullptr) {
    return TooLong(bid, walk.longest);
  }
  const BreakGlassRule& rule = *walk.decided;
  if (EmptySeat(policy.people, {rule.reviewer}, bid.requester).has_value()) {
    return NobodyCanSit(rule.reviewer, "so nobody could ever review this");
  }
  const absl::Duration limit = std::min(rule.ttl_max, role.ttl_max);
  Terms terms = TermsOf(policy, role, rule.name, rule.fingerprint, bid.ttl.value_or(limit));
  terms.reviewer = rule.reviewer;
  terms.review_within = rule.review_within;
  return terms;
}

}  // namespace

absl::StatusOr<Terms> Judge(const Policy& policy, const Bid& bid) {
  if (const absl::Status status = CheckPerson(policy, bid.requester); !status.ok()) {
    return status;
  }
  if (const absl::Status status = CheckTtl(policy.limits, bid); !status.ok()) {
    return status;
  }
  const absl::StatusOr<const TargetPolicy*> found = FindTarget(policy, bid.target);
  if (!found.ok()) {
    return found.status();
  }
  const TargetPolicy* target = *found;
  const absl::StatusOr<const OfferedRole*> offered = FindRole(*target, bid.role);
  if (!offered.ok()) {
    return offered.status();
  }
  const OfferedRole* role = *offered;
  if (role->offered == OfferedRole::Offered::kAsChangeOnly) {
    return Refuse(
        Reason::kChangeOnly,
        absl::StrCat(
            RoleWords(bid),
            " is offered for guarded changes only; ask for it with `jit-access change plan`"));
  }
  if (bid.path == Path::kChange) {
    return Refuse(Reason::kNoRuleAllows,
                  "no rule lets anybody ask for the login of a change; the broker makes it when "
                  "the change runs");
  }
  return bid.path == Path::kOrdinary ? JudgeOrdinary(policy, *target, *role, bid)
                                     : JudgeBreakGlass(policy, *target, *role, bid);
}

std::vector<Consideration> Explain(const Policy& policy, const Bid& bid) {
  const TargetPolicy* target = TargetOf(policy, bid.target);
  if (target == nullptr || bid.path == Path::kChange) {
    return {};
  }
  // A role that the target does not offer limits nothing: every rule says that it does not name it.
  const OfferedRole* role = RoleOf(*target, bid.role);
  const absl::Duration ttl_max = role != nullptr ? role->ttl_max : absl::InfiniteDuration();
  return bid.path == Path::kOrdinary
             ? WalkRules(policy, target->rules, ttl_max, bid).considered
             : WalkRules(policy, target->break_glass, ttl_max, bid).considered;
}

absl::Status StillStands(const Policy& policy, const Bid& bid, const Terms& terms) {
  const absl::StatusOr<const TargetPolicy*> target =
      RoleStillStands(policy, bid.target, bid.role, terms.role_fingerprint);
  if (!target.ok()) {
    return target.status();
  }
  const Decided decided{terms.rule, terms.rule_fingerprint, bid.requester};
  switch (bid.path) {
    case Path::kOrdinary:
      return RuleStillStands(policy, (*target)->rules, decided);
    case Path::kBreakGlass:
      return RuleStillStands(policy, (*target)->break_glass, decided);
    case Path::kChange:
      return RuleStillStands(policy, (*target)->changes, decided);
  }
  return absl::OkStatus();
}

bool MayRevoke(const Policy& policy, const core::PersonId& person, const core::PersonId& requester,
               const Terms& terms) {
  const auto could_sit = [&](const Seat& seat) {
    return WhoCanSit(policy.people, seat, requester).count(person) > 0;
  };
  return person != requester &&
         (std::any_of(terms.seats.begin(), terms.seats.end(), could_sit) ||
          (terms.reviewer.has_value() && could_sit(*terms.reviewer)) || IsOperator(policy, person));
}

bool MaySee(const Policy& policy, const core::PersonId& person, const core::PersonId& requester,
            const Terms& terms) {
  return person == requester || MayRevoke(policy, person, requester, terms) ||
         IsAuditor(policy, person);
}

bool IsOperator(const Policy& policy, const core::PersonId& person) {
  return IsInAny(policy, person, policy.offices.operators);
}

bool IsAuditor(const Policy& policy, const core::PersonId& person) {
  return IsInAny(policy, person, policy.offices.auditors);
}

}  // namespace jit::policy

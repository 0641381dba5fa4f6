// Who may have what, who must agree, for how long: the policy applied to one bid.
//
// Promises: default deny; the same policy and bid give the same verdict; every rule that was looked
// at is in the explanation, with why it decided or not. Pure; safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/core/names.h"
#include "broker/core/policy/rule.h"

namespace jit::policy {

// kChange: the login of a guarded change, for one rehearsal or execution; made by the broker.
enum class Path { kOrdinary, kBreakGlass, kChange };

struct Bid {
  core::PersonId requester;
  core::TargetName target;
  core::RoleName role;
  std::optional<absl::Duration> ttl;  // nothing: the role's default
  Path path = Path::kOrdinary;
};

// What was decided, with everything a lease needs to be opened later. Copied into the lease.
struct Terms {
  core::RuleName rule;
  std::string rule_fingerprint;
  std::string role_fingerprint;
  std::string policy_fingerprint;
  Access access = Access::kReads;
  std::vector<core::PgGroup> member_of;
  std::optional<core::PgGroup> owner = {};  // kDefines: whom the holder's sessions act as
  absl::Duration ttl;
  int connection_limit = 2;
  absl::Duration statement_timeout;
  absl::Duration lock_timeout;
  absl::Duration idle_in_transaction_timeout;
  std::optional<GuardTerms> guard;  // what the guard in the target allows; nothing: no guard
  std::vector<Seat> seats;          // break-glass: empty
  std::optional<Seat> reviewer;     // break-glass: who must look at it afterwards
  absl::Duration review_within;     // break-glass only, else zero
  absl::Duration review_window;     // from Limits
  absl::Duration approved_window;   // from Limits
  friend bool operator==(const Terms&, const Terms&) = default;
};

// One rule that was considered, and the sentence that says why it decided or did not.
struct Consideration {
  core::RuleName rule;
  enum class Outcome {
    kDecided,
    kDoesNotNameYou,
    kDoesNotNameRole,
    kTimeTooLong,
    kNotReached
  } outcome;
  std::string why;
};

// Judges a bid. Refuses with kUnknownPerson, kPersonInNoGroup, kTtlMalformed (not whole seconds),
// kTtlTooShort, kUnknownTarget, kUnknownRole, kChangeOnly (the role is never a lease),
// kNoRuleAllows, kTtlTooLong, kBreakGlassNotAllowed or kNobodyCanApprove (the empty seat is named).
absl::StatusOr<Terms> Judge(const Policy& policy, const Bid& bid);

// The same walk, told: every rule of the target in file order.
std::vector<Consideration> Explain(const Policy& policy, const Bid& bid);

// Whether terms decided earlier still stand: same rule and role fingerprints, the requester still
// named by the rule. Refuses with kPolicyChanged, saying what changed.
absl::Status StillStands(const Policy& policy, const Bid& bid, const Terms& terms);

// Whether `person` sees a lease of `requester` under `terms`: requester, possible sitter, possible
// reviewer, operator or auditor.
bool MaySee(const Policy& policy, const core::PersonId& person, const core::PersonId& requester,
            const Terms& terms);

// Whether `person` may take a lease of `requester` away: possible sitter, possible reviewer or
// operator, so an operator alone where the rule demands nobody. Never the requester, who ends it.
bool MayRevoke(const Policy& policy, const core::PersonId& person, const core::PersonId& requester,
               const Terms& terms);

bool IsOperator(const Policy& policy, const core::PersonId& person);
bool IsAuditor(const Policy& policy, const core::PersonId& person);

}  // namespace jit::policy

// What policy says about guarded changes, and that policy applied to one of them.
//
// Promises: default deny; pure; safe from any thread. Knows no file format.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/core/names.h"
#include "broker/core/policy/judge.h"
#include "broker/core/policy/rule.h"

namespace jit::policy {

// What a change is for; each may demand seats of its own.
enum class Purpose {
  kScript,       // a rehearsed script
  kUnrehearsed,  // a script that cannot run in a transaction
  kUndo,         // taking back a change or what a lease did
  kDropForGood,  // destroying what a change kept
};

struct ChangeBid {
  core::PersonId requester;
  core::TargetName target;
  core::RoleName role;
  Purpose purpose = Purpose::kScript;
};

// What was decided, with everything the change needs later. Copied into it.
struct ChangeTerms {
  core::RuleName rule;
  std::string rule_fingerprint;
  std::string role_fingerprint;
  std::string policy_fingerprint;
  Access access = Access::kWrites;
  std::vector<core::PgGroup> member_of;
  std::optional<core::PgGroup> owner;  // whom DDL runs as
  std::vector<Seat> seats;             // for this purpose
  int tolerance_percent = 0;
  int samples = 5;
  std::set<std::string> masked;
  std::int64_t rows_max = 0;
  absl::Duration run_max;
  absl::Duration statement_timeout;
  absl::Duration lock_timeout;
  absl::Duration waiting_period;
  absl::Duration images_kept;
  absl::Duration review_window;
  absl::Duration approved_window;
  friend bool operator==(const ChangeTerms&, const ChangeTerms&) = default;
};

// Judges a change. Refuses with kUnknownPerson, kPersonInNoGroup, kUnknownTarget, kUnknownRole,
// kNoRuleAllows (no change rule names the person and the role), kUnrehearsedNotAllowed or
// kNobodyCanApprove. The first rule of the file that names both decides.
absl::StatusOr<ChangeTerms> JudgeChange(const Policy& policy, const ChangeBid& bid);

// Whether terms decided earlier still stand; refuses with kPolicyChanged.
absl::Status ChangeStillStands(const Policy& policy, const ChangeBid& bid,
                               const ChangeTerms& terms);

// Whether `person` may take an approval back: who could sit in a seat, and operators; never the
// author, who withdraws it.
bool MayDenyChange(const Policy& policy, const core::PersonId& person,
                   const core::PersonId& requester, const ChangeTerms& terms);

// Whether `person` sees a change: its author, who could sit in a seat, operators and auditors.
bool MaySeeChange(const Policy& policy, const core::PersonId& person,
                  const core::PersonId& requester, const ChangeTerms& terms);

// The terms of the login a change runs with: the role's groups, no seat, for `run_max`.
Terms TermsOfRun(const ChangeTerms& terms);

}  // namespace jit::policy

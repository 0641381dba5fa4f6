// The policy as a value: what is offered on each target, who may ask for it, who must sit.
//
// Promises: a Policy that a policy source hands out is complete and consistent (no dangling group,
// no rule without a role). Knows no file format. Value; safe to share once built.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "broker/core/names.h"
#include "broker/core/person.h"

namespace jit::policy {

// Who may sit: any member of a group, or the requester's manager.
struct ManagerOfRequester {
  friend bool operator==(const ManagerOfRequester&, const ManagerOfRequester&) = default;
};
using SeatFrom = std::variant<core::GroupName, ManagerOfRequester>;

struct Seat {
  core::SeatName name;
  SeatFrom from;
  friend bool operator==(const Seat&, const Seat&) = default;
};

// kDefines: DDL, as the owner of the tables; offered as a change only, unless policy says
// otherwise.
enum class Access { kReads, kWrites, kDefines };

// What the guard in the target allows a writer.
struct GuardTerms {
  std::int64_t statement_rows = 1000;
  std::int64_t session_rows = 10'000;
  int share_percent = 50;         // of a table, in one statement
  std::int64_t share_floor = 50;  // below so many rows the share does not count
  enum class Attached { kWhileOpen, kAlways } attached = Attached::kWhileOpen;
  // Tables without a primary key, whose rows nobody can put back: only those that the asker named
  // and the approver accepted, none, or all.
  enum class Keyless { kByName, kRefused, kAllowed } keyless = Keyless::kByName;
  friend bool operator==(const GuardTerms&, const GuardTerms&) = default;
};

// What policy offers on a target. Rights come from membership in PostgreSQL groups and nothing
// else.
struct OfferedRole {
  core::RoleName name;
  Access access = Access::kReads;
  std::vector<core::PgGroup> member_of;
  absl::Duration ttl_default;
  absl::Duration ttl_max;
  int connection_limit = 2;
  absl::Duration statement_timeout;  // a convenience for the holder, not a boundary
  absl::Duration lock_timeout;
  absl::Duration idle_in_transaction_timeout;
  std::optional<GuardTerms> guard;     // kWrites only; nothing: an open lease goes unguarded
  std::optional<core::PgGroup> owner;  // kDefines only: the role that owns the tables
  enum class Offered { kAsLease, kAsChangeOnly } offered = Offered::kAsLease;
  std::string fingerprint;  // SHA-256 hex over this role's canonical text
};

// Lets members of any of `who` ask for any of `roles` for at most ttl_max. No seats: opens at once.
// Rules are read in file order; the first one that names the person and the role and allows the
// time asked for decides.
struct Rule {
  core::RuleName name;
  std::set<core::GroupName> who;
  std::set<core::RoleName> roles;
  absl::Duration ttl_max;
  std::vector<Seat> seats;
  std::string fingerprint;  // SHA-256 hex over this rule's canonical text
};

// The emergency way in: opens with no seat filled, and owes a review.
struct BreakGlassRule {
  core::RuleName name;
  std::set<core::GroupName> who;
  std::set<core::RoleName> roles;
  absl::Duration ttl_max;
  Seat reviewer;                 // who must look at it afterwards; never the requester
  absl::Duration review_within;  // the debt is overdue after this
  std::string fingerprint;
};

// Lets members of any of `who` run scripts in any of `roles` as guarded changes.
struct ChangeRule {
  core::RuleName name;
  std::set<core::GroupName> who;
  std::set<core::RoleName> roles;
  std::vector<Seat> seats;                             // for a rehearsed script
  std::vector<Seat> undo_seats;                        // for taking one back
  std::vector<Seat> drop_seats;                        // for destroying for good what one kept
  std::optional<std::vector<Seat>> unrehearsed_seats;  // nothing: unrehearsed is refused
  int tolerance_percent = 0;     // by which counts may differ from the rehearsed ones
  int samples = 5;               // rows shown before and after, per table; 0: none
  std::set<std::string> masked;  // `schema.table.column`, never shown
  std::int64_t rows_max = 100'000;
  absl::Duration run_max = absl::Minutes(10);  // a rehearsal, or an execution
  absl::Duration statement_timeout = absl::Minutes(5);
  absl::Duration lock_timeout = absl::Seconds(2);
  absl::Duration waiting_period = absl::Hours(24 * 7);  // before a drop for good
  absl::Duration images_kept = absl::Hours(24 * 30);
  std::string fingerprint;
};

struct TargetPolicy {
  core::TargetName name;
  std::map<core::RoleName, OfferedRole> roles;
  std::vector<Rule> rules;
  std::vector<BreakGlassRule> break_glass;
  std::vector<ChangeRule> changes;
};

struct Limits {
  int waiting_leases_max = 20;                      // per person
  absl::Duration ttl_min = absl::Seconds(60);       // 10 s in the development mode
  absl::Duration review_window = absl::Hours(24);   // a requested lease lapses after this
  absl::Duration approved_window = absl::Hours(8);  // an approved lease lapses when not opened
  absl::Duration clock_skew_max = absl::Seconds(5);
};

// Groups whose members see every lease, and may use the operator's or the auditor's methods.
struct Offices {
  std::set<core::GroupName> operators;
  std::set<core::GroupName> auditors;
};

struct Policy {
  core::Directory people;
  Offices offices;
  std::map<core::TargetName, TargetPolicy> targets;
  Limits limits;
  std::string fingerprint;  // SHA-256 hex over all of it
};

}  // namespace jit::policy

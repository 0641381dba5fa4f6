// One PostgreSQL database on which logins are opened and closed.
//
// Promises: every verb can be repeated harmlessly. A verb that answers with a fault has an unknown
// outcome, to be resolved by looking (Inspect), never by assuming. Knows leases by their login name
// only. Safe from any thread; closing has connections of its own, so that opening cannot starve it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/core/lease/residue.h"
#include "broker/core/names.h"
#include "broker/core/policy/rule.h"
#include "broker/credential/scram_verifier.h"

namespace jit::ports {

struct LoginOrder {
  core::LoginName login;
  core::PersonId person;  // into the role comment, for the DBA
  std::vector<core::PgGroup> member_of;
  int connection_limit = 2;
  absl::Time valid_until;
  absl::Duration statement_timeout;
  absl::Duration lock_timeout;
  absl::Duration idle_in_transaction_timeout;
  bool writes = false;  // false: default_transaction_read_only as a convenience
  // The tables it may change are guarded before it is opened; nothing: it is not guarded.
  std::optional<policy::GuardTerms> guard = {};
  // Tables without a primary key that it may change all the same, `schema.table`.
  std::vector<std::string> keyless = {};
  // Its sessions act as this role, which owns the tables; the schema is looked at before it is
  // opened and after it is removed. Nothing: it acts as itself, and nothing is compared.
  std::optional<core::PgGroup> acts_as = {};
};

// A role of ours as the target shows it.
struct LoginSeen {
  core::LoginName login;
  bool can_login = false;
  absl::Time valid_until;  // InfinitePast when off
  std::vector<std::string> member_of;
  std::string verifier_digest;  // SHA-256 hex, empty when the kit cannot read it
  int sessions = 0;
  int prepared_transactions = 0;
};

struct TargetState {
  std::string system_identifier;
  std::string database;
  std::string kit_version;            // empty: no kit
  bool read_only = false;             // in recovery, or default_transaction_read_only
  absl::Duration clock_skew;          // target minus broker, half the round trip taken off
  absl::Time server_start;            // changes with a restart or failover
  std::vector<LoginSeen> logins;      // every marked role
  std::vector<std::string> unmarked;  // jit_-named roles without our marker: never touched
};

// What a decision to open needs to know, in one round trip.
struct Vitals {
  std::string system_identifier;
  std::string kit_version;
  bool read_only = false;
  absl::Duration clock_skew;
};

enum class OffState { kOff, kNotYet };
struct OffOutcome {
  core::LoginName login;
  OffState state = OffState::kNotYet;
  std::string report;  // what was ended; for kNotYet what still stands in the way
};

enum class RemoveState { kRemoved, kNotYet, kNeedsReview };
struct RemoveOutcome {
  core::LoginName login;
  RemoveState state = RemoveState::kNotYet;
  std::string report;  // what was dropped, or what stands in the way
  // Of a login that acted as an owner, once it is removed: what is different since it was opened.
  // The same again when Remove is repeated. A role that is gone is kNotYet until it can be told.
  std::optional<lease::Residue> residue = {};
};

// Where a person connects, for the clients.
struct Address {
  std::string host;
  int port = 5432;
  std::string database;
};

class Target {
 public:
  virtual ~Target() = default;
  virtual const core::TargetName& name() const = 0;
  virtual Address address() const = 0;

  // Measures the vitals; may answer with a measurement that is at most ten seconds old. Refuses
  // with kTargetNotReady when the system identifier is not the pinned one or the kit is missing or
  // old; kUnavailable when the target cannot be reached.
  virtual absl::StatusOr<Vitals> Measure() = 0;

  // Makes the login as ordered. A role of that name with our marker and exactly these attributes is
  // given the new verifier; one without the marker is refused (kTargetNotReady) and not touched.
  // Faults: kUnavailable (nobody knows whether it happened), kFailedPrecondition (it did not: read
  // only, other cluster, kit missing, group not allowed), kTargetNotReady as well when a table that
  // is to be guarded cannot be, or has no primary key and the terms do not allow that.
  virtual absl::Status OpenLogin(const LoginOrder& order,
                                 const credential::ScramVerifier& verifier) = 0;

  // Off, for many logins in one go; one hostile holder delays nobody else. A login that is not
  // there is off; so is one whose name a role that is not ours has taken, which is left alone.
  // Answers one outcome per login, in the order given. Refuses as Measure does, except that an old
  // kit goes on closing; so do Remove and Inspect.
  virtual absl::StatusOr<std::vector<OffOutcome>> TurnOff(
      const std::vector<core::LoginName>& logins) = 0;

  // Removes roles that are off, with what they own and were granted, in every database that can be
  // entered. A login that is not there is removed, in the same sense as in TurnOff; one that is not
  // off is kNotYet and is left as it is. Refuses as TurnOff does.
  virtual absl::StatusOr<std::vector<RemoveOutcome>> Remove(
      const std::vector<core::LoginName>& logins) = 0;

  // Takes guards off tables that nobody needs guarded any more, and puts them on what open leases
  // reach by now. What is locked waits for the next time. Refuses as TurnOff does.
  virtual absl::Status Tidy() = 0;

  // Looks at the whole target. Refuses as TurnOff does, so that an empty list of logins never means
  // that we looked into the wrong cluster.
  virtual absl::StatusOr<TargetState> Inspect() = 0;
};

}  // namespace jit::ports

// The one append-only store of what happened.
//
// Promises: an append that answered OK is durable, in order, and a leaf of the Merkle tree; an
// append that answered anything else left nothing, except kUnknown, which is resolved by loading
// the stream. Knows streams, versions and bytes; what they mean is the business of the room
// `records`. Safe from any thread: concurrent appends share one commit.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/core/change/change.h"
#include "broker/core/change/effect.h"
#include "broker/core/lease/effect.h"
#include "broker/core/lease/lease.h"
#include "broker/core/names.h"
#include "broker/ledger/checkpoint.h"
#include "broker/ledger/record.h"

namespace jit::ports {

// What is kept beside the events so that nothing is folded at start. Written in the same
// transaction as the events; can be rebuilt from them. Times are finite and kept to the
// microsecond.
struct LeaseSummary {
  core::LeaseId id;
  std::int64_t version = 0;
  lease::State state = lease::State::kNone;
  lease::Effect effect = lease::Effect::kNone;
  policy::Path path = policy::Path::kOrdinary;
  core::PersonId requester;
  core::TargetName target;
  core::RoleName role;
  absl::Time request_time;
  std::optional<absl::Time> next_deadline;
  std::optional<absl::Time> expire_time;
  bool debt_open = false;
  friend bool operator==(const LeaseSummary&, const LeaseSummary&) = default;
};

// The same for a change.
struct ChangeSummary {
  core::ChangeId id;
  std::int64_t version = 0;
  change::State state = change::State::kNone;
  change::Effect effect = change::Effect::kNone;
  policy::Purpose purpose = policy::Purpose::kScript;
  core::PersonId requester;
  core::TargetName target;
  core::RoleName role;
  absl::Time plan_time;
  std::optional<absl::Time> next_deadline;
  friend bool operator==(const ChangeSummary&, const ChangeSummary&) = default;
};

struct NewRecord {
  std::string type;  // "lease.asked.v1", "change.planned.v1"
  std::string body;  // canonical JSON object
};

// A stream that a decision looked at: it must stand at this version when the append commits. With
// `advance`, its version grows by one although nothing is recorded in it; that is how two decisions
// about one person exclude each other.
struct Expectation {
  std::string stream;
  std::int64_t version = 0;
  enum class Then { kKeep, kAdvance } then = Then::kKeep;
};

// The answer to a mutation, kept so that a repeat is answered and not repeated.
struct Answer {
  std::string key;          // person, space, idempotency id
  std::string fingerprint;  // SHA-256 hex of what was asked
  std::string result;       // the id of the lease or of the change
};

struct Append {
  std::string stream;                           // "lease/<id>", "change/<id>", "broker/policy" …
  std::int64_t expected_version = 0;            // 0: the stream must not exist
  absl::Time time;                              // into every record
  std::vector<NewRecord> records;               // at least one
  std::vector<Expectation> expectations;        // no stream twice, and not the append's own
  std::optional<LeaseSummary> summary;          // at the version that the stream gets
  std::optional<ChangeSummary> change_summary;  // likewise
  std::optional<Answer> answer;
};

struct SummaryFilter {
  std::optional<core::PersonId> requester;
  std::optional<core::TargetName> target;
  std::vector<lease::State> states;  // empty: all
  bool with_debt_only = false;
  bool with_effect_only = false;
  std::optional<absl::Time> due_by;    // next_deadline at or before
  std::optional<core::LeaseId> after;  // paging, newest first by (request_time, id); after a lease
                                       // that has no summary comes nothing
  int limit = 100;                     // 1 to 10,000
};

struct ChangeFilter {
  std::optional<core::PersonId> requester;
  std::optional<core::TargetName> target;
  std::vector<change::State> states;  // empty: all
  bool with_effect_only = false;
  std::optional<absl::Time> due_by;     // next_deadline at or before
  std::optional<core::ChangeId> after;  // paging, newest first by (plan_time, id); after a change
                                        // that has no summary comes nothing
  int limit = 100;                      // 1 to 10,000
};

class Journal {
 public:
  virtual ~Journal() = default;

  // Appends atomically and returns the new version of the stream. Nothing was written when it
  // answers kAlreadyExists (the answer's key is there already; looked at first), kAborted (refusal
  // kSomeoneWasFaster: a version is not as expected), kInvalidArgument (the append is malformed),
  // kUnavailable (the store takes nothing now; the message tells the operator why) or kDataLoss
  // (the store is not what it was). kUnknown: it may or may not have been written; load the stream.
  virtual absl::StatusOr<std::int64_t> Commit(const Append& append) = 0;

  // The records of one stream in order; empty when there is none. A stream that was only ever
  // advanced has a version and no records.
  virtual absl::StatusOr<std::vector<ledger::Record>> Load(const std::string& stream) = 0;
  virtual absl::StatusOr<std::int64_t> VersionOf(const std::string& stream) = 0;
  virtual absl::StatusOr<std::optional<Answer>> FindAnswer(const std::string& key) = 0;

  virtual absl::StatusOr<std::optional<LeaseSummary>> Summary(const core::LeaseId& id) = 0;
  virtual absl::StatusOr<std::vector<LeaseSummary>> Summaries(const SummaryFilter& filter) = 0;
  // The person's leases in kRequested.
  virtual absl::StatusOr<std::int64_t> CountWaiting(const core::PersonId& person) = 0;

  virtual absl::StatusOr<std::optional<ChangeSummary>> SummaryOfChange(
      const core::ChangeId& id) = 0;
  virtual absl::StatusOr<std::vector<ChangeSummary>> ChangeSummaries(
      const ChangeFilter& filter) = 0;
  // The person's changes in kSubmitted.
  virtual absl::StatusOr<std::int64_t> CountWaitingChanges(const core::PersonId& person) = 0;

  // Reads back everything since the last checkpoint, re-hashes it, signs the head and keeps it.
  // kDataLoss when what was read is not what was written: nothing is signed then, nor ever again by
  // this process.
  virtual absl::StatusOr<ledger::SignedCheckpoint> Checkpoint() = 0;
  virtual absl::StatusOr<std::optional<ledger::SignedCheckpoint>> LastCheckpoint() = 0;

  // Streams the records from sequence `from` (at least 0) on, in order, up to the size at the time
  // of the call. `each` may stop it by answering an error, which is then the answer; it must not
  // call the journal.
  virtual absl::Status Export(std::int64_t from,
                              const std::function<absl::Status(const ledger::Record&)>& each) = 0;
  // How many records there are.
  virtual std::int64_t Size() = 0;
};

}  // namespace jit::ports

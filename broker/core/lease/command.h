// What can be asked of a lease. Commands are imperative; each may be refused.
//
// Facts that a pure core cannot see (how many leases a person has waiting, which debt they carry,
// what the target answered) travel inside the command, put there by the use case that looked.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "broker/core/lease/lease.h"

namespace jit::lease {

struct Ask {
  core::LeaseId id;
  policy::Bid bid;
  std::string reason;
  std::string incident;
  std::vector<std::string> keyless = {};  // tables without a primary key, `schema.table`
  int waiting_now = 0;                    // the requester's leases in kRequested
  std::optional<core::LeaseId> debt;      // an unreviewed break-glass of the requester
  // Of a bid on the path of a change, and only of one: what was decided when the change was judged.
  std::optional<policy::Terms> run_terms = std::nullopt;
};
struct Review {
  SignedReview review;
  std::string digest_now;
};  // digest_now: of the statement as it stands
struct Withdraw {
  core::PersonId by;
};
struct Open {
  core::PersonId by;
  std::string verifier_digest;
  std::string system_identifier;
  absl::Duration clock_skew;          // target minus broker, as measured now
  std::optional<core::LeaseId> debt;  // judged again when the lease opens
  // The login of a change is opened by the broker alone; its password never leaves it.
  enum class Opener { kHolder, kBroker } opener = Opener::kHolder;
};
struct RecordOpened {};  // the target holds the login as ordered
struct RecordOpenFault {
  std::string why;
};  // it does not, and will not
struct End {
  core::PersonId by;
};
struct Revoke {
  core::PersonId by;
  std::string note;
};
// Time passed: lapse or expire what is due. The moment that counts is the later of now and
// `not_before`, which is set when the boot clock says that a deadline is over.
struct Tick {
  absl::Time not_before = absl::InfinitePast();
};
struct CloseForDrift {
  std::string why;
};  // the sweep found the login altered
struct RecordOff {
  std::string report;
};
struct RecordRemoved {
  std::string report;
  std::optional<Residue> residue = std::nullopt;  // what the target found, where it compared
};
struct ReviewBreakGlass {
  SignedReview review;
  std::string digest_now;
};
// Somebody else has looked at what the lease left behind in the schema.
struct AcceptResidue {
  SignedReview review;
  std::string digest_now;
};

using Command =
    std::variant<Ask, Review, Withdraw, Open, RecordOpened, RecordOpenFault, End, Revoke, Tick,
                 CloseForDrift, RecordOff, RecordRemoved, ReviewBreakGlass, AcceptResidue>;

}  // namespace jit::lease

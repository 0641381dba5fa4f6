// Checks what the records of leases and guarded changes claim against the signatures that lie in
// them.
//
// Promises: a review without complaint was signed with the key of the certificate kept beside it,
// over exactly what the journal says was asked for and decided; and nothing was approved, opened or
// applied without the reviews that its terms demand. Trusts the broker in nothing but the journal's
// order. Does not know which certificate belongs to which person: it lists who signed with what,
// for the auditor to compare, and complains when one certificate speaks for two persons. Keeps the
// leases and changes that are not over. Pure; not shared between threads.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "broker/ledger/canonical_json.h"
#include "broker/ledger/record.h"

namespace jit::audit {

enum class Doubt {
  kMalformedBody,            // a record's body is not what its type promises
  kUnknownLease,             // something happened to a lease nobody had asked for, or that was over
  kUnknownChange,            // the same of a change that nobody had planned
  kDigestDiffers,            // the digest is not the statement's, or the script's, SHA-256
  kSignatureInvalid,         // the signature does not hold for statement, note and certificate
  kStatementDiffers,         // what was signed is not what the journal says was decided
  kOwnReview,                // the requester decided on their own lease
  kCertificateNotValid,      // outside its dates when it signed, or not of the authorities given
  kCertificateOfTwoPersons,  // one certificate reviewed as two persons
  kSeatsNotFilled,           // approved without the reviews that its terms demand
  kOpenedWithoutApproval,
  kAppliedWithoutApproval,
  kLongerThanDecided,  // opened for longer than its terms allow
};

// A stable word for each, as in the reports: `signature_invalid`.
absl::string_view DoubtWord(Doubt doubt);

struct Complaint {
  Doubt doubt;
  std::int64_t record = 0;  // its sequence
  std::string stream;
  std::string words;  // one sentence without text that other people wrote
};

// Who signed with what, as often: for comparing with the directory of people.
struct Signer {
  std::string person;
  std::string identity;     // the certificate's URI SAN
  std::string fingerprint;  // SHA-256 hex of the certificate
  friend bool operator<(const Signer& a, const Signer& b) {
    return std::tie(a.person, a.identity, a.fingerprint) <
           std::tie(b.person, b.identity, b.fingerprint);
  }
};

struct LeaseFindings {
  std::uint64_t leases = 0;
  std::uint64_t changes = 0;
  std::uint64_t reviews = 0;  // seen; those without complaint hold
  std::map<Signer, std::uint64_t> signers;
  std::map<std::string, std::uint64_t> unknown_types;  // written by a newer broker
  std::vector<Complaint> complaints;                   // at most kComplaintsMax
  std::uint64_t more_complaints = 0;
};

class LeaseAudit {
 public:
  static constexpr std::size_t kComplaintsMax = 100;

  // With authorities (PEM), every reviewer's certificate must have been issued by one of them.
  explicit LeaseAudit(std::string authorities_pem = "");

  // Records in the journal's order; those of other streams are passed over.
  void Feed(const ledger::Record& record);
  const LeaseFindings& findings() const { return findings_; }

 private:
  enum class Standing { kAsked, kApproved };
  enum class Debt { kNone, kOpen };
  enum class Acceptance { kNone, kOwed };
  // What is known of a lease, or of a change, that is not over.
  struct Facts {
    Facts(ledger::Json asked_for, ledger::Json under)
        : asked(std::move(asked_for)), terms(std::move(under)) {}
    ledger::Json asked;      // of a change: what was planned, with `id` and `time`
    ledger::Json rehearsal;  // of a change that was rehearsed
    ledger::Json terms;      // of the current round
    int round = 1;
    std::map<std::string, std::string> seats;  // seat to person, as the last review left them
    std::set<std::string> yes;                 // who said yes in this round, with a good signature
    Standing standing = Standing::kAsked;
    Debt debt = Debt::kNone;
    ledger::Json past;  // what an acceptance of its residue names: the times, and the residue
    Acceptance acceptance = Acceptance::kNone;
    enum class Over { kNo, kYes } over = Over::kNo;
  };

  void Complain(Doubt doubt, const ledger::Record& record, absl::string_view words);
  void OnAsked(const ledger::Record& record);
  void OnPlanned(const ledger::Record& record);
  void OnEvent(const ledger::Record& record, Facts& facts);
  void OnEventOfChange(const ledger::Record& record, Facts& facts);
  void OnReviewed(const ledger::Record& record, Facts& facts);
  void OnSentBack(const ledger::Record& record, Facts& facts);
  void OnApproved(const ledger::Record& record, Facts& facts);
  void OnOpening(const ledger::Record& record, Facts& facts);
  void OnApplyStarted(const ledger::Record& record, Facts& facts);
  void OnDebtReviewed(const ledger::Record& record, Facts& facts);
  void OnRemovedWithResidue(const ledger::Record& record, Facts& facts);
  void OnResidueAccepted(const ledger::Record& record, Facts& facts);
  bool ReviewHolds(const ledger::Record& record, const ledger::Json& review, const Facts& facts);
  bool CheckStatement(const ledger::Record& record, const ledger::Json& review, const Facts& facts);
  bool CheckCertificate(const ledger::Record& record, const ledger::Json& review);

  std::string authorities_pem_;
  absl::flat_hash_map<std::string, std::unique_ptr<Facts>> facts_;  // by stream
  std::map<std::string, std::string> person_of_;                    // by certificate fingerprint
  LeaseFindings findings_;
};

}  // namespace jit::audit

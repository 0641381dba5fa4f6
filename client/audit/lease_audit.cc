#include "client/audit/lease_audit.h"

#include <algorithm>
#include <initializer_list>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "broker/credential/certificate.h"
#include "broker/credential/signature.h"
#include "broker/ledger/merkle.h"
#include "client/audit/expected_statement.h"
#include "client/audit/fields.h"

namespace jit::audit {
namespace {

using ledger::Json;
using ledger::Record;

constexpr absl::string_view kStreamPrefix = "lease/";
constexpr absl::string_view kChangePrefix = "change/";

// The events after which nothing of a lease is open but the review of a break-glass.
constexpr absl::string_view kLast[] = {"lease.denied.v1", "lease.withdrawn.v1", "lease.lapsed.v1",
                                       "lease.removed.v1"};
// Known, and without anything that could be checked here.
constexpr absl::string_view kPlain[] = {"lease.verifier_replaced.v1", "lease.closing_started.v1",
                                        "lease.debt_incurred.v1"};

// The same of changes. An applied one is not over: it can be taken back.
constexpr absl::string_view kLastOfChange[] = {
    "change.not_rehearsed.v1", "change.denied.v1", "change.withdrawn.v1",       "change.lapsed.v1",
    "change.rolled_back.v1",   "change.undone.v1", "change.dropped_for_good.v1"};
constexpr absl::string_view kPlainOfChange[] = {"change.submitted.v1", "change.applied.v1",
                                                "change.subject_marked.v1"};

template <std::size_t kSize>
bool IsIn(const absl::string_view (&types)[kSize], absl::string_view type) {
  return std::find(std::begin(types), std::end(types), type) != std::end(types);
}

bool HasTexts(const Json& object, std::initializer_list<const char*> keys) {
  return object.is_object() && std::all_of(keys.begin(), keys.end(), [&](const char* key) {
           return At(object, key).is_string();
         });
}

Json BodyOf(const Record& record) {
  absl::StatusOr<Json> body = ledger::ParseCanonical(record.body);
  return body.ok() ? *std::move(body) : Json();
}

bool IsOfChange(const Record& record) {
  return absl::StartsWith(record.stream, kChangePrefix);
}

// Those of a lease say how long it is open; those of a change, how long it may run.
bool HasTerms(const Json& body, const char* seconds) {
  return At(body, "terms").is_object() && At(At(body, "terms"), "seats").is_array() &&
         At(At(body, "terms"), seconds).is_number_integer();
}
bool HasTermsOf(const Record& record, const Json& body) {
  return HasTerms(body, IsOfChange(record) ? "run_max_seconds" : "ttl_seconds");
}

// The keys in which two statements differ, the first ones by name.
std::string Differences(const Json& expected, const Json& signed_statement) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : expected.items()) {
    if (At(signed_statement, key.c_str()) != value) {
      keys.push_back(key);
    }
  }
  return keys.empty() ? "it has keys that do not belong there" : absl::StrJoin(keys, ", ");
}

}  // namespace

absl::string_view DoubtWord(Doubt doubt) {
  switch (doubt) {
    case Doubt::kMalformedBody:
      return "malformed_body";
    case Doubt::kUnknownLease:
      return "unknown_lease";
    case Doubt::kUnknownChange:
      return "unknown_change";
    case Doubt::kDigestDiffers:
      return "digest_differs";
    case Doubt::kSignatureInvalid:
      return "signature_invalid";
    case Doubt::kStatementDiffers:
      return "statement_differs";
    case Doubt::kOwnReview:
      return "own_review";
    case Doubt::kCertificateNotValid:
      return "certificate_not_valid";
    case Doubt::kCertificateOfTwoPersons:
      return "certificate_of_two_persons";
    case Doubt::kSeatsNotFilled:
      return "seats_not_filled";
    case Doubt::kOpenedWithoutApproval:
      return "opened_without_approval";
    case Doubt::kAppliedWithoutApproval:
      return "applied_without_approval";
    case Doubt::kLongerThanDecided:
      return "longer_than_decided";
  }
  return "";
}

LeaseAudit::LeaseAudit(std::string authorities_pem)
    : authorities_pem_(std::move(authorities_pem)) {}

void LeaseAudit::Complain(Doubt doubt, const Record& record, absl::string_view words) {
  if (findings_.complaints.size() == kComplaintsMax) {
    ++findings_.more_complaints;
    return;
  }
  std::string sentence =
      absl::StrCat("record ", record.sequence, " (", record.stream, "): ", words);
  findings_.complaints.push_back(
      Complaint{doubt, record.sequence, record.stream, std::move(sentence)});
}

void LeaseAudit::Feed(const Record& record) {
  const bool change = IsOfChange(record);
  if (!change && !absl::StartsWith(record.stream, kStreamPrefix)) {
    return;
  }
  if (!change && (record.type == "lease.asked.v1" || record.type == "lease.asked.v2" ||
                  record.type == "lease.asked.v3")) {
    OnAsked(record);
    return;
  }
  if (change && record.type == "change.planned.v1") {
    OnPlanned(record);
    return;
  }
  const auto found = facts_.find(record.stream);
  if (found == facts_.end()) {
    Complain(change ? Doubt::kUnknownChange : Doubt::kUnknownLease, record,
             change ? "nobody had planned this change, or it was over"
                    : "nobody had asked for this lease, or it was over");
    return;
  }
  Facts& facts = *found->second;
  change ? OnEventOfChange(record, facts) : OnEvent(record, facts);
  if (facts.over == Facts::Over::kYes && facts.debt == Debt::kNone) {
    facts_.erase(found);
  }
}

void LeaseAudit::OnAsked(const Record& record) {
  Json body = BodyOf(record);
  if (record.version != 1 || facts_.contains(record.stream)) {
    Complain(Doubt::kUnknownLease, record, "this lease is asked for a second time");
    return;
  }
  ++findings_.leases;
  if (!HasTexts(body, {"id", "path", "requester", "target", "role", "reason", "time"}) ||
      !HasTermsOf(record, body) ||
      (record.type == "lease.asked.v3") != At(body, "keyless").is_array() ||
      absl::StripPrefix(record.stream, kStreamPrefix) != TextAt(body, "id")) {
    Complain(Doubt::kMalformedBody, record, "what was asked for is malformed");
    return;
  }
  Json terms = std::move(body["terms"]);
  body.erase("terms");
  auto facts = std::make_unique<Facts>(std::move(body), std::move(terms));
  facts->debt = TextAt(facts->asked, "path") == "break_glass" ? Debt::kOpen : Debt::kNone;
  facts_.emplace(record.stream, std::move(facts));
}

void LeaseAudit::OnPlanned(const Record& record) {
  Json body = BodyOf(record);
  if (record.version != 1 || facts_.contains(record.stream)) {
    Complain(Doubt::kUnknownChange, record, "this change is planned for a second time");
    return;
  }
  ++findings_.changes;
  const Json& plan = At(body, "plan");
  if (!HasTexts(body, {"id", "time"}) || !HasTermsOf(record, body) ||
      !HasTexts(plan,
                {"purpose", "reason", "requester", "role", "script", "script_digest", "target"}) ||
      absl::StripPrefix(record.stream, kChangePrefix) != TextAt(body, "id")) {
    Complain(Doubt::kMalformedBody, record, "what was planned is malformed");
    return;
  }
  if (ledger::Sha256Hex(TextAt(plan, "script")) != TextAt(plan, "script_digest")) {
    Complain(Doubt::kDigestDiffers, record, "the digest is not that of the script");
  }
  Json planned = std::move(body["plan"]);
  planned["id"] = std::move(body["id"]);
  planned["time"] = std::move(body["time"]);
  facts_.emplace(record.stream,
                 std::make_unique<Facts>(std::move(planned), std::move(body["terms"])));
}

void LeaseAudit::OnEventOfChange(const Record& record, Facts& facts) {
  if (record.type == "change.rehearsed.v1") {
    facts.rehearsal = At(BodyOf(record), "rehearsal");
  } else if (record.type == "change.reviewed.v1") {
    OnReviewed(record, facts);
  } else if (record.type == "change.sent_back.v1") {
    OnSentBack(record, facts);
  } else if (record.type == "change.approved.v1") {
    OnApproved(record, facts);
  } else if (record.type == "change.apply_started.v1") {
    OnApplyStarted(record, facts);
  } else if (IsIn(kLastOfChange, record.type)) {
    facts.over = Facts::Over::kYes;
  } else if (!IsIn(kPlainOfChange, record.type)) {
    ++findings_.unknown_types[record.type];
  }
}

void LeaseAudit::OnEvent(const Record& record, Facts& facts) {
  if (record.type == "lease.reviewed.v1") {
    OnReviewed(record, facts);
  } else if (record.type == "lease.sent_back.v1" || record.type == "lease.sent_back.v2") {
    OnSentBack(record, facts);
  } else if (record.type == "lease.approved.v1") {
    OnApproved(record, facts);
  } else if (record.type == "lease.opening_started.v1") {
    OnOpening(record, facts);
  } else if (record.type == "lease.debt_reviewed.v1") {
    OnDebtReviewed(record, facts);
  } else if (record.type == "lease.opened.v1") {
    facts.past["open_time"] = At(BodyOf(record), "time");
  } else if (record.type == "lease.turned_off.v1") {
    facts.past["off_time"] = At(BodyOf(record), "time");
  } else if (record.type == "lease.removed.v2") {
    OnRemovedWithResidue(record, facts);
  } else if (record.type == "lease.residue_accepted.v1") {
    OnResidueAccepted(record, facts);
  } else if (IsIn(kLast, record.type)) {
    if (record.type == "lease.removed.v1" && facts.terms.contains("owner") &&
        facts.past.contains("open_time")) {
      Complain(Doubt::kMalformedBody, record,
               "a login that acted as an owner went without a word on what it left behind");
    }
    facts.over = Facts::Over::kYes;
  } else if (!IsIn(kPlain, record.type)) {
    ++findings_.unknown_types[record.type];
  }
}

void LeaseAudit::OnReviewed(const Record& record, Facts& facts) {
  const Json body = BodyOf(record);
  const Json& review = At(body, "review");
  const bool holds = ReviewHolds(record, review, facts);
  facts.seats.clear();
  for (const auto& [seat, person] : At(body, "seats").items()) {
    facts.seats[seat] = person.is_string() ? person.get<std::string>() : "";
  }
  if (holds && TextAt(review, "verdict") == "yes") {
    facts.yes.insert(TextAt(review, "by"));
  }
}

void LeaseAudit::OnDebtReviewed(const Record& record, Facts& facts) {
  const Json body = BodyOf(record);
  if (facts.debt == Debt::kNone) {
    Complain(Doubt::kUnknownLease, record, "no review of this lease was owed");
  }
  ReviewHolds(record, At(body, "review"), facts);
  facts.debt = Debt::kNone;
}

void LeaseAudit::OnRemovedWithResidue(const Record& record, Facts& facts) {
  const Json body = BodyOf(record);
  if (!At(body, "residue").is_object()) {
    Complain(Doubt::kMalformedBody, record, "the residue is malformed");
  }
  facts.past["removed_time"] = At(body, "time");
  facts.past["residue"] = At(body, "residue");
  facts.acceptance = Acceptance::kOwed;
}

void LeaseAudit::OnResidueAccepted(const Record& record, Facts& facts) {
  const Json body = BodyOf(record);
  if (facts.acceptance == Acceptance::kNone) {
    Complain(Doubt::kUnknownLease, record, "no residue of this lease waited to be accepted");
  }
  ReviewHolds(record, At(body, "review"), facts);
  facts.acceptance = Acceptance::kNone;
  facts.over = Facts::Over::kYes;
}

void LeaseAudit::OnSentBack(const Record& record, Facts& facts) {
  const Json body = BodyOf(record);
  if (!HasTermsOf(record, body)) {
    Complain(Doubt::kMalformedBody, record, "the terms it was sent back with are malformed");
    return;
  }
  facts.terms = At(body, "terms");
  facts.seats.clear();
  facts.yes.clear();
  facts.standing = Standing::kAsked;
  ++facts.round;
}

void LeaseAudit::OnApproved(const Record& record, Facts& facts) {
  std::set<std::string> sitting;
  for (const Json& seat : At(facts.terms, "seats")) {
    const std::string& name = TextAt(seat, "name");
    const auto filled = facts.seats.find(name);
    if (filled == facts.seats.end() || facts.yes.count(filled->second) == 0) {
      Complain(Doubt::kSeatsNotFilled, record,
               absl::StrCat("approved, but no review that holds fills the seat ", name));
    } else if (!sitting.insert(filled->second).second) {
      Complain(Doubt::kSeatsNotFilled, record,
               absl::StrCat("approved, but ", filled->second, " sits in two seats"));
    }
  }
  facts.standing = Standing::kApproved;
}

void LeaseAudit::OnOpening(const Record& record, Facts& facts) {
  if (facts.standing != Standing::kApproved) {
    Complain(Doubt::kOpenedWithoutApproval, record, "a login was made before it was approved");
  }
  facts.standing = Standing::kAsked;  // one approval opens one login
  const Json body = BodyOf(record);
  const absl::StatusOr<absl::Time> expires = ledger::ParseTime(TextAt(body, "expire_time"));
  const absl::StatusOr<absl::Time> begun = ledger::ParseTime(TextAt(body, "time"));
  if (!expires.ok() || !begun.ok()) {
    Complain(Doubt::kMalformedBody, record, "the deadline of the login is malformed");
    return;
  }
  facts.past["expire_time"] = At(body, "expire_time");
  const std::int64_t seconds = At(facts.terms, "ttl_seconds").get<std::int64_t>();
  if (*expires - *begun > absl::Seconds(seconds)) {
    Complain(Doubt::kLongerThanDecided, record,
             absl::StrCat("the login lasts longer than the ", seconds, " seconds decided on"));
  }
}

void LeaseAudit::OnApplyStarted(const Record& record, Facts& facts) {
  if (facts.standing != Standing::kApproved) {
    Complain(Doubt::kAppliedWithoutApproval, record, "a change ran before it was approved");
  }
  facts.standing = Standing::kAsked;  // one approval runs it once
}

bool LeaseAudit::ReviewHolds(const Record& record, const Json& review, const Facts& facts) {
  ++findings_.reviews;
  if (!HasTexts(review, {"by", "certificate_pem", "digest", "note", "signature", "statement",
                         "time", "verdict"})) {
    Complain(Doubt::kMalformedBody, record, "the review is malformed");
    return false;
  }
  bool holds = true;
  const std::string& statement = TextAt(review, "statement");
  if (ledger::Sha256Hex(statement) != TextAt(review, "digest")) {
    Complain(Doubt::kDigestDiffers, record, "the digest is not that of the statement");
    holds = false;
  }
  const absl::Status signature = credential::Verify(
      TextAt(review, "certificate_pem"), credential::kReviewContext,
      credential::ReviewText(statement, TextAt(review, "note")), TextAt(review, "signature"));
  if (!signature.ok()) {
    Complain(Doubt::kSignatureInvalid, record, signature.message());
    holds = false;
  }
  if (TextAt(review, "by") == TextAt(facts.asked, "requester")) {
    Complain(Doubt::kOwnReview, record,
             IsOfChange(record) ? "the author decided on their own change"
                                : "the requester decided on their own lease");
    holds = false;
  }
  holds = CheckStatement(record, review, facts) && holds;
  return CheckCertificate(record, review) && holds;
}

bool LeaseAudit::CheckStatement(const Record& record, const Json& review, const Facts& facts) {
  const bool change = IsOfChange(record);
  const bool before = change || record.type == "lease.reviewed.v1";
  const std::string& verdict = TextAt(review, "verdict");
  if (verdict != "yes" && verdict != "no") {
    Complain(Doubt::kMalformedBody, record, "the verdict is neither yes nor no");
    return false;
  }
  const bool acceptance = record.type == "lease.residue_accepted.v1";
  if (acceptance && verdict != "yes") {
    Complain(Doubt::kMalformedBody, record, "a residue is accepted with a yes and nothing else");
    return false;
  }
  const std::string decision =
      verdict == "yes" ? (before ? "approve" : "accept") : (before ? "deny" : "object");
  const std::string& by = TextAt(review, "by");
  const Json expected =
      change ? ExpectedStatementOfChange(facts.asked, facts.rehearsal, facts.terms, facts.round,
                                         decision, by)
      : acceptance ? ExpectedAcceptance(facts.asked, facts.terms, facts.past, by)
                   : ExpectedStatement(facts.asked, facts.terms, facts.round, decision, by);
  const absl::StatusOr<Json> signed_statement = ledger::ParseCanonical(TextAt(review, "statement"));
  if (!signed_statement.ok() || !signed_statement->is_object()) {
    Complain(Doubt::kStatementDiffers, record, "the signed statement is not canonical JSON");
    return false;
  }
  if (*signed_statement != expected) {
    Complain(Doubt::kStatementDiffers, record,
             absl::StrCat("the signed statement says otherwise than the journal: ",
                          Differences(expected, *signed_statement)));
    return false;
  }
  return true;
}

bool LeaseAudit::CheckCertificate(const Record& record, const Json& review) {
  const std::string& pem = TextAt(review, "certificate_pem");
  const absl::StatusOr<credential::Certificate> certificate = credential::ReadCertificate(pem);
  if (!certificate.ok()) {
    Complain(Doubt::kCertificateNotValid, record, certificate.status().message());
    return false;
  }
  bool holds = true;
  const std::string& by = TextAt(review, "by");
  const auto [known, is_new] = person_of_.emplace(certificate->fingerprint, by);
  if (!is_new && known->second != by) {
    Complain(Doubt::kCertificateOfTwoPersons, record,
             absl::StrCat("the certificate of ", by, " reviewed as ", known->second, " before"));
    holds = false;
  }
  ++findings_.signers[Signer{by, certificate->uri_san, certificate->fingerprint}];
  const absl::StatusOr<absl::Time> time = ledger::ParseTime(TextAt(review, "time"));
  if (!time.ok() || *time < certificate->not_before || *time > certificate->not_after) {
    Complain(Doubt::kCertificateNotValid, record,
             "the reviewer's certificate was not valid at the time of the review");
    return false;
  }
  if (!authorities_pem_.empty()) {
    const absl::Status issued = credential::CheckIssued(pem, authorities_pem_, *time);
    if (!issued.ok()) {
      Complain(Doubt::kCertificateNotValid, record,
               absl::StrCat("the reviewer's certificate: ", issued.message()));
      return false;
    }
  }
  return holds;
}

}  // namespace jit::audit

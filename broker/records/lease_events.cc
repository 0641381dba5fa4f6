#include "broker/records/lease_events.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/core/lease/lifecycle.h"
#include "broker/records/fields.h"
#include "broker/records/shapes.h"

namespace jit::records {
namespace {

using ledger::Json;

// One overload per event: its type. An event without one does not build, here and in BodyOf.
struct TypeOf {
  // The third version names tables, for roles that have no owner to act as.
  absl::string_view operator()(const lease::Asked& event) const {
    if (!event.keyless.empty()) return "lease.asked.v3";
    return event.terms.owner.has_value() ? "lease.asked.v2" : "lease.asked.v1";
  }
  absl::string_view operator()(const lease::Reviewed&) const { return "lease.reviewed.v1"; }
  absl::string_view operator()(const lease::Approved&) const { return "lease.approved.v1"; }
  absl::string_view operator()(const lease::SentBack& event) const {
    return event.terms.owner.has_value() ? "lease.sent_back.v2" : "lease.sent_back.v1";
  }
  absl::string_view operator()(const lease::Denied&) const { return "lease.denied.v1"; }
  absl::string_view operator()(const lease::Withdrawn&) const { return "lease.withdrawn.v1"; }
  absl::string_view operator()(const lease::Lapsed&) const { return "lease.lapsed.v1"; }
  absl::string_view operator()(const lease::OpeningStarted&) const {
    return "lease.opening_started.v1";
  }
  absl::string_view operator()(const lease::Opened&) const { return "lease.opened.v1"; }
  absl::string_view operator()(const lease::VerifierReplaced&) const {
    return "lease.verifier_replaced.v1";
  }
  absl::string_view operator()(const lease::ClosingStarted&) const {
    return "lease.closing_started.v1";
  }
  absl::string_view operator()(const lease::TurnedOff&) const { return "lease.turned_off.v1"; }
  absl::string_view operator()(const lease::Removed& event) const {
    return event.residue.has_value() ? "lease.removed.v2" : "lease.removed.v1";
  }
  absl::string_view operator()(const lease::DebtIncurred&) const {
    return "lease.debt_incurred.v1";
  }
  absl::string_view operator()(const lease::DebtReviewed&) const {
    return "lease.debt_reviewed.v1";
  }
  absl::string_view operator()(const lease::ResidueAccepted&) const {
    return "lease.residue_accepted.v1";
  }
};

struct BodyOf {
  Json operator()(const lease::Asked& event) const {
    Json body = {{"id", event.id.text()},
                 {"incident", event.incident},
                 {"path", PathWord(event.path)},
                 {"reason", event.reason},
                 {"requester", event.requester.text()},
                 {"role", event.role.text()},
                 {"target", event.target.text()},
                 {"terms", TermsToJson(event.terms)},
                 {"time", TimeToJson(event.time)}};
    if (!event.keyless.empty()) body["keyless"] = TextsToJson(event.keyless);
    return body;
  }
  Json operator()(const lease::Reviewed& event) const {
    return Json{{"review", ReviewToJson(event.review)}, {"seats", AssignmentToJson(event.seats)}};
  }
  Json operator()(const lease::Approved& event) const {
    return Json{{"time", TimeToJson(event.time)}};
  }
  Json operator()(const lease::SentBack& event) const {
    return Json{
        {"terms", TermsToJson(event.terms)}, {"time", TimeToJson(event.time)}, {"why", event.why}};
  }
  Json operator()(const lease::Denied& event) const {
    return Json{{"by", event.by.text()}, {"note", event.note}, {"time", TimeToJson(event.time)}};
  }
  Json operator()(const lease::Withdrawn& event) const {
    return Json{{"by", event.by.text()}, {"time", TimeToJson(event.time)}};
  }
  Json operator()(const lease::Lapsed& event) const {
    return Json{{"time", TimeToJson(event.time)}, {"why", event.why}};
  }
  Json operator()(const lease::OpeningStarted& event) const {
    return Json{{"expire_time", TimeToJson(event.expire_time)},
                {"system_identifier", event.system_identifier},
                {"time", TimeToJson(event.time)},
                {"verifier_digest", event.verifier_digest}};
  }
  Json operator()(const lease::Opened& event) const {
    return Json{{"time", TimeToJson(event.time)}};
  }
  Json operator()(const lease::VerifierReplaced& event) const {
    return Json{{"time", TimeToJson(event.time)}, {"verifier_digest", event.verifier_digest}};
  }
  Json operator()(const lease::ClosingStarted& event) const {
    return Json{{"by", PersonToJson(event.by)},
                {"cause", lease::CauseWord(event.cause)},
                {"note", event.note},
                {"time", TimeToJson(event.time)}};
  }
  Json operator()(const lease::TurnedOff& event) const {
    return Json{{"report", event.report}, {"time", TimeToJson(event.time)}};
  }
  Json operator()(const lease::Removed& event) const {
    Json body{{"report", event.report}, {"time", TimeToJson(event.time)}};
    if (event.residue.has_value()) {
      body["residue"] = ResidueToJson(*event.residue);
    }
    return body;
  }
  Json operator()(const lease::DebtIncurred& event) const {
    return Json{{"due", TimeToJson(event.due)}, {"time", TimeToJson(event.time)}};
  }
  Json operator()(const lease::DebtReviewed& event) const {
    return Json{{"review", ReviewToJson(event.review)}};
  }
  Json operator()(const lease::ResidueAccepted& event) const {
    return Json{{"review", ReviewToJson(event.review)}};
  }
};

template <TermsForm form>
lease::Asked AskedIn(Fields& fields) {
  return lease::Asked{.id = fields.Name<core::LeaseId>("id"),
                      .path = fields.OneOf("path", PathFromWord),
                      .requester = fields.Name<core::PersonId>("requester"),
                      .target = fields.Name<core::TargetName>("target"),
                      .role = fields.Name<core::RoleName>("role"),
                      .reason = fields.Text("reason"),
                      .incident = fields.Text("incident"),
                      .terms = TermsFromJson(fields.Any("terms"), form),
                      .time = fields.Time("time")};
}
template <TermsForm form>
lease::Event AskedFrom(Fields& fields) {
  return AskedIn<form>(fields);
}
lease::Event AskedNamingTablesFrom(Fields& fields) {
  lease::Asked asked = AskedIn<TermsForm::kWithoutOwner>(fields);
  asked.keyless = TextsFromJson(fields.Any("keyless"));
  if (asked.keyless.empty()) {
    throw Mismatch("field keyless names nothing");
  }
  return asked;
}
lease::Event ReviewedFrom(Fields& fields) {
  return lease::Reviewed{.review = ReviewFromJson(fields.Any("review")),
                         .seats = AssignmentFromJson(fields.Any("seats"))};
}
lease::Event ApprovedFrom(Fields& fields) {
  return lease::Approved{.time = fields.Time("time")};
}
template <TermsForm form>
lease::Event SentBackFrom(Fields& fields) {
  return lease::SentBack{.why = fields.Text("why"),
                         .terms = TermsFromJson(fields.Any("terms"), form),
                         .time = fields.Time("time")};
}
lease::Event DeniedFrom(Fields& fields) {
  return lease::Denied{.by = fields.Name<core::PersonId>("by"),
                       .time = fields.Time("time"),
                       .note = fields.Text("note")};
}
lease::Event WithdrawnFrom(Fields& fields) {
  return lease::Withdrawn{.by = fields.Name<core::PersonId>("by"), .time = fields.Time("time")};
}
lease::Event LapsedFrom(Fields& fields) {
  return lease::Lapsed{.why = fields.Text("why"), .time = fields.Time("time")};
}
lease::Event OpeningStartedFrom(Fields& fields) {
  return lease::OpeningStarted{.verifier_digest = fields.Text("verifier_digest"),
                               .system_identifier = fields.Text("system_identifier"),
                               .expire_time = fields.Time("expire_time"),
                               .time = fields.Time("time")};
}
lease::Event OpenedFrom(Fields& fields) {
  return lease::Opened{.time = fields.Time("time")};
}
lease::Event VerifierReplacedFrom(Fields& fields) {
  return lease::VerifierReplaced{.verifier_digest = fields.Text("verifier_digest"),
                                 .time = fields.Time("time")};
}
lease::Event ClosingStartedFrom(Fields& fields) {
  return lease::ClosingStarted{.cause = fields.OneOf("cause", CauseFromWord),
                               .note = fields.Text("note"),
                               .by = PersonFromJson(fields.Any("by")),
                               .time = fields.Time("time")};
}
lease::Event TurnedOffFrom(Fields& fields) {
  return lease::TurnedOff{.report = fields.Text("report"), .time = fields.Time("time")};
}
lease::Event RemovedFrom(Fields& fields) {
  return lease::Removed{.report = fields.Text("report"), .time = fields.Time("time")};
}
lease::Event RemovedWithResidueFrom(Fields& fields) {
  return lease::Removed{.report = fields.Text("report"),
                        .time = fields.Time("time"),
                        .residue = ResidueFromJson(fields.Any("residue"))};
}
lease::Event DebtIncurredFrom(Fields& fields) {
  return lease::DebtIncurred{.due = fields.Time("due"), .time = fields.Time("time")};
}
lease::Event DebtReviewedFrom(Fields& fields) {
  return lease::DebtReviewed{.review = ReviewFromJson(fields.Any("review"))};
}
lease::Event ResidueAcceptedFrom(Fields& fields) {
  return lease::ResidueAccepted{.review = ReviewFromJson(fields.Any("review"))};
}

// A record is of a later version where the earlier ones cannot say what has happened, and only
// there.
const BodyReaders<lease::Event>& Readers() {
  static const auto& readers = *new BodyReaders<lease::Event>{
      {"lease.asked.v1", AskedFrom<TermsForm::kWithoutOwner>},
      {"lease.asked.v2", AskedFrom<TermsForm::kWithOwner>},
      {"lease.asked.v3", AskedNamingTablesFrom},
      {"lease.reviewed.v1", ReviewedFrom},
      {"lease.approved.v1", ApprovedFrom},
      {"lease.sent_back.v1", SentBackFrom<TermsForm::kWithoutOwner>},
      {"lease.sent_back.v2", SentBackFrom<TermsForm::kWithOwner>},
      {"lease.denied.v1", DeniedFrom},
      {"lease.withdrawn.v1", WithdrawnFrom},
      {"lease.lapsed.v1", LapsedFrom},
      {"lease.opening_started.v1", OpeningStartedFrom},
      {"lease.opened.v1", OpenedFrom},
      {"lease.verifier_replaced.v1", VerifierReplacedFrom},
      {"lease.closing_started.v1", ClosingStartedFrom},
      {"lease.turned_off.v1", TurnedOffFrom},
      {"lease.removed.v1", RemovedFrom},
      {"lease.removed.v2", RemovedWithResidueFrom},
      {"lease.debt_incurred.v1", DebtIncurredFrom},
      {"lease.debt_reviewed.v1", DebtReviewedFrom},
      {"lease.residue_accepted.v1", ResidueAcceptedFrom},
  };
  return readers;
}

}  // namespace

std::string StreamOf(const core::LeaseId& lease) {
  return absl::StrCat("lease/", lease.text());
}

absl::StatusOr<EncodedEvent> Encode(const lease::Event& event) {
  return EncodeWith(Readers(), TypeOf{}, BodyOf{}, event);
}

absl::StatusOr<lease::Event> Decode(absl::string_view type, absl::string_view body) {
  return DecodeWith(Readers(), type, body);
}

absl::StatusOr<lease::Lease> Fold(const std::vector<ledger::Record>& records) {
  lease::Lease lease;
  for (const ledger::Record& record : records) {
    const absl::StatusOr<lease::Event> event = Decode(record.type, record.body);
    if (!event.ok()) {
      return event.status();
    }
    lease = lease::Evolve(std::move(lease), *event);
  }
  return lease;
}

}  // namespace jit::records

#include "broker/records/change_events.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/core/change/lifecycle.h"
#include "broker/records/change_shapes.h"
#include "broker/records/fields.h"
#include "broker/records/report_shapes.h"
#include "broker/records/shapes.h"

namespace jit::records {
namespace {

using ledger::Json;

// One overload per event: its type. An event without one does not build, here and in BodyOf.
struct TypeOf {
  absl::string_view operator()(const change::Planned&) const { return "change.planned.v1"; }
  absl::string_view operator()(const change::Rehearsed&) const { return "change.rehearsed.v1"; }
  absl::string_view operator()(const change::NotRehearsed&) const {
    return "change.not_rehearsed.v1";
  }
  absl::string_view operator()(const change::Submitted&) const { return "change.submitted.v1"; }
  absl::string_view operator()(const change::Reviewed&) const { return "change.reviewed.v1"; }
  absl::string_view operator()(const change::Approved&) const { return "change.approved.v1"; }
  absl::string_view operator()(const change::SentBack&) const { return "change.sent_back.v1"; }
  absl::string_view operator()(const change::Denied&) const { return "change.denied.v1"; }
  absl::string_view operator()(const change::Withdrawn&) const { return "change.withdrawn.v1"; }
  absl::string_view operator()(const change::Lapsed&) const { return "change.lapsed.v1"; }
  absl::string_view operator()(const change::ApplyStarted&) const {
    return "change.apply_started.v1";
  }
  absl::string_view operator()(const change::Applied&) const { return "change.applied.v1"; }
  absl::string_view operator()(const change::RolledBack&) const { return "change.rolled_back.v1"; }
  absl::string_view operator()(const change::SubjectMarked&) const {
    return "change.subject_marked.v1";
  }
  absl::string_view operator()(const change::Undone&) const { return "change.undone.v1"; }
  absl::string_view operator()(const change::DroppedForGood&) const {
    return "change.dropped_for_good.v1";
  }
};

struct BodyOf {
  Json operator()(const change::Planned& event) const {
    return Json{{"id", event.id.text()},
                {"plan", PlanToJson(event.plan)},
                {"terms", ChangeTermsToJson(event.terms)},
                {"time", TimeToJson(event.time)}};
  }
  Json operator()(const change::Rehearsed& event) const {
    return Json{{"rehearsal", RehearsalToJson(event.rehearsal)}, {"time", TimeToJson(event.time)}};
  }
  Json operator()(const change::NotRehearsed& event) const {
    return Json{{"findings", FindingsToJson(event.findings)},
                {"time", TimeToJson(event.time)},
                {"why", event.why}};
  }
  Json operator()(const change::Submitted& event) const { return Timed(event.time); }
  Json operator()(const change::Reviewed& event) const {
    return Json{{"review", ReviewToJson(event.review)}, {"seats", AssignmentToJson(event.seats)}};
  }
  Json operator()(const change::Approved& event) const { return Timed(event.time); }
  Json operator()(const change::SentBack& event) const {
    return Json{{"terms", ChangeTermsToJson(event.terms)},
                {"time", TimeToJson(event.time)},
                {"why", event.why}};
  }
  Json operator()(const change::Denied& event) const {
    return Json{{"by", event.by.text()}, {"note", event.note}, {"time", TimeToJson(event.time)}};
  }
  Json operator()(const change::Withdrawn& event) const {
    return Json{{"by", event.by.text()}, {"time", TimeToJson(event.time)}};
  }
  Json operator()(const change::Lapsed& event) const {
    return Json{{"time", TimeToJson(event.time)}, {"why", event.why}};
  }
  Json operator()(const change::ApplyStarted& event) const {
    return Json{
        {"by", event.by.text()}, {"lease", event.lease.text()}, {"time", TimeToJson(event.time)}};
  }
  Json operator()(const change::Applied& event) const {
    return Json{{"report", ReportOrNullToJson(event.report)}, {"time", TimeToJson(event.time)}};
  }
  Json operator()(const change::RolledBack& event) const {
    return Json{{"report", ReportOrNullToJson(event.report)},
                {"time", TimeToJson(event.time)},
                {"why", event.why}};
  }
  Json operator()(const change::SubjectMarked& event) const { return Timed(event.time); }
  Json operator()(const change::Undone& event) const {
    return Json{{"by", event.by.text()}, {"time", TimeToJson(event.time)}};
  }
  Json operator()(const change::DroppedForGood& event) const {
    return Json{{"by", event.by.text()}, {"time", TimeToJson(event.time)}};
  }

 private:
  static Json Timed(absl::Time time) { return Json{{"time", TimeToJson(time)}}; }
};

change::Event PlannedFrom(Fields& fields) {
  return change::Planned{.id = fields.Name<core::ChangeId>("id"),
                         .plan = PlanFromJson(fields.Any("plan")),
                         .terms = ChangeTermsFromJson(fields.Any("terms")),
                         .time = fields.Time("time")};
}
change::Event RehearsedFrom(Fields& fields) {
  return change::Rehearsed{.rehearsal = RehearsalFromJson(fields.Any("rehearsal")),
                           .time = fields.Time("time")};
}
change::Event NotRehearsedFrom(Fields& fields) {
  return change::NotRehearsed{.why = fields.Text("why"),
                              .findings = FindingsFromJson(fields.Any("findings")),
                              .time = fields.Time("time")};
}
change::Event SubmittedFrom(Fields& fields) {
  return change::Submitted{.time = fields.Time("time")};
}
change::Event ReviewedFrom(Fields& fields) {
  return change::Reviewed{.review = ReviewFromJson(fields.Any("review")),
                          .seats = AssignmentFromJson(fields.Any("seats"))};
}
change::Event ApprovedFrom(Fields& fields) {
  return change::Approved{.time = fields.Time("time")};
}
change::Event SentBackFrom(Fields& fields) {
  return change::SentBack{.why = fields.Text("why"),
                          .terms = ChangeTermsFromJson(fields.Any("terms")),
                          .time = fields.Time("time")};
}
change::Event DeniedFrom(Fields& fields) {
  return change::Denied{.by = fields.Name<core::PersonId>("by"),
                        .note = fields.Text("note"),
                        .time = fields.Time("time")};
}
change::Event WithdrawnFrom(Fields& fields) {
  return change::Withdrawn{.by = fields.Name<core::PersonId>("by"), .time = fields.Time("time")};
}
change::Event LapsedFrom(Fields& fields) {
  return change::Lapsed{.why = fields.Text("why"), .time = fields.Time("time")};
}
change::Event ApplyStartedFrom(Fields& fields) {
  return change::ApplyStarted{.by = fields.Name<core::PersonId>("by"),
                              .lease = fields.Name<core::LeaseId>("lease"),
                              .time = fields.Time("time")};
}
change::Event AppliedFrom(Fields& fields) {
  return change::Applied{.report = ReportOrNullFromJson(fields.Any("report")),
                         .time = fields.Time("time")};
}
change::Event RolledBackFrom(Fields& fields) {
  return change::RolledBack{.why = fields.Text("why"),
                            .report = ReportOrNullFromJson(fields.Any("report")),
                            .time = fields.Time("time")};
}
change::Event SubjectMarkedFrom(Fields& fields) {
  return change::SubjectMarked{.time = fields.Time("time")};
}
change::Event UndoneFrom(Fields& fields) {
  return change::Undone{.by = fields.Name<core::ChangeId>("by"), .time = fields.Time("time")};
}
change::Event DroppedForGoodFrom(Fields& fields) {
  return change::DroppedForGood{.by = fields.Name<core::ChangeId>("by"),
                                .time = fields.Time("time")};
}

const BodyReaders<change::Event>& Readers() {
  static const auto& readers = *new BodyReaders<change::Event>{
      {"change.planned.v1", PlannedFrom},
      {"change.rehearsed.v1", RehearsedFrom},
      {"change.not_rehearsed.v1", NotRehearsedFrom},
      {"change.submitted.v1", SubmittedFrom},
      {"change.reviewed.v1", ReviewedFrom},
      {"change.approved.v1", ApprovedFrom},
      {"change.sent_back.v1", SentBackFrom},
      {"change.denied.v1", DeniedFrom},
      {"change.withdrawn.v1", WithdrawnFrom},
      {"change.lapsed.v1", LapsedFrom},
      {"change.apply_started.v1", ApplyStartedFrom},
      {"change.applied.v1", AppliedFrom},
      {"change.rolled_back.v1", RolledBackFrom},
      {"change.subject_marked.v1", SubjectMarkedFrom},
      {"change.undone.v1", UndoneFrom},
      {"change.dropped_for_good.v1", DroppedForGoodFrom},
  };
  return readers;
}

}  // namespace

std::string StreamOf(const core::ChangeId& change) {
  return absl::StrCat("change/", change.text());
}

absl::StatusOr<EncodedEvent> Encode(const change::Event& event) {
  return EncodeWith(Readers(), TypeOf{}, BodyOf{}, event);
}

absl::StatusOr<change::Event> DecodeChange(absl::string_view type, absl::string_view body) {
  return DecodeWith(Readers(), type, body);
}

absl::StatusOr<change::Change> FoldChange(const std::vector<ledger::Record>& records) {
  change::Change change;
  for (const ledger::Record& record : records) {
    const absl::StatusOr<change::Event> event = DecodeChange(record.type, record.body);
    if (!event.ok()) {
      return event.status();
    }
    change = change::Evolve(std::move(change), *event);
  }
  return change;
}

}  // namespace jit::records

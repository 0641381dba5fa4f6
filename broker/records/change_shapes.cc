#include "broker/records/change_shapes.h"

#include <string>

#include "broker/core/change/lifecycle.h"
#include "broker/records/fields.h"
#include "broker/records/report_shapes.h"
#include "broker/records/shapes.h"

namespace jit::records {
namespace {

using change::OnConflict;
using ledger::Json;

std::string OnConflictWord(OnConflict on_conflict) {
  switch (on_conflict) {
    case OnConflict::kRefuse:
      return "refuse";
    case OnConflict::kSkip:
      return "skip";
    case OnConflict::kOverwrite:
      return "overwrite";
  }
  return "";
}

std::optional<OnConflict> OnConflictFromWord(const std::string& word) {
  for (const OnConflict each : {OnConflict::kRefuse, OnConflict::kSkip, OnConflict::kOverwrite}) {
    if (OnConflictWord(each) == word) {
      return each;
    }
  }
  return std::nullopt;
}

// A name of a checked type, or null.
template <class Id>
Json OptionalToJson(const std::optional<Id>& id) {
  return id.has_value() ? Json(id->text()) : Json();
}

template <class Id>
std::optional<Id> OptionalFrom(Fields& fields, const std::string& key) {
  return fields.Any(key).is_null() ? std::nullopt : std::optional(fields.Name<Id>(key));
}

std::set<std::string> SetFromJson(const Json& json) {
  const std::vector<std::string> texts = TextsFromJson(json);
  std::set<std::string> set(texts.begin(), texts.end());
  if (TextsToJson(set) != json) {
    throw Mismatch("a list is not sorted, or names something twice");
  }
  return set;
}

}  // namespace

Json SubjectToJson(const change::Subject& subject) {
  return Json{{"change", OptionalToJson(subject.change)},
              {"lease", OptionalToJson(subject.lease)},
              {"on_conflict", OnConflictWord(subject.on_conflict)},
              {"since", subject.since.has_value() ? TimeToJson(*subject.since) : Json()},
              {"tables", TextsToJson(subject.tables)}};
}

change::Subject SubjectFromJson(const Json& json) {
  Fields fields(json);
  const bool has_since = !fields.Any("since").is_null();
  change::Subject subject{.change = OptionalFrom<core::ChangeId>(fields, "change"),
                          .lease = OptionalFrom<core::LeaseId>(fields, "lease"),
                          .since = has_since ? std::optional(fields.Time("since")) : std::nullopt,
                          .tables = TextsFromJson(fields.Any("tables")),
                          .on_conflict = fields.OneOf("on_conflict", OnConflictFromWord)};
  fields.Finish();
  return subject;
}

Json PlanToJson(const change::Plan& plan) {
  return Json{{"purpose", change::PurposeWord(plan.purpose)},
              {"reason", plan.reason},
              {"requester", plan.requester.text()},
              {"role", plan.role.text()},
              {"script", plan.script},
              {"script_digest", plan.script_digest},
              {"subject", SubjectToJson(plan.subject)},
              {"target", plan.target.text()},
              {"written", ExpectationsToJson(plan.written)}};
}

change::Plan PlanFromJson(const Json& json) {
  Fields fields(json);
  change::Plan plan{.requester = fields.Name<core::PersonId>("requester"),
                    .target = fields.Name<core::TargetName>("target"),
                    .role = fields.Name<core::RoleName>("role"),
                    .purpose = fields.OneOf("purpose", change::PurposeFromWord),
                    .reason = fields.Text("reason"),
                    .script = fields.Text("script"),
                    .script_digest = fields.Text("script_digest"),
                    .subject = SubjectFromJson(fields.Any("subject")),
                    .written = ExpectationsFromJson(fields.Any("written"))};
  fields.Finish();
  return plan;
}

Json ChangeTermsToJson(const policy::ChangeTerms& terms) {
  return Json{{"access", AccessWord(terms.access)},
              {"approved_window_seconds", absl::ToInt64Seconds(terms.approved_window)},
              {"images_kept_seconds", absl::ToInt64Seconds(terms.images_kept)},
              {"lock_timeout_ms", absl::ToInt64Milliseconds(terms.lock_timeout)},
              {"masked", TextsToJson(terms.masked)},
              {"member_of", GroupsToJson(terms.member_of)},
              {"owner", OptionalToJson(terms.owner)},
              {"policy_fingerprint", terms.policy_fingerprint},
              {"review_window_seconds", absl::ToInt64Seconds(terms.review_window)},
              {"role_fingerprint", terms.role_fingerprint},
              {"rows_max", terms.rows_max},
              {"rule", terms.rule.text()},
              {"rule_fingerprint", terms.rule_fingerprint},
              {"run_max_seconds", absl::ToInt64Seconds(terms.run_max)},
              {"samples", terms.samples},
              {"seats", SeatsToJson(terms.seats)},
              {"statement_timeout_ms", absl::ToInt64Milliseconds(terms.statement_timeout)},
              {"tolerance_percent", terms.tolerance_percent},
              {"waiting_period_seconds", absl::ToInt64Seconds(terms.waiting_period)}};
}

policy::ChangeTerms ChangeTermsFromJson(const Json& json) {
  Fields fields(json);
  policy::ChangeTerms terms{.rule = fields.Name<core::RuleName>("rule"),
                            .rule_fingerprint = fields.Text("rule_fingerprint"),
                            .role_fingerprint = fields.Text("role_fingerprint"),
                            .policy_fingerprint = fields.Text("policy_fingerprint"),
                            .access = fields.OneOf("access", AccessFromWord),
                            .member_of = GroupsFromJson(fields.Any("member_of")),
                            .owner = OptionalFrom<core::PgGroup>(fields, "owner"),
                            .seats = SeatsFromJson(fields.Any("seats")),
                            .tolerance_percent = fields.Int("tolerance_percent"),
                            .samples = fields.Int("samples"),
                            .masked = SetFromJson(fields.Any("masked")),
                            .rows_max = fields.Integer("rows_max"),
                            .run_max = fields.Seconds("run_max_seconds"),
                            .statement_timeout = fields.Milliseconds("statement_timeout_ms"),
                            .lock_timeout = fields.Milliseconds("lock_timeout_ms"),
                            .waiting_period = fields.Seconds("waiting_period_seconds"),
                            .images_kept = fields.Seconds("images_kept_seconds"),
                            .review_window = fields.Seconds("review_window_seconds"),
                            .approved_window = fields.Seconds("approved_window_seconds")};
  fields.Finish();
  return terms;
}

Json RehearsalToJson(const change::Rehearsal& rehearsal) {
  return Json{{"expected", ExpectationsToJson(rehearsal.expected)},
              {"lease", rehearsal.lease.text()},
              {"misses", MissesToJson(rehearsal.misses)},
              {"report", ReportToJson(rehearsal.report)},
              {"schema_fingerprint", rehearsal.schema_fingerprint},
              {"system_identifier", rehearsal.system_identifier}};
}

change::Rehearsal RehearsalFromJson(const Json& json) {
  Fields fields(json);
  change::Rehearsal rehearsal{.lease = fields.Name<core::LeaseId>("lease"),
                              .report = ReportFromJson(fields.Any("report")),
                              .schema_fingerprint = fields.Text("schema_fingerprint"),
                              .system_identifier = fields.Text("system_identifier"),
                              .expected = ExpectationsFromJson(fields.Any("expected")),
                              .misses = MissesFromJson(fields.Any("misses"))};
  fields.Finish();
  return rehearsal;
}

}  // namespace jit::records

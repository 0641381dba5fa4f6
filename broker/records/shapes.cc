#include "broker/records/shapes.h"

#include <initializer_list>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "broker/core/lease/lifecycle.h"
#include "broker/ledger/record.h"
#include "broker/records/fields.h"

namespace jit::records {
namespace {

using ledger::Json;

constexpr absl::string_view kRequester = "requester";

// Finds the value whose word is `word`.
template <class Value, class Word>
std::optional<Value> FromWord(std::initializer_list<Value> values, const Word& word_of,
                              const std::string& word) {
  for (const Value value : values) {
    if (word_of(value) == word) {
      return value;
    }
  }
  return std::nullopt;
}

std::optional<lease::Verdict> VerdictFromWord(const std::string& word) {
  return FromWord({lease::Verdict::kYes, lease::Verdict::kNo}, VerdictWord, word);
}

std::string AttachedWord(policy::GuardTerms::Attached attached) {
  switch (attached) {
    case policy::GuardTerms::Attached::kWhileOpen:
      return "while_open";
    case policy::GuardTerms::Attached::kAlways:
      return "always";
  }
  return "";
}

std::optional<policy::GuardTerms::Attached> AttachedFromWord(const std::string& word) {
  using Attached = policy::GuardTerms::Attached;
  return FromWord({Attached::kWhileOpen, Attached::kAlways}, AttachedWord, word);
}

std::string KeylessWord(policy::GuardTerms::Keyless keyless) {
  switch (keyless) {
    case policy::GuardTerms::Keyless::kByName:
      return "by_name";
    case policy::GuardTerms::Keyless::kRefused:
      return "refused";
    case policy::GuardTerms::Keyless::kAllowed:
      return "allowed";
  }
  return "";
}

std::optional<policy::GuardTerms::Keyless> KeylessFromWord(const std::string& word) {
  using Keyless = policy::GuardTerms::Keyless;
  return FromWord({Keyless::kByName, Keyless::kRefused, Keyless::kAllowed}, KeylessWord, word);
}

std::optional<lease::ResidueLine::What> WhatFromWord(const std::string& word) {
  using What = lease::ResidueLine::What;
  return FromWord({What::kAdded, What::kRemoved, What::kChanged}, lease::WhatWord, word);
}

std::int64_t SecondsOf(absl::Duration duration) {
  return absl::ToInt64Seconds(duration);
}
std::int64_t MillisecondsOf(absl::Duration duration) {
  return absl::ToInt64Milliseconds(duration);
}

// `from` of a seat, spelled as in the policy files: {"group": …} or {"manager_of": "requester"}.
Json FromToJson(const policy::SeatFrom& from) {
  const core::GroupName* group = std::get_if<core::GroupName>(&from);
  if (group != nullptr) {
    return Json{{"group", group->text()}};
  }
  return Json{{"manager_of", std::string(kRequester)}};
}

policy::SeatFrom FromFromJson(const Json& json) {
  Fields fields(json);
  if (json.contains("group")) {
    core::GroupName group = fields.Name<core::GroupName>("group");
    fields.Finish();
    return group;
  }
  if (fields.Text("manager_of") != kRequester) {
    throw Mismatch("field manager_of has none of the values it may have");
  }
  fields.Finish();
  return policy::ManagerOfRequester{};
}

}  // namespace

Json SeatToJson(const policy::Seat& seat) {
  return Json{{"from", FromToJson(seat.from)}, {"name", seat.name.text()}};
}

policy::Seat SeatFromJson(const Json& json) {
  Fields fields(json);
  policy::Seat seat{fields.Name<core::SeatName>("name"), FromFromJson(fields.Any("from"))};
  fields.Finish();
  return seat;
}

const Json& ListIn(const Json& json) {
  if (!json.is_array()) {
    throw Mismatch("a list was expected");
  }
  return json;
}

Json SeatsToJson(const std::vector<policy::Seat>& seats) {
  Json json = Json::array();
  for (const policy::Seat& seat : seats) {
    json.push_back(SeatToJson(seat));
  }
  return json;
}

std::vector<policy::Seat> SeatsFromJson(const Json& json) {
  std::vector<policy::Seat> seats;
  for (const Json& seat : ListIn(json)) {
    seats.push_back(SeatFromJson(seat));
  }
  return seats;
}

std::vector<std::string> TextsFromJson(const Json& json) {
  std::vector<std::string> texts;
  for (const Json& each : ListIn(json)) {
    const std::string* text = each.get_ptr<const std::string*>();
    if (text == nullptr) {
      throw Mismatch("a string was expected");
    }
    texts.push_back(*text);
  }
  return texts;
}

Json GroupsToJson(const std::vector<core::PgGroup>& groups) {
  Json json = Json::array();
  for (const core::PgGroup& group : groups) {
    json.push_back(group.text());
  }
  return json;
}

std::vector<core::PgGroup> GroupsFromJson(const Json& json) {
  std::vector<core::PgGroup> groups;
  for (const Json& each : ListIn(json)) {
    const std::string* text = each.get_ptr<const std::string*>();
    absl::StatusOr<core::PgGroup> group = core::PgGroup::Parse(text == nullptr ? "" : *text);
    if (!group.ok()) {
      throw Mismatch("a PostgreSQL group is malformed");
    }
    groups.push_back(*std::move(group));
  }
  return groups;
}

Json GuardToJson(const std::optional<policy::GuardTerms>& guard) {
  if (!guard.has_value()) {
    return Json();
  }
  return Json{
      {"attached", AttachedWord(guard->attached)}, {"keyless", KeylessWord(guard->keyless)},
      {"session_rows", guard->session_rows},       {"share_floor", guard->share_floor},
      {"share_percent", guard->share_percent},     {"statement_rows", guard->statement_rows}};
}

std::optional<policy::GuardTerms> GuardFromJson(const Json& json) {
  if (json.is_null()) {
    return std::nullopt;
  }
  Fields fields(json);
  policy::GuardTerms guard{.statement_rows = fields.Integer("statement_rows"),
                           .session_rows = fields.Integer("session_rows"),
                           .share_percent = fields.Int("share_percent"),
                           .share_floor = fields.Integer("share_floor"),
                           .attached = fields.OneOf("attached", AttachedFromWord),
                           .keyless = fields.OneOf("keyless", KeylessFromWord)};
  fields.Finish();
  return guard;
}

Json TermsToJson(const policy::Terms& terms) {
  Json json{
      {"access", AccessWord(terms.access)},
      {"approved_window_seconds", SecondsOf(terms.approved_window)},
      {"connection_limit", terms.connection_limit},
      {"guard", GuardToJson(terms.guard)},
      {"idle_in_transaction_timeout_ms", MillisecondsOf(terms.idle_in_transaction_timeout)},
      {"lock_timeout_ms", MillisecondsOf(terms.lock_timeout)},
      {"member_of", GroupsToJson(terms.member_of)},
      {"policy_fingerprint", terms.policy_fingerprint},
      {"review_window_seconds", SecondsOf(terms.review_window)},
      {"review_within_seconds", SecondsOf(terms.review_within)},
      {"reviewer", terms.reviewer.has_value() ? SeatToJson(*terms.reviewer) : Json()},
      {"role_fingerprint", terms.role_fingerprint},
      {"rule", terms.rule.text()},
      {"rule_fingerprint", terms.rule_fingerprint},
      {"seats", SeatsToJson(terms.seats)},
      {"statement_timeout_ms", MillisecondsOf(terms.statement_timeout)},
      {"ttl_seconds", SecondsOf(terms.ttl)},
  };
  if (terms.owner.has_value()) {
    json["owner"] = terms.owner->text();
  }
  return json;
}

policy::Terms TermsFromJson(const Json& json, TermsForm form) {
  Fields fields(json);
  const Json& reviewer = fields.Any("reviewer");
  policy::Terms terms{
      .rule = fields.Name<core::RuleName>("rule"),
      .rule_fingerprint = fields.Text("rule_fingerprint"),
      .role_fingerprint = fields.Text("role_fingerprint"),
      .policy_fingerprint = fields.Text("policy_fingerprint"),
      .access = fields.OneOf("access", AccessFromWord),
      .member_of = GroupsFromJson(fields.Any("member_of")),
      .owner = form == TermsForm::kWithOwner ? std::optional(fields.Name<core::PgGroup>("owner"))
                                             : std::nullopt,
      .ttl = fields.Seconds("ttl_seconds"),
      .connection_limit = fields.Int("connection_limit"),
      .statement_timeout = fields.Milliseconds("statement_timeout_ms"),
      .lock_timeout = fields.Milliseconds("lock_timeout_ms"),
      .idle_in_transaction_timeout = fields.Milliseconds("idle_in_transaction_timeout_ms"),
      .guard = GuardFromJson(fields.Any("guard")),
      .seats = SeatsFromJson(fields.Any("seats")),
      .reviewer = reviewer.is_null() ? std::nullopt : std::optional(SeatFromJson(reviewer)),
      .review_within = fields.Seconds("review_within_seconds"),
      .review_window = fields.Seconds("review_window_seconds"),
      .approved_window = fields.Seconds("approved_window_seconds")};
  fields.Finish();
  return terms;
}

Json ResidueToJson(const lease::Residue& residue) {
  Json lines = Json::array();
  for (const lease::ResidueLine& line : residue.lines) {
    lines.push_back(
        Json{{"kind", line.kind}, {"object", line.object}, {"what", lease::WhatWord(line.what)}});
  }
  return Json{{"lines", std::move(lines)}, {"more", residue.more}};
}

lease::Residue ResidueFromJson(const Json& json) {
  Fields fields(json);
  lease::Residue residue;
  for (const Json& each : ListIn(fields.Any("lines"))) {
    Fields of_line(each);
    residue.lines.push_back({.what = of_line.OneOf("what", WhatFromWord),
                             .kind = of_line.Text("kind"),
                             .object = of_line.Text("object")});
    of_line.Finish();
  }
  residue.more = fields.Int("more");
  fields.Finish();
  return residue;
}

Json AssignmentToJson(const policy::Assignment& assignment) {
  Json json = Json::object();
  for (const auto& [seat, person] : assignment) {
    json[seat.text()] = person.text();
  }
  return json;
}

policy::Assignment AssignmentFromJson(const Json& json) {
  Fields fields(json);
  policy::Assignment assignment;
  for (const auto& [key, value] : json.items()) {
    absl::StatusOr<core::SeatName> seat = core::SeatName::Parse(key);
    if (!seat.ok()) {
      throw Mismatch("a seat is malformed");
    }
    assignment.emplace(*std::move(seat), fields.Name<core::PersonId>(key));
  }
  return assignment;
}

Json ReviewToJson(const lease::SignedReview& review) {
  return Json{{"by", review.by.text()},          {"certificate_pem", review.certificate_pem},
              {"digest", review.digest},         {"note", review.note},
              {"signature", review.signature},   {"statement", review.statement},
              {"time", TimeToJson(review.time)}, {"verdict", VerdictWord(review.verdict)}};
}

lease::SignedReview ReviewFromJson(const Json& json) {
  Fields fields(json);
  lease::SignedReview review{.by = fields.Name<core::PersonId>("by"),
                             .verdict = fields.OneOf("verdict", VerdictFromWord),
                             .note = fields.Text("note"),
                             .statement = fields.Text("statement"),
                             .digest = fields.Text("digest"),
                             .signature = fields.Text("signature"),
                             .certificate_pem = fields.Text("certificate_pem"),
                             .time = fields.Time("time")};
  fields.Finish();
  return review;
}

Json TimeToJson(absl::Time time) {
  const auto year = absl::ToCivilYear(time, absl::UTCTimeZone()).year();
  if (time == absl::InfiniteFuture() || time == absl::InfinitePast() || year < 1 || year > 9999) {
    throw Mismatch("a time is outside the years 0001 to 9999");
  }
  return Json(ledger::FormatTime(time));
}

Json PersonToJson(const std::optional<core::PersonId>& person) {
  return person.has_value() ? Json(person->text()) : Json();
}

std::optional<core::PersonId> PersonFromJson(const Json& json) {
  if (json.is_null()) {
    return std::nullopt;
  }
  const std::string* text = json.get_ptr<const std::string*>();
  absl::StatusOr<core::PersonId> person = core::PersonId::Parse(text == nullptr ? "" : *text);
  if (!person.ok()) {
    throw Mismatch("a person is malformed");
  }
  return *std::move(person);
}

std::string PathWord(policy::Path path) {
  switch (path) {
    case policy::Path::kOrdinary:
      return "ordinary";
    case policy::Path::kBreakGlass:
      return "break_glass";
    case policy::Path::kChange:
      return "change";
  }
  return "";
}

std::string AccessWord(policy::Access access) {
  switch (access) {
    case policy::Access::kReads:
      return "reads";
    case policy::Access::kWrites:
      return "writes";
    case policy::Access::kDefines:
      return "defines";
  }
  return "";
}

std::string VerdictWord(lease::Verdict verdict) {
  switch (verdict) {
    case lease::Verdict::kYes:
      return "yes";
    case lease::Verdict::kNo:
      return "no";
  }
  return "";
}

std::optional<policy::Access> AccessFromWord(const std::string& word) {
  return FromWord({policy::Access::kReads, policy::Access::kWrites, policy::Access::kDefines},
                  AccessWord, word);
}

std::optional<policy::Path> PathFromWord(const std::string& word) {
  return FromWord({policy::Path::kOrdinary, policy::Path::kBreakGlass, policy::Path::kChange},
                  PathWord, word);
}

std::optional<lease::CloseCause> CauseFromWord(const std::string& word) {
  using lease::CloseCause;
  return FromWord({CloseCause::kDeadline, CloseCause::kEnded, CloseCause::kRevoked,
                   CloseCause::kDenied, CloseCause::kFault, CloseCause::kDrift},
                  lease::CauseWord, word);
}

}  // namespace jit::records

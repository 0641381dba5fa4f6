#include "broker/policy_files/fingerprint.h"

#include <cstdlib>
#include <set>

#include "absl/status/statusor.h"
#include "broker/ledger/canonical_json.h"
#include "broker/ledger/merkle.h"

namespace jit::policy_files {
namespace {

using ledger::Json;

std::string HashOf(const Json& value) {
  const absl::StatusOr<std::string> bytes = ledger::CanonicalBytes(value);
  if (!bytes.ok()) std::abort();  // whole numbers and checked names only: a bug otherwise
  return ledger::Sha256Hex(*bytes);
}

template <class Names>
Json Texts(const Names& names) {
  Json texts = Json::array();
  for (const auto& name : names) texts.push_back(name.text());
  return texts;
}

// Membership in groups is a set: its order in the file means nothing.
template <class Name>
std::set<Name> AsSet(const std::vector<Name>& names) {
  return {names.begin(), names.end()};
}

Json Seconds(absl::Duration duration) {
  return absl::ToInt64Seconds(duration);
}

Json AsJson(const policy::Seat& seat) {
  Json json = {{"name", seat.name.text()}};
  if (const auto* group = std::get_if<core::GroupName>(&seat.from)) {
    json["from"] = group->text();
  } else {
    json["manager_of"] = "requester";
  }
  return json;
}

Json AsJson(const std::vector<policy::Seat>& seats) {
  Json json = Json::array();
  for (const policy::Seat& seat : seats) json.push_back(AsJson(seat));
  return json;
}

const char* WordOf(policy::Access access) {
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

const char* WordOf(policy::GuardTerms::Keyless keyless) {
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

Json AsJson(const policy::GuardTerms& guard) {
  using Guard = policy::GuardTerms;
  return {{"statement_rows", guard.statement_rows},
          {"session_rows", guard.session_rows},
          {"share_percent", guard.share_percent},
          {"share_floor", guard.share_floor},
          {"attached", guard.attached == Guard::Attached::kAlways ? "always" : "while_open"},
          {"keyless", WordOf(guard.keyless)}};
}

// What a role does not have is left out, so that what it meant before it could be had keeps its
// fingerprint.
Json AsJson(const policy::OfferedRole& role) {
  Json json = {{"kind", "role"},
               {"name", role.name.text()},
               {"access", WordOf(role.access)},
               {"member_of", Texts(AsSet(role.member_of))},
               {"default_seconds", Seconds(role.ttl_default)},
               {"longest_seconds", Seconds(role.ttl_max)},
               {"connections", role.connection_limit},
               {"statement_timeout_seconds", Seconds(role.statement_timeout)},
               {"lock_timeout_seconds", Seconds(role.lock_timeout)},
               {"idle_in_transaction_timeout_seconds", Seconds(role.idle_in_transaction_timeout)}};
  if (role.guard) json["guard"] = AsJson(*role.guard);
  if (role.owner) json["owner"] = role.owner->text();
  if (role.access == policy::Access::kDefines) {
    json["interactive"] = role.offered == policy::OfferedRole::Offered::kAsLease;
  }
  return json;
}

Json AsJson(const policy::Rule& rule) {
  return {{"kind", "rule"},
          {"name", rule.name.text()},
          {"who", Texts(rule.who)},
          {"roles", Texts(rule.roles)},
          {"longest_seconds", Seconds(rule.ttl_max)},
          {"seats", AsJson(rule.seats)}};
}

Json AsJson(const policy::BreakGlassRule& rule) {
  return {{"kind", "break_glass"},
          {"name", rule.name.text()},
          {"who", Texts(rule.who)},
          {"roles", Texts(rule.roles)},
          {"longest_seconds", Seconds(rule.ttl_max)},
          {"reviewer", AsJson(rule.reviewer)},
          {"review_within_seconds", Seconds(rule.review_within)}};
}

Json AsJson(const policy::ChangeRule& rule) {
  Json json = {{"kind", "change"},
               {"name", rule.name.text()},
               {"who", Texts(rule.who)},
               {"roles", Texts(rule.roles)},
               {"seats", AsJson(rule.seats)},
               {"undo_seats", AsJson(rule.undo_seats)},
               {"drop_seats", AsJson(rule.drop_seats)},
               {"tolerance_percent", rule.tolerance_percent},
               {"samples", rule.samples},
               {"masked", rule.masked},
               {"rows_max", rule.rows_max},
               {"longest_seconds", Seconds(rule.run_max)},
               {"statement_timeout_seconds", Seconds(rule.statement_timeout)},
               {"lock_timeout_seconds", Seconds(rule.lock_timeout)},
               {"waiting_period_seconds", Seconds(rule.waiting_period)},
               {"images_kept_seconds", Seconds(rule.images_kept)}};
  json["unrehearsed_seats"] =
      rule.unrehearsed_seats ? AsJson(*rule.unrehearsed_seats) : Json(nullptr);
  return json;
}

Json AsJson(const core::Person& person) {
  Json json = {{"identities", person.identities}, {"groups", Texts(person.groups)}};
  json["manager"] = person.manager ? Json(person.manager->text()) : Json(nullptr);
  return json;
}

Json AsJson(const policy::TargetPolicy& target) {
  Json roles = Json::array();
  for (const auto& [name, role] : target.roles) roles.push_back(AsJson(role));
  Json rules = Json::array();
  for (const policy::Rule& rule : target.rules) rules.push_back(AsJson(rule));
  Json break_glass = Json::array();
  for (const policy::BreakGlassRule& rule : target.break_glass) break_glass.push_back(AsJson(rule));
  Json json = {{"roles", std::move(roles)},
               {"rules", std::move(rules)},
               {"break_glass", std::move(break_glass)}};
  Json changes = Json::array();
  for (const policy::ChangeRule& rule : target.changes) changes.push_back(AsJson(rule));
  if (!changes.empty()) json["changes"] = std::move(changes);
  return json;
}

}  // namespace

std::string FingerprintOf(const policy::OfferedRole& role) {
  return HashOf(AsJson(role));
}
std::string FingerprintOf(const policy::Rule& rule) {
  return HashOf(AsJson(rule));
}
std::string FingerprintOf(const policy::BreakGlassRule& rule) {
  return HashOf(AsJson(rule));
}
std::string FingerprintOf(const policy::ChangeRule& rule) {
  return HashOf(AsJson(rule));
}

std::string FingerprintOf(const policy::Policy& policy) {
  Json people = Json::object();
  for (const auto& [id, person] : policy.people.people) people[id.text()] = AsJson(person);
  Json targets = Json::object();
  for (const auto& [name, target] : policy.targets) targets[name.text()] = AsJson(target);
  const policy::Limits& limits = policy.limits;
  return HashOf({{"kind", "policy"},
                 {"people", std::move(people)},
                 {"operators", Texts(policy.offices.operators)},
                 {"auditors", Texts(policy.offices.auditors)},
                 {"targets", std::move(targets)},
                 {"waiting_leases", limits.waiting_leases_max},
                 {"shortest_seconds", Seconds(limits.ttl_min)},
                 {"review_window_seconds", Seconds(limits.review_window)},
                 {"approved_window_seconds", Seconds(limits.approved_window)},
                 {"clock_skew_seconds", Seconds(limits.clock_skew_max)}});
}

void Fingerprint(policy::Policy& policy) {
  for (auto& [name, target] : policy.targets) {
    for (auto& [role_name, role] : target.roles) role.fingerprint = FingerprintOf(role);
    for (policy::ChangeRule& rule : target.changes) rule.fingerprint = FingerprintOf(rule);
    for (policy::Rule& rule : target.rules) rule.fingerprint = FingerprintOf(rule);
    for (policy::BreakGlassRule& rule : target.break_glass) rule.fingerprint = FingerprintOf(rule);
  }
  policy.fingerprint = FingerprintOf(policy);
}

}  // namespace jit::policy_files

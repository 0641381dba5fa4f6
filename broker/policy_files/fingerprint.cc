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

Json AsJson(const policy::OfferedRole& role) {
  return {{"kind", "role"},
          {"name", role.name.text()},
          {"access", role.access == policy::Access::kWrites ? "writes" : "reads"},
          {"member_of", Texts(AsSet(role.member_of))},
          {"default_seconds", Seconds(role.ttl_default)},
          {"longest_seconds", Seconds(role.ttl_max)},
          {"connections", role.connection_limit},
          {"statement_timeout_seconds", Seconds(role.statement_timeout)},
          {"lock_timeout_seconds", Seconds(role.lock_timeout)},
          {"idle_in_transaction_timeout_seconds", Seconds(role.idle_in_transaction_timeout)}};
}

Json AsJson(const policy::Rule& rule) {
  Json seats = Json::array();
  for (const policy::Seat& seat : rule.seats) seats.push_back(AsJson(seat));
  return {{"kind", "rule"},
          {"name", rule.name.text()},
          {"who", Texts(rule.who)},
          {"roles", Texts(rule.roles)},
          {"longest_seconds", Seconds(rule.ttl_max)},
          {"seats", std::move(seats)}};
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
  return {{"roles", std::move(roles)},
          {"rules", std::move(rules)},
          {"break_glass", std::move(break_glass)}};
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
    for (policy::Rule& rule : target.rules) rule.fingerprint = FingerprintOf(rule);
    for (policy::BreakGlassRule& rule : target.break_glass) rule.fingerprint = FingerprintOf(rule);
  }
  policy.fingerprint = FingerprintOf(policy);
}

}  // namespace jit::policy_files

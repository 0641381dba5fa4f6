#include "tests/testing/cast.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "broker/development/authority.h"

namespace jit::testing {
namespace {

template <class NameType>
NameType Named(const char* text) {
  return *NameType::Parse(text);
}

core::Person MakePerson(const char* id, std::vector<const char*> groups, const char* manager) {
  core::Person person{.id = Named<core::PersonId>(id)};
  person.identities.insert(absl::StrCat("jit://simulation/", id));
  for (const char* group : groups) person.groups.insert(Named<core::GroupName>(group));
  if (manager != nullptr) person.manager = Named<core::PersonId>(manager);
  return person;
}

policy::OfferedRole MakeRole(const char* name, policy::Access access, const char* group) {
  return policy::OfferedRole{.name = Named<core::RoleName>(name),
                             .access = access,
                             .member_of = {*core::PgGroup::Parse(group)},
                             .ttl_default = absl::Minutes(30),
                             .ttl_max = absl::Hours(4),
                             .connection_limit = 2,
                             .statement_timeout = absl::Minutes(5),
                             .lock_timeout = absl::Seconds(5),
                             .idle_in_transaction_timeout = absl::Minutes(1),
                             .fingerprint = absl::StrCat("role-", name)};
}

policy::Seat GroupSeat(const char* name, const char* group) {
  return {Named<core::SeatName>(name), Named<core::GroupName>(group)};
}

policy::TargetPolicy MakeTarget(const char* name, int edition) {
  policy::TargetPolicy target{.name = Named<core::TargetName>(name)};
  for (policy::OfferedRole& role :
       std::array{MakeRole("reader", policy::Access::kReads, "shop_read"),
                  MakeRole("writer", policy::Access::kWrites, "shop_write"),
                  MakeRole("owner", policy::Access::kWrites, "shop_owner")}) {
    target.roles.emplace(role.name, role);
  }
  policy::OfferedRole schema = MakeRole("schema", policy::Access::kDefines, "shop_owner");
  schema.owner = schema.member_of.front();
  target.roles.emplace(schema.name, schema);
  const std::set<core::GroupName> engineers = {Named<core::GroupName>("engineers")};
  target.rules.push_back({Named<core::RuleName>("read"),
                          engineers,
                          {Named<core::RoleName>("reader")},
                          absl::Hours(4),
                          {},
                          "rule-read"});
  target.rules.push_back({Named<core::RuleName>("write"),
                          engineers,
                          {Named<core::RoleName>("writer")},
                          absl::Hours(1 + edition),
                          {GroupSeat("reviewer", "reviewers")},
                          absl::StrCat("rule-write-", edition)});
  target.rules.push_back({Named<core::RuleName>("own"),
                          engineers,
                          {Named<core::RoleName>("owner")},
                          absl::Hours(1),
                          {GroupSeat("reviewer", "reviewers"),
                           {Named<core::SeatName>("manager"), policy::ManagerOfRequester{}}},
                          "rule-own"});
  target.rules.push_back({Named<core::RuleName>("define"),
                          engineers,
                          {Named<core::RoleName>("schema")},
                          absl::Hours(1),
                          {GroupSeat("reviewer", "reviewers")},
                          "rule-define-lease"});
  target.break_glass.push_back({Named<core::RuleName>("emergency"),
                                {Named<core::GroupName>("oncall")},
                                {Named<core::RoleName>("writer")},
                                absl::Minutes(30),
                                GroupSeat("manager", "managers"),
                                absl::Hours(24),
                                "rule-emergency"});
  const std::vector<policy::Seat> one = {GroupSeat("reviewer", "reviewers")};
  std::vector<policy::Seat> two = one;
  two.push_back({Named<core::SeatName>("manager"), policy::ManagerOfRequester{}});
  target.changes.push_back({.name = Named<core::RuleName>("fix"),
                            .who = engineers,
                            .roles = {Named<core::RoleName>("writer")},
                            .seats = one,
                            .undo_seats = {},
                            .drop_seats = two,
                            .unrehearsed_seats = two,
                            .masked = {"shop.people.value"},
                            .rows_max = 5,
                            .fingerprint = absl::StrCat("rule-fix-", edition)});
  target.changes.push_back({.name = Named<core::RuleName>("define"),
                            .who = engineers,
                            .roles = {Named<core::RoleName>("owner")},
                            .seats = two,
                            .undo_seats = one,
                            .drop_seats = two,
                            .fingerprint = "rule-define"});
  return target;
}

}  // namespace

const Cast& Cast::Get() {
  static const Cast* const cast = [] {
    auto* made = new Cast;
    const absl::Time from = absl::FromUnixSeconds(1'700'000'000);
    auto authority =
        development::Authority::Make("simulation", from, from + absl::Hours(24 * 3650));
    for (const auto& [id, person] : MakePolicy(0).people.people) {
      made->people.push_back(id);
      auto pair = authority->Issue({.common_name = id.text(),
                                    .uris = {*person.identities.begin()},
                                    .not_before = from,
                                    .not_after = from + absl::Hours(24 * 3650)});
      made->signers[id] = {pair->certificate_pem, std::string(pair->key_pem.RevealForUse())};
    }
    for (std::uint8_t n = 0; n < 6; ++n) {
      std::array<std::uint8_t, 32> bytes;
      bytes.fill(n);
      made->verifiers.push_back(*credential::ScramVerifier::Make(credential::PasswordFrom(bytes),
                                                                 std::span(bytes).first<16>()));
    }
    return made;
  }();
  return *cast;
}

policy::Policy MakePolicy(int edition) {
  policy::Policy policy;
  for (core::Person& person :
       std::array{MakePerson("alice", {"engineers", "oncall"}, "manu"),
                  MakePerson("bob", {"engineers", "reviewers", "oncall"}, "manu"),
                  MakePerson("rita", {"engineers", "reviewers"}, "manu"),
                  MakePerson("rolf", {"reviewers"}, "manu"),
                  MakePerson("manu", {"managers", "reviewers"}, nullptr),
                  MakePerson("opal", {"operators"}, nullptr)}) {
    policy.people.people.emplace(person.id, person);
  }
  policy.offices.operators = {Named<core::GroupName>("operators")};
  for (const char* name : {"prod", "stage"}) {
    policy::TargetPolicy target = MakeTarget(name, edition);
    policy.targets.emplace(target.name, target);
  }
  policy.fingerprint = absl::StrCat("edition-", edition);
  return policy;
}

}  // namespace jit::testing

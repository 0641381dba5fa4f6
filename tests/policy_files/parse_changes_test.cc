// What policy files say about guards, roles that define, and guarded changes.

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/policy_files/duration.h"
#include "broker/policy_files/parse.h"
#include "broker/policy_files/schema.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/policy_files/small_policy.h"

namespace jit::policy_files {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

policy::TargetPolicy ShopOf(const std::vector<FileText>& files) {
  const ParsedPolicy parsed = ParsePolicy(files, kTtlFloor);
  EXPECT_EQ(TextOf(parsed.mistakes), "");
  return parsed.policy->targets.at(*core::TargetName::Parse("shop"));
}

core::RoleName Role(absl::string_view name) {
  return *core::RoleName::Parse(name);
}
policy::Seat Seat(absl::string_view name, absl::string_view group) {
  return {*core::SeatName::Parse(name), *core::GroupName::Parse(group)};
}
policy::Seat Boss() {
  return {*core::SeatName::Parse("boss"), policy::ManagerOfRequester{}};
}

TEST(ParseChanges, GivesGuardOwnerAndRulesAsWritten) {
  const policy::TargetPolicy shop = ShopOf(SmallPolicyWithChanges());
  const policy::OfferedRole& writer = shop.roles.at(Role("writer"));
  ASSERT_TRUE(writer.guard.has_value());
  policy::GuardTerms guard;
  guard.statement_rows = 200;
  guard.attached = policy::GuardTerms::Attached::kAlways;
  EXPECT_EQ(*writer.guard, guard);
  EXPECT_EQ(writer.offered, policy::OfferedRole::Offered::kAsLease);
  EXPECT_FALSE(shop.roles.at(Role("reader")).guard.has_value());

  const policy::OfferedRole& schema = shop.roles.at(Role("schema"));
  EXPECT_EQ(schema.access, policy::Access::kDefines);
  EXPECT_EQ(schema.owner, core::PgGroup::Parse("shop_owner").value());
  EXPECT_EQ(schema.offered, policy::OfferedRole::Offered::kAsChangeOnly);
  EXPECT_FALSE(schema.guard.has_value());

  ASSERT_EQ(shop.changes.size(), 2u);
  const policy::ChangeRule& repair = shop.changes[0];
  EXPECT_EQ(repair.name.text(), "repair");
  EXPECT_THAT(repair.who, ElementsAre(*core::GroupName::Parse("engineers")));
  EXPECT_THAT(repair.roles, ElementsAre(Role("writer")));
  EXPECT_THAT(repair.seats, ElementsAre(Seat("peer", "engineers")));
  EXPECT_THAT(repair.undo_seats, IsEmpty());
  EXPECT_THAT(repair.drop_seats, ElementsAre(Seat("lead", "leads")));
  ASSERT_TRUE(repair.unrehearsed_seats.has_value());
  EXPECT_THAT(*repair.unrehearsed_seats, ElementsAre(Boss()));
  EXPECT_EQ(repair.tolerance_percent, 10);
  EXPECT_EQ(repair.samples, 3);
  EXPECT_THAT(repair.masked, ElementsAre("shop.customers.email", "shop.customers.full_name"));
  EXPECT_EQ(repair.rows_max, 5000);
  EXPECT_EQ(repair.run_max, absl::Minutes(5));
  EXPECT_EQ(repair.fingerprint.size(), 64u);
}

TEST(ParseChanges, LeftOutKeysMeanWhatTheReferenceSays) {
  const policy::ChangeRule migrate = ShopOf(SmallPolicyWithChanges()).changes[1];
  EXPECT_THAT(migrate.undo_seats, ElementsAre(Boss()));
  EXPECT_THAT(migrate.drop_seats, ElementsAre(Boss()));
  EXPECT_EQ(migrate.unrehearsed_seats, std::nullopt);
  const auto said = [](const Section& section, absl::string_view key) {
    for (const Key& each : section.keys) {
      if (each.name == key) return std::string(each.otherwise);
    }
    return absl::StrCat("no key ", key);
  };
  const Section& change = schema::Change();
  EXPECT_EQ(absl::StrCat(migrate.tolerance_percent), said(change, "tolerance_percent"));
  EXPECT_EQ(absl::StrCat(migrate.samples), said(change, "samples"));
  EXPECT_THAT(migrate.masked, IsEmpty());
  EXPECT_EQ(absl::StrCat(migrate.rows_max), said(change, "rows_max"));
  EXPECT_EQ(migrate.run_max, *ParseDuration(said(change, "longest")));
  EXPECT_EQ(migrate.statement_timeout, *ParseDuration(said(change, "statement_timeout")));
  EXPECT_EQ(migrate.lock_timeout, *ParseDuration(said(change, "lock_timeout")));
  EXPECT_EQ(migrate.waiting_period, *ParseDuration(said(change, "waiting_period")));
  EXPECT_EQ(migrate.images_kept, *ParseDuration(said(change, "images_kept")));

  const policy::GuardTerms guard =
      *ShopOf(ChangesWith("statement_rows = 200\nattached = \"always\"\n", ""))
           .roles.at(Role("writer"))
           .guard;
  EXPECT_EQ(guard, policy::GuardTerms{});
  EXPECT_EQ(absl::StrCat(guard.statement_rows), said(schema::Guard(), "statement_rows"));
  EXPECT_EQ(absl::StrCat(guard.session_rows), said(schema::Guard(), "session_rows"));
  EXPECT_EQ(absl::StrCat(guard.share_percent), said(schema::Guard(), "share_percent"));
  EXPECT_EQ(absl::StrCat(guard.share_floor), said(schema::Guard(), "share_floor"));
  EXPECT_EQ(guard.attached, policy::GuardTerms::Attached::kWhileOpen);
  EXPECT_EQ(guard.keyless, policy::GuardTerms::Keyless::kByName);
}

TEST(ParseChanges, ARunIsNoLongerThanItsRolesAllow) {
  EXPECT_EQ(ShopOf(ChangesWith("owner = \"shop_owner\"\ndefault = \"10m\"\nlongest = \"1h\"",
                               "owner = \"shop_owner\"\ndefault = \"2m\"\nlongest = \"3m\""))
                .changes[1]
                .run_max,
            absl::Minutes(3));
}

TEST(ParseChanges, ARoleThatDefinesIsALeaseWhenTheFileSaysSo) {
  const std::vector<FileText> files =
      ChangesWith("owner = \"shop_owner\"", "owner = \"shop_owner\"\ninteractive = true");
  EXPECT_EQ(ShopOf(files).roles.at(Role("schema")).offered, policy::OfferedRole::Offered::kAsLease);
}

TEST(ParseChanges, AWriterOfWhoseGuardTheFileSaysNothingHasEveryCeilingAtItsDefault) {
  const policy::TargetPolicy shop = ShopOf(SmallPolicy());
  EXPECT_EQ(shop.roles.at(Role("writer")).guard, policy::GuardTerms{});
  EXPECT_FALSE(shop.roles.at(Role("reader")).guard.has_value());
  const policy::TargetPolicy empty =
      ShopOf(ChangesWith("statement_rows = 200\nattached = \"always\"\n", ""));
  const policy::TargetPolicy none = ShopOf(
      ChangesWith("[roles.writer.guard]\nstatement_rows = 200\nattached = \"always\"\n", ""));
  EXPECT_EQ(empty.roles.at(Role("writer")).fingerprint, none.roles.at(Role("writer")).fingerprint);
}

TEST(ParseChanges, AWriterGoesUnguardedOnlyWhenTheFileSaysSo) {
  const std::vector<FileText> files =
      ChangesWith("statement_rows = 200\nattached = \"always\"\n", "attached = \"never\"\n");
  EXPECT_FALSE(ShopOf(files).roles.at(Role("writer")).guard.has_value());
}

// A rule of its own for the role that defines, which is offered as a lease, demanding `seats`.
std::string DefiningRule(const std::string& seats) {
  return absl::StrCat("longest = \"1h\"\ninteractive = true\n\n[[rules]]\nname = \"define\"\n",
                      "who = [\"engineers\"]\nroles = [\"schema\"]\nlongest = \"10m\"\nseats = ",
                      seats, "\n\n[[rules]]\nname = \"read\"");
}
const char kBeforeTheFirstRule[] = "longest = \"1h\"\n\n[[rules]]\nname = \"read\"";

TEST(ParseChanges, ALeaseThatDefinesHasSomebodyWhoCouldAcceptItsResidue) {
  const auto parsed = ParsePolicy(
      ChangesWith(kBeforeTheFirstRule, DefiningRule("[{ name = \"lead\", from = \"leads\" }]")),
      kTtlFloor);
  EXPECT_EQ(TextOf(parsed.mistakes), "");
}

// One thing is wrong in a policy that is right otherwise.
struct BadChange {
  std::string from;
  std::string to;
  std::string told;
};

void PrintTo(const BadChange& bad, std::ostream* out) {
  *out << bad.from << " as " << bad.to;
}

class ABadChange : public testing::TestWithParam<BadChange> {};

TEST_P(ABadChange, IsRefusedWithFileLineAndColumn) {
  const ParsedPolicy parsed = ParsePolicy(ChangesWith(GetParam().from, GetParam().to), kTtlFloor);
  EXPECT_EQ(parsed.policy.has_value(), parsed.mistakes.empty());
  EXPECT_EQ(TextOf(parsed.mistakes), GetParam().told);
}

INSTANTIATE_TEST_SUITE_P(
    Roles, ABadChange,
    testing::Values(
        BadChange{"owner = \"shop_owner\"\n", "",
                  "shop.toml:16:1: role 'schema' defines, so it needs 'owner': the role that owns "
                  "the tables"},
        BadChange{"owner = \"shop_owner\"", "owner = \"postgres_owner\"",
                  "shop.toml:19:9: owner 'postgres_owner' must stand in 'member_of' of role "
                  "'schema': the login owns the tables by being its member"},
        BadChange{"owner = \"shop_owner\"", "owner = \"pg_monitor\"",
                  "shop.toml:19:9: 'pg_monitor' in role 'schema': a login is put into a NOLOGIN "
                  "group role of yours: 1 to 63 characters of a-z, 0-9 and '_', not beginning with "
                  "pg_ (a predefined power) or jit_ (a login of the broker)"},
        BadChange{"access = \"reads\"", "access = \"reads\"\nowner = \"shop_owner\"",
                  "shop.toml:3:9: 'owner' of role 'reader' is for a role that defines"},
        BadChange{"access = \"writes\"", "access = \"writes\"\ninteractive = true",
                  "shop.toml:9:15: 'interactive' of role 'writer' is for a role that defines"},
        BadChange{"owner = \"shop_owner\"", "owner = \"shop_owner\"\ninteractive = \"yes\"",
                  "shop.toml:20:15: 'interactive' of role 'schema' must be true or false"},
        BadChange{"access = \"reads\"", "access = \"reads\"\nguard = {}",
                  "shop.toml:3:9: 'guard' of role 'reader' is for a role that writes"},
        BadChange{"[roles.writer.guard]\nstatement_rows = 200\nattached = \"always\"\n",
                  "guard = false\n", "shop.toml:12:9: 'guard' of role 'writer' must be a table"},
        BadChange{"statement_rows = 200", "rows = 200",
                  "shop.toml:13:1: 'rows' is no key of a guard; its keys are statement_rows, "
                  "session_rows, share_percent, share_floor, attached, keyless"},
        BadChange{"statement_rows = 200", "statement_rows = 0",
                  "shop.toml:13:18: 'statement_rows' of the guard of role 'writer' must be a whole "
                  "number from 1 to 1000000000"},
        BadChange{"statement_rows = 200", "share_percent = 101",
                  "shop.toml:13:17: 'share_percent' of the guard of role 'writer' must be a whole "
                  "number from 1 to 100"},
        BadChange{"attached = \"always\"", "attached = \"sometimes\"",
                  "shop.toml:14:12: 'attached' of the guard of role 'writer' must be "
                  "\"while_open\" or \"always\" or \"never\""},
        BadChange{"attached = \"always\"", "attached = \"never\"",
                  "shop.toml:13:18: 'statement_rows' of the guard of role 'writer' means nothing "
                  "beside 'attached = \"never\"'; take one of them out"},
        BadChange{"statement_rows = 200\nattached = \"always\"",
                  "attached = \"never\"\nkeyless = \"allowed\"\nshare_floor = 0",
                  "shop.toml:14:11: 'keyless' of the guard of role 'writer' means nothing beside "
                  "'attached = \"never\"'; take one of them out\n"
                  "shop.toml:15:15: 'share_floor' of the guard of role 'writer' means nothing "
                  "beside 'attached = \"never\"'; take one of them out"},
        BadChange{"attached = \"always\"", "keyless = true",
                  "shop.toml:14:11: 'keyless' of the guard of role 'writer' must be a string in "
                  "quotes"},
        BadChange{"attached = \"always\"", "keyless = \"some\"",
                  "shop.toml:14:11: 'keyless' of the guard of role 'writer' must be \"by_name\" or "
                  "\"refused\" or \"allowed\""},
        BadChange{"statement_rows = 200", "statement_rows = 20000",
                  "shop.toml:13:18: a statement may change 20000 rows and the whole lease 10000; "
                  "'session_rows' must be at least 'statement_rows'"},
        BadChange{"name = \"write\"\nwho = [\"engineers\"]\nroles = [\"writer\"]",
                  "name = \"write\"\nwho = [\"engineers\"]\nroles = [\"writer\", \"schema\"]",
                  "shop.toml:33:20: role 'schema' is offered as a change only, so rule 'write' "
                  "cannot open it; take it out, or write 'interactive = true' in the role"},
        BadChange{kBeforeTheFirstRule, DefiningRule("[]"),
                  "shop.toml:29:9: rule 'define' opens role 'schema', which defines, so it needs a "
                  "seat: whoever could sit there accepts what such a lease leaves in the schema"}));

INSTANTIATE_TEST_SUITE_P(
    Rules, ABadChange,
    testing::Values(
        BadChange{"undo_seats = []", "undo = []",
                  "shop.toml:42:1: 'undo' is no key of a change rule; its keys are name, who, "
                  "roles, seats, undo_seats, drop_seats, unrehearsed_seats, tolerance_percent, "
                  "samples, masked, rows_max, longest, statement_timeout, lock_timeout, "
                  "waiting_period, images_kept"},
        BadChange{
            "name = \"repair\"\n", "",
            "shop.toml:37:1: change rule number 1 needs 'name': unique in its file, among all "
            "rules"},
        BadChange{"name = \"repair\"", "name = \"write\"",
                  "shop.toml:38:8: another rule is named 'write' on line 31; every rule of a file "
                  "has its own name"},
        BadChange{"name = \"migrate\"\nwho = [\"engineers\"]",
                  "name = \"migrate\"\nwho = "
                  "[\"enginers\"]",
                  "shop.toml:53:8: group 'enginers' is not in [groups] of people.toml"},
        BadChange{"roles = [\"schema\"]", "roles = [\"schema\", \"owner\"]",
                  "shop.toml:54:20: role 'owner' is not in [roles] of shop.toml"},
        BadChange{"roles = [\"schema\"]", "roles = [\"schema\", \"reader\"]",
                  "shop.toml:54:20: role 'reader' only reads, so a change of rule 'migrate' could "
                  "change nothing with it; take it out"},
        BadChange{"roles = [\"schema\"]", "roles = [\"writer\"]",
                  "shop.toml:16:8: no rule offers role 'schema', so nobody may ask for it; add it "
                  "to the 'roles' of a rule, or take it out\n"
                  "shop.toml:51:1: rule 'migrate' can never decide: rule 'repair' before it names "
                  "the same groups and roles; move it up, or take it out"},
        BadChange{"drop_seats = [{ name = \"lead\", from = \"leads\" }]",
                  "drop_seats = [{ name = \"lead\", from = \"bosses\" }]",
                  "shop.toml:43:39: group 'bosses' is not in [groups] of people.toml"},
        BadChange{"drop_seats = [{ name = \"lead\", from = \"leads\" }]",
                  "drop_seats = [{ name = \"lead\", from = \"empty\" }]",
                  "shop.toml:43:24: nobody could ever fill seat 'lead' of rule 'repair': each seat "
                  "takes another person, and never the one who asks; widen the seat's group, or "
                  "name a manager"},
        BadChange{"undo_seats = []",
                  "undo_seats = [{ name = \"a\", from = \"leads\" }, { name = \"a\", from = "
                  "\"engineers\" }]",
                  "shop.toml:42:56: another seat of rule 'repair' is named 'a'; rename one"},
        BadChange{"[{ name = \"boss\", manager_of = \"requester\" }]\ntolerance", "[]\ntolerance",
                  "shop.toml:44:21: 'unrehearsed_seats' of change rule 'repair' must hold a seat: "
                  "what nobody has seen run is not run without another person"},
        BadChange{"tolerance_percent = 10", "tolerance_percent = 101",
                  "shop.toml:45:21: 'tolerance_percent' of change rule 'repair' must be a whole "
                  "number from 0 to 100"},
        BadChange{
            "samples = 3", "samples = -1",
            "shop.toml:46:11: 'samples' of change rule 'repair' must be a whole number from 0 "
            "to 100"},
        BadChange{"\"shop.customers.email\"", "\"customers.email\"",
                  "shop.toml:47:11: 'customers.email' in change rule 'repair': write "
                  "schema.table.column, each 1 to 63 characters as PostgreSQL stores them, without "
                  "dots"},
        BadChange{"\"shop.customers.email\"", "\"shop.customers.full_name\"",
                  "shop.toml:47:39: 'shop.customers.full_name' stands twice in 'masked' of change "
                  "rule 'repair'; remove one"},
        BadChange{"rows_max = 5000", "rows_max = 0",
                  "shop.toml:48:12: 'rows_max' of change rule 'repair' must be a whole number from "
                  "1 to 1000000000"},
        BadChange{"longest = \"5m\"", "longest = \"61m\"",
                  "shop.toml:49:11: 'longest' of rule 'repair' is above the 1h of its role "
                  "'writer'; lower this one or raise that one"},
        BadChange{"longest = \"5m\"", "lock_timeout = \"2d\"",
                  "shop.toml:49:16: 'lock_timeout' of change rule 'repair' must be from 1s to 1d"},
        BadChange{"longest = \"5m\"", "waiting_period = \"1s\"",
                  "shop.toml:49:18: 'waiting_period' of change rule 'repair' must be from 1m to "
                  "365d"},
        BadChange{"longest = \"5m\"", "images_kept = \"1m\"",
                  "shop.toml:49:15: 'images_kept' of change rule 'repair' must be from 1h to "
                  "3660d"}));

}  // namespace
}  // namespace jit::policy_files

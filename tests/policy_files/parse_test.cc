#include "broker/policy_files/parse.h"

#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "broker/policy_files/draft.h"
#include "broker/policy_files/duration.h"
#include "broker/policy_files/schema.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/policy_files/small_policy.h"

namespace jit::policy_files {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string MistakesOf(const std::vector<FileText>& files) {
  const ParsedPolicy parsed = ParsePolicy(files, kTtlFloor);
  EXPECT_EQ(parsed.policy.has_value(), parsed.mistakes.empty());
  return TextOf(parsed.mistakes);
}

core::PersonId Person(absl::string_view name) {
  return *core::PersonId::Parse(name);
}
core::GroupName Group(absl::string_view name) {
  return *core::GroupName::Parse(name);
}
core::RoleName Role(absl::string_view name) {
  return *core::RoleName::Parse(name);
}

TEST(ParsePolicy, GivesTheWholePolicyAsWritten) {
  const ParsedPolicy parsed = ParsePolicy(SmallPolicy(), kTtlFloor);
  ASSERT_EQ(TextOf(parsed.mistakes), "");
  const policy::Policy& policy = *parsed.policy;

  EXPECT_EQ(policy.people.people.size(), 3u);
  EXPECT_EQ(policy.people.FindByIdentity("jit://shop/max-laptop")->id, Person("max"));
  EXPECT_EQ(policy.people.Find(Person("ann"))->manager, Person("max"));
  EXPECT_EQ(policy.people.Find(Person("max"))->manager, std::nullopt);
  EXPECT_TRUE(policy.people.IsIn(Person("bob"), Group("engineers")));
  EXPECT_FALSE(policy.people.IsIn(Person("bob"), Group("leads")));
  EXPECT_THAT(policy.offices.operators, ElementsAre(Group("leads")));
  EXPECT_THAT(policy.offices.auditors, ElementsAre(Group("leads")));
  EXPECT_EQ(policy.limits.waiting_leases_max, 5);
  EXPECT_EQ(policy.limits.ttl_min, absl::Seconds(60));

  const policy::TargetPolicy& shop = policy.targets.at(*core::TargetName::Parse("shop"));
  const policy::OfferedRole& writer = shop.roles.at(Role("writer"));
  EXPECT_EQ(writer.access, policy::Access::kWrites);
  EXPECT_THAT(writer.member_of, ElementsAre(*core::PgGroup::Parse("shop_writer"),
                                            *core::PgGroup::Parse("shop_reader")));
  EXPECT_EQ(writer.ttl_default, absl::Minutes(10));
  EXPECT_EQ(writer.ttl_max, absl::Hours(1));
  EXPECT_EQ(writer.connection_limit, 2);
  EXPECT_EQ(writer.fingerprint.size(), 64u);

  ASSERT_EQ(shop.rules.size(), 2u);
  EXPECT_EQ(shop.rules[0].name.text(), "read");
  EXPECT_TRUE(shop.rules[0].seats.empty());
  const policy::Rule& write = shop.rules[1];
  EXPECT_THAT(write.who, ElementsAre(Group("engineers")));
  EXPECT_THAT(write.roles, ElementsAre(Role("writer")));
  EXPECT_EQ(write.ttl_max, absl::Hours(1));
  EXPECT_THAT(
      write.seats,
      ElementsAre(policy::Seat{*core::SeatName::Parse("peer"), Group("engineers")},
                  policy::Seat{*core::SeatName::Parse("boss"), policy::ManagerOfRequester{}}));
  ASSERT_EQ(shop.break_glass.size(), 1u);
  EXPECT_EQ(shop.break_glass[0].ttl_max, absl::Minutes(30));
  EXPECT_EQ(shop.break_glass[0].reviewer,
            (policy::Seat{*core::SeatName::Parse("lead"), Group("leads")}));
  EXPECT_EQ(shop.break_glass[0].review_within, absl::Hours(24));
}

// One thing is wrong in a policy that is right otherwise.
struct BadPolicy {
  std::string file;
  std::string from;  // what the small policy says
  std::string to;    // what is written instead
  std::string told;  // the mistakes, all of them
};

void PrintTo(const BadPolicy& bad, std::ostream* out) {
  *out << bad.file << ": " << bad.from << " as " << bad.to;
}

class ABadPolicy : public testing::TestWithParam<BadPolicy> {};

TEST_P(ABadPolicy, IsRefusedWithFileLineAndColumn) {
  const BadPolicy& bad = GetParam();
  EXPECT_EQ(MistakesOf(SmallPolicyWith(bad.file, bad.from, bad.to)), bad.told);
}

constexpr char kNameRule[] =
    "a name is 1 to 63 characters of a-z, 0-9, '.', '_' and '-', and begins with a letter or digit";

INSTANTIATE_TEST_SUITE_P(
    People, ABadPolicy,
    testing::Values(
        BadPolicy{
            "people.toml", "manager = \"max\"", "boss = \"max\"",
            "people.toml:3:1: 'boss' is no key of a person; its keys are identities, manager"},
        BadPolicy{"people.toml", "[limits]", "[limit]",
                  "people.toml:22:2: 'limit' is no key of people.toml; its keys are people, "
                  "groups, offices, limits"},
        BadPolicy{"people.toml", "identities = [\"jit://shop/ann\"]\n", "",
                  "people.toml:1:1: person 'ann' needs 'identities': the URI SANs of the person's "
                  "certificates; an identity belongs to one person"},
        BadPolicy{"people.toml", "[\"jit://shop/ann\"]", "\"jit://shop/ann\"",
                  "people.toml:2:14: 'identities' of person 'ann' must be an array, [\"…\"]"},
        BadPolicy{"people.toml", "[\"jit://shop/ann\"]", "[]",
                  "people.toml:2:14: 'identities' of person 'ann' must not be empty"},
        BadPolicy{"people.toml", "\"jit://shop/ann\"", "\"ann\"",
                  "people.toml:2:15: 'ann' is no URI: write the certificate's URI SAN, at most 256 "
                  "printable characters, such as jit://shop/ann"},
        BadPolicy{"people.toml", "\"jit://shop/ann\"", "7",
                  "people.toml:2:15: 'identities' of person 'ann' must hold strings in quotes"},
        BadPolicy{"people.toml", "jit://shop/ann", "jit://shop/max-laptop",
                  "people.toml:10:33: identity 'jit://shop/max-laptop' belongs to person 'ann' "
                  "already; one identity, one person"},
        BadPolicy{"people.toml", "\"jit://shop/ann\"", "\"jit://shop/ann\", \"jit://shop/ann\"",
                  "people.toml:2:33: 'jit://shop/ann' stands twice in 'identities' of person "
                  "'ann'; remove one"},
        BadPolicy{"people.toml", "manager = \"max\"", "manager = \"moritz\"",
                  "people.toml:3:11: manager 'moritz' of person 'ann' is nobody in [people]"},
        BadPolicy{"people.toml", "manager = \"max\"", "manager = \"ann\"",
                  "people.toml:3:11: person 'ann' is their own manager, directly or around a "
                  "circle; whoever is at the top has no 'manager'"},
        BadPolicy{"people.toml", "\"jit://shop/max-laptop\"]", "\"jit://x/y\"]\nmanager = \"bob\"",
                  "people.toml:7:11: person 'bob' is their own manager, directly or around a "
                  "circle; whoever is at the top has no 'manager'\n"
                  "people.toml:11:11: person 'max' is their own manager, directly or around a "
                  "circle; whoever is at the top has no 'manager'"},
        BadPolicy{"people.toml", "[\"ann\", \"bob\"]", "[\"ann\", \"bob\", \"eve\"]",
                  "people.toml:13:28: member 'eve' of group 'engineers' is nobody in [people]"},
        BadPolicy{"people.toml", "[\"ann\", \"bob\"]", "[\"ann\", \"bob\", \"ann\"]",
                  "people.toml:13:28: 'ann' stands twice in 'engineers' of the groups; remove one"},
        BadPolicy{"people.toml", "empty = []", "Empty = []",
                  absl::StrCat("people.toml:15:1: 'Empty' in the groups: ", kNameRule)},
        BadPolicy{"people.toml", "empty = []", "empty = 1",
                  "people.toml:15:9: 'empty' of the groups must be an array, [\"…\"]"},
        BadPolicy{"people.toml", "operators = [\"leads\"]", "operators = [\"bosses\"]",
                  "people.toml:19:14: group 'bosses' is not in [groups]"},
        BadPolicy{"people.toml", "waiting_leases = 5", "waiting_leases = 0",
                  "people.toml:23:18: 'waiting_leases' of the limits must be a whole number from 1 "
                  "to 1000"},
        BadPolicy{"people.toml", "waiting_leases = 5", "waiting_leases = 2.5",
                  "people.toml:23:18: 'waiting_leases' of the limits must be a whole number from 1 "
                  "to 1000"},
        BadPolicy{
            "people.toml", "waiting_leases = 5", "shortest = \"10s\"",
            "people.toml:23:12: 'shortest' of the limits must be at least 1m with this broker"},
        BadPolicy{"people.toml", "waiting_leases = 5", "clock_skew = \"6s\"",
                  "people.toml:23:14: 'clock_skew' of the limits must be from 1s to 5s"},
        BadPolicy{"people.toml", "[people.bob]", "[people.ann]",
                  "people.toml:5:1: this is not TOML: Error while parsing table header: cannot "
                  "redefine existing table 'people.ann'"}));

INSTANTIATE_TEST_SUITE_P(
    Roles, ABadPolicy,
    testing::Values(
        BadPolicy{"shop.toml", "access = \"reads\"\n", "",
                  "shop.toml:1:1: role 'reader' needs 'access': `\"reads\"`, `\"writes\"` when the "
                  "role can change rows, `\"defines\"` when it can change tables"},
        BadPolicy{"shop.toml", "access = \"reads\"", "access = \"read\"",
                  "shop.toml:2:10: 'access' of role 'reader' must be \"reads\" or \"writes\" or "
                  "\"defines\""},
        BadPolicy{"shop.toml", "member_of = [\"shop_reader\"]",
                  "member_of = [\"pg_read_all_data\"]",
                  "shop.toml:3:14: 'pg_read_all_data' in role 'reader': a login is put into a "
                  "NOLOGIN group role of yours: 1 to 63 characters of a-z, 0-9 and '_', not "
                  "beginning with pg_ (a predefined power) or jit_ (a login of the broker)"},
        BadPolicy{"shop.toml", "default = \"30m\"", "default = \"5h\"",
                  "shop.toml:4:11: 'default' of role 'reader' must not be above its 'longest', 4h"},
        BadPolicy{"shop.toml", "default = \"30m\"", "default = \"59s\"",
                  "shop.toml:4:11: 'default' of role 'reader' must not be below the shortest "
                  "lease, 1m"},
        BadPolicy{"shop.toml", "default = \"30m\"", "default = \"1h1h\"",
                  "shop.toml:4:11: 'default' of role 'reader' must be one whole number above zero "
                  "with one unit, such as 90s, 30m, 4h or 7d"},
        BadPolicy{"shop.toml", "default = \"30m\"", "default = \"-30m\"",
                  "shop.toml:4:11: 'default' of role 'reader' must be one whole number above zero "
                  "with one unit, such as 90s, 30m, 4h or 7d"},
        BadPolicy{"shop.toml", "default = \"30m\"", "default = \"0m\"",
                  "shop.toml:4:11: 'default' of role 'reader' must be one whole number above zero "
                  "with one unit, such as 90s, 30m, 4h or 7d"},
        BadPolicy{"shop.toml", "default = \"30m\"", "default = \"99999999999999999999h\"",
                  "shop.toml:4:11: 'default' of role 'reader' must not be above 3660d"},
        BadPolicy{"shop.toml", "default = \"30m\"", "default = 1800",
                  "shop.toml:4:11: 'default' of role 'reader' must be a string in quotes"},
        BadPolicy{"shop.toml", "longest = \"4h\"", "longest = \"8d\"",
                  "shop.toml:5:11: 'longest' of role 'reader' must be from 10s to 7d"},
        BadPolicy{"shop.toml", "longest = \"4h\"", "longest = \"4h\"\nconnections = 101",
                  "shop.toml:6:15: 'connections' of role 'reader' must be a whole number from 1 to "
                  "100"},
        BadPolicy{"shop.toml", "[roles.reader]", "[roles.Reader]",
                  absl::StrCat("shop.toml:1:8: 'Reader' in role 'Reader': ", kNameRule,
                               "\nshop.toml:16:10: role 'reader' is not in [roles] of shop.toml")},
        BadPolicy{"shop.toml", "roles = [\"reader\"]", "roles = [\"writer\"]",
                  "shop.toml:1:8: no rule offers role 'reader', so nobody may ask for it; add it "
                  "to the 'roles' of a rule, or take it out\n"
                  "shop.toml:17:11: 'longest' of rule 'read' is above the 1h of its role 'writer'; "
                  "lower this one or raise that one\n"
                  "shop.toml:20:1: rule 'write' can never decide: rule 'read' before it names the "
                  "same groups and roles for as long; move it up, or take it out"}));

INSTANTIATE_TEST_SUITE_P(
    Rules, ABadPolicy,
    testing::Values(
        BadPolicy{"shop.toml", "name = \"write\"", "name = \"read\"",
                  "shop.toml:21:8: another rule is named 'read' on line 14; every rule of a file "
                  "has its own name"},
        BadPolicy{"shop.toml", "name = \"fire\"", "name = \"read\"",
                  "shop.toml:28:8: another rule is named 'read' on line 14; every rule of a file "
                  "has its own name"},
        BadPolicy{"shop.toml", "who = [\"engineers\"]", "who = [\"enginers\"]",
                  "shop.toml:15:8: group 'enginers' is not in [groups] of people.toml"},
        BadPolicy{"shop.toml", "who = [\"engineers\"]", "who = []",
                  "shop.toml:15:7: 'who' of rule 'read' must not be empty"},
        BadPolicy{"shop.toml", "roles = [\"reader\"]", "roles = [\"reader\", \"owner\"]",
                  "shop.toml:16:20: role 'owner' is not in [roles] of shop.toml"},
        BadPolicy{"shop.toml", "seats = []\n", "",
                  "shop.toml:13:1: rule 'read' needs 'seats': the approvals it takes, each by "
                  "another person; `[]` opens at once"},
        BadPolicy{"shop.toml", "seats = []", "seat = []",
                  "shop.toml:13:1: rule 'read' needs 'seats': the approvals it takes, each by "
                  "another person; `[]` opens at once\n"
                  "shop.toml:18:1: 'seat' is no key of a rule; its keys are name, who, roles, "
                  "longest, seats"},
        BadPolicy{"shop.toml", "seats = []", "seats = [\"leads\"]",
                  "shop.toml:18:10: 'seats' of rule 'read' must hold tables only"},
        BadPolicy{"shop.toml", "seats = []", "seats = [{ name = \"peer\" }]",
                  "shop.toml:18:10: a seat of rule 'read' needs either 'from', a group, or "
                  "'manager_of = \"requester\"'"},
        BadPolicy{"shop.toml", "seats = []",
                  "seats = [{ name = \"x\", from = \"leads\", manager_of = \"requester\" }]",
                  "shop.toml:18:10: a seat of rule 'read' needs either 'from', a group, or "
                  "'manager_of = \"requester\"', not both"},
        BadPolicy{"shop.toml", "manager_of = \"requester\"", "manager_of = \"ann\"",
                  "shop.toml:25:79: 'manager_of' of a seat of rule 'write' must be \"requester\""},
        BadPolicy{"shop.toml", "name = \"boss\"", "name = \"peer\"",
                  "shop.toml:25:58: another seat of rule 'write' is named 'peer'; rename one"},
        BadPolicy{"shop.toml", "from = \"engineers\"", "from = \"peers\"",
                  "shop.toml:25:34: group 'peers' is not in [groups] of people.toml"},
        BadPolicy{"shop.toml", "from = \"engineers\"", "from = \"empty\"",
                  "shop.toml:25:19: nobody could ever fill seat 'peer' of rule 'write': each seat "
                  "takes another person, and never the one who asks; widen the seat's group, or "
                  "name a manager"},
        BadPolicy{"shop.toml", "from = \"engineers\"", "from = \"leads\"",
                  "shop.toml:25:54: nobody could ever fill seat 'boss' of rule 'write': each seat "
                  "takes another person, and never the one who asks; widen the seat's group, or "
                  "name a manager"},
        BadPolicy{"shop.toml", "from = \"leads\"", "from = \"empty\"",
                  "shop.toml:32:21: when 'ann' breaks the glass, nobody could review it afterwards "
                  "and the debt would stand for ever; widen the reviewer's group, or name a "
                  "manager\n"
                  "shop.toml:32:21: when 'bob' breaks the glass, nobody could review it afterwards "
                  "and the debt would stand for ever; widen the reviewer's group, or name a "
                  "manager"},
        BadPolicy{"shop.toml", "review_within = \"24h\"", "review_within = \"8d\"",
                  "shop.toml:33:17: 'review_within' of break-glass rule 'fire' must be from 1m to "
                  "7d"},
        BadPolicy{"shop.toml", "longest = \"30m\"", "longest = \"2d\"",
                  "shop.toml:31:11: 'longest' of break-glass rule 'fire' must be from 10s to 1d"},
        BadPolicy{"shop.toml", "longest = \"30m\"", "longest = \"2h\"",
                  "shop.toml:31:11: 'longest' of rule 'fire' is above the 1h of its role 'writer'; "
                  "lower this one or raise that one"},
        BadPolicy{"shop.toml", "roles = [\"writer\"]\nlongest = \"30m\"",
                  "roles = [\"owner\"]\nlongest = \"30m\"",
                  "shop.toml:30:10: role 'owner' is not in [roles] of shop.toml"},
        BadPolicy{"shop.toml", "name = \"fire\"\n", "",
                  "shop.toml:27:1: break-glass rule number 1 needs 'name': unique in its file, "
                  "among the rules as well"}));

TEST(ParsePolicy, TellsEveryMistakeOfEveryFileAtOnce) {
  const std::vector<FileText> files = {
      {"people.toml", "people = 1\n[groups]\nleads = [\"nobody\"]\nBad = []\n"},
      {"shop.toml", "roles.reader = { access = \"all\" }\n[[rules]]\nwho = [\"ghosts\"]\n"},
      {"broken.toml", "roles = \n"},
      {"Odd Name.toml", ""}};
  const std::string told = MistakesOf(files);
  for (const std::string expected :
       {"people.toml:1:10: 'people' of people.toml must be a table",
        "people.toml:3:10: member 'nobody' of group 'leads' is nobody in [people]",
        "people.toml:4:1: 'Bad' in the groups",
        "shop.toml:1:27: 'access' of role 'reader' must be \"reads\" or \"writes\"",
        "shop.toml:1:16: role 'reader' needs 'member_of'",
        "shop.toml:1:7: no rule offers role 'reader'", "shop.toml:2:1: rule number 1 needs 'name'",
        "shop.toml:3:8: group 'ghosts' is not in [groups] of people.toml",
        "broken.toml:1:9: this is not TOML", "Odd Name.toml:1:1: a target file is named for its"}) {
    EXPECT_THAT(told, HasSubstr(expected));
  }
}

TEST(ParsePolicy, NeedsPeopleAndATarget) {
  EXPECT_EQ(MistakesOf({}),
            "<target>.toml:1:1: there is no target file: add one, named for its target, that says "
            "which roles are on offer to whom\n"
            "people.toml:1:1: this file is missing: it says who people are, which groups they "
            "belong to and who manages them");
}

TEST(ParsePolicy, ASyntaxErrorHidesNoMistakeOfAnotherFile) {
  std::vector<FileText> files = SmallPolicyWith("shop.toml", "access = \"reads\"", "access = 1");
  files.push_back({"stock.toml", "[roles\n"});
  const std::string told = MistakesOf(files);
  EXPECT_THAT(told, HasSubstr("shop.toml:2:10: 'access' of role 'reader'"));
  EXPECT_THAT(told, HasSubstr("stock.toml:1:7: this is not TOML"));
}

TEST(ParsePolicy, AnUnclosedQuoteDoesNotSwallowTheNextLine) {
  EXPECT_THAT(MistakesOf(SmallPolicyWith("shop.toml", "\"shop_reader\"]", "\"shop_reader]")),
              HasSubstr("shop.toml:3:"));
}

TEST(ParsePolicy, ShowsControlAndForeignCharactersAsEscapes) {
  const std::string told =
      MistakesOf(SmallPolicyWith("people.toml", "empty = []", "\"e\\u001b[31m\\u202e\" = []"));
  EXPECT_THAT(told, HasSubstr("'e\\x1b[31m\\xe2\\x80\\xae'"));
}

TEST(ParsePolicy, RefusesNestingThatWouldExhaustTheStack) {
  std::string deep = "a";
  for (int i = 0; i < 400000; ++i) {
    deep += ".a";
  }
  EXPECT_THAT(MistakesOf({{"people.toml", kSmallPeople}, {"shop.toml", "[" + deep + "]\n"}}),
              HasSubstr("shop.toml:1:1: this line has more than 64 dots"));
  EXPECT_THAT(
      MistakesOf({{"people.toml", kSmallPeople}, {"shop.toml", "a = " + std::string(100000, '[')}}),
      HasSubstr("this is not TOML"));
}

TEST(ParsePolicy, TheDevelopmentBrokerAllowsTenSeconds) {
  const std::vector<FileText> files =
      SmallPolicyWith("shop.toml", "default = \"30m\"", "default = \"10s\"");
  EXPECT_FALSE(ParsePolicy(files, kTtlFloor).policy.has_value());
  const ParsedPolicy parsed = ParsePolicy(files, kTtlFloorInDevelopment);
  ASSERT_EQ(TextOf(parsed.mistakes), "");
  EXPECT_EQ(parsed.policy->limits.ttl_min, absl::Seconds(10));
}

TEST(ParsePolicy, ASeatThatSomeRequestersCouldNotFillIsLeftToTheDayTheyAsk) {
  // Without a manager bob cannot have his seat filled; ann can, so the rule is good for somebody.
  const std::vector<FileText> files =
      SmallPolicyWith("people.toml", "identities = [\"jit://shop/bob\"]\nmanager = \"max\"",
                      "identities = [\"jit://shop/bob\"]");
  EXPECT_EQ(MistakesOf(files), "");
}

TEST(ParsePolicy, LeftOutKeysMeanWhatTheReferenceSays) {
  const ParsedPolicy parsed =
      ParsePolicy(SmallPolicyWith("people.toml", "[limits]\nwaiting_leases = 5\n", ""), kTtlFloor);
  ASSERT_EQ(TextOf(parsed.mistakes), "");
  const policy::Limits& limits = parsed.policy->limits;
  const policy::OfferedRole& role =
      parsed.policy->targets.at(*core::TargetName::Parse("shop")).roles.at(Role("reader"));
  const auto said = [](const Section& section, absl::string_view key) {
    for (const Key& each : section.keys) {
      if (each.name == key) {
        return std::string(each.otherwise);
      }
    }
    return absl::StrCat("no key ", key);
  };
  // The smallest unit that gives the word the reference uses.
  EXPECT_EQ(said(schema::Limits(), "shortest"), "60s");
  EXPECT_EQ(limits.ttl_min, *ParseDuration(said(schema::Limits(), "shortest")));
  EXPECT_EQ(absl::StrCat(limits.waiting_leases_max), said(schema::Limits(), "waiting_leases"));
  EXPECT_EQ(limits.review_window, *ParseDuration(said(schema::Limits(), "review_window")));
  EXPECT_EQ(limits.approved_window, *ParseDuration(said(schema::Limits(), "approved_window")));
  EXPECT_EQ(limits.clock_skew_max, *ParseDuration(said(schema::Limits(), "clock_skew")));
  EXPECT_EQ(absl::StrCat(role.connection_limit), said(schema::Role(), "connections"));
  EXPECT_EQ(role.statement_timeout, *ParseDuration(said(schema::Role(), "statement_timeout")));
  EXPECT_EQ(role.lock_timeout, *ParseDuration(said(schema::Role(), "lock_timeout")));
  EXPECT_EQ(role.idle_in_transaction_timeout,
            *ParseDuration(said(schema::Role(), "idle_in_transaction_timeout")));
}

TEST(ParsePolicy, EveryRangeOfTheSchemaCanBeRead) {
  for (const Section* section : schema::All()) {
    for (const Key& key : section->keys) {
      if (key.kind == Kind::kTime) {
        ASSERT_TRUE(ParseDuration(key.lowest).ok()) << key.name;
        ASSERT_TRUE(ParseDuration(key.highest).ok()) << key.name;
        EXPECT_LE(*ParseDuration(key.lowest), *ParseDuration(key.highest)) << key.name;
      } else if (key.kind == Kind::kWhole) {
        int lowest = 0;
        int highest = 0;
        ASSERT_TRUE(absl::SimpleAtoi(key.lowest, &lowest)) << key.name;
        ASSERT_TRUE(absl::SimpleAtoi(key.highest, &highest)) << key.name;
        EXPECT_LT(lowest, highest) << key.name;
      }
    }
  }
}

TEST(Mistakes, AreCountedAfterTwoHundred) {
  Mistakes many;
  for (int line = 1; line <= 205; ++line) {
    many.Add(Place{"shop.toml", line, 1}, "wrong");
  }
  many.Add(Place{"shop.toml", 205, 1}, "wrong");
  EXPECT_THAT(TextOf(many.Sorted()), HasSubstr("shop.toml:200:1: wrong\nand 5 more"));
}

}  // namespace
}  // namespace jit::policy_files

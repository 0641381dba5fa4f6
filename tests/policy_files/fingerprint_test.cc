#include "broker/policy_files/fingerprint.h"

#include <algorithm>
#include <set>
#include <string>

#include "gtest/gtest.h"
#include "tests/policy_files/small_policy.h"

namespace jit::policy_files {
namespace {

policy::Policy Parsed(const std::vector<FileText>& files) {
  ParsedPolicy parsed = ParsePolicy(files, kTtlFloor);
  EXPECT_EQ(TextOf(parsed.mistakes), "");
  return parsed.policy ? *std::move(parsed.policy) : policy::Policy{};
}

const policy::TargetPolicy& Shop(const policy::Policy& policy) {
  return policy.targets.at(*core::TargetName::Parse("shop"));
}

const policy::OfferedRole& Writer(const policy::Policy& policy) {
  return Shop(policy).roles.at(*core::RoleName::Parse("writer"));
}

// The same policy in other words: comments, layout, the order of keys, tables, groups and files,
// other spellings of the same time, defaults written out.
constexpr char kSameShop[] =
    R"(# another file for the same shop
[[break_glass]]
review_within = "1d"
reviewer.from = "leads"
reviewer.name = "lead"
longest = "1800s"
roles = ['writer']
who = ['engineers']
name = 'fire'

[[rules]]
seats = [
]
longest = "240m"
roles = ["reader"]
who = ["engineers"]  # everybody
name = "read"

[[rules]]
name = "write"
longest = "60m"
roles = ["writer"]
who = ["engineers"]
[[rules.seats]]
from = "engineers"
name = "peer"
[[rules.seats]]
manager_of = "requester"
name = "boss"

[roles]
writer.longest = "60m"
writer.default = "600s"
writer.member_of = ["shop_reader", "shop_writer"]
writer.access = "writes"
[roles.reader]
lock_timeout = "10s"
connections = 2
longest = "4h"
default = "1800s"
member_of = ["shop_reader"]
access = "reads"
)";

constexpr char kSamePeople[] =
    R"([limits]
shortest = "60s"
waiting_leases = 5
clock_skew = "5s"
[offices]
auditors = ["leads"]
operators = ["leads"]
[groups]
leads = ["max"]
everyone = ["bob", "max", "ann"]
empty = []
engineers = ["bob", "ann"]
[people]
max.identities = ["jit://shop/max-laptop", "jit://shop/max"]
bob = { manager = "max", identities = ["jit://shop/bob"] }
ann = { manager = "max", identities = ["jit://shop/ann"] }
)";

TEST(Fingerprint, CommentsLayoutAndOrderDoNotCount) {
  const policy::Policy first = Parsed(SmallPolicy());
  const policy::Policy second = Parsed({{"shop.toml", kSameShop}, {"people.toml", kSamePeople}});
  EXPECT_EQ(first.fingerprint, second.fingerprint);
  EXPECT_EQ(Writer(first).fingerprint, Writer(second).fingerprint);
  EXPECT_EQ(Shop(first).rules[1].fingerprint, Shop(second).rules[1].fingerprint);
  EXPECT_EQ(Shop(first).break_glass[0].fingerprint, Shop(second).break_glass[0].fingerprint);
}

TEST(Fingerprint, IsTheSameOnEveryMachineAndInEveryVersion) {
  // A lease carries these for as long as it waits. A change of the canonical text would send every
  // approved lease back to review on an upgrade; if that is wanted, say so in the changelog.
  const policy::Policy policy = Parsed(SmallPolicy());
  // Computed with another program from the text that docs/reference/policy.md describes.
  EXPECT_EQ(Writer(policy).fingerprint,
            "4f3f6747e72f93230b536ce196b3ee7a72b09f22cbd1444b13de429d172b3c43");
  EXPECT_EQ(Shop(policy).rules[1].fingerprint,
            "78e7a5004413915cdc66d8b0b001135fe2883fea59b3bb7238ecaafaa6d90954");
  EXPECT_EQ(Shop(policy).break_glass[0].fingerprint,
            "b08e222dafaa8247f74bd4a2d901538a122ddeadaa8843a17f4d73b1c8db524d");
  EXPECT_EQ(policy.fingerprint, "59a08df7effa9a37af1b19134e23b6300a36f992ab6f2696609b32b0ed463d46");
}

// Every change of meaning, and which fingerprints it has to change.
struct Change {
  std::string file;
  std::string from;
  std::string to;
  std::string parts;  // of: r(ole writer), w(rite rule), g(lass rule); the whole always changes
};

void PrintTo(const Change& change, std::ostream* out) {
  *out << change.from << " as " << change.to;
}

class AChange : public testing::TestWithParam<Change> {};

TEST_P(AChange, ChangesTheFingerprintOfWhatItTouchesAndNoOther) {
  const Change& change = GetParam();
  const policy::Policy before = Parsed(SmallPolicy());
  const policy::Policy after = Parsed(SmallPolicyWith(change.file, change.from, change.to));
  EXPECT_NE(before.fingerprint, after.fingerprint);
  std::string parts;
  const bool has_role = Shop(after).roles.count(*core::RoleName::Parse("writer")) != 0;
  if (!has_role || Writer(before).fingerprint != Writer(after).fingerprint) {
    parts += 'r';
  }
  if (Shop(before).rules[1].fingerprint != Shop(after).rules[1].fingerprint) {
    parts += 'w';
  }
  if (Shop(before).break_glass[0].fingerprint != Shop(after).break_glass[0].fingerprint) {
    parts += 'g';
  }
  EXPECT_EQ(parts, change.parts);
}

INSTANTIATE_TEST_SUITE_P(
    People, AChange,
    testing::Values(Change{"people.toml", "jit://shop/ann", "jit://shop/anne", ""},
                    Change{"people.toml", "manager = \"max\"", "", ""},
                    Change{"people.toml", "empty = []", "empty = [\"bob\"]", ""},
                    Change{"people.toml", "operators = [\"leads\"]", "operators = []", ""},
                    Change{"people.toml", "auditors = [\"leads\"]", "", ""},
                    Change{"people.toml", "waiting_leases = 5", "waiting_leases = 6", ""},
                    Change{"people.toml", "waiting_leases = 5",
                           "waiting_leases = 5\nshortest = \"61s\"", ""},
                    Change{"people.toml", "waiting_leases = 5",
                           "waiting_leases = 5\nreview_window = \"25h\"", ""},
                    Change{"people.toml", "waiting_leases = 5",
                           "waiting_leases = 5\napproved_window = \"9h\"", ""},
                    Change{"people.toml", "waiting_leases = 5",
                           "waiting_leases = 5\nclock_skew = \"4s\"", ""}));

INSTANTIATE_TEST_SUITE_P(
    Roles, AChange,
    testing::Values(
        Change{"shop.toml", "access = \"writes\"", "access = \"reads\"", "r"},
        Change{"shop.toml", "\"shop_writer\", \"shop_reader\"", "\"shop_writer\"", "r"},
        Change{"shop.toml", "default = \"10m\"", "default = \"11m\"", "r"},
        Change{"shop.toml", "default = \"10m\"\nlongest = \"1h\"",
               "default = \"10m\"\nlongest = \"61m\"", "r"},
        Change{"shop.toml", "default = \"10m\"", "default = \"10m\"\nconnections = 3", "r"},
        Change{"shop.toml", "default = \"10m\"", "default = \"10m\"\nstatement_timeout = \"6m\"",
               "r"},
        Change{"shop.toml", "default = \"10m\"", "default = \"10m\"\nlock_timeout = \"6s\"", "r"},
        Change{"shop.toml", "default = \"10m\"",
               "default = \"10m\"\nidle_in_transaction_timeout = \"6m\"", "r"}));

INSTANTIATE_TEST_SUITE_P(
    Rules, AChange,
    testing::Values(Change{"shop.toml", "name = \"write\"", "name = \"scribble\"", "w"},
                    Change{"shop.toml", "name = \"write\"\nwho = [\"engineers\"]",
                           "name = \"write\"\nwho = [\"engineers\", \"leads\"]", "w"},
                    Change{"shop.toml", "roles = [\"writer\"]\nlongest = \"1h\"",
                           "roles = [\"writer\", \"reader\"]\nlongest = \"1h\"", "w"},
                    Change{"shop.toml", "roles = [\"writer\"]\nlongest = \"1h\"",
                           "roles = [\"writer\"]\nlongest = \"59m\"", "w"},
                    Change{"shop.toml", "from = \"engineers\"", "from = \"everyone\"", "w"},
                    Change{"shop.toml", "name = \"peer\"", "name = \"mate\"", "w"},
                    Change{"shop.toml", "{ name = \"peer\", from = \"engineers\" }, ", "", "w"},
                    Change{"shop.toml", "manager_of = \"requester\"", "from = \"leads\"", "w"},
                    Change{"shop.toml", "name = \"fire\"", "name = \"flood\"", "g"},
                    Change{"shop.toml", "longest = \"30m\"", "longest = \"29m\"", "g"},
                    Change{"shop.toml", "name = \"lead\"", "name = \"chief\"", "g"},
                    Change{"shop.toml", "{ name = \"lead\", from = \"leads\" }",
                           "{ name = \"lead\", manager_of = \"requester\" }", "g"},
                    Change{"shop.toml", "review_within = \"24h\"", "review_within = \"23h\"",
                           "g"}));

// The same for what only changes have: which of writer, schema and the rule repair it touches.
struct ChangeOfChanges {
  std::string from;
  std::string to;
  std::string parts;  // of: w(riter), s(chema), c(hange rule)
};

void PrintTo(const ChangeOfChanges& change, std::ostream* out) {
  *out << change.from << " as " << change.to;
}

class AChangeOfChanges : public testing::TestWithParam<ChangeOfChanges> {};

TEST_P(AChangeOfChanges, ChangesTheFingerprintOfWhatItTouchesAndNoOther) {
  const policy::Policy before = Parsed(SmallPolicyWithChanges());
  const policy::Policy after = Parsed(ChangesWith(GetParam().from, GetParam().to));
  const auto role = [](const policy::Policy& policy, absl::string_view name) {
    return Shop(policy).roles.at(*core::RoleName::Parse(name)).fingerprint;
  };
  EXPECT_NE(before.fingerprint, after.fingerprint);
  std::string parts;
  parts += role(before, "writer") != role(after, "writer") ? "w" : "";
  parts += role(before, "schema") != role(after, "schema") ? "s" : "";
  parts += Shop(before).changes[0].fingerprint != Shop(after).changes[0].fingerprint ? "c" : "";
  EXPECT_EQ(parts, GetParam().parts);
}

INSTANTIATE_TEST_SUITE_P(
    Guards, AChangeOfChanges,
    testing::Values(
        ChangeOfChanges{"statement_rows = 200\nattached = \"always\"\n", "", "w"},
        ChangeOfChanges{"[roles.writer.guard]\nstatement_rows = 200\nattached = \"always\"\n", "",
                        "w"},
        ChangeOfChanges{"statement_rows = 200\nattached = \"always\"\n", "attached = \"never\"\n",
                        "w"},
        ChangeOfChanges{"statement_rows = 200", "session_rows = 200\nstatement_rows = 200", "w"},
        ChangeOfChanges{"statement_rows = 200", "statement_rows = 200\nshare_percent = 49", "w"},
        ChangeOfChanges{"statement_rows = 200", "statement_rows = 200\nshare_floor = 0", "w"},
        ChangeOfChanges{"statement_rows = 200", "statement_rows = 200\nkeyless = \"allowed\"", "w"},
        ChangeOfChanges{"statement_rows = 200", "statement_rows = 200\nkeyless = \"refused\"", "w"},
        ChangeOfChanges{"member_of = [\"shop_owner\"]\nowner = \"shop_owner\"",
                        "member_of = [\"shop_owner\", \"o\"]\nowner = \"o\"", "s"},
        ChangeOfChanges{"owner = \"shop_owner\"", "owner = \"shop_owner\"\ninteractive = true",
                        "s"}));

INSTANTIATE_TEST_SUITE_P(
    Changes, AChangeOfChanges,
    testing::Values(
        ChangeOfChanges{"name = \"repair\"", "name = \"mend\"", "c"},
        ChangeOfChanges{"name = \"repair\"\nwho = [\"engineers\"]",
                        "name = \"repair\"\nwho = [\"engineers\", \"leads\"]", "c"},
        ChangeOfChanges{"undo_seats = []", "", "c"},
        ChangeOfChanges{"drop_seats = [{ name = \"lead\", from = \"leads\" }]", "", "c"},
        ChangeOfChanges{"unrehearsed_seats = [{ name = \"boss\"",
                        "unrehearsed_seats = [{ name = \"b\"", "c"},
        ChangeOfChanges{"unrehearsed_seats = [{ name = \"boss\", manager_of = \"requester\" }]\n",
                        "", "c"},
        ChangeOfChanges{"tolerance_percent = 10", "tolerance_percent = 11", "c"},
        ChangeOfChanges{"samples = 3", "samples = 0", "c"},
        ChangeOfChanges{", \"shop.customers.full_name\"", "", "c"},
        ChangeOfChanges{"rows_max = 5000", "rows_max = 5001", "c"},
        ChangeOfChanges{"longest = \"5m\"", "longest = \"6m\"", "c"},
        ChangeOfChanges{"longest = \"5m\"", "longest = \"5m\"\nstatement_timeout = \"1m\"", "c"},
        ChangeOfChanges{"longest = \"5m\"", "longest = \"5m\"\nlock_timeout = \"1s\"", "c"},
        ChangeOfChanges{"longest = \"5m\"", "longest = \"5m\"\nwaiting_period = \"8d\"", "c"},
        ChangeOfChanges{"longest = \"5m\"", "longest = \"5m\"\nimages_kept = \"31d\"", "c"}));

TEST(Fingerprint, WhatAChangeRuleLeavesOutIsTheSameWhenWrittenOut) {
  const policy::Policy before = Parsed(SmallPolicyWithChanges());
  const policy::Policy after = Parsed(ChangesWith(
      "longest = \"5m\"",
      "longest = \"300s\"\nstatement_timeout = \"5m\"\nlock_timeout = \"2s\"\nwaiting_period = "
      "\"7d\"\nimages_kept = \"30d\""));
  EXPECT_EQ(before.fingerprint, after.fingerprint);
}

TEST(Fingerprint, TheOrderOfRulesIsMeaning) {
  policy::Policy policy = Parsed(SmallPolicy());
  policy::TargetPolicy& shop = policy.targets.at(*core::TargetName::Parse("shop"));
  const std::string before = policy.fingerprint;
  std::swap(shop.rules[0], shop.rules[1]);
  EXPECT_NE(FingerprintOf(policy), before);
}

}  // namespace
}  // namespace jit::policy_files

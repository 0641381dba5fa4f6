// A small policy without a mistake, for tests that change one thing in it.
#pragma once

#include <string>
#include <vector>

#include "broker/policy_files/parse.h"

namespace jit::policy_files {

inline constexpr char kSmallPeople[] =
    R"([people.ann]
identities = ["jit://shop/ann"]
manager = "max"

[people.bob]
identities = ["jit://shop/bob"]
manager = "max"

[people.max]
identities = ["jit://shop/max", "jit://shop/max-laptop"]

[groups]
engineers = ["ann", "bob"]
leads = ["max"]
empty = []
everyone = ["ann", "bob", "max"]

[offices]
operators = ["leads"]
auditors = ["leads"]

[limits]
waiting_leases = 5
)";

inline constexpr char kSmallShop[] =
    R"([roles.reader]
access = "reads"
member_of = ["shop_reader"]
default = "30m"
longest = "4h"

[roles.writer]
access = "writes"
member_of = ["shop_writer", "shop_reader"]
default = "10m"
longest = "1h"

[[rules]]
name = "read"
who = ["engineers"]
roles = ["reader"]
longest = "4h"
seats = []

[[rules]]
name = "write"
who = ["engineers"]
roles = ["writer"]
longest = "1h"
seats = [{ name = "peer", from = "engineers" }, { name = "boss", manager_of = "requester" }]

[[break_glass]]
name = "fire"
who = ["engineers"]
roles = ["writer"]
longest = "30m"
reviewer = { name = "lead", from = "leads" }
review_within = "24h"
)";

// The same shop with a guard, a role that defines and change rules.
inline constexpr char kSmallShopWithChanges[] =
    R"([roles.reader]
access = "reads"
member_of = ["shop_reader"]
default = "30m"
longest = "4h"

[roles.writer]
access = "writes"
member_of = ["shop_writer", "shop_reader"]
default = "10m"
longest = "1h"
[roles.writer.guard]
statement_rows = 200
attached = "always"

[roles.schema]
access = "defines"
member_of = ["shop_owner"]
owner = "shop_owner"
default = "10m"
longest = "1h"

[[rules]]
name = "read"
who = ["engineers"]
roles = ["reader"]
longest = "4h"
seats = []

[[rules]]
name = "write"
who = ["engineers"]
roles = ["writer"]
longest = "1h"
seats = [{ name = "peer", from = "engineers" }, { name = "boss", manager_of = "requester" }]

[[changes]]
name = "repair"
who = ["engineers"]
roles = ["writer"]
seats = [{ name = "peer", from = "engineers" }]
undo_seats = []
drop_seats = [{ name = "lead", from = "leads" }]
unrehearsed_seats = [{ name = "boss", manager_of = "requester" }]
tolerance_percent = 10
samples = 3
masked = ["shop.customers.email", "shop.customers.full_name"]
rows_max = 5000
longest = "5m"

[[changes]]
name = "migrate"
who = ["engineers"]
roles = ["schema"]
seats = [{ name = "boss", manager_of = "requester" }]
)";

inline std::vector<FileText> SmallPolicyWithChanges() {
  return {{"people.toml", kSmallPeople}, {"shop.toml", kSmallShopWithChanges}};
}

inline std::vector<FileText> SmallPolicy() {
  return {{"people.toml", kSmallPeople}, {"shop.toml", kSmallShop}};
}

// The small policy with the first `from` in `file` written as `to`; nothing but that.
std::vector<FileText> SmallPolicyWith(const std::string& file, const std::string& from,
                                      const std::string& to);

// The same of the policy with changes; the file is shop.toml.
std::vector<FileText> ChangesWith(const std::string& from, const std::string& to);

}  // namespace jit::policy_files

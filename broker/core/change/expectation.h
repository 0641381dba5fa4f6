// How many rows a change is expected to touch: exactly, within a range, or within a percentage.
//
// Promises: ParseExpectation(Text(e)) is e. Knows no script and no target: names are as written.
// Pure; values, safe to share.
//
// The grammar, on the command line (`--expect 'orders=1'`) and in a script's head comment
// (`-- expect: orders=1 orders.deleted=0..5 #2=100+-5%`):
//
//   expectation = subject "=" amount
//   subject     = table [ "." verb ] | "#" statement
//   table       = [ schema "." ] name            each a plain or "quoted" identifier
//   verb        = "inserted" | "updated" | "deleted"
//   amount      = N | N ".." N | N "+-" P "%"
//
// N is at most kRowsMax, P at most 100. A percentage is rounded outwards.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/core/change/report.h"

namespace jit::change {

constexpr std::int64_t kRowsMax = 1'000'000'000'000'000;  // more rows than a database holds
constexpr int kStatementMax = 100'000;
constexpr int kExpectationsMax = 1000;  // in one change

enum class Verb { kAny, kInserted, kUpdated, kDeleted };

struct Expectation {
  // Of a table: `table` is set and `statement` is 0. Of a statement: the other way round.
  std::string schema;  // empty: any schema
  std::string table;
  Verb verb = Verb::kAny;  // kAny: the sum of all three
  int statement = 0;       // from 1
  std::int64_t least = 0;  // inclusive
  std::int64_t most = 0;   // inclusive
  friend bool operator==(const Expectation&, const Expectation&) = default;
};

// One expectation. Refuses with kMalformedExpectation, which names what is wrong and where, without
// echoing the text. `a.b.updated` is schema, table, verb; `a.updated` is table and verb; `a.b` with
// b no verb is schema and table. Plain identifiers are folded to lower case, as PostgreSQL does.
absl::StatusOr<Expectation> ParseExpectation(absl::string_view text);

// Several, separated by spaces or commas.
absl::StatusOr<std::vector<Expectation>> ParseExpectations(absl::string_view text);

// The expectation as text that ParseExpectation takes: `shop.orders.updated=1..5`.
std::string Text(const Expectation& expectation);

// The rehearsed counts as expectations: one for each table and verb with a count, widened by the
// tolerance (0 to 100 percent, rounded outwards). Counts by cascade and trigger are in them.
std::vector<Expectation> ExpectationsFrom(const Report& report, int tolerance_percent);

// What is expected in the end: everything of `rehearsed`, where a written one about the same
// subject takes its place (a written kAny of a table takes the place of all three verbs). Nothing
// is ever left without an expectation because a person wrote one about something else.
std::vector<Expectation> Joined(const std::vector<Expectation>& written,
                                const std::vector<Expectation>& rehearsed);

// One expectation that does not hold.
struct Miss {
  std::string subject;   // `shop.orders.updated`, `#2`
  std::string expected;  // `1..5`
  std::int64_t found = 0;
  friend bool operator==(const Miss&, const Miss&) = default;
};
// Every expectation that `report` does not meet, and every count of a table that none speaks of
// (expected `0`): rows deleted are not covered by what was expected of the updated ones. One about
// a statement that the report does not have never holds. Empty: it holds.
std::vector<Miss> Misses(const std::vector<Expectation>& expected, const Report& report);

}  // namespace jit::change

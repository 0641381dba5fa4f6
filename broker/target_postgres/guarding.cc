#include "broker/target_postgres/guarding.h"

#include <algorithm>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/core/refusal.h"
#include "broker/pq/sqlstate.h"
#include "broker/target_postgres/bench_sql.h"
#include "broker/target_postgres/words.h"

namespace jit::target_postgres {
namespace {

constexpr absl::Duration kDeadline = absl::Seconds(12);
constexpr absl::Duration kPatience = absl::Seconds(10);  // for all tables together
constexpr absl::Duration kPause = absl::Milliseconds(50);

pq::Parameters& OrNull(pq::Parameters& parameters, const std::optional<std::int64_t>& number) {
  return number.has_value() ? parameters.Integer(*number) : parameters.Null();
}

}  // namespace

absl::StatusOr<std::vector<GuardTable>> Guarding::TablesOf(const std::vector<std::string>& groups) {
  auto answer =
      connection_.Run(BenchSql("guard_tables"), pq::Parameters().TextArray(groups), kDeadline);
  if (!answer.ok()) return InWords(answer.status());
  std::vector<GuardTable> tables;
  for (int row = 0; row < answer->rows(); ++row) {
    tables.push_back({.table = answer->Integer(row, 0).value_or(0),
                      .name = std::string(answer->Text(row, 1)),
                      .guardable = answer->IsTrue(row, 2),
                      .why = std::string(answer->Text(row, 3)),
                      .has_key = answer->IsTrue(row, 4)});
  }
  return tables;
}

absl::Status Guarding::Set(const GuardOrder& order, const std::vector<std::int64_t>& tables) {
  pq::Parameters parameters;
  parameters.Text(order.login.text()).Text(order.purpose);
  OrNull(parameters, order.statement_rows);
  OrNull(parameters, order.session_rows);
  OrNull(parameters, order.share_percent);
  parameters.Integer(order.share_floor).Integer(absl::ToUnixMicros(order.valid_until));
  order.change.has_value() ? parameters.Text(order.change->text()) : parameters.Null();
  parameters.IntegerArray(tables).TextArray(order.keyless);
  auto set =
      connection_.Run("select jit.set_guard($1, $2, $3, $4, $5::float8 / 100, $6, $7, $8, $9, $10)",
                      parameters, kDeadline);
  return set.ok() ? absl::OkStatus() : InWords(set.status());
}

absl::StatusOr<std::string> Guarding::Attach(std::int64_t table, GuardOrder::Stays stays) {
  pq::Parameters parameters;
  parameters.Integer(table);
  stays == GuardOrder::Stays::kAlways ? parameters.Boolean(pq::Parameters::Truth::kTrue)
                                      : parameters.Null();
  auto answer = connection_.Run("select jit.guard_attach($1, $2)", parameters, kDeadline);
  // A table can go, or be locked, at any moment.
  if (pq::SqlStateOf(answer.status()) == "55P03" || pq::SqlStateOf(answer.status()) == "40P01") {
    return "busy";
  }
  if (!answer.ok()) return InWords(answer.status());
  return std::string(answer->Text(0, 0));
}

absl::Status Guarding::Guard(const GuardOrder& order, const std::vector<GuardTable>& tables) {
  std::vector<std::int64_t> needed;
  std::vector<const GuardTable*> waiting;
  for (const GuardTable& table : tables) {
    if (!table.guardable) continue;
    needed.push_back(table.table);
    waiting.push_back(&table);
  }
  // First, so that nobody takes off again what is put on now.
  if (absl::Status set = Set(order, needed); !set.ok()) return set;
  const absl::Duration start = clock_.Now().since_boot;
  while (!waiting.empty()) {
    std::vector<const GuardTable*> busy;
    for (const GuardTable* table : waiting) {
      absl::StatusOr<std::string> attached = Attach(table->table, order.stays);
      if (!attached.ok()) return attached.status();
      if (*attached == "busy") busy.push_back(table);
      if (clock_.Now().since_boot - start > kPatience && !busy.empty()) {
        return absl::UnavailableError(
            absl::StrCat("table ", busy[0]->name, " is locked by somebody"));
      }
    }
    waiting = std::move(busy);
    if (!waiting.empty()) std::this_thread::sleep_for(absl::ToChronoNanoseconds(kPause));
  }
  return absl::OkStatus();
}

absl::Status Guarding::TakeOff() {
  if (auto cleared = connection_.Run("select jit.clear_guards()", kDeadline); !cleared.ok()) {
    return InWords(cleared.status());
  }
  auto left = connection_.Run("select l.rel from jit.guard_leftovers() l", kDeadline);
  if (!left.ok()) return InWords(left.status());
  for (int row = 0; row < left->rows(); ++row) {
    auto off =
        connection_.Run("select jit.guard_detach($1)",
                        pq::Parameters().Integer(left->Integer(row, 0).value_or(0)), kDeadline);
    if (!off.ok() && pq::SqlStateOf(off.status()) != "55P03") return InWords(off.status());
  }
  return absl::OkStatus();
}

absl::Status Guarding::PutOnAgain() {
  auto missing =
      connection_.Run("select m.rel, m.name, m.why from jit.guard_missing() m", kDeadline);
  if (!missing.ok()) return InWords(missing.status());
  std::string bare;
  for (int row = 0; row < missing->rows(); ++row) {
    const absl::string_view name = missing->Text(row, 1);
    if (!missing->IsNull(row, 2)) {
      absl::StrAppend(&bare, bare.empty() ? "" : "; ", name, ": ", missing->Text(row, 2));
      continue;
    }
    absl::StatusOr<std::string> attached =
        Attach(missing->Integer(row, 0).value_or(0), GuardOrder::Stays::kAsItIs);
    if (!attached.ok()) return attached.status();
    if (*attached == "not_ours") {
      absl::StrAppend(&bare, bare.empty() ? "" : "; ", name, ": it has another owner now");
    }
  }
  if (bare.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("holders of open leases can change tables that cannot be guarded (", bare, ")"));
}

absl::Status Guarding::Tidy() {
  const absl::Status off = TakeOff();
  const absl::Status on = PutOnAgain();
  return on.ok() ? off : on;
}

namespace {

// Which tables cannot be guarded, why, and what would mend it.
absl::Status RefuseUnguardable(pq::Connection& connection, const std::vector<GuardTable>& tables) {
  std::vector<std::string> names;
  std::string said;
  for (const GuardTable& table : tables) {
    if (table.guardable) continue;
    names.push_back(table.name);
    absl::StrAppend(&said, said.empty() ? "" : "; ", table.name, ": ", table.why);
  }
  if (names.empty()) return absl::OkStatus();
  std::string mend;
  auto answer =
      connection.Run(BenchSql("what_mends"), pq::Parameters().TextArray(names), kDeadline);
  for (int row = 0; answer.ok() && row < answer->rows(); ++row) {
    absl::StrAppend(&mend, mend.empty() ? "" : "; ", answer->Text(row, 0));
  }
  return core::Refuse(core::Reason::kTargetNotReady,
                      absl::StrCat("this login could change tables that cannot be guarded (", said,
                                   ")", mend.empty() ? "" : "; a DBA can run: ", mend));
}

// Tables without a primary key that nobody let this login change, and how somebody can.
absl::Status RefuseKeyless(const ports::LoginOrder& order,
                           const std::vector<std::string>& keyless) {
  using Keyless = policy::GuardTerms::Keyless;
  const Keyless terms = order.guard->keyless;
  if (terms == Keyless::kAllowed) return absl::OkStatus();
  std::vector<std::string> left;
  for (const std::string& table : keyless) {
    const auto& named = order.keyless;
    const bool accepted =
        terms == Keyless::kByName && std::find(named.begin(), named.end(), table) != named.end();
    if (!accepted) left.push_back(table);
  }
  if (left.empty()) return absl::OkStatus();
  std::string said = absl::StrCat(
      "this login could change tables without a primary key, whose rows nobody could put back: ",
      absl::StrJoin(left, ", "));
  if (terms == Keyless::kByName) {
    // All of them, since the next lease starts from nothing.
    absl::StrAppend(&said, "; ask again with --keyless ", absl::StrJoin(keyless, " --keyless "),
                    " so that the approver can accept each by name");
  }
  return core::Refuse(core::Reason::kTargetNotReady, said);
}

}  // namespace

absl::Status GuardInteractive(pq::Connection& connection, ports::Clock& clock,
                              const ports::LoginOrder& order) {
  const policy::GuardTerms& terms = *order.guard;
  std::vector<std::string> groups;
  for (const core::PgGroup& group : order.member_of) groups.push_back(group.text());
  Guarding guarding(connection, clock);
  absl::StatusOr<std::vector<GuardTable>> tables = guarding.TablesOf(groups);
  if (!tables.ok()) return tables.status();
  if (absl::Status can = RefuseUnguardable(connection, *tables); !can.ok()) return can;
  std::vector<std::string> keyless;
  for (const GuardTable& table : *tables) {
    if (!table.has_key) keyless.push_back(table.name);
  }
  if (absl::Status may = RefuseKeyless(order, keyless); !may.ok()) return may;
  return guarding.Guard({.login = order.login,
                         .purpose = "interactive",
                         .statement_rows = terms.statement_rows,
                         .session_rows = terms.session_rows,
                         .share_percent = terms.share_percent,
                         .share_floor = terms.share_floor,
                         .valid_until = order.valid_until,
                         .change = {},
                         .keyless = keyless,
                         .stays = terms.attached == policy::GuardTerms::Attached::kAlways
                                      ? GuardOrder::Stays::kAlways
                                      : GuardOrder::Stays::kAsItIs},
                        *tables);
}

}  // namespace jit::target_postgres

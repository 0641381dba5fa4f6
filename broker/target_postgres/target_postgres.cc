#include "broker/target_postgres/target_postgres.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "broker/core/refusal.h"
#include "broker/pq/conninfo.h"
#include "broker/pq/sqlstate.h"
#include "broker/target_postgres/ending.h"
#include "broker/target_postgres/guarding.h"
#include "broker/target_postgres/kit.h"
#include "broker/target_postgres/removing.h"
#include "broker/target_postgres/residue.h"
#include "broker/target_postgres/words.h"

namespace jit::target_postgres {
namespace {

constexpr absl::Duration kVitalsAgeMax = absl::Seconds(10);
constexpr absl::Duration kPatience = absl::Seconds(5);   // for a free connection
constexpr absl::Duration kDeadline = absl::Seconds(12);  // above the server's own ten seconds
constexpr absl::Duration kLookDeadline = absl::Seconds(15);
constexpr absl::Duration kClosingPatience = absl::Seconds(10);
constexpr int kClosingPairs = 2;

constexpr absl::string_view kOpen =
    "select outcome from jit.open_login($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
// One statement is one transaction: a login that does not act as it should does not come to be.
constexpr absl::string_view kOpenAndAct =
    "select o.outcome, jit.act_as($2, $12)"
    " from jit.open_login($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) o";

pq::StartUp StartUpFor(absl::string_view purpose) {
  pq::StartUp start_up;
  start_up.application_name = absl::StrCat("jit-broker ", purpose);
  return start_up;
}

bool IsThisMachine(const std::string& host) {
  return host.empty() || host[0] == '/' || host == "127.0.0.1" || host == "::1" ||
         host == "localhost";
}

absl::Time FromMicros(std::int64_t micros) {
  return absl::FromUnixMicros(micros);
}

// Target minus broker, at the middle of the round trip.
absl::Duration SkewOf(std::int64_t now_us, const ports::Instant& before,
                      const ports::Instant& after) {
  const absl::Duration round_trip = after.since_boot - before.since_boot;
  return FromMicros(now_us) - (after.wall - round_trip / 2);
}

}  // namespace

TargetPostgres::TargetPostgres(TargetOptions options, ports::Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      opening_(options_.opening_connections, [this] { return Dial(Purpose::kOpening); }),
      barring_(kClosingPairs, [this] { return Dial(Purpose::kClosing); }),
      ending_(kClosingPairs, [this] { return Dial(Purpose::kClosing); }),
      clearing_(1, [this] { return Dial(Purpose::kClosing); }),
      looking_(1, [this] { return Dial(Purpose::kClosing); }),
      pinned_(options_.system_identifier) {}

absl::StatusOr<std::unique_ptr<TargetPostgres>> TargetPostgres::Create(const TargetOptions& options,
                                                                       ports::Clock& clock) {
  TargetOptions complete = options;
  ports::Address address;
  for (const auto& [keyword, into] :
       {std::pair{"host", &address.host}, std::pair{"dbname", &address.database}}) {
    absl::StatusOr<std::string> value = pq::ConninfoValue(options.conninfo, keyword);
    if (!value.ok()) return value.status();
    *into = *value;
  }
  const absl::StatusOr<std::string> port = pq::ConninfoValue(options.conninfo, "port");
  if (!port.ok() || !absl::SimpleAtoi(*port, &address.port)) address.port = 5432;
  const absl::StatusOr<std::string> tls = pq::ConninfoValue(options.conninfo, "sslmode");
  if (options.transport == TargetOptions::Transport::kVerified && !IsThisMachine(address.host) &&
      (!tls.ok() || *tls != "verify-full")) {
    return absl::InvalidArgumentError(
        "the connection to a target on another machine needs sslmode=verify-full");
  }
  if (address.database.empty()) {
    return absl::InvalidArgumentError("the connection string of a target names its dbname");
  }
  if (!complete.address.has_value()) complete.address = address;
  return std::unique_ptr<TargetPostgres>(new TargetPostgres(std::move(complete), clock));
}

absl::Status TargetPostgres::CheckPin(const std::string& system_identifier) {
  sync::Lock held(mutex_);
  if (!pinned_.has_value()) pinned_ = system_identifier;
  if (*pinned_ == system_identifier) return absl::OkStatus();
  return core::Refuse(core::Reason::kTargetNotReady,
                      "the target is another cluster than the one that was pinned");
}

std::string TargetPostgres::PinnedIdentifier() {
  sync::Lock held(mutex_);
  return pinned_.value_or("");
}

absl::StatusOr<std::unique_ptr<pq::Connection>> TargetPostgres::Dial(Purpose purpose) {
  absl::StatusOr<std::unique_ptr<pq::Connection>> connection = pq::Connection::Open(
      options_.conninfo, StartUpFor(purpose == Purpose::kOpening ? "opening" : "closing"));
  if (!connection.ok()) return InWords(connection.status());
  if (purpose == Purpose::kClosing) {
    // A database that somebody set to read-only by default still lets its logins be closed.
    auto writable = (*connection)->Run("set default_transaction_read_only = off", kDeadline);
    if (!writable.ok()) return InWords(writable.status());
  }
  absl::StatusOr<ports::Vitals> vitals = MeasureOn(**connection, purpose);
  if (!vitals.ok()) return vitals.status();
  return connection;
}

absl::StatusOr<ports::Vitals> TargetPostgres::MeasureOn(pq::Connection& connection,
                                                        Purpose purpose) {
  const ports::Instant before = clock_.Now();
  auto answer = connection.Run(
      "select system_identifier, kit_version, in_recovery or read_only_by_default, now_us"
      " from jit.measure()",
      kDeadline);
  const ports::Instant after = clock_.Now();
  if (!answer.ok()) return InWords(answer.status());
  ports::Vitals vitals;
  vitals.system_identifier = std::string(answer->Text(0, 0));
  vitals.kit_version = std::string(answer->Text(0, 1));
  vitals.read_only = answer->IsTrue(0, 2);
  const std::optional<std::int64_t> now_us = answer->Integer(0, 3);
  const bool old = answer->Integer(0, 1).value_or(0) < kKitVersion;
  // What closes has been in the kit from the first version on: an old one opens nothing, and goes
  // on closing.
  if (!now_us.has_value() || (old && purpose == Purpose::kOpening)) {
    return core::Refuse(
        core::Reason::kTargetNotReady,
        "the kit in the target is older than this broker: run jit-broker target sql");
  }
  vitals.clock_skew = SkewOf(*now_us, before, after);
  if (absl::Status pin = CheckPin(vitals.system_identifier); !pin.ok()) return pin;
  sync::Lock held(mutex_);
  if (!old) {
    vitals_ = vitals;
    vitals_since_boot_ = after.since_boot;
  }
  return vitals;
}

absl::StatusOr<ports::Vitals> TargetPostgres::Measure() {
  {
    const absl::Duration now = clock_.Now().since_boot;
    sync::Lock held(mutex_);
    if (vitals_.has_value() && now - vitals_since_boot_ < kVitalsAgeMax) return *vitals_;
  }
  absl::StatusOr<ConnectionPool::Loan> loan = opening_.Borrow(kPatience);
  if (!loan.ok()) return loan.status();
  return MeasureOn(**loan, Purpose::kOpening);
}

absl::Status TargetPostgres::OpenLogin(const ports::LoginOrder& order,
                                       const credential::ScramVerifier& verifier) {
  absl::StatusOr<ConnectionPool::Loan> loan = opening_.Borrow(kPatience);
  if (!loan.ok()) return loan.status();
  if (order.guard.has_value()) {
    if (absl::Status guarded = GuardInteractive(**loan, clock_, order); !guarded.ok()) {
      return guarded;
    }
  }
  std::vector<std::string> groups;
  for (const core::PgGroup& group : order.member_of) groups.push_back(group.text());
  pq::Parameters parameters;
  // Microseconds are cut, so that the login never lives longer than the lease.
  parameters.Text(PinnedIdentifier())
      .Text(order.login.text())
      .Text(order.person.text())
      .TextArray(groups)
      .Integer(order.connection_limit)
      .Integer(absl::ToUnixMicros(order.valid_until))
      .Integer(absl::ToInt64Milliseconds(order.statement_timeout))
      .Integer(absl::ToInt64Milliseconds(order.lock_timeout))
      .Integer(absl::ToInt64Milliseconds(order.idle_in_transaction_timeout))
      .Boolean(order.writes ? pq::Parameters::Truth::kTrue : pq::Parameters::Truth::kFalse)
      .Text(verifier.RevealForTarget());
  if (order.acts_as.has_value()) parameters.Text(order.acts_as->text());
  auto answer =
      (*loan)->Run(order.acts_as.has_value() ? kOpenAndAct : kOpen, parameters, kDeadline);
  return answer.ok() ? absl::OkStatus() : InWords(answer.status());
}

absl::StatusOr<std::vector<ports::OffOutcome>> TargetPostgres::TurnOff(
    const std::vector<core::LoginName>& logins) {
  // There are several pairs: a call that fights a hostile holder leaves one for others.
  absl::StatusOr<ConnectionPool::Loan> barring = barring_.Borrow(kClosingPatience);
  if (!barring.ok()) return barring.status();
  absl::StatusOr<ConnectionPool::Loan> ending = ending_.Borrow(kClosingPatience);
  if (!ending.ok()) return ending.status();
  return Ending(**barring, **ending, clock_, Elsewhere()).Run(logins);
}

absl::StatusOr<std::vector<ports::RemoveOutcome>> TargetPostgres::Remove(
    const std::vector<core::LoginName>& logins) {
  absl::StatusOr<ConnectionPool::Loan> loan = clearing_.Borrow(kPatience);
  if (!loan.ok()) return loan.status();
  return Removing(**loan, Elsewhere()).Run(logins);
}

absl::Status TargetPostgres::Tidy() {
  absl::StatusOr<ConnectionPool::Loan> loan = clearing_.Borrow(kPatience);
  if (!loan.ok()) return loan.status();
  const absl::Status forgotten = ForgetResidues(**loan);
  const absl::Status guarded = Guarding(**loan, clock_).Tidy();
  return guarded.ok() ? forgotten : guarded;
}

DialDatabase TargetPostgres::Elsewhere() {
  return [this](const std::string& database) { return DialElsewhere(database); };
}

absl::StatusOr<std::unique_ptr<pq::Connection>> TargetPostgres::DialElsewhere(
    const std::string& database) {
  absl::StatusOr<std::string> conninfo = pq::WithDatabase(options_.conninfo, database);
  if (!conninfo.ok()) return conninfo.status();
  pq::StartUp start_up = StartUpFor("clearing");
  start_up.connect_timeout = absl::Seconds(2);
  absl::StatusOr<std::unique_ptr<pq::Connection>> connection =
      pq::Connection::Open(*conninfo, start_up);
  if (!connection.ok()) return connection.status();
  auto writable = (*connection)->Run("set default_transaction_read_only = off", kDeadline);
  if (!writable.ok()) return writable.status();
  auto identity =
      (*connection)
          ->Run("select c.system_identifier from pg_catalog.pg_control_system() c", kDeadline);
  if (!identity.ok()) return identity.status();
  if (absl::Status pin = CheckPin(std::string(identity->Text(0, 0))); !pin.ok()) return pin;
  return connection;
}

absl::StatusOr<ports::TargetState> TargetPostgres::Inspect() {
  absl::StatusOr<ConnectionPool::Loan> loan = looking_.Borrow(kPatience);
  if (!loan.ok()) return loan.status();
  // A pair for closing stays open from the first look on, for the day when the target is full.
  (void)barring_.KeepOpen(1);
  (void)ending_.KeepOpen(1);
  const ports::Instant before = clock_.Now();
  auto answer = (*loan)->Run(
      "select m.system_identifier, m.database, m.kit_version,"
      " m.in_recovery or m.read_only_by_default, m.now_us, m.server_start_us,"
      " i.login, i.ours, i.can_login, i.valid_until_us, i.member_of, i.verifier_digest,"
      " i.sessions, i.prepared"
      " from jit.measure() m left join jit.inspect() i on true",
      kLookDeadline);
  const ports::Instant after = clock_.Now();
  if (!answer.ok()) return InWords(answer.status());
  ports::TargetState state;
  state.system_identifier = std::string(answer->Text(0, 0));
  if (absl::Status pin = CheckPin(state.system_identifier); !pin.ok()) return pin;
  state.database = std::string(answer->Text(0, 1));
  state.kit_version = std::string(answer->Text(0, 2));
  state.read_only = answer->IsTrue(0, 3);
  state.clock_skew = SkewOf(answer->Integer(0, 4).value_or(0), before, after);
  state.server_start = FromMicros(answer->Integer(0, 5).value_or(0));
  for (int row = 0; row < answer->rows(); ++row) {
    const std::string text(answer->Text(row, 6));
    absl::StatusOr<core::LoginName> login = core::LoginName::Parse(text);
    if (answer->IsNull(row, 6)) continue;
    if (!login.ok() || !answer->IsTrue(row, 7)) {
      state.unmarked.push_back(text);
      continue;
    }
    ports::LoginSeen seen{.login = *login};
    seen.can_login = answer->IsTrue(row, 8);
    const std::optional<std::int64_t> until = answer->Integer(row, 9);
    // No end at all would be an end nobody ordered: the furthest there is, so that it is noticed.
    seen.valid_until = !until.has_value() ? absl::InfiniteFuture()
                       : *until < 0       ? absl::InfinitePast()
                                          : FromMicros(*until);
    seen.member_of = answer->TextArray(row, 10);
    seen.verifier_digest = std::string(answer->Text(row, 11));
    seen.sessions = static_cast<int>(answer->Integer(row, 12).value_or(0));
    seen.prepared_transactions = static_cast<int>(answer->Integer(row, 13).value_or(0));
    state.logins.push_back(std::move(seen));
  }
  return state;
}

}  // namespace jit::target_postgres

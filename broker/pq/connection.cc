#include "broker/pq/connection.h"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "broker/pq/conninfo.h"
#include "broker/pq/sqlstate.h"

namespace jit::pq {
namespace {

// A dead network is noticed after so long at the latest.
constexpr int kUserTimeoutMilliseconds = 10'000;
// Shorter values are words that occur in any sentence.
constexpr std::size_t kMaskedMin = 4;

void DropNotice(void*, const pg_result*) {}

// Sent with the start-up packet, so that they beat what the database or our role is configured
// with: nobody but a superuser of the target changes what our statements mean.
std::string PinnedOptions(const StartUp& start_up) {
  return absl::StrCat(
      start_up.search == StartUp::Search::kCatalogOnly ? "-c search_path=pg_catalog " : "",
      "-c timezone=UTC -c datestyle=ISO -c intervalstyle=iso_8601",
      " -c synchronous_commit=on -c row_security=on -c standard_conforming_strings=on",
      " -c default_transaction_isolation=read\\ committed -c check_function_bodies=on",
      " -c client_min_messages=error -c bytea_output=hex -c extra_float_digits=1",
      " -c statement_timeout=", absl::ToInt64Milliseconds(start_up.statement_timeout),
      " -c lock_timeout=", absl::ToInt64Milliseconds(start_up.lock_timeout),
      " -c idle_in_transaction_session_timeout=",
      absl::ToInt64Milliseconds(start_up.idle_in_transaction_timeout),
      " -c idle_session_timeout=0");
}

bool HasNul(const Parameters& parameters) {
  for (const std::string& text : parameters.texts()) {
    if (text.find('\0') != std::string::npos) return true;
  }
  return false;
}

}  // namespace

// A kernel timer to poll on together with the socket, so that no clock has to be read.
class Connection::Countdown {
 public:
  explicit Countdown(absl::Duration span)
      : timer_(timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK)) {
    // Zero would disarm it.
    const timespec value = absl::ToTimespec(std::max(span, absl::Nanoseconds(1)));
    const itimerspec once = {.it_interval = {}, .it_value = value};
    timerfd_settime(timer_, 0, &once, nullptr);
  }
  Countdown(const Countdown&) = delete;
  Countdown& operator=(const Countdown&) = delete;
  ~Countdown() { close(timer_); }
  int timer() const { return timer_; }
  bool IsOver() const {
    pollfd waiting = {timer_, POLLIN, 0};
    return poll(&waiting, 1, 0) > 0;
  }

 private:
  const int timer_;
};

void Connection::Closer::operator()(pg_conn* connection) const {
  PQfinish(connection);
}

void Connection::Freer::operator()(pg_result* result) const {
  PQclear(result);
}

// A statement that is tried: what has come of it so far.
struct Connection::Trial {
  int answers = 0;  // of four
  int syncs = 0;    // of two
  std::unique_ptr<pg_result, Freer> answer;
  absl::Status failed;
};

Connection::Connection(pg_conn* connection) : connection_(connection) {}

Connection::~Connection() = default;

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const std::string& conninfo,
                                                             const StartUp& start_up) {
  absl::StatusOr<Keywords> keywords = ParseConninfo(conninfo);
  if (!keywords.ok()) return keywords.status();
  if (keywords->contains("options")) {
    return absl::InvalidArgumentError("the connection string must not bring options of its own");
  }
  (*keywords)["options"] = PinnedOptions(start_up);
  (*keywords)["application_name"] = start_up.application_name;
  (*keywords)["client_encoding"] = "UTF8";
  keywords->emplace("tcp_user_timeout", absl::StrCat(kUserTimeoutMilliseconds));
  keywords->emplace("keepalives_idle", "10");
  keywords->emplace("keepalives_interval", "5");
  keywords->emplace("keepalives_count", "3");
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : *keywords) {
    names.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  std::unique_ptr<Connection> connection(
      new Connection(PQconnectStartParams(names.data(), values.data(), /*expand_dbname=*/0)));
  if (connection->connection_ == nullptr) return absl::InternalError("out of memory");
  if (absl::Status status = connection->FinishConnecting(start_up.connect_timeout); !status.ok()) {
    return status;
  }
  PQsetNoticeReceiver(connection->connection_.get(), DropNotice, nullptr);
  if (PQsetnonblocking(connection->connection_.get(), 1) != 0) {
    return absl::InternalError("the connection cannot be used without blocking");
  }
  return connection;
}

absl::Status Connection::FinishConnecting(absl::Duration timeout) {
  Countdown countdown(timeout);
  PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;
  while (PQstatus(connection_.get()) != CONNECTION_BAD && wanted != PGRES_POLLING_OK &&
         wanted != PGRES_POLLING_FAILED) {
    switch (Wait(countdown, wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT)) {
      case Woken::kTimeout:
        return LostConnection("the server did not answer in time", Outcome::kDidNotHappen);
      case Woken::kBroken:
      case Woken::kSocket:
        wanted = PQconnectPoll(connection_.get());
        break;
    }
  }
  if (PQstatus(connection_.get()) == CONNECTION_OK) return absl::OkStatus();
  const std::string why = TrustedFarewell();
  if (PQconnectionNeedsPassword(connection_.get()) != 0) {
    return absl::UnauthenticatedError("the server wants a password and none is configured");
  }
  if (PQconnectionUsedPassword(connection_.get()) != 0) {
    return absl::UnauthenticatedError(absl::StrCat("the server did not let us in", why));
  }
  return LostConnection(absl::StrCat("the server cannot be reached", why), Outcome::kDidNotHappen);
}

// What was said about a failed start, if it came from this machine or from a server that had proved
// who it is; bytes from anybody else are neither shown nor acted on (CVE-2024-10977).
std::string Connection::TrustedFarewell() const {
  const std::string where = host();
  const bool here = where.empty() || where[0] == '/' || where == "127.0.0.1" || where == "::1" ||
                    where == "localhost";
  if (!here && PQsslInUse(connection_.get()) == 0) return "";
  std::string said = PQerrorMessage(connection_.get());
  for (char& c : said) {
    if (c < ' ' || c > '~') c = ' ';
  }
  return absl::StrCat(": ", absl::StripAsciiWhitespace(said));
}

Connection::Woken Connection::Wait(Countdown& countdown, int events) {
  const int socket = PQsocket(connection_.get());
  if (socket < 0) return Woken::kBroken;
  pollfd waiting[2] = {{socket, static_cast<short>(events), 0}, {countdown.timer(), POLLIN, 0}};
  while (poll(waiting, 2, -1) < 0) {
    if (errno != EINTR) return Woken::kBroken;
  }
  // The answer wins when it and the deadline come together.
  if (waiting[0].revents != 0) return Woken::kSocket;
  return Woken::kTimeout;
}

std::string Connection::Mask(std::string message) const {
  for (const std::string& text : bound_texts_) {
    if (text.size() >= kMaskedMin) {
      message = absl::StrReplaceAll(message, {{text, "(a bound value)"}});
    }
  }
  return message;
}

absl::Status Connection::Lost(absl::string_view what) {
  connection_.reset();
  return LostConnection(absl::StrCat("the connection to the server was lost ", what),
                        Outcome::kUnknown);
}

absl::Status Connection::StatusOf(const pg_result* result) {
  switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY:
      return absl::OkStatus();
    case PGRES_BAD_RESPONSE:
    case PGRES_NONFATAL_ERROR:
    case PGRES_FATAL_ERROR:
    case PGRES_COPY_OUT:
    case PGRES_COPY_IN:
    case PGRES_COPY_BOTH:
    case PGRES_SINGLE_TUPLE:
    case PGRES_PIPELINE_SYNC:
    case PGRES_PIPELINE_ABORTED:
      break;
  }
  const char* sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  if (sqlstate == nullptr) {
    return LostConnection("the connection to the server was lost", Outcome::kUnknown);
  }
  const auto field = [&](int which) -> std::string {
    const char* text = PQresultErrorField(result, which);
    return text == nullptr ? "" : text;
  };
  remarks_ = {Mask(field(PG_DIAG_MESSAGE_DETAIL)), Mask(field(PG_DIAG_MESSAGE_HINT))};
  const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  return ServerError(sqlstate, Mask(message == nullptr ? "no message" : message));
}

absl::StatusOr<Result> Connection::Run(absl::string_view sql, const Parameters& parameters,
                                       absl::Duration deadline) {
  if (absl::Status sent = Send(sql, parameters); !sent.ok()) return sent;
  return Collect(deadline);
}

absl::Status Connection::RunScript(const std::string& sql, absl::Duration deadline) {
  bound_texts_.clear();
  rows_ = Rows::kKept;
  if (connection_ == nullptr || PQsendQuery(connection_.get(), sql.c_str()) == 0) {
    connection_.reset();
    return LostConnection("the connection to the server is gone", Outcome::kDidNotHappen);
  }
  return Collect(deadline).status();
}

absl::Status Connection::Send(absl::string_view sql, const Parameters& parameters, Rows rows) {
  if (HasNul(parameters)) return absl::InvalidArgumentError("a bound value holds a NUL byte");
  if (connection_ == nullptr) {
    return LostConnection("the connection to the server is gone", Outcome::kDidNotHappen);
  }
  std::vector<const char*> values;
  for (const std::optional<std::string>& value : parameters.values()) {
    values.push_back(value.has_value() ? value->c_str() : nullptr);
  }
  bound_texts_ = parameters.texts();
  rows_ = rows;
  const int sent = PQsendQueryParams(connection_.get(), std::string(sql).c_str(),
                                     static_cast<int>(values.size()), nullptr, values.data(),
                                     nullptr, nullptr, /*resultFormat=*/0);
  // Part of it may be on its way already, but never all of it, so the server cannot have run it.
  if (sent == 0) {
    connection_.reset();
    return LostConnection("the connection to the server is gone", Outcome::kDidNotHappen);
  }
  if (rows == Rows::kDropped) (void)PQsetSingleRowMode(connection_.get());
  (void)PQflush(connection_.get());  // what does not fit now goes out in Collect
  return absl::OkStatus();
}

// The error of one part skips the rest up to the next synchronisation: the way back is taken
// anyhow.
bool Connection::QueueTrial(absl::string_view sql) {
  pg_conn* const connection = connection_.get();
  const auto queue = [&](const std::string& part) {
    return PQsendQueryParams(connection, part.c_str(), 0, nullptr, nullptr, nullptr, nullptr,
                             /*resultFormat=*/0) != 0;
  };
  return PQenterPipelineMode(connection) != 0 && queue("savepoint jit_trial") &&
         queue(std::string(sql)) && PQpipelineSync(connection) != 0 &&
         queue("rollback to savepoint jit_trial") && queue("release savepoint jit_trial") &&
         PQpipelineSync(connection) != 0;
}

absl::Status Connection::SendTrial(absl::string_view sql) {
  bound_texts_.clear();
  rows_ = Rows::kKept;
  // What is queued by halves may reach the server, but an open transaction dies with its
  // connection.
  if (connection_ == nullptr || !QueueTrial(sql)) {
    connection_.reset();
    return LostConnection("the connection to the server is gone", Outcome::kDidNotHappen);
  }
  trial_ = std::make_unique<Trial>();
  (void)PQflush(connection_.get());  // what does not fit now goes out in Collect
  return absl::OkStatus();
}

// kSocket: all of it has come.
Connection::Woken Connection::AwaitTrial(Countdown& countdown) {
  while (trial_->syncs < 2) {
    while (PQisBusy(connection_.get()) != 0) {
      const int unsent = PQflush(connection_.get());
      if (unsent < 0) return Woken::kBroken;
      const Woken woken = Wait(countdown, unsent > 0 ? POLLIN | POLLOUT : POLLIN);
      if (woken != Woken::kSocket) return woken;
      if (PQconsumeInput(connection_.get()) == 0) return Woken::kBroken;
    }
    std::unique_ptr<pg_result, Freer> next(PQgetResult(connection_.get()));
    if (next == nullptr) {  // the end of a part
      if (PQstatus(connection_.get()) == CONNECTION_BAD) return Woken::kBroken;
      continue;
    }
    const ExecStatusType kind = PQresultStatus(next.get());
    if (kind == PGRES_PIPELINE_SYNC) {
      ++trial_->syncs;
      continue;
    }
    // A copy that nobody wants ends only with the connection.
    if (kind == PGRES_COPY_IN || kind == PGRES_COPY_OUT) return Woken::kBroken;
    const int place = trial_->answers++;
    if (kind == PGRES_PIPELINE_ABORTED) continue;  // something before it has failed
    const absl::Status status = StatusOf(next.get());
    if (trial_->failed.ok()) trial_->failed = status;
    if (place == 1) trial_->answer = std::move(next);
  }
  return Woken::kSocket;
}

absl::StatusOr<Result> Connection::CollectTrialUntil(Countdown& countdown) {
  const Woken woken = AwaitTrial(countdown);
  const std::unique_ptr<Trial> trial = std::move(trial_);
  if (woken == Woken::kTimeout) {
    connection_.reset();
    return TimedOut("the server did not answer in time", Outcome::kUnknown);
  }
  if (woken == Woken::kBroken || PQexitPipelineMode(connection_.get()) == 0) {
    const absl::Status lost = Lost("before it answered");
    return trial->failed.ok() ? lost : trial->failed;
  }
  if (!trial->failed.ok()) return trial->failed;
  return Result(trial->answer.release());
}

Connection::Progress Connection::Ready(absl::Duration patience) {
  if (connection_ == nullptr || early_ != nullptr) return Progress::kReady;
  Countdown countdown(patience);
  if (trial_ != nullptr) {
    return AwaitTrial(countdown) == Woken::kTimeout ? Progress::kWorking : Progress::kReady;
  }
  for (;;) {
    while (PQisBusy(connection_.get()) != 0) {
      const int unsent = PQflush(connection_.get());
      if (unsent < 0) return Progress::kReady;
      switch (Wait(countdown, unsent > 0 ? POLLIN | POLLOUT : POLLIN)) {
        case Woken::kTimeout:
          return Progress::kWorking;
        case Woken::kBroken:
          return Progress::kReady;
        case Woken::kSocket:
          if (PQconsumeInput(connection_.get()) == 0) return Progress::kReady;
          break;
      }
    }
    if (rows_ == Rows::kKept) return Progress::kReady;
    early_.reset(PQgetResult(connection_.get()));
    if (PQresultStatus(early_.get()) != PGRES_SINGLE_TUPLE) return Progress::kReady;
    early_.reset();
    if (countdown.IsOver()) return Progress::kWorking;
  }
}

absl::Status Connection::Cancel() {
  if (connection_ == nullptr) {
    return LostConnection("the connection to the server is gone", Outcome::kDidNotHappen);
  }
  PGcancel* cancel = PQgetCancel(connection_.get());
  char why[256] = "";
  const bool asked = cancel != nullptr && PQcancel(cancel, why, sizeof(why)) != 0;
  PQfreeCancel(cancel);
  if (asked) return absl::OkStatus();
  return LostConnection("the server could not be asked to stop", Outcome::kDidNotHappen);
}

absl::Status Connection::Flush(Countdown& countdown) {
  for (;;) {
    const int unsent = PQflush(connection_.get());
    if (unsent == 0) return absl::OkStatus();
    if (unsent < 0) return Lost("while a statement was sent");
    const Woken woken = Wait(countdown, POLLIN | POLLOUT);
    if (woken == Woken::kTimeout) {
      connection_.reset();
      return TimedOut("the server did not take the statement in time", Outcome::kUnknown);
    }
    if (woken == Woken::kBroken || PQconsumeInput(connection_.get()) == 0) {
      return Lost("while a statement was sent");
    }
  }
}

absl::StatusOr<Result> Connection::Collect(absl::Duration deadline) {
  if (connection_ == nullptr) {
    return LostConnection("the connection to the server was lost", Outcome::kUnknown);
  }
  Countdown countdown(deadline);
  if (trial_ != nullptr) return CollectTrialUntil(countdown);
  if (absl::Status flushed = Flush(countdown); !flushed.ok()) return flushed;
  return CollectUntil(countdown);
}

absl::StatusOr<Result> Connection::CollectUntil(Countdown& countdown) {
  absl::Status failed;
  pg_result* last = nullptr;
  for (;;) {
    while (early_ == nullptr && PQisBusy(connection_.get()) != 0) {
      const Woken woken = Wait(countdown, POLLIN);
      if (woken == Woken::kTimeout) {
        // The server has a shorter timeout of its own and would have answered, so it is the way to
        // it that is broken. PQcancel would need the same way, and waits without a limit.
        PQclear(last);
        connection_.reset();
        return TimedOut("the server did not answer in time", Outcome::kUnknown);
      }
      if (woken == Woken::kBroken || PQconsumeInput(connection_.get()) == 0) {
        // What the server said last is still in libpq's hands.
        if (PQisBusy(connection_.get()) != 0 || woken == Woken::kBroken) {
          PQclear(last);
          return failed.ok() ? Lost("before it answered") : failed;
        }
      }
    }
    pg_result* next = early_ != nullptr ? early_.release() : PQgetResult(connection_.get());
    if (next == nullptr) break;
    if (rows_ == Rows::kDropped && PQresultStatus(next) == PGRES_SINGLE_TUPLE) {
      PQclear(next);
      continue;
    }
    if (const ExecStatusType copying = PQresultStatus(next);
        copying == PGRES_COPY_IN || copying == PGRES_COPY_OUT || copying == PGRES_COPY_BOTH) {
      // The only way out of a copy that nobody wants is out of the connection.
      PQclear(next);
      PQclear(last);
      connection_.reset();
      return absl::InvalidArgumentError("a COPY over the connection cannot be run here");
    }
    const absl::Status status = StatusOf(next);
    // A script has many results: the first error counts, or else the last answer.
    if (failed.ok()) failed = status;
    PQclear(last);
    last = next;
  }
  if (PQstatus(connection_.get()) == CONNECTION_BAD) connection_.reset();
  if (!failed.ok()) {
    PQclear(last);
    return failed;
  }
  return Result(last);
}

bool Connection::IsAlive() {
  if (connection_ == nullptr || PQstatus(connection_.get()) != CONNECTION_OK) return false;
  pollfd waiting = {PQsocket(connection_.get()), POLLIN, 0};
  if (poll(&waiting, 1, 0) > 0) {
    // Something came without a question: a farewell, a parameter, or the end.
    if (PQconsumeInput(connection_.get()) == 0) return false;
    if (poll(&waiting, 1, 0) > 0 && PQconsumeInput(connection_.get()) == 0) return false;
  }
  return PQstatus(connection_.get()) == CONNECTION_OK &&
         PQtransactionStatus(connection_.get()) == PQTRANS_IDLE;
}

int Connection::announced_pid() const {
  return PQbackendPID(connection_.get());
}

int Connection::server_version() const {
  return PQserverVersion(connection_.get());
}

namespace {
std::string OrEmpty(const char* text) {
  return text == nullptr ? "" : text;
}
}  // namespace

std::string Connection::host() const {
  return OrEmpty(PQhost(connection_.get()));
}
std::string Connection::port() const {
  return OrEmpty(PQport(connection_.get()));
}
std::string Connection::database() const {
  return OrEmpty(PQdb(connection_.get()));
}
std::string Connection::user() const {
  return OrEmpty(PQuser(connection_.get()));
}

}  // namespace jit::pq

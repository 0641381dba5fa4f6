#include "tests/target_postgres/holder.h"

#include <libpq-fe.h>
#include <poll.h>

namespace jit::testing {

void Holder::Closer::operator()(pg_conn* connection) const {
  PQfinish(connection);
}

Holder::Holder(const std::string& conninfo, const std::string& options) {
  const char* names[] = {"dbname", "options", "application_name", nullptr};
  const char* values[] = {conninfo.c_str(), options.c_str(), "holder", nullptr};
  connection_.reset(PQconnectStartParams(names, values, /*expand_dbname=*/1));
}

void Holder::Poll() {
  pollfd waiting = {PQsocket(connection_.get()), POLLIN | POLLOUT, 0};
  for (int i = 0; i < 20 && poll(&waiting, 1, 20) > 0; ++i) {
    const PostgresPollingStatusType now = PQconnectPoll(connection_.get());
    if (now == PGRES_POLLING_OK || now == PGRES_POLLING_FAILED) return;
    waiting.fd = PQsocket(connection_.get());
    waiting.events = now == PGRES_POLLING_READING ? POLLIN : POLLOUT;
  }
}

bool Holder::Connected(std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;
  while (PQstatus(connection_.get()) != CONNECTION_OK) {
    if (PQstatus(connection_.get()) == CONNECTION_BAD || std::chrono::steady_clock::now() > end) {
      return false;
    }
    pollfd waiting = {PQsocket(connection_.get()),
                      static_cast<short>(wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
    if (poll(&waiting, 1, 50) > 0) wanted = PQconnectPoll(connection_.get());
  }
  return true;
}

bool Holder::Run(const std::string& sql) {
  return Ask(sql).rfind("ERROR", 0) != 0;
}

std::string Holder::Ask(const std::string& sql) {
  if (!Connected()) return "ERROR not connected";
  PGresult* result = PQexec(connection_.get(), sql.c_str());
  std::string answer;
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_TUPLES_OK && PQntuples(result) > 0 && PQnfields(result) > 0) {
    answer = PQgetvalue(result, 0, 0);
  } else if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    const char* sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    answer = std::string("ERROR ") + (sqlstate == nullptr ? "connection lost" : sqlstate);
  }
  PQclear(result);
  return answer;
}

}  // namespace jit::testing

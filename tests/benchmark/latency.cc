#include <sqlite3.h>

#include <string>

#include "absl/strings/str_format.h"
#include "tests/benchmark/direct.h"
#include "tests/benchmark/measures.h"
#include "tests/benchmark/rounds.h"

namespace jit::benchmark {
namespace {

constexpr absl::Duration kSpan = absl::Seconds(4);

// One row of a kilobyte, committed durably, over and over: what a journal cannot do without.
absl::StatusOr<Round> AppendRound(const std::string& path) {
  sqlite3* store = nullptr;
  if (sqlite3_open(path.c_str(), &store) != SQLITE_OK) return absl::InternalError("no store");
  sqlite3_exec(store,
               "pragma journal_mode = wal; pragma synchronous = full;"
               "create table record (sequence integer primary key, bytes blob not null) strict",
               nullptr, nullptr, nullptr);
  Round round = RunRound(1, kSpan, [&](int) {
    const int code = sqlite3_exec(store, "insert into record (bytes) values (randomblob(1024))",
                                  nullptr, nullptr, nullptr);
    return code == SQLITE_OK ? absl::OkStatus() : absl::InternalError("an append failed");
  });
  sqlite3_close(store);
  if (!round.first_error.ok()) return round.first_error;
  return round;
}

}  // namespace

Figures MeasureLatency(Stand& stand) {
  auto client = stand.Client("engineer");
  if (!client.ok()) return client.status();
  auto direct = stand.Direct();
  if (!direct.ok()) return direct.status();
  auto system = SystemIdentifier(**direct);
  if (!system.ok()) return system.status();

  const Round through = RunRound(1, kSpan, [&](int) {
    return (*client)->Call(ReaderOrder(**client, absl::Hours(1))).status();
  });
  if (!through.first_error.ok()) return through.first_error;
  const Round call =
      RunRound(1, kSpan, [&](int) { return OpenDirectly(**direct, *system, absl::Hours(1)); });
  if (!call.first_error.ok()) return call.first_error;
  auto append = AppendRound(stand.folder() + "/append.db");
  if (!append.ok()) return append.status();

  const double open = Quantile(through.seconds, 0.5) * 1e3;
  const double floor = (Quantile(call.seconds, 0.5) + Quantile(append->seconds, 0.5)) * 1e3;
  const double ratio = open / floor;
  return std::vector<Figure>{
      {"request to open of a reader (median), against the kit's function plus one durable append",
       absl::StrFormat("%.2f (%.2f ms of %.2f ms; p99 %.2f ms)", ratio, open, floor,
                       Quantile(through.seconds, 0.99) * 1e3),
       "≤ 1.5", ratio <= 1.5 ? Figure::Verdict::kMet : Figure::Verdict::kMissed}};
}

}  // namespace jit::benchmark

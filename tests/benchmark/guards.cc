#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/benchmark/measures.h"
#include "tests/benchmark/rounds.h"

namespace jit::benchmark {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr absl::Duration kSpan = absl::Milliseconds(700);
constexpr int kTurns = 9;

// A connection that is somebody else from its first statement on. Nothing waits for the disk: the
// disk would hide what the guard costs.
absl::StatusOr<std::unique_ptr<pq::Connection>> Become(Stand& stand, const std::string& login) {
  auto connection = stand.Direct();
  if (!connection.ok()) return connection;
  for (const std::string& sql : {std::string("set synchronous_commit = off"),
                                 absl::StrCat("set session authorization \"", login, "\"")}) {
    if (auto done = (*connection)->Run(sql, kPatience); !done.ok()) return done.status();
  }
  return connection;
}

// Seconds of one update of one row, the median of a short round.
absl::StatusOr<double> OneRow(pq::Connection& connection, const std::string& table) {
  int id = 0;
  const Round round = RunRound(1, kSpan, [&](int) {
    id = id % 10'000 + 1;
    const std::string sql =
        absl::StrCat("update ", table, " set amount = amount + 1 where id = ", id);
    return connection.Run(sql, kPatience).status();
  });
  if (!round.first_error.ok()) return round.first_error;
  return Quantile(round.seconds, 0.5);
}

// What one row costs in `guarded` against `bare`, in turns so that a slow minute meets both.
struct Cost {
  double bare = 0;
  double guarded = 0;
};
absl::StatusOr<Cost> Compare(pq::Connection& connection, const std::string& bare,
                             const std::string& guarded) {
  std::vector<double> first;
  std::vector<double> second;
  for (int turn = 0; turn < kTurns; ++turn) {
    for (const bool even : {turn % 2 == 0, turn % 2 != 0}) {
      auto took = OneRow(connection, even ? bare : guarded);
      if (!took.ok()) return took.status();
      (even ? first : second).push_back(*took);
    }
  }
  return Cost{Quantile(first, 0.5), Quantile(second, 0.5)};
}

Figure AsFigure(std::string what, const Cost& cost, std::string aim, double most) {
  const double ratio = cost.guarded / cost.bare;
  Figure figure{
      std::move(what),
      absl::StrFormat("%.2f (%.3f ms of %.3f ms)", ratio, cost.guarded * 1e3, cost.bare * 1e3),
      std::move(aim), Figure::Verdict::kNoAim};
  if (!figure.aim.empty()) {
    figure.verdict = ratio <= most ? Figure::Verdict::kMet : Figure::Verdict::kMissed;
  }
  return figure;
}

// One statement over so many rows, rolled back each time; the median of a few.
absl::StatusOr<double> ManyRows(pq::Connection& connection, const std::string& table, int rows) {
  std::vector<double> seconds;
  const std::string sql =
      absl::StrCat("update ", table, " set amount = amount + 1 where id <= ", rows);
  for (int turn = 0; turn < 5; ++turn) {
    if (auto begun = connection.Run("begin", kPatience); !begun.ok()) return begun.status();
    const absl::Time before = absl::Now();
    if (auto done = connection.Run(sql, kPatience); !done.ok()) return done.status();
    seconds.push_back(absl::ToDoubleSeconds(absl::Now() - before));
    if (auto back = connection.Run("rollback", kPatience); !back.ok()) return back.status();
  }
  return Quantile(seconds, 0.5);
}

}  // namespace

Figures MeasureGuards(Stand& stand) {
  auto application = Become(stand, "shop_app");
  if (!application.ok()) return application.status();
  auto client = stand.Client("engineer");
  if (!client.ok()) return client.status();

  std::vector<Figure> figures;
  // The guard was there once and is gone again: what an application meets on an ordinary day.
  auto opened = (*client)->Call(WriterOrder(**client, absl::Hours(1)));
  if (!opened.ok()) return opened.status();
  auto with = Compare(**application, "public.bare", "public.orders");
  if (!with.ok()) return with.status();

  auto holder = Become(stand, opened->lease().connection().login());
  if (!holder.ok()) return holder.status();
  for (const int rows : {1, 1'000, 100'000}) {
    auto bare = ManyRows(**application, "public.bare", rows);
    if (!bare.ok()) return bare.status();
    auto guarded = ManyRows(**holder, "public.orders", rows);
    if (!guarded.ok()) return guarded.status();
    const Cost cost{*bare, *guarded};
    figures.push_back(AsFigure(
        absl::StrCat("one UPDATE of ", rows, rows == 1 ? " row" : " rows",
                     " by the holder of a lease, its images kept, against the application's"),
        cost, "", 0));
  }
  holder->reset();
  v1::EndLeaseRequest end;
  end.set_idempotency_id((*client)->NewIdempotencyId());
  end.set_lease_id(opened->lease().id());
  if (auto ended = (*client)->Call(end); !ended.ok()) return ended.status();
  auto without = Compare(**application, "public.bare", "public.orders");
  if (!without.ok()) return without.status();
  figures.insert(figures.begin(),
                 {AsFigure("an application's update of a row, no lease open, against a table that "
                           "was never guarded",
                           *without, "1.00 ± 0.05", 1.05),
                  AsFigure("the same with a lease open that may write the table", *with, "", 0)});
  return figures;
}

}  // namespace jit::benchmark

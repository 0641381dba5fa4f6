#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/benchmark/measures.h"
#include "tests/benchmark/rounds.h"

namespace jit::benchmark {
namespace {

constexpr absl::Duration kTtl = absl::Seconds(25);

enum class Holder {
  kIdle,     // connected, doing nothing
  kBusy,     // in the middle of a long statement
  kHostile,  // keeps its own role locked in an open transaction
};

struct Held {
  std::unique_ptr<pq::Connection> session;
  absl::Time deadline;
  Holder holder = Holder::kIdle;
  bool gone = false;
};

// Opens a lease of our own and logs in with it.
absl::StatusOr<Held> Hold(Stand& stand, channel::Broker& client, Holder holder) {
  auto answer = client.Call(ReaderOrder(client, kTtl));
  if (!answer.ok()) return answer.status();
  const v1::Lease& lease = answer->lease();
  std::array<std::uint8_t, 32> bytes;
  bytes.fill(7);  // the password behind SharedVerifier
  const credential::Secret password = credential::PasswordFrom(bytes);
  auto session = pq::Connection::Open(
      stand.cluster().ConninfoFor(lease.connection().login(),
                                  {password.RevealForUse().data(), password.RevealForUse().size()},
                                  "shop"),
      {.application_name = "holder", .statement_timeout = absl::Hours(1)});
  if (!session.ok()) return session.status();
  Held held{*std::move(session),
            absl::FromUnixSeconds(lease.expire_time().seconds()) +
                absl::Nanoseconds(lease.expire_time().nanos()),
            holder, false};
  absl::Status begun = absl::OkStatus();
  if (holder == Holder::kBusy) {
    begun = held.session->Send("select pg_catalog.pg_sleep(3600)", pq::Parameters());
  } else if (holder == Holder::kHostile) {
    begun = held.session->RunScript(
        "begin read write; alter role current_user set work_mem = '5MB'", absl::Seconds(5));
  }
  if (!begun.ok()) return begun;
  return held;
}

bool IsGone(Held& held) {
  if (held.holder == Holder::kBusy) {
    return held.session->Ready(absl::ZeroDuration()) == pq::Connection::Progress::kReady;
  }
  return !held.session->IsAlive();
}

// Milliseconds from each lease's deadline to the end of its session.
absl::StatusOr<std::vector<double>> Watch(std::vector<Held>& held) {
  std::vector<double> late;
  const absl::Time give_up = absl::Now() + kTtl + absl::Seconds(60);
  while (late.size() < held.size()) {
    if (absl::Now() > give_up) return absl::DeadlineExceededError("a session outlived its lease");
    for (Held& one : held) {
      if (one.gone || !IsGone(one)) continue;
      one.gone = true;
      late.push_back(absl::ToDoubleMilliseconds(absl::Now() - one.deadline));
    }
    absl::SleepFor(absl::Milliseconds(2));
  }
  return late;
}

absl::StatusOr<std::vector<double>> Measure(Stand& stand, int leases, int hostile_every) {
  std::vector<Held> held;
  auto client = stand.Client("engineer");
  if (!client.ok()) return client.status();
  for (int n = 0; n < leases; ++n) {
    Holder holder = n % 2 == 0 ? Holder::kIdle : Holder::kBusy;
    if (hostile_every > 0 && n % hostile_every == 0) holder = Holder::kHostile;
    auto one = Hold(stand, **client, holder);
    if (!one.ok()) return one.status();
    held.push_back(*std::move(one));
  }
  std::cerr << "  " << leases << " sessions wait for their deadlines\n";
  return Watch(held);
}

}  // namespace

Figures MeasureDeadlines(Stand& stand) {
  auto meek = Measure(stand, 200, 0);
  if (!meek.ok()) return meek.status();
  auto hostile = Measure(stand, 200, 10);
  if (!hostile.ok()) return hostile.status();
  const double p99 = Quantile(*meek, 0.99);
  const double worst = Quantile(*hostile, 1.0);
  return std::vector<Figure>{
      {"deadline to last session gone, 200 live leases: p99",
       absl::StrFormat("%.0f ms (median %.0f ms, worst %.0f ms)", p99, Quantile(*meek, 0.5),
                       Quantile(*meek, 1.0)),
       "≤ 1 s", p99 <= 1000 ? Figure::Verdict::kMet : Figure::Verdict::kMissed},
      {"the same with every tenth holder keeping their own role locked: worst",
       absl::StrFormat("%.0f ms (median %.0f ms)", worst, Quantile(*hostile, 0.5)), "≤ 5 s",
       worst <= 5000 ? Figure::Verdict::kMet : Figure::Verdict::kMissed}};
}

}  // namespace jit::benchmark

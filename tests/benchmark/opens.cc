#include <array>
#include <iostream>

#include "absl/strings/str_format.h"
#include "tests/benchmark/direct.h"
#include "tests/benchmark/measures.h"
#include "tests/benchmark/rounds.h"

namespace jit::benchmark {
namespace {

constexpr absl::Duration kSpan = absl::Seconds(4);
constexpr absl::Duration kTtl = absl::Hours(1);
constexpr int kTurns = 3;  // both sides take turns, so that what drifts hits both

absl::StatusOr<Figure> MeasureWith(Stand& stand, int callers, const char* aim, double least) {
  std::vector<std::unique_ptr<channel::Broker>> clients;
  std::vector<std::unique_ptr<pq::Connection>> connections;
  for (int n = 0; n < callers; ++n) {
    auto client = stand.Client("engineer");
    if (!client.ok()) return client.status();
    clients.push_back(*std::move(client));
    auto direct = stand.Direct();
    if (!direct.ok()) return direct.status();
    connections.push_back(*std::move(direct));
  }
  absl::StatusOr<std::string> system = SystemIdentifier(*connections[0]);
  if (!system.ok()) return system.status();

  std::array<double, 2> per_second = {0, 0};
  for (int turn = 0; turn < kTurns; ++turn) {
    const Round through = RunRound(callers, kSpan, [&](int caller) {
      channel::Broker& broker = *clients[static_cast<std::size_t>(caller)];
      auto answer = broker.Call(ReaderOrder(broker, kTtl));
      if (answer.ok() && answer->lease().state() != v1::Lease::STATE_OPEN) {
        return absl::InternalError("a reader did not open at once");
      }
      return answer.status();
    });
    if (!through.first_error.ok()) return through.first_error;
    const Round direct = RunRound(callers, kSpan, [&](int caller) {
      return OpenDirectly(*connections[static_cast<std::size_t>(caller)], *system, kTtl);
    });
    if (!direct.first_error.ok()) return direct.first_error;
    per_second[0] += through.per_second / kTurns;
    per_second[1] += direct.per_second / kTurns;
    std::cerr << absl::StreamFormat(
        "  %2d callers, turn %d: %.0f/s through the broker, %.0f/s direct\n", callers, turn + 1,
        through.per_second, direct.per_second);
  }
  const double ratio = per_second[0] / per_second[1];
  return Figure{absl::StrFormat(
                    "opens per second, %d caller%s, against the kit's own function called directly",
                    callers, callers == 1 ? "" : "s"),
                absl::StrFormat("%.2f (%.0f/s of %.0f/s)", ratio, per_second[0], per_second[1]),
                aim,
                least == 0       ? Figure::Verdict::kNoAim
                : ratio >= least ? Figure::Verdict::kMet
                                 : Figure::Verdict::kMissed};
}

}  // namespace

Figures MeasureOpens(Stand& stand) {
  std::vector<Figure> figures;
  struct Load {
    int callers;
    const char* aim;
    double least;
  };
  for (const Load& load : {Load{1, "", 0}, Load{8, "≥ 0.85", 0.85}, Load{32, "", 0}}) {
    absl::StatusOr<Figure> figure = MeasureWith(stand, load.callers, load.aim, load.least);
    if (!figure.ok()) return figure.status();
    figures.push_back(*std::move(figure));
  }
  return figures;
}

}  // namespace jit::benchmark

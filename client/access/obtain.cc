#include "client/access/obtain.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/access/waiting_line.h"
#include "client/channel/proto_time.h"
#include "client/channel/refusal_text.h"
#include "client/channel/show_lease.h"
#include "client/console/visible.h"

namespace jit::access {
namespace {

using channel::Broker;
using console::ExitCode;

constexpr absl::Duration kAwayLongest = absl::Minutes(5);
constexpr absl::Duration kAwayPause = absl::Seconds(2);
// How long a login may be in the making before we say that nobody knows. The broker resolves what
// it can within half of it; longer than this means that the target is silent.
constexpr absl::Duration kOpeningLongest = absl::Seconds(45);

// Whose verifier the login has, as far as we know.
enum class Key { kOurs, kUnknown };

// The lease as soon as it differs from `lease`. kCancelled after Ctrl-C; kDeadlineExceeded when its
// login has been in the making for too long.
absl::StatusOr<v1::Lease> NextVersion(const v1::Lease& lease, WaitingLine& line,
                                      console::Console& console, Broker& broker) {
  v1::WaitLeaseRequest request;
  request.set_lease_id(lease.id());
  request.set_known_version(lease.version());
  *request.mutable_wait() = channel::ToProto(absl::Seconds(25));
  const absl::Time heard = console.now();
  const auto gone_silent = [&] {
    return lease.state() == v1::Lease::STATE_OPENING && console.now() - heard > kOpeningLongest;
  };
  for (;;) {
    const auto answer = broker.Wait(request, [&] {
      line.Show(lease);
      return console.interrupted() || gone_silent() ? Broker::Tick::kStop : Broker::Tick::kGoOn;
    });
    if (answer.ok() && answer->lease().version() > lease.version()) return answer->lease();
    if (gone_silent()) return absl::DeadlineExceededError("the target is silent");
    if (answer.ok()) continue;
    const bool away = channel::IsUnreachable(answer.status());
    if (!away || console.now() - heard > kAwayLongest) return answer.status();
    line.ShowText("The broker does not answer; trying again");
    console.wait_readable(-1, kAwayPause);
  }
}

Obtained Stopped(const absl::Status& status, v1::Lease lease, console::Console& console) {
  if (absl::IsCancelled(status)) {
    TellState(lease, console);
    return {.code = ExitCode::kPending, .lease = std::move(lease), .password = std::nullopt};
  }
  if (absl::IsDeadlineExceeded(status)) {
    *console.err.stream << "The target does not answer, so nobody knows yet whether the login was "
                           "made. The broker goes on looking and takes it away if need be.\n"
                        << "Next: `jit-access status " << console::Visible(lease.id())
                        << "` shows what came of it; then ask again.\n";
    return {.code = ExitCode::kFault, .lease = std::move(lease), .password = std::nullopt};
  }
  const ExitCode code = channel::Explain(status, console);
  *console.err.stream << "Lease " << console::Visible(lease.id())
                      << " stands as it is: `jit-access status " << console::Visible(lease.id())
                      << "` shows it, `jit-access connect` with its id goes on with it.\n";
  return {.code = code, .lease = std::move(lease), .password = std::nullopt};
}

Obtained FollowWith(v1::Lease lease, Key key, NewPassword password, Patience patience,
                    console::Console& console, Broker& broker) {
  WaitingLine line(console);
  // One id for all tries: the broker answers a repeat with what the first one did.
  std::string opening_id = broker.NewIdempotencyId();
  for (;;) {
    const v1::Lease::State state = lease.state();
    const bool open = state == v1::Lease::STATE_OPEN;
    if (open && key == Key::kOurs) {
      return {.code = ExitCode::kOk,
              .lease = std::move(lease),
              .password = std::move(password.password)};
    }
    if (open || state == v1::Lease::STATE_APPROVED) {
      v1::OpenLeaseRequest request;
      request.set_idempotency_id(opening_id);
      request.set_lease_id(lease.id());
      request.set_scram_verifier(password.scram_verifier);
      const auto answer = broker.Call(request);
      if (channel::IsRefused(answer.status(), v1::REFUSAL_REASON_POLICY_CHANGED)) {
        line.Clear();
        channel::Explain(answer.status(), console);
        opening_id = broker.NewIdempotencyId();
      } else if (!answer.ok()) {
        line.Clear();
        return Stopped(answer.status(), std::move(lease), console);
      } else {
        lease = answer->lease();
        key = Key::kOurs;
        continue;
      }
    } else if (channel::ExitCodeFor(lease) != ExitCode::kPending ||
               (state == v1::Lease::STATE_REQUESTED && patience == Patience::kReturn)) {
      line.Clear();
      TellState(lease, console);
      const ExitCode code = channel::ExitCodeFor(lease);
      return {.code = code, .lease = std::move(lease), .password = std::nullopt};
    }
    auto next = NextVersion(lease, line, console, broker);
    if (!next.ok()) {
      line.Clear();
      return Stopped(next.status(), std::move(lease), console);
    }
    lease = *std::move(next);
  }
}

}  // namespace

Obtained AskAndOpen(const Wish& wish, Patience patience,
                    const std::function<void(const v1::Lease&)>& asked, console::Console& console,
                    Broker& broker) {
  absl::StatusOr<NewPassword> password = MakePassword(console);
  if (!password.ok()) return {.code = channel::Explain(password.status(), console)};
  v1::CreateLeaseRequest request;
  request.set_idempotency_id(broker.NewIdempotencyId());
  request.set_target(wish.target);
  request.set_role(wish.role);
  request.set_reason(wish.reason);
  for (const std::string& table : wish.keyless) request.add_keyless(table);
  if (wish.ttl.has_value()) *request.mutable_ttl() = channel::ToProto(*wish.ttl);
  request.set_scram_verifier(password->scram_verifier);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return {.code = ExplainFiling(answer.status(), console)};
  asked(answer->lease());
  return Follow(answer->lease(), *std::move(password), patience, console, broker);
}

Obtained Follow(v1::Lease lease, NewPassword password, Patience patience, console::Console& console,
                Broker& broker) {
  // What was filed with our verifier is being opened, or open, with it; an approval yet to come
  // leaves the opening to us.
  const bool begun =
      lease.state() == v1::Lease::STATE_OPEN || lease.state() == v1::Lease::STATE_OPENING;
  return FollowWith(std::move(lease), begun ? Key::kOurs : Key::kUnknown, std::move(password),
                    patience, console, broker);
}

Obtained OpenById(const std::string& lease_id, Patience patience, console::Console& console,
                  Broker& broker) {
  absl::StatusOr<NewPassword> password = MakePassword(console);
  if (!password.ok()) return {.code = channel::Explain(password.status(), console)};
  v1::GetLeaseRequest request;
  request.set_lease_id(lease_id);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return {.code = channel::Explain(answer.status(), console)};
  return FollowWith(answer->lease(), Key::kUnknown, *std::move(password), patience, console,
                    broker);
}

ExitCode ExplainFiling(const absl::Status& status, console::Console& console) {
  const ExitCode code = channel::Explain(status, console);
  if (!channel::RefusalOf(status).has_value()) {
    *console.err.stream << "Whether a lease was filed is not known: `jit-access list --mine` "
                           "shows it.\n";
  }
  return code;
}

void TellState(const v1::Lease& lease, console::Console& console) {
  std::ostream& err = *console.err.stream;
  const std::string id = console::Visible(lease.id());
  const std::string state = channel::StateWord(lease.state());
  if (channel::ExitCodeFor(lease) == ExitCode::kPending) {
    const std::string seats = channel::OpenSeatsText(lease);
    err << "Lease " << id << " is " << state
        << (seats.empty() ? "" : absl::StrCat(" and waits for ", seats)) << ".\n"
        << "Next: `jit-access connect " << id << "` waits and connects; `jit-access withdraw " << id
        << "` takes it back.\n";
    return;
  }
  err << "Lease " << id << " is " << state;
  if (!lease.close_cause().empty()) err << " (" << console::Visible(lease.close_cause()) << ")";
  err << ".\n";
  if (!lease.detail().empty()) err << "Why: " << console::VisibleOnce(lease.detail()) << '\n';
  err << "Next: `jit-access history " << id << "` shows what happened; `jit-access request` asks "
      << "for a new one.\n";
}

}  // namespace jit::access

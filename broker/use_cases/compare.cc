#include "broker/use_cases/compare.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "broker/core/lease/lifecycle.h"
#include "broker/use_cases/shell.h"

namespace jit::use_cases {
namespace {

const ports::LoginSeen* Find(const ports::TargetState& state, const core::LoginName& login) {
  const auto found =
      std::find_if(state.logins.begin(), state.logins.end(),
                   [&](const ports::LoginSeen& seen) { return seen.login == login; });
  return found == state.logins.end() ? nullptr : &*found;
}

// PostgreSQL keeps microseconds; our instants may be finer.
bool SameInstant(absl::Time a, absl::Time b) {
  return absl::AbsDuration(a - b) < absl::Seconds(1);
}

// Why a login is not as ordered; empty when it is.
std::string Difference(const lease::Lease& lease, const ports::LoginSeen& login) {
  if (!login.can_login) return "somebody took its right to log in away";
  if (!SameInstant(login.valid_until, lease.expire_time)) return "its VALID UNTIL was changed";
  std::set<std::string> wanted;
  for (const core::PgGroup& group : lease.terms->member_of) wanted.insert(group.text());
  if (wanted != std::set<std::string>(login.member_of.begin(), login.member_of.end())) {
    return "its memberships were changed";
  }
  if (!login.verifier_digest.empty() && login.verifier_digest != lease.verifier_digest) {
    return "its password was changed behind the broker";
  }
  return "";
}

// Counts a suspicion: true when it was there at the last full look already, with the same lease.
bool SeenTwice(SweepMemory& memory, const core::LoginName& login, std::int64_t version) {
  const auto [known, first_time] = memory.suspicions.try_emplace(login, version);
  if (first_time || known->second != version) {
    known->second = version;
    return false;
  }
  memory.suspicions.erase(known);
  return true;
}

}  // namespace

std::optional<lease::Command> OutcomeOfOpening(const lease::Lease& lease,
                                               const ports::TargetState& state) {
  const ports::LoginSeen* login = Find(state, core::LoginName::Of(*lease.id));
  if (login == nullptr) {
    return lease::RecordOpenFault{"the login was not on the target when it was looked for"};
  }
  const std::string difference = Difference(lease, *login);
  if (difference.empty()) return lease::RecordOpened{};
  return lease::RecordOpenFault{absl::StrCat("the login is not as it was ordered: ", difference)};
}

Comparison CompareTarget(Ports& ports, const core::TargetName& target,
                         const ports::TargetState& state, absl::Time looked, SweepMemory& memory) {
  Comparison comparison;
  for (const ports::LoginSeen& login : state.logins) {
    absl::StatusOr<std::optional<ports::LeaseSummary>> row =
        ports.journal.Summary(login.login.lease());
    if (!row.ok()) {
      // Without the journal only one thing is certain: a login past its own deadline has to go.
      if (login.valid_until <= ports.time.Now()) comparison.strays.push_back(login.login);
      continue;
    }
    if (!row->has_value() || (*row)->target != target) {
      comparison.strays.push_back(login.login);
      comparison.alarms.push_back(absl::StrCat(
          login.login.text(), " is on the target but no lease of this journal knows it"));
      continue;
    }
    const lease::State wanted = (*row)->state;
    const bool off = !login.can_login && login.sessions == 0 && login.prepared_transactions == 0;
    if (wanted == lease::State::kOpening || wanted == lease::State::kClosing ||
        (wanted == lease::State::kOff && (*row)->effect != lease::Effect::kNone && off)) {
      continue;  // somebody is at work on it, or the sweep owes it anyway
    }
    if (wanted != lease::State::kOpen) {
      comparison.strays.push_back(login.login);
      comparison.alarms.push_back(absl::StrCat(login.login.text(),
                                               " is on the target although its "
                                               "lease is ",
                                               lease::StateWord(wanted)));
      continue;
    }
    absl::StatusOr<SeenLease> seen = LoadLease(ports, (*row)->id);
    if (!seen.ok() || seen->lease.state != lease::State::kOpen) continue;
    if (seen->lease.expire_time <= looked + state.clock_skew) {
      comparison.expired.push_back((*row)->id);
      continue;
    }
    const std::string difference = Difference(seen->lease, login);
    if (!difference.empty() && SeenTwice(memory, login.login, seen->version)) {
      comparison.drifted.emplace_back((*row)->id, difference);
    }
  }

  ports::SummaryFilter open;
  open.target = target;
  open.states = {lease::State::kOpen};
  open.limit = 10'000;
  absl::StatusOr<std::vector<ports::LeaseSummary>> rows = ports.journal.Summaries(open);
  if (!rows.ok()) return comparison;
  for (const ports::LeaseSummary& row : *rows) {
    const core::LoginName login = core::LoginName::Of(row.id);
    if (Find(state, login) != nullptr) continue;
    absl::StatusOr<SeenLease> seen = LoadLease(ports, row.id);
    if (!seen.ok() || seen->lease.state != lease::State::kOpen) continue;
    if (seen->lease.open_time >= looked) continue;  // it was made after the look
    if (SeenTwice(memory, login, seen->version)) {
      comparison.drifted.emplace_back(row.id, "its login is gone from the target");
    }
  }
  return comparison;
}

}  // namespace jit::use_cases

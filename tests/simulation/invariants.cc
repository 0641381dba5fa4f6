#include "tests/simulation/invariants.h"

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "broker/core/change/lifecycle.h"
#include "broker/core/lease/lifecycle.h"
#include "broker/records/lease_events.h"
#include "broker/use_cases/shell.h"
#include "tests/simulation/streams.h"

namespace jit::simulation {
namespace {

using lease::Lease;
using lease::State;

std::string CheckReviews(const Lease& lease) {
  std::set<core::PersonId> sitting;
  for (const auto& [seat, person] : lease.seats) {
    if (person == *lease.requester) return "the requester sits in a seat of their own lease";
    if (!sitting.insert(person).second) return "one person fills two seats";
  }
  for (const lease::SignedReview& review : lease.reviews) {
    if (review.by == *lease.requester) return "somebody reviewed their own lease";
  }
  if (lease.debt_review.has_value() && lease.debt_review->by == *lease.requester) {
    return "somebody reviewed their own emergency";
  }
  if (lease.acceptance.has_value() && lease.acceptance->by == *lease.requester) {
    return "somebody accepted what they left behind themselves";
  }
  const bool was_open_as_owner = lease.terms->owner.has_value() && lease.open_time != absl::Time();
  if (lease.state == State::kClosed && was_open_as_owner && !lease.acceptance.has_value()) {
    return "closed although nobody accepted what it left behind";
  }
  return "";
}

// Folds event by event, so that what held only in between is seen too.
std::string CheckStream(const std::vector<ledger::Record>& stream, Lease& lease) {
  absl::Time deadline = absl::InfinitePast();
  for (const ledger::Record& record : stream) {
    absl::StatusOr<lease::Event> event = records::Decode(record.type, record.body);
    if (!event.ok()) return absl::StrCat("undecodable record: ", event.status().message());
    const State before = lease.state;
    lease = lease::Evolve(std::move(lease), *event);
    if (const std::string wrong = CheckReviews(lease); !wrong.empty()) return wrong;
    if (before != State::kOpening && lease.state == State::kOpening) {
      if (lease.path == policy::Path::kOrdinary &&
          lease.seats.size() != lease.terms->seats.size()) {
        return "a lease opens with a seat unfilled";
      }
      if (lease.expire_time - record.time > lease.terms->ttl) return "a deadline beyond the ttl";
      deadline = lease.expire_time;
    }
    if (deadline != absl::InfinitePast() && lease.expire_time != deadline) {
      return "a deadline moved";
    }
    if (lease::IsFinal(before) && lease.state != before) return "a final state was left";
  }
  return "";
}

std::vector<ledger::Record> StreamOf(ports::Journal& journal, const core::LeaseId& id) {
  return journal.Load(records::StreamOf(id)).value_or(std::vector<ledger::Record>{});
}

Lease FoldOf(ports::Journal& journal, const core::LeaseId& id) {
  return records::Fold(StreamOf(journal, id)).value_or(Lease{});
}

bool HasBeen(ports::Journal& journal, const core::LeaseId& id, State wanted) {
  Lease lease;
  for (const ledger::Record& record : StreamOf(journal, id)) {
    absl::StatusOr<lease::Event> event = records::Decode(record.type, record.body);
    if (!event.ok()) return false;
    lease = lease::Evolve(std::move(lease), *event);
    if (lease.state == wanted) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<std::map<std::string, std::vector<ledger::Record>>> AllStreams(
    ports::Journal& journal) {
  std::map<std::string, std::vector<ledger::Record>> streams;
  const absl::Status read = journal.Export(0, [&](const ledger::Record& record) {
    streams[record.stream].push_back(record);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return streams;
}

std::string CheckJournal(const Durable& durable) {
  auto streams = AllStreams(*durable.journal);
  if (!streams.ok()) return std::string(streams.status().message());
  std::map<core::PersonId, int> debts;
  for (const auto& [name, stream] : *streams) {
    if (!absl::StartsWith(name, "lease/")) continue;
    Lease lease;
    if (const std::string wrong = CheckStream(stream, lease); !wrong.empty()) {
      return absl::StrCat(name, ": ", wrong);
    }
    absl::StatusOr<std::optional<ports::LeaseSummary>> summary =
        durable.journal->Summary(*lease.id);
    const ports::LeaseSummary wanted = use_cases::SummaryOf(lease, stream.back().version);
    if (!summary.ok() || !summary->has_value() || !(**summary == wanted)) {
      return absl::StrCat(name, ": the summary is not what the events fold to");
    }
    // A login that was never made let nobody in, and keeps nobody from trying again.
    const bool let_in =
        lease.close_cause != lease::CloseCause::kFault || lease.open_time != absl::Time();
    if (lease.debt_open && let_in && ++debts[*lease.requester] > 1) {
      return absl::StrCat(name, ": a second emergency while the first is unreviewed");
    }
  }
  return "";
}

std::string CheckTargets(const Durable& durable) {
  for (ports::Target* target : durable.targets) {
    absl::StatusOr<ports::TargetState> state = target->Inspect();
    if (!state.ok()) return std::string(state.status().message());
    for (const ports::LoginSeen& login : state->logins) {
      const Lease lease = FoldOf(*durable.journal, login.login.lease());
      if (lease::WaitsForAcceptance(lease)) {
        return absl::StrCat(login.login.text(), " is there although it was recorded removed");
      }
      if (!login.can_login || login.valid_until <= durable.now) continue;
      const bool wanted = lease.state == State::kOpening || lease.state == State::kOpen ||
                          lease.state == State::kClosing;
      if (!wanted) {
        return absl::StrCat(login.login.text(), " works although its lease is ",
                            lease::StateWord(lease.state));
      }
      if (login.valid_until > lease.expire_time + absl::Seconds(1)) {
        return absl::StrCat(login.login.text(), " outlives its lease's deadline");
      }
      if (*lease.target != target->name()) {
        return absl::StrCat(login.login.text(), " is on the wrong target");
      }
    }
  }
  return "";
}

std::string CheckAcknowledged(const Durable& durable, const Acknowledged& acknowledged) {
  for (const auto& [id, state] : acknowledged.changes_reached) {
    if (!HasBeen(*durable.journal, id, state)) {
      return absl::StrCat(id.text(), ": a caller was told ", change::StateWord(state),
                          ", and the journal does not know");
    }
  }
  for (const auto& [id, state] : acknowledged.reached) {
    if (!HasBeen(*durable.journal, id, state)) {
      return absl::StrCat(id.text(), ": a caller was told ", lease::StateWord(state),
                          ", and the journal does not know");
    }
  }
  return "";
}

std::string CheckSettled(const Durable& durable) {
  const auto checkpoint = durable.journal->Checkpoint();
  if (!checkpoint.ok()) return absl::StrCat("checkpoint: ", checkpoint.status().message());
  std::set<std::string> on_targets;
  for (ports::Target* target : durable.targets) {
    absl::StatusOr<ports::TargetState> state = target->Inspect();
    if (!state.ok()) return std::string(state.status().message());
    for (const ports::LoginSeen& login : state->logins) {
      if (login.valid_until <= durable.now) {
        return absl::StrCat(login.login.text(), " is still there past its deadline");
      }
      on_targets.insert(login.login.lease().text());
    }
  }
  ports::SummaryFilter all;
  all.limit = 10'000;
  auto rows = durable.journal->Summaries(all);
  if (!rows.ok()) return std::string(rows.status().message());
  if (std::string wrong = CheckChangesSettled(*durable.journal); !wrong.empty()) return wrong;
  std::set<std::string> open;
  for (const ports::LeaseSummary& row : *rows) {
    if (row.effect != lease::Effect::kNone) {
      return absl::StrCat(row.id.text(), ": something is still owed in state ",
                          lease::StateWord(row.state));
    }
    if (row.state == State::kOpen) open.insert(row.id.text());
  }
  if (open != on_targets) {
    return absl::StrCat("logins on the targets are not the open leases: ", on_targets.size(),
                        " logins, ", open.size(), " open leases");
  }
  return "";
}

}  // namespace jit::simulation

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "broker/core/change/lifecycle.h"
#include "broker/records/change_events.h"
#include "broker/use_cases/shell.h"
#include "tests/simulation/invariants.h"
#include "tests/simulation/streams.h"

namespace jit::simulation {
namespace {

using change::Change;
using change::State;

std::string CheckReviews(const Change& change) {
  std::set<core::PersonId> sitting;
  for (const auto& [seat, person] : change.seats) {
    if (person == change.plan->requester) return "the author sits in a seat of their own change";
    if (!sitting.insert(person).second) return "one person fills two seats";
  }
  for (const lease::SignedReview& review : change.reviews) {
    if (review.by == change.plan->requester) return "somebody reviewed their own change";
  }
  return "";
}

// Folds event by event, so that what held only in between is seen too.
std::string CheckStream(const std::vector<ledger::Record>& stream, Change& change) {
  for (const ledger::Record& record : stream) {
    absl::StatusOr<change::Event> event = records::DecodeChange(record.type, record.body);
    if (!event.ok()) return absl::StrCat("undecodable record: ", event.status().message());
    const State before = change.state;
    change = change::Evolve(std::move(change), *event);
    if (std::string wrong = CheckReviews(change); !wrong.empty()) return wrong;
    if (change::IsFinal(before) && change.state != before) return "a final state was left";
    if (before != State::kApplying && change.state == State::kApplying &&
        change.seats.size() != change.terms->seats.size()) {
      return "a change is applied with a seat unfilled";
    }
  }
  return "";
}

bool IsCommitted(State state) {
  return state == State::kApplied || state == State::kUndone || state == State::kDropped;
}

std::string CheckCommits(const Change& change, int commits) {
  if (commits > 1) return "it was committed twice";
  if (IsCommitted(change.state) && commits == 0) return "it is applied, and was never committed";
  if (!IsCommitted(change.state) && change.state != State::kApplying && commits > 0) {
    return absl::StrCat("it is ", change::StateWord(change.state), ", and was committed");
  }
  return "";
}

}  // namespace

std::string CheckChanges(const Durable& durable) {
  auto streams = AllStreams(*durable.journal);
  if (!streams.ok()) return std::string(streams.status().message());
  std::map<core::ChangeId, int> taken_back;
  for (const auto& [name, stream] : *streams) {
    if (!absl::StartsWith(name, "change/")) continue;
    Change change;
    if (std::string wrong = CheckStream(stream, change); !wrong.empty()) {
      return absl::StrCat(name, ": ", wrong);
    }
    const auto summary = durable.journal->SummaryOfChange(*change.id);
    const ports::ChangeSummary wanted = use_cases::SummaryOf(change, stream.back().version);
    if (!summary.ok() || !summary->has_value() || !(**summary == wanted)) {
      return absl::StrCat(name, ": the summary is not what the events fold to");
    }
    const int commits = durable.benches.at(change.plan->target)->CommitsOf(*change.id);
    if (std::string wrong = CheckCommits(change, commits); !wrong.empty()) {
      return absl::StrCat(name, ": ", wrong);
    }
    const std::optional<core::ChangeId>& subject = change.plan->subject.change;
    if (subject.has_value() && commits > 0 && ++taken_back[*subject] > 1) {
      return absl::StrCat(name, ": its subject was taken back twice");
    }
  }
  return "";
}

std::string CheckChangesSettled(ports::Journal& journal) {
  ports::ChangeFilter owed;
  owed.with_effect_only = true;
  const auto rows = journal.ChangeSummaries(owed);
  if (!rows.ok()) return std::string(rows.status().message());
  if (rows->empty()) return "";
  return absl::StrCat(rows->front().id.text(), ": something is still owed in state ",
                      change::StateWord(rows->front().state));
}

bool HasBeen(ports::Journal& journal, const core::ChangeId& id, change::State wanted) {
  Change change;
  const auto stream = journal.Load(records::StreamOf(id));
  if (!stream.ok()) return false;
  for (const ledger::Record& record : *stream) {
    absl::StatusOr<change::Event> event = records::DecodeChange(record.type, record.body);
    if (!event.ok()) return false;
    change = change::Evolve(std::move(change), *event);
    if (change.state == wanted) return true;
  }
  return false;
}

}  // namespace jit::simulation

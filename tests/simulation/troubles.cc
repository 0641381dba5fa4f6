#include "tests/simulation/troubles.h"

namespace jit::simulation {
namespace {

absl::Status Lost() {
  return absl::UnavailableError("simulated: no answer; outcome unknown");
}

}  // namespace

Fate Troubles::Next() {
  Fate fate = Fate::kFine;
  if (planned_ > 0 && --planned_ == 0) {
    fate = planned_fate_;
  } else if (crash_ > 0 && chance_.OnceIn(crash_)) {
    fate = chance_.OnceIn(2) ? Fate::kCrashBefore : Fate::kCrashAfter;
  } else if (fail_ > 0 && chance_.OnceIn(fail_)) {
    fate = chance_.OnceIn(2) ? Fate::kFailBefore : Fate::kFailAfter;
  }
  ++met_[fate];
  return fate;
}

absl::StatusOr<std::int64_t> TroubledJournal::Commit(const ports::Append& append) {
  return Suffer(troubles_, Lost(), [&] { return real_.Commit(append); });
}
absl::StatusOr<std::vector<ledger::Record>> TroubledJournal::Load(const std::string& stream) {
  return Suffer(troubles_, Lost(), [&] { return real_.Load(stream); });
}
absl::StatusOr<std::int64_t> TroubledJournal::VersionOf(const std::string& stream) {
  return Suffer(troubles_, Lost(), [&] { return real_.VersionOf(stream); });
}
absl::StatusOr<std::optional<ports::Answer>> TroubledJournal::FindAnswer(const std::string& key) {
  return Suffer(troubles_, Lost(), [&] { return real_.FindAnswer(key); });
}
absl::StatusOr<std::optional<ports::LeaseSummary>> TroubledJournal::Summary(
    const core::LeaseId& id) {
  return Suffer(troubles_, Lost(), [&] { return real_.Summary(id); });
}
absl::StatusOr<std::vector<ports::LeaseSummary>> TroubledJournal::Summaries(
    const ports::SummaryFilter& filter) {
  return Suffer(troubles_, Lost(), [&] { return real_.Summaries(filter); });
}
absl::StatusOr<std::int64_t> TroubledJournal::CountWaiting(const core::PersonId& person) {
  return Suffer(troubles_, Lost(), [&] { return real_.CountWaiting(person); });
}
absl::StatusOr<std::optional<ports::ChangeSummary>> TroubledJournal::SummaryOfChange(
    const core::ChangeId& id) {
  return Suffer(troubles_, Lost(), [&] { return real_.SummaryOfChange(id); });
}
absl::StatusOr<std::vector<ports::ChangeSummary>> TroubledJournal::ChangeSummaries(
    const ports::ChangeFilter& filter) {
  return Suffer(troubles_, Lost(), [&] { return real_.ChangeSummaries(filter); });
}
absl::StatusOr<std::int64_t> TroubledJournal::CountWaitingChanges(const core::PersonId& person) {
  return Suffer(troubles_, Lost(), [&] { return real_.CountWaitingChanges(person); });
}

absl::StatusOr<ports::Vitals> TroubledTarget::Measure() {
  return Suffer(troubles_, Lost(), [&] { return real_.Measure(); });
}
absl::Status TroubledTarget::OpenLogin(const ports::LoginOrder& order,
                                       const credential::ScramVerifier& verifier) {
  return Suffer(troubles_, Lost(), [&] { return real_.OpenLogin(order, verifier); });
}
absl::StatusOr<std::vector<ports::OffOutcome>> TroubledTarget::TurnOff(
    const std::vector<core::LoginName>& logins) {
  return Suffer(troubles_, Lost(), [&] { return real_.TurnOff(logins); });
}
absl::StatusOr<std::vector<ports::RemoveOutcome>> TroubledTarget::Remove(
    const std::vector<core::LoginName>& logins) {
  return Suffer(troubles_, Lost(), [&] { return real_.Remove(logins); });
}
absl::Status TroubledTarget::Tidy() {
  return Suffer(troubles_, Lost(), [&] { return real_.Tidy(); });
}

absl::StatusOr<ports::TargetState> TroubledTarget::Inspect() {
  return Suffer(troubles_, Lost(), [&] { return real_.Inspect(); });
}

absl::Status TroubledBench::Prepare(const ports::Preparation& preparation) {
  return Suffer(troubles_, Lost(), [&] { return real_.Prepare(preparation); });
}
absl::StatusOr<ports::RunOutcome> TroubledBench::Run(const ports::RunOrder& order,
                                                     ports::RunWatcher& watcher) {
  const Fate fate = troubles_.Next();
  if (fate == Fate::kFailBefore) return Lost();
  if (fate == Fate::kCrashBefore) throw Crash{};
  const bool lost = fate != Fate::kFine;
  if (lost && ++lost_ % 2 == 0) {
    real_.FailNext(testing::MemoryBench::Verb::kRun, testing::MemoryBench::Trouble::kCommitsLater);
  }
  auto outcome = real_.Run(order, watcher);
  if (fate == Fate::kFailAfter) return Lost();
  if (fate == Fate::kCrashAfter) throw Crash{};
  return outcome;
}
absl::StatusOr<ports::ExecutionState> TroubledBench::Look(const core::ChangeId& change) {
  return Suffer(troubles_, Lost(), [&] { return real_.Look(change); });
}
absl::StatusOr<std::string> TroubledBench::SchemaFingerprint() {
  return Suffer(troubles_, Lost(), [&] { return real_.SchemaFingerprint(); });
}
absl::StatusOr<std::int64_t> TroubledBench::ForgetImages(absl::Time before) {
  return Suffer(troubles_, Lost(), [&] { return real_.ForgetImages(before); });
}

}  // namespace jit::simulation

#include "tests/testing/memory_journal.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "broker/core/refusal.h"
#include "broker/ledger/record.h"
#include "tests/testing/signer_from_seed.h"

namespace jit::testing {
namespace {

constexpr int kLimitMax = 10'000;

bool IsFinite(absl::Time time) {
  return time != absl::InfiniteFuture() && time != absl::InfinitePast();
}

absl::Time ToMicroseconds(absl::Time time) {
  return absl::FromUnixMicros(absl::ToUnixMicros(time));
}

std::optional<absl::Time> ToMicroseconds(std::optional<absl::Time> time) {
  return time.has_value() ? std::optional(ToMicroseconds(*time)) : std::nullopt;
}

ports::LeaseSummary AsKept(ports::LeaseSummary summary) {
  summary.request_time = ToMicroseconds(summary.request_time);
  summary.next_deadline = ToMicroseconds(summary.next_deadline);
  summary.expire_time = ToMicroseconds(summary.expire_time);
  return summary;
}

absl::Status CheckSummary(const ports::LeaseSummary& summary, std::int64_t version) {
  if (summary.version != version) {
    return absl::InvalidArgumentError("the summary is not at the version of its append");
  }
  if (!IsFinite(summary.request_time) || !IsFinite(summary.next_deadline.value_or(absl::Time())) ||
      !IsFinite(summary.expire_time.value_or(absl::Time()))) {
    return absl::InvalidArgumentError("a summary holds an infinite time");
  }
  return absl::OkStatus();
}

ports::ChangeSummary AsKept(ports::ChangeSummary summary) {
  summary.plan_time = ToMicroseconds(summary.plan_time);
  summary.next_deadline = ToMicroseconds(summary.next_deadline);
  return summary;
}

absl::Status CheckSummary(const ports::ChangeSummary& summary, std::int64_t version) {
  if (summary.version != version) {
    return absl::InvalidArgumentError("the summary is not at the version of its append");
  }
  if (!IsFinite(summary.plan_time) || !IsFinite(summary.next_deadline.value_or(absl::Time()))) {
    return absl::InvalidArgumentError("a summary holds an infinite time");
  }
  return absl::OkStatus();
}

absl::Status CheckShape(const ports::Append& append) {
  if (append.records.empty()) {
    return absl::InvalidArgumentError("an append without records");
  }
  if (!IsFinite(append.time)) {
    return absl::InvalidArgumentError("an append at an infinite time");
  }
  std::set<std::string> streams = {append.stream};
  for (const ports::Expectation& expectation : append.expectations) {
    if (!streams.insert(expectation.stream).second) {
      return absl::InvalidArgumentError("an append names one stream twice");
    }
  }
  const auto version = append.expected_version + static_cast<std::int64_t>(append.records.size());
  absl::Status status;
  if (append.summary.has_value()) status = CheckSummary(*append.summary, version);
  if (status.ok() && append.change_summary.has_value()) {
    status = CheckSummary(*append.change_summary, version);
  }
  return status;
}

bool Matches(const ports::SummaryFilter& filter, const ports::LeaseSummary& summary) {
  const auto& states = filter.states;
  return (!filter.requester || *filter.requester == summary.requester) &&
         (!filter.target || *filter.target == summary.target) &&
         (states.empty() ||
          std::find(states.begin(), states.end(), summary.state) != states.end()) &&
         (!filter.with_debt_only || summary.debt_open) &&
         (!filter.with_effect_only || summary.effect != lease::Effect::kNone) &&
         (!filter.due_by || (summary.next_deadline && *summary.next_deadline <= *filter.due_by));
}

bool Matches(const ports::ChangeFilter& filter, const ports::ChangeSummary& summary) {
  const auto& states = filter.states;
  return (!filter.requester || *filter.requester == summary.requester) &&
         (!filter.target || *filter.target == summary.target) &&
         (states.empty() ||
          std::find(states.begin(), states.end(), summary.state) != states.end()) &&
         (!filter.with_effect_only || summary.effect != change::Effect::kNone) &&
         (!filter.due_by || (summary.next_deadline && *summary.next_deadline <= *filter.due_by));
}

bool IsNewer(const ports::LeaseSummary& a, const ports::LeaseSummary& b) {
  return std::pair(a.request_time, a.id) > std::pair(b.request_time, b.id);
}

bool IsNewer(const ports::ChangeSummary& a, const ports::ChangeSummary& b) {
  return std::pair(a.plan_time, a.id) > std::pair(b.plan_time, b.id);
}

// One page of `kept`, newest first.
template <class Id, class Summary, class Filter>
absl::StatusOr<std::vector<Summary>> PageOf(const std::map<Id, Summary>& kept,
                                            const Filter& filter) {
  if (filter.limit < 1 || filter.limit > kLimitMax) {
    return absl::InvalidArgumentError("a page holds 1 to 10,000 summaries");
  }
  std::vector<Summary> matching;
  const auto after = filter.after ? kept.find(*filter.after) : kept.end();
  if (filter.after && after == kept.end()) {
    return matching;
  }
  for (const auto& [id, summary] : kept) {
    if (Matches(filter, summary) && (!filter.after || IsNewer(after->second, summary))) {
      matching.push_back(summary);
    }
  }
  std::sort(matching.begin(), matching.end(),
            [](const Summary& a, const Summary& b) { return IsNewer(a, b); });
  const auto limit = static_cast<std::ptrdiff_t>(filter.limit);
  if (std::ssize(matching) > limit) {
    matching.erase(matching.begin() + limit, matching.end());
  }
  return matching;
}

}  // namespace

MemoryJournal::MemoryJournal() : MemoryJournal(SignerFromSeed("jit-access/test", 1)) {}

MemoryJournal::MemoryJournal(ledger::CheckpointSigner signer) : signer_(std::move(signer)) {}

void MemoryJournal::FailCommit(int nth, CommitTrouble trouble) {
  const sync::Lock lock(mutex_);
  planned_[commits_seen_ + nth] = trouble;
}

void MemoryJournal::AskBeforeCommit(std::function<CommitTrouble(const ports::Append&)> plan) {
  const sync::Lock lock(mutex_);
  plan_ = std::move(plan);
}

void MemoryJournal::SetHealth(StoreHealth health) {
  const sync::Lock lock(mutex_);
  health_ = health;
}

void MemoryJournal::FlipBit(std::int64_t sequence, std::size_t byte) {
  const sync::Lock lock(mutex_);
  std::string& line = lines_.at(static_cast<std::size_t>(sequence));
  line.at(byte) = static_cast<char>(line.at(byte) ^ 1);
}

int MemoryJournal::commits_seen() const {
  const sync::Lock lock(mutex_);
  return commits_seen_;
}

absl::Status MemoryJournal::Readable() const {
  return health_ == StoreHealth::kDown ? absl::UnavailableError("the journal cannot be reached")
                                       : absl::OkStatus();
}

absl::Status MemoryJournal::Writable() const {
  if (health_ == StoreHealth::kReadOnly) {
    return absl::UnavailableError("the journal cannot be written: it is read-only");
  }
  if (spoiled_) {
    return absl::DataLossError("the journal is not what was written to it");
  }
  return Readable();
}

CommitTrouble MemoryJournal::NextTrouble(const ports::Append& append) {
  ++commits_seen_;
  const auto planned = planned_.find(commits_seen_);
  if (planned != planned_.end()) {
    return planned->second;
  }
  return plan_ ? plan_(append) : CommitTrouble::kNone;
}

std::int64_t MemoryJournal::VersionNow(const std::string& stream) const {
  const auto found = versions_.find(stream);
  return found == versions_.end() ? 0 : found->second;
}

absl::Status MemoryJournal::CheckExpected(const ports::Append& append) const {
  if (append.answer.has_value() && answers_.contains(append.answer->key)) {
    return absl::AlreadyExistsError("this was answered before");
  }
  std::vector<ports::Expectation> all = append.expectations;
  all.push_back({append.stream, append.expected_version, ports::Expectation::Then::kKeep});
  for (const ports::Expectation& expectation : all) {
    if (VersionNow(expectation.stream) != expectation.version) {
      return core::Refuse(core::Reason::kSomeoneWasFaster,
                          "what this decision looked at has changed meanwhile; look again");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> MemoryJournal::EncodeAll(
    const ports::Append& append) const {
  std::vector<std::string> lines;
  for (const ports::NewRecord& record : append.records) {
    const auto nth = static_cast<std::int64_t>(lines.size());
    absl::StatusOr<std::string> line =
        ledger::Encode({.sequence = static_cast<std::int64_t>(lines_.size()) + nth,
                        .stream = append.stream,
                        .version = append.expected_version + nth + 1,
                        .time = append.time,
                        .type = record.type,
                        .body = record.body});
    if (!line.ok()) {
      return line.status();
    }
    lines.push_back(*std::move(line));
  }
  return lines;
}

void MemoryJournal::Apply(const ports::Append& append, std::vector<std::string> lines) {
  for (std::string& line : lines) {
    sequences_[append.stream].push_back(static_cast<std::int64_t>(lines_.size()));
    tree_.Append(ledger::LeafHash(line));
    lines_.push_back(std::move(line));
  }
  versions_[append.stream] =
      append.expected_version + static_cast<std::int64_t>(append.records.size());
  for (const ports::Expectation& expectation : append.expectations) {
    if (expectation.then == ports::Expectation::Then::kAdvance) {
      versions_[expectation.stream] = expectation.version + 1;
    }
  }
  if (append.summary.has_value()) {
    summaries_.insert_or_assign(append.summary->id, AsKept(*append.summary));
  }
  if (append.change_summary.has_value()) {
    changes_.insert_or_assign(append.change_summary->id, AsKept(*append.change_summary));
  }
  if (append.answer.has_value()) {
    answers_.emplace(append.answer->key, *append.answer);
  }
}

absl::StatusOr<std::int64_t> MemoryJournal::Commit(const ports::Append& append) {
  const sync::Lock lock(mutex_);
  const CommitTrouble trouble = NextTrouble(append);
  const absl::Status shape = CheckShape(append);
  if (!shape.ok()) return shape;
  const absl::Status writable = Writable();
  if (!writable.ok()) return writable;
  if (trouble == CommitTrouble::kFailsBefore) {
    return absl::UnavailableError("the journal cannot be written: a planned trouble");
  }
  const absl::Status expected = CheckExpected(append);
  if (!expected.ok()) return expected;
  absl::StatusOr<std::vector<std::string>> lines = EncodeAll(append);
  if (!lines.ok()) return lines.status();
  Apply(append, *std::move(lines));
  if (trouble == CommitTrouble::kFailsAfter) {
    return absl::UnknownError("nobody knows whether the append was written: a planned trouble");
  }
  return VersionNow(append.stream);
}

absl::StatusOr<std::vector<ledger::Record>> MemoryJournal::Load(const std::string& stream) {
  const sync::Lock lock(mutex_);
  const absl::Status readable = Readable();
  if (!readable.ok()) return readable;
  std::vector<ledger::Record> records;
  const auto found = sequences_.find(stream);
  if (found == sequences_.end()) return records;
  for (const std::int64_t sequence : found->second) {
    absl::StatusOr<ledger::Record> record =
        ledger::Decode(lines_[static_cast<std::size_t>(sequence)]);
    if (!record.ok()) return record.status();
    records.push_back(*std::move(record));
  }
  return records;
}

absl::StatusOr<std::int64_t> MemoryJournal::VersionOf(const std::string& stream) {
  const sync::Lock lock(mutex_);
  const absl::Status readable = Readable();
  if (!readable.ok()) return readable;
  return VersionNow(stream);
}

absl::StatusOr<std::optional<ports::Answer>> MemoryJournal::FindAnswer(const std::string& key) {
  const sync::Lock lock(mutex_);
  const absl::Status readable = Readable();
  if (!readable.ok()) return readable;
  const auto found = answers_.find(key);
  return found == answers_.end() ? std::nullopt : std::optional(found->second);
}

absl::StatusOr<std::optional<ports::LeaseSummary>> MemoryJournal::Summary(const core::LeaseId& id) {
  const sync::Lock lock(mutex_);
  const absl::Status readable = Readable();
  if (!readable.ok()) return readable;
  const auto found = summaries_.find(id);
  return found == summaries_.end() ? std::nullopt : std::optional(found->second);
}

absl::StatusOr<std::vector<ports::LeaseSummary>> MemoryJournal::Summaries(
    const ports::SummaryFilter& filter) {
  const sync::Lock lock(mutex_);
  const absl::Status readable = Readable();
  if (!readable.ok()) return readable;
  return PageOf(summaries_, filter);
}

absl::StatusOr<std::int64_t> MemoryJournal::CountWaiting(const core::PersonId& person) {
  const sync::Lock lock(mutex_);
  const absl::Status readable = Readable();
  if (!readable.ok()) return readable;
  return std::count_if(summaries_.begin(), summaries_.end(), [&](const auto& entry) {
    return entry.second.requester == person && entry.second.state == lease::State::kRequested;
  });
}

absl::StatusOr<std::optional<ports::ChangeSummary>> MemoryJournal::SummaryOfChange(
    const core::ChangeId& id) {
  const sync::Lock lock(mutex_);
  const absl::Status readable = Readable();
  if (!readable.ok()) return readable;
  const auto found = changes_.find(id);
  return found == changes_.end() ? std::nullopt : std::optional(found->second);
}

absl::StatusOr<std::vector<ports::ChangeSummary>> MemoryJournal::ChangeSummaries(
    const ports::ChangeFilter& filter) {
  const sync::Lock lock(mutex_);
  const absl::Status readable = Readable();
  if (!readable.ok()) return readable;
  return PageOf(changes_, filter);
}

absl::StatusOr<std::int64_t> MemoryJournal::CountWaitingChanges(const core::PersonId& person) {
  const sync::Lock lock(mutex_);
  const absl::Status readable = Readable();
  if (!readable.ok()) return readable;
  return std::count_if(changes_.begin(), changes_.end(), [&](const auto& entry) {
    return entry.second.requester == person && entry.second.state == change::State::kSubmitted;
  });
}

absl::StatusOr<ledger::SignedCheckpoint> MemoryJournal::Checkpoint() {
  const sync::Lock lock(mutex_);
  const absl::Status writable = Writable();
  if (!writable.ok()) return writable;
  if (checkpoint_.has_value() && checkpoint_->body.size == tree_.size()) {
    return *checkpoint_;
  }
  ledger::Frontier read_back = checked_;
  for (std::uint64_t at = checked_.size(); at < lines_.size(); ++at) {
    read_back.Append(ledger::LeafHash(lines_[at]));
  }
  if (read_back.Root() != tree_.Root()) {
    spoiled_ = true;
    return Writable();
  }
  absl::StatusOr<ledger::SignedCheckpoint> checkpoint =
      signer_.Sign(read_back.size(), read_back.Root());
  if (checkpoint.ok()) {
    checked_ = read_back;
    checkpoint_ = *checkpoint;
  }
  return checkpoint;
}

absl::StatusOr<std::optional<ledger::SignedCheckpoint>> MemoryJournal::LastCheckpoint() {
  const sync::Lock lock(mutex_);
  const absl::Status readable = Readable();
  if (!readable.ok()) return readable;
  return checkpoint_;
}

absl::Status MemoryJournal::Export(std::int64_t from,
                                   const std::function<absl::Status(const ledger::Record&)>& each) {
  if (from < 0) {
    return absl::InvalidArgumentError("records are counted from 0");
  }
  const sync::Lock lock(mutex_);
  const absl::Status readable = Readable();
  if (!readable.ok()) return readable;
  for (auto at = static_cast<std::size_t>(from); at < lines_.size(); ++at) {
    absl::StatusOr<ledger::Record> record = ledger::Decode(lines_[at]);
    if (!record.ok()) return record.status();
    const absl::Status taken = each(*record);
    if (!taken.ok()) return taken;
  }
  return absl::OkStatus();
}

std::int64_t MemoryJournal::Size() {
  const sync::Lock lock(mutex_);
  return static_cast<std::int64_t>(lines_.size());
}

}  // namespace jit::testing

#include "broker/ledger/verify.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace jit::ledger {
namespace {

std::array<std::uint8_t, 16> StreamKey(absl::string_view stream) {
  const Hash hash = Sha256(stream);
  std::array<std::uint8_t, 16> key;
  std::copy_n(hash.begin(), key.size(), key.begin());
  return key;
}

std::string Records(std::uint64_t count) {
  return absl::StrCat(count, count == 1 ? " record" : " records");
}

}  // namespace

absl::string_view FlawWord(Flaw flaw) {
  switch (flaw) {
    case Flaw::kMalformedRecord:
      return "malformed_record";
    case Flaw::kUnfinishedLine:
      return "unfinished_line";
    case Flaw::kMissingRecord:
      return "missing_record";
    case Flaw::kMisplacedRecord:
      return "misplaced_record";
    case Flaw::kStreamGap:
      return "stream_gap";
    case Flaw::kFewerThanSigned:
      return "fewer_than_signed";
    case Flaw::kNotAsSigned:
      return "not_as_signed";
    case Flaw::kForkedCheckpoints:
      return "forked_checkpoints";
  }
  return "";
}

std::size_t Verifier::StreamHash::operator()(const std::array<std::uint8_t, 16>& name) const {
  std::size_t hash = 0;
  std::memcpy(&hash, name.data(), sizeof(hash));
  return hash;
}

Verifier::Verifier(std::vector<SignedCheckpoint> checkpoints)
    : checkpoints_(std::move(checkpoints)) {
  std::stable_sort(checkpoints_.begin(), checkpoints_.end(),
                   [](const SignedCheckpoint& a, const SignedCheckpoint& b) {
                     return a.body.size < b.body.size;
                   });
  for (std::size_t i = 1; i < checkpoints_.size(); ++i) {
    const CheckpointBody& one = checkpoints_[i - 1].body;
    const CheckpointBody& other = checkpoints_[i].body;
    if (one.size == other.size && one.root != other.root) {
      Add(Flaw::kForkedCheckpoints,
          absl::StrCat("two checkpoints over ", Records(one.size),
                       " are signed with the same key and name different roots: the broker has "
                       "signed two histories"));
    }
  }
  CheckRoots();
}

void Verifier::Add(Flaw flaw, std::string words) {
  if (result_.findings.size() == kFindingsMax) {
    ++result_.more_findings;
    return;
  }
  result_.findings.push_back(Finding{flaw, line_, offset_, std::move(words)});
}

std::string Verifier::Place() const {
  return absl::StrCat("line ", line_, " (byte ", offset_, "): ");
}

std::optional<Record> Verifier::Feed(absl::string_view line, LineEnd end) {
  ++line_;
  offset_ = std::exchange(next_offset_, next_offset_ + line.size() + 1);
  absl::StatusOr<Record> record = Decode(line);
  if (!record.ok()) {
    Add(Flaw::kMalformedRecord, absl::StrCat(Place(), record.status().message()));
    ++expected_;  // most likely the damaged record is the one that belongs here
  } else {
    CheckOrder(*record);
    CheckTime(*record);
  }
  if (end == LineEnd::kMissing) {
    Add(Flaw::kUnfinishedLine, absl::StrCat(Place(), "the file ends inside this line"));
  }
  frontier_.Append(LeafHash(line));
  CheckRoots();
  if (!record.ok()) {
    return std::nullopt;
  }
  return *std::move(record);
}

void Verifier::CheckOrder(const Record& record) {
  if (record.sequence < expected_) {
    Add(Flaw::kMisplacedRecord,
        absl::StrCat(Place(), "record ", record.sequence, " stands where record ", expected_,
                     " belongs: it was inserted, repeated or moved"));
    return;  // it says nothing about its stream
  }
  if (record.sequence > expected_) {
    const auto missing = static_cast<std::uint64_t>(record.sequence - expected_);
    Add(Flaw::kMissingRecord,
        absl::StrCat(Place(), Records(missing), " missing in front of record ", record.sequence,
                     ", from record ", expected_, " on"));
  }
  expected_ = record.sequence + 1;
  std::int64_t& version = versions_[StreamKey(record.stream)];
  if (record.version != version + 1) {
    Add(Flaw::kStreamGap,
        absl::StrCat(Place(), "record ", record.sequence, " is version ", record.version,
                     " of the stream ", record.stream, ", after version ", version));
  }
  version = record.version;
}

void Verifier::CheckTime(const Record& record) {
  if (!result_.first_time.has_value()) {
    result_.first_time = record.time;
  }
  if (result_.last_time.has_value() && record.time < *result_.last_time) {
    ++result_.steps_back;
    if (result_.first_step_back_line == 0) {
      result_.first_step_back_line = line_;
    }
  }
  result_.last_time = record.time;
}

// Compares the root with every checkpoint over as many records as there have been.
void Verifier::CheckRoots() {
  const std::uint64_t size = frontier_.size();
  for (; next_checkpoint_ < checkpoints_.size() && checkpoints_[next_checkpoint_].body.size == size;
       ++next_checkpoint_) {
    const CheckpointBody& body = checkpoints_[next_checkpoint_].body;
    if (frontier_.Root() == body.root) {
      result_.signed_records = size;
      last_good_size_ = size;
      continue;
    }
    const std::string since =
        last_good_size_ == 0
            ? std::string("one of these records was changed, added or taken away")
            : absl::StrCat("what was changed, added or taken away is after the first ",
                           Records(last_good_size_), ", which hold");
    Add(Flaw::kNotAsSigned,
        absl::StrCat("after line ", line_, ": the first ", Records(size),
                     " are not those that the checkpoint was signed over: ", since));
  }
}

Verification Verifier::Finish() {
  for (; next_checkpoint_ < checkpoints_.size(); ++next_checkpoint_) {
    const std::uint64_t size = checkpoints_[next_checkpoint_].body.size;
    Add(Flaw::kFewerThanSigned,
        absl::StrCat("the journal ends after ", Records(frontier_.size()),
                     ", but a checkpoint was signed over ", Records(size), ": the last ",
                     Records(size - frontier_.size()), " or more were cut off or taken away"));
  }
  result_.records = frontier_.size();
  result_.root = frontier_.Root();
  result_.streams = versions_.size();
  return std::move(result_);
}

}  // namespace jit::ledger

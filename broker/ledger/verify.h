// Checks a journal, record by record, against what its broker has signed.
//
// Promises: a journal without findings holds, up to the largest checkpoint given, exactly the
// records that were signed, in that order. Every flaw is named with the place where it shows. Keeps
// a few hashes and the version of each stream, never the records. Does not know what the records
// mean, and vouches for nothing after the largest checkpoint. Pure; not shared between threads.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/ledger/checkpoint.h"
#include "broker/ledger/merkle.h"
#include "broker/ledger/record.h"

namespace jit::ledger {

enum class Flaw {
  kMalformedRecord,    // a line is not a record in canonical form
  kUnfinishedLine,     // the last line has no newline: the file was cut
  kMissingRecord,      // the sequence jumps ahead
  kMisplacedRecord,    // a sequence that had its place before: inserted, repeated or swapped
  kStreamGap,          // a record is not the next one of its stream
  kFewerThanSigned,    // a checkpoint covers more records than there are
  kNotAsSigned,        // the records up to a checkpoint are not those it was signed over
  kForkedCheckpoints,  // two checkpoints of one size, both signed, with different roots
};

// A stable word for each, as in the reports: `not_as_signed`.
absl::string_view FlawWord(Flaw flaw);

struct Finding {
  Flaw flaw;
  std::uint64_t line = 0;    // counted from 1; 0 when it is about the whole
  std::uint64_t offset = 0;  // of the line's first byte
  std::string words;         // one sentence, with the place
  friend bool operator==(const Finding&, const Finding&) = default;
};

struct Verification {
  std::uint64_t records = 0;         // lines seen
  std::uint64_t signed_records = 0;  // how many of them the largest checkpoint that holds covers
  Hash root{};                       // of all lines seen
  std::uint64_t streams = 0;
  std::optional<absl::Time> first_time, last_time;  // of the first and last record that decodes
  // Clocks step back now and then, so this is no flaw: how often a record's time was before the
  // one of the record in front of it, and the first line where it was.
  std::uint64_t steps_back = 0, first_step_back_line = 0;
  std::vector<Finding> findings;    // in order of place, at most kFindingsMax
  std::uint64_t more_findings = 0;  // those beyond
  bool ok() const { return findings.empty(); }
};

class Verifier {
 public:
  static constexpr std::size_t kFindingsMax = 100;
  enum class LineEnd { kNewline, kMissing };

  // Checkpoints that were opened with the key the auditor trusts, in any order, also none.
  explicit Verifier(std::vector<SignedCheckpoint> checkpoints);

  // The next line of the journal, without its newline. Answers the record in it, if there is one.
  std::optional<Record> Feed(absl::string_view line, LineEnd end = LineEnd::kNewline);

  // To be called once, after the last line.
  Verification Finish();

 private:
  struct StreamHash {
    std::size_t operator()(const std::array<std::uint8_t, 16>& name) const;
  };
  // Streams by the first half of their name's SHA-256: a journal may hold millions of them.
  using Versions = absl::flat_hash_map<std::array<std::uint8_t, 16>, std::int64_t, StreamHash>;

  void Add(Flaw flaw, std::string words);
  std::string Place() const;
  void CheckOrder(const Record& record);
  void CheckTime(const Record& record);
  void CheckRoots();

  std::vector<SignedCheckpoint> checkpoints_;  // by size
  std::size_t next_checkpoint_ = 0;
  Frontier frontier_;
  Versions versions_;
  std::int64_t expected_ = 0;  // the sequence the next record should have
  std::uint64_t line_ = 0, offset_ = 0, next_offset_ = 0;
  std::uint64_t last_good_size_ = 0;  // of the checkpoints passed so far that held
  Verification result_;
};

}  // namespace jit::ledger

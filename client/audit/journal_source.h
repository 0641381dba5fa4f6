// Where an auditor's records come from: an exported file or a copy of the store.
//
// Promises: the lines are handed over as they are stored, byte for byte and in order; nothing is
// written, not even beside the file. Verifies nothing. Not shared between threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/ledger/verify.h"

namespace jit::audit {

class JournalSource {
 public:
  // Gets each line without its newline; an error stops the reading and is answered.
  using Each = std::function<absl::Status(absl::string_view line, ledger::Verifier::LineEnd end)>;

  virtual ~JournalSource() = default;
  // kDataLoss when what is there is damaged so that it cannot be read to the end.
  virtual absl::Status ReadLines(const Each& each) = 0;
  // The signed notes that lie with the records: FILE.checkpoint, or those kept in the store.
  virtual absl::StatusOr<std::vector<std::string>> Notes() = 0;
  // What was found, while reading, not to agree with the lines: sentences.
  virtual std::vector<std::string> Disagreements() const { return {}; }
  // How much there is to read, for showing progress; 0 when that is not known.
  virtual std::uint64_t bytes() const = 0;
};

// Tells the two kinds apart by the first bytes of the file. kNotFound or kPermissionDenied with the
// reason when it cannot be opened.
absl::StatusOr<std::unique_ptr<JournalSource>> OpenJournal(const std::string& path);

// The whole of a small file: a key, a note, certificates. At most 1 MiB.
absl::StatusOr<std::string> ReadSmallFile(const std::string& path);

}  // namespace jit::audit

// Reads the records out of a copy of a journal, whatever state it is in, without writing to it.
//
// Promises: tells what is stored, byte for byte, and judges nothing; the verifier does. Takes no
// lock that a broker would notice. Safe from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace jit::journal_sqlite {

// Calls `each` with the sequence and the stored bytes of every record that can be read, in order;
// it may stop by answering an error, which is then the answer. `path` is a copy of the file, with
// the copy of its log (path-wal) beside it when there is one; never the file of a running broker.
// kFailedPrecondition when the file is no journal, kNotFound, kUnavailable; kDataLoss after the
// last record before the damage.
absl::Status ReadCopy(const std::string& path,
                      const std::function<absl::Status(std::int64_t, absl::string_view)>& each);

}  // namespace jit::journal_sqlite

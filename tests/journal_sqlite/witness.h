// Remembers what a journal answered, and compares it later with what the journal holds.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "broker/ports/journal.h"

namespace jit::testing {

class Witness {
 public:
  // Appends one record and a summary to the new stream of lease n, and remembers the answer. Safe
  // from any thread.
  void Append(ports::Journal& journal, int n);

  // What was answered OK is there whole; what was answered with kUnknown is there whole or not at
  // all; nothing else is there; and all of it makes up a tree that can be signed. Fails the test
  // with `story` when not.
  void Compare(ports::Journal& journal, const std::string& story) const;

  int acknowledged() const;

 private:
  mutable std::mutex mutex_;
  std::map<int, absl::Status> answers_;
};

}  // namespace jit::testing

// A line on the terminal that says how far a long reading has come, and goes when it is done.
//
// Promises: writes to `err` only, only when it is a terminal, at most five times a second.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/console/console.h"

namespace jit::audit {

class Progress {
 public:
  // `total` in bytes; 0 when it is not known.
  Progress(console::Console& console, absl::string_view verb, std::uint64_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Add(std::uint64_t bytes);

 private:
  console::Console& console_;
  std::string verb_;
  std::uint64_t total_;
  std::uint64_t done_ = 0, records_ = 0;
  absl::Time shown_ = absl::InfinitePast();
  bool visible_ = false;
};

}  // namespace jit::audit

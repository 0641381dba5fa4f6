// What is waited for, who could help, for how long, and when it is too late.
//
// Promises: on a terminal one line that is rewritten about once a second, after a word on how to
// leave it; elsewhere a line when something changes and one a minute. Talks on `err` only.
// Thread-compatible.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "client/console/console.h"
#include "jit/v1/lease.pb.h"

namespace jit::access {

class WaitingLine {
 public:
  // `console` must outlive the line; `hint` says what Ctrl-C does.
  explicit WaitingLine(console::Console& console);
  WaitingLine(console::Console& console, std::string hint);
  ~WaitingLine();  // leaves no half a line behind
  WaitingLine(const WaitingLine&) = delete;
  WaitingLine& operator=(const WaitingLine&) = delete;

  void Show(const v1::Lease& lease);
  void ShowText(const std::string& what);
  void Clear();

 private:
  console::Console& console_;
  const std::string hint_;
  const absl::Time begun_;
  absl::Time shown_at_ = absl::InfinitePast();
  std::string shown_;
  bool hinted_ = false;
};

}  // namespace jit::access

#include "client/access/waiting_line.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/channel/proto_time.h"
#include "client/channel/show_lease.h"
#include "client/console/duration.h"
#include "client/console/visible.h"

namespace jit::access {
namespace {

constexpr absl::Duration kRedraw = absl::Seconds(1);
constexpr absl::Duration kRepeat = absl::Minutes(1);

std::string WhatIsWaitedFor(const v1::Lease& lease, absl::Time now) {
  if (lease.state() != v1::Lease::STATE_REQUESTED) return "Waiting for the login to be made";
  std::string text = absl::StrCat("Waiting for ", channel::OpenSeatsText(lease));
  if (lease.has_lapse_time()) {
    absl::StrAppend(&text, "; lapses in ",
                    console::RoughDuration(channel::ToTime(lease.lapse_time()) - now));
  }
  return text;
}

}  // namespace

WaitingLine::WaitingLine(console::Console& console)
    : WaitingLine(console, "Ctrl-C stops the waiting and leaves the lease as it is.") {}

WaitingLine::WaitingLine(console::Console& console, std::string hint)
    : console_(console), hint_(std::move(hint)), begun_(console.now()) {}

WaitingLine::~WaitingLine() {
  Clear();
}

void WaitingLine::Show(const v1::Lease& lease) {
  ShowText(WhatIsWaitedFor(lease, console_.now()));
}

void WaitingLine::ShowText(const std::string& what) {
  const absl::Time now = console_.now();
  const std::string elapsed = absl::StrCat(" (", console::RoughDuration(now - begun_), ")");
  if (console_.err.terminal == console::Terminal::kYes) {
    if (now - shown_at_ < kRedraw) return;
    if (!hinted_) *console_.err.stream << hint_ << '\n';
    hinted_ = true;
    std::string line = what;
    const int columns = console_.err.width - static_cast<int>(elapsed.size()) - 1;
    line.resize(console::PrefixWithin(line, columns));
    *console_.err.stream << "\r\x1b[K" << line << elapsed << std::flush;
  } else {
    // The countdown alone is no change worth a line.
    const std::string subject = what.substr(0, what.find(';'));
    if (subject == shown_ && now - shown_at_ < kRepeat) return;
    *console_.err.stream << what << elapsed << std::endl;
    shown_ = subject;
  }
  shown_at_ = now;
}

void WaitingLine::Clear() {
  if (console_.err.terminal != console::Terminal::kYes) return;
  if (shown_at_ == absl::InfinitePast()) return;
  *console_.err.stream << "\r\x1b[K" << std::flush;
  shown_at_ = absl::InfinitePast();
}

}  // namespace jit::access

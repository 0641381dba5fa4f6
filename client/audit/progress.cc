#include "client/audit/progress.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace jit::audit {
namespace {

constexpr std::uint64_t kRecordsBetweenLooks = 4096;
constexpr absl::Duration kPause = absl::Milliseconds(200);

}  // namespace

Progress::Progress(console::Console& console, absl::string_view verb, std::uint64_t total)
    : console_(console), verb_(verb), total_(total) {}

void Progress::Add(std::uint64_t bytes) {
  done_ += bytes;
  ++records_;
  if (console_.err.terminal == console::Terminal::kNo || records_ % kRecordsBetweenLooks != 0) {
    return;
  }
  const absl::Time now = console_.now();
  if (now - shown_ < kPause) {
    return;
  }
  shown_ = now;
  visible_ = true;
  const std::string part =
      total_ == 0 ? ""
                  : absl::StrCat(", ", std::min<std::uint64_t>(100, done_ * 100 / total_), " %");
  *console_.err.stream << "\r" << verb_ << " " << records_ << " records" << part << " \x1b[K"
                       << std::flush;
}

Progress::~Progress() {
  if (visible_) {
    *console_.err.stream << "\r\x1b[K" << std::flush;
  }
}

}  // namespace jit::audit

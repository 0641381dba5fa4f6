#include "client/channel/notices.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/channel/proto_time.h"
#include "client/console/duration.h"
#include "client/console/printer.h"
#include "client/console/visible.h"
#include "jit/v1/refusal.pb.h"

namespace jit::channel {
namespace {

constexpr std::size_t kReasonBytesMax = 300;  // of a reason that could fill the screen by itself

std::string DueText(const v1::UnreviewedBreakGlass& notice, absl::Time now) {
  const absl::Duration left = ToTime(notice.due_time()) - now;
  if (left < absl::ZeroDuration()) {
    return absl::StrCat("OVERDUE by ", console::RoughDuration(-left));
  }
  return absl::StrCat("due in ", console::RoughDuration(left));
}

std::vector<std::string> LinesOf(const v1::UnreviewedBreakGlass& notice, absl::Time now) {
  using console::Visible;
  std::string reason = Visible(notice.reason());
  if (reason.size() > kReasonBytesMax) {
    reason.resize(console::PrefixWithin(reason, kReasonBytesMax));
    reason += " [...]";
  }
  std::vector<std::string> lines = {absl::StrCat(
      Visible(notice.requester()), " broke the glass: ", Visible(notice.role()), " on ",
      Visible(notice.target()), ", ", console::FormatInstant(ToTime(notice.request_time())), ".")};
  if (notice.open()) lines.emplace_back("THE LOGIN IS STILL OPEN.");
  lines.push_back(absl::StrCat("Review ", DueText(notice, now), ":  jit-approve review ",
                               Visible(notice.lease_id())));
  lines.push_back(absl::StrCat("They said: \"", reason, "\""));
  return lines;
}

void DrawBox(const std::vector<std::string>& lines, const console::Console& console) {
  using console::Style;
  const int columns = std::clamp(console.err.width, 40, 100) - 4;
  const std::string bar(static_cast<std::size_t>(columns) + 4, '!');
  std::ostream& err = *console.err.stream;
  // A waiting line may stand there unfinished.
  if (console.err.terminal == console::Terminal::kYes) err << "\r\x1b[K";
  err << console::Styled(console.err, Style::kAlarm, bar) << '\n';
  for (const std::string& line : lines) {
    for (std::string text : console::Wrap(line, columns)) {
      while (!text.empty()) {
        const std::size_t taken = console::PrefixWithin(text, columns);
        std::string shown = text.substr(0, taken);
        text.erase(0, taken);
        shown.append(static_cast<std::size_t>(std::max(0, columns - console::WidthOf(shown))), ' ');
        err << console::Styled(console.err, Style::kAlarm, absl::StrCat("! ", shown, " !")) << '\n';
      }
    }
  }
  err << console::Styled(console.err, Style::kAlarm, bar) << '\n' << std::flush;
}

}  // namespace

void ShowNotices(const std::string& serialized, std::set<std::string>& shown,
                 console::Console& console) {
  if (serialized.empty()) return;
  v1::Notices notices;
  if (!notices.ParseFromString(serialized)) {
    DrawBox({"The broker sent a notice that this client cannot read. Update the client."}, console);
    return;
  }
  std::vector<std::string> lines;
  for (const v1::UnreviewedBreakGlass& notice : notices.unreviewed()) {
    if (!shown.insert(notice.lease_id()).second) continue;
    for (std::string& line : LinesOf(notice, console.now())) lines.push_back(std::move(line));
  }
  if (lines.empty()) return;
  lines.insert(lines.begin(), "BREAK-GLASS NOT REVIEWED");
  DrawBox(lines, console);
}

}  // namespace jit::channel

#include "client/console/console.h"

#include "absl/strings/str_cat.h"

namespace jit::console {
namespace {

const char* CodeOf(Style style) {
  switch (style) {
    case Style::kBold:
      return "1";
    case Style::kFaint:
      return "2";
    case Style::kRed:
      return "31";
    case Style::kGreen:
      return "32";
    case Style::kYellow:
      return "33";
    case Style::kAlarm:
      return "1;97;41";
  }
  return "0";
}

}  // namespace

std::optional<std::string> Ask(Console& console, absl::string_view question) {
  if (console.in_terminal != Terminal::kYes) return std::nullopt;
  *console.err.stream << question << std::flush;
  std::string line;
  if (!std::getline(*console.in, line)) {
    *console.err.stream << '\n';
    return std::nullopt;
  }
  return line;
}

std::string Styled(const Sink& sink, Style style, absl::string_view text) {
  if (!sink.color) return std::string(text);
  return absl::StrCat("\x1b[", CodeOf(style), "m", text, "\x1b[0m");
}

}  // namespace jit::console

// Everything a command may touch of the world around it: streams, terminal, time, chance, signals.
//
// Promises: a command that is given a Console uses nothing else of the machine, so a test owns all
// of it. Data goes to `out`, talk goes to `err`. Knows no broker and no lease. Thread-compatible:
// one command, one console; `now` and `interrupted` may be called from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <optional>
#include <ostream>
#include <span>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace jit::console {

enum class Terminal { kNo, kYes };
enum class Output { kText, kJson };

// One stream out, with what is known about where it leads.
struct Sink {
  std::ostream* stream;
  Terminal terminal = Terminal::kNo;
  bool color = false;  // only on terminals, and not with NO_COLOR set (no-color.org)
  int width = 80;      // columns; 80 when it is no terminal
};

struct Console {
  std::istream* in;
  Terminal in_terminal = Terminal::kNo;
  Sink out;
  Sink err;
  std::function<absl::Time()> now;
  // Waits until `fd` is readable (true) or the time has passed (false). -1 waits for time alone.
  std::function<bool(int fd, absl::Duration)> wait_readable;
  // Bits fit for keys. Cannot fail: a machine without entropy stops the process.
  std::function<void(std::span<std::uint8_t>)> entropy;
  // Whether somebody pressed Ctrl-C (SIGINT) or asked the program to stop (SIGTERM, SIGHUP).
  std::function<bool()> interrupted;
  // An environment variable; nothing when it is unset or empty.
  std::function<std::optional<std::string>(const std::string& name)> environment;
};

// Asks on `err` and reads one line from `in`, without the newline. Nothing when `in` is no terminal
// or has ended: nobody can be asked then, and the caller must not go on as if somebody had agreed.
std::optional<std::string> Ask(Console& console, absl::string_view question);

// `text` in the style when the sink shows colours, as it is otherwise.
enum class Style { kBold, kFaint, kRed, kGreen, kYellow, kAlarm };
std::string Styled(const Sink& sink, Style style, absl::string_view text);

}  // namespace jit::console

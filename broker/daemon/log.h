// The operator's log: one line per thing that happened, as JSON for machines or text for a person.
//
// Promises: a line is one line whatever is put into it (quotes, newlines, escape codes and bytes
// that are not UTF-8 are escaped), so nobody can forge one; values are strings made by us, and a
// Secret has no way in. Safe from any thread.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace spdlog {
class logger;
}

namespace jit::daemon {

enum class LogFormat { kJson, kText };
enum class LogLevel { kDebug, kInfo, kWarning, kError };

class Log {
 public:
  using Field = std::pair<absl::string_view, absl::string_view>;
  using Fields = std::initializer_list<Field>;

  // Lines below `least` are dropped. Writes to stderr.
  Log(LogFormat format, LogLevel least);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void Debug(absl::string_view message, Fields fields = {});
  void Info(absl::string_view message, Fields fields = {});
  void Warning(absl::string_view message, Fields fields = {});
  void Error(absl::string_view message, Fields fields = {});

 private:
  std::shared_ptr<spdlog::logger> logger_;
};

// JSON, unless stderr is a terminal.
LogFormat FormatForStderr();

// What one line looks like, without the newline. `time` is RFC 3339 UTC.
std::string JsonLine(absl::string_view time, absl::string_view level, absl::string_view message,
                     const std::vector<std::pair<std::string, std::string>>& fields);
std::string TextLine(absl::string_view time, absl::string_view level, absl::string_view message,
                     const std::vector<std::pair<std::string, std::string>>& fields);

}  // namespace jit::daemon

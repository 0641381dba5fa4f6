#include "broker/daemon/log.h"

#include <spdlog/formatter.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"

namespace jit::daemon {
namespace {

// How message and fields travel through spdlog, which carries one string: parts are parted by US,
// a field's name and value by RS. Both are taken out of what comes from outside.
constexpr char kPart = '\x1f';
constexpr char kValue = '\x1e';

std::string Stripped(absl::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c == kPart || c == kValue) c = '?';
  }
  return out;
}

std::string Packed(absl::string_view message, Log::Fields fields) {
  std::string packed = Stripped(message);
  for (const Log::Field& field : fields) {
    absl::StrAppend(&packed, std::string(1, kPart), Stripped(field.first), std::string(1, kValue),
                    Stripped(field.second));
  }
  return packed;
}

absl::string_view WordFor(spdlog::level::level_enum level) {
  if (level >= spdlog::level::err) return "error";
  if (level == spdlog::level::warn) return "warning";
  return level == spdlog::level::info ? "info" : "debug";
}

class LineFormatter : public spdlog::formatter {
 public:
  explicit LineFormatter(LogFormat format) : format_(format) {}

  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const std::string time = absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ",
                                              absl::FromChrono(message.time), absl::UTCTimeZone());
    std::string text;
    std::vector<std::pair<std::string, std::string>> fields;
    bool first = true;
    const absl::string_view payload(message.payload.data(), message.payload.size());
    for (const absl::string_view part : absl::StrSplit(payload, kPart)) {
      if (first) {
        text = std::string(part);
        first = false;
        continue;
      }
      fields.emplace_back(absl::StrSplit(part, absl::MaxSplits(kValue, 1)));
    }
    const absl::string_view level = WordFor(message.level);
    const std::string line = format_ == LogFormat::kJson ? JsonLine(time, level, text, fields)
                                                         : TextLine(time, level, text, fields);
    out.append(line.data(), line.data() + line.size());
    out.push_back('\n');
  }

  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<LineFormatter>(format_);
  }

 private:
  LogFormat format_;
};

spdlog::level::level_enum LevelFor(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

Log::Log(LogFormat format, LogLevel least) {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  logger_ = std::make_shared<spdlog::logger>("jit-broker", std::move(sink));
  logger_->set_formatter(std::make_unique<LineFormatter>(format));
  logger_->set_level(LevelFor(least));
  logger_->flush_on(spdlog::level::debug);
}

Log::~Log() = default;

void Log::Debug(absl::string_view message, Fields fields) {
  if (logger_->should_log(spdlog::level::debug)) logger_->debug("{}", Packed(message, fields));
}
void Log::Info(absl::string_view message, Fields fields) {
  logger_->info("{}", Packed(message, fields));
}
void Log::Warning(absl::string_view message, Fields fields) {
  logger_->warn("{}", Packed(message, fields));
}
void Log::Error(absl::string_view message, Fields fields) {
  logger_->error("{}", Packed(message, fields));
}

LogFormat FormatForStderr() {
  return isatty(STDERR_FILENO) != 0 ? LogFormat::kText : LogFormat::kJson;
}

std::string JsonLine(absl::string_view time, absl::string_view level, absl::string_view message,
                     const std::vector<std::pair<std::string, std::string>>& fields) {
  nlohmann::ordered_json line;
  line["time"] = std::string(time);
  line["level"] = std::string(level);
  line["message"] = std::string(message);
  for (const auto& [name, value] : fields) {
    line[name] = value;
  }
  return line.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

std::string TextLine(absl::string_view time, absl::string_view level, absl::string_view message,
                     const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string line = absl::StrCat(time, " ", level, level == "info" ? "     " : "  ",
                                  absl::Utf8SafeCHexEscape(message));
  for (const auto& [name, value] : fields) {
    absl::StrAppend(&line, "  ", name, "=", absl::Utf8SafeCHexEscape(value));
  }
  return line;
}

}  // namespace jit::daemon

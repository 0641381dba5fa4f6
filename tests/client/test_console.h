// A console that a test owns: what was said is read back, time stands still until somebody waits.
#pragma once

#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "client/console/console.h"

namespace jit::testing {

class TestConsole {
 public:
  TestConsole()
      : console_{
            .in = &in_,
            .in_terminal = console::Terminal::kNo,
            .out = {.stream = &out_},
            .err = {.stream = &err_},
            .now = [this] { return now_; },
            .wait_readable =
                [this](int, absl::Duration time) {
                  now_ += time;
                  return false;
                },
            .entropy =
                [this](std::span<std::uint8_t> bytes) {
                  for (std::uint8_t& byte : bytes) byte = ++last_byte_;
                },
            .interrupted = [this] { return interrupted_; },
            .environment =
                [this](const std::string& name) {
                  const auto found = environment_.find(name);
                  return found == environment_.end() ? std::nullopt : std::optional(found->second);
                },
        } {}
  TestConsole(const TestConsole&) = delete;
  TestConsole& operator=(const TestConsole&) = delete;

  // From now on somebody sits there and will type these lines.
  void Type(const std::string& lines) {
    console_.in_terminal = console::Terminal::kYes;
    console_.err.terminal = console::Terminal::kYes;
    in_.clear();
    in_.str(lines);
  }
  void Interrupt() { interrupted_ = true; }
  void SetEnvironment(const std::string& name, const std::string& value) {
    environment_[name] = value;
  }
  void SetNow(absl::Time now) { now_ = now; }

  console::Console& get() { return console_; }
  std::string out() const { return out_.str(); }
  std::string err() const { return err_.str(); }

 private:
  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);  // 2027-01-15 08:00:00 UTC
  std::uint8_t last_byte_ = 0;
  bool interrupted_ = false;
  std::map<std::string, std::string> environment_;
  console::Console console_;
};

}  // namespace jit::testing

// The command line of a program as plain values: parsed, explained and completed from one table.
//
// Promises: what --help says, what is accepted and what is completed cannot differ, since all three
// are made from the same Program. Knows no command. Thread-compatible.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/console/console.h"
#include "client/console/exit_code.h"

namespace jit::console {

// Where the value of an option goes. bool is a flag without a value; a duration is read by
// ParseDuration; everything else is taken as it stands. None may be given twice, except a list.
using Destination =
    std::variant<bool*, std::string*, std::optional<std::string>*, std::optional<absl::Duration>*,
                 std::vector<std::string>*, Output*>;

enum class Need { kOptional, kRequired };

struct Option {
  std::string name;  // "--ttl", or "ID" for an argument without dashes
  std::string value =
      {};  // what stands for the value in the help: "TIME"; empty for flags, arguments
  std::string help = {};
  Destination into;
  Need need = Need::kOptional;
  std::vector<std::string> choices = {};  // the only values accepted, when there are any
};

struct Command {
  std::string name;              // "list", or two words for one of a group: "change list"
  std::string summary = {};      // one line, no full stop
  std::string description = {};  // paragraphs, separated by an empty line
  std::vector<Option> options = {};
  // What comes after `--`, for commands that start another program; null for those that do not.
  std::vector<std::string>* rest = nullptr;
  std::string rest_name = {};  // "PSQL-ARGUMENTS"
  Need rest_need = Need::kOptional;
  std::vector<std::string> examples = {};
  std::function<ExitCode(Console&)> run = {};
};

struct Program {
  std::string name;
  std::string version;
  std::string summary = {};
  std::string description = {};
  std::vector<Option> common = {};  // accepted after every command
  std::vector<Command> commands;
  std::vector<std::pair<int, std::string>> exit_codes;
};

// Finds the command in `arguments` (without the program's name), fills its destinations and runs
// it. Answers `--help`, `--version`, `COMMAND --help` and `help COMMAND` (a group's name too) on
// out with kOk; anything
// that makes no sense on err, with what to type instead, and kUsage. Nothing is run then.
ExitCode RunProgram(const Program& program, const std::vector<std::string>& arguments,
                    Console& console);

// What main does: the same, and the number for the shell. A standard output that did not take
// everything (a full disk) is a fault even when the command went well.
int RunToTheEnd(const Program& program, const std::vector<std::string>& arguments,
                Console& console);

// For tests of parsing alone: the command that would run, its destinations filled; or the sentence
// that says why none would.
absl::StatusOr<const Command*> ParseArguments(const Program& program,
                                              const std::vector<std::string>& arguments);

// The same texts that --help prints, 80 columns wide.
std::string HelpOf(const Program& program);
std::string HelpOf(const Program& program, const Command& command);

// The table of exit_code.h in words, for Program::exit_codes.
std::vector<std::pair<int, std::string>> ExitCodeTable();

// `--output text|json`.
Option OutputOption(Output* into);

}  // namespace jit::console

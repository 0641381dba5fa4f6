#include "client/console/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/console/completion.h"
#include "client/console/duration.h"
#include "client/console/printer.h"
#include "client/console/visible.h"

namespace jit::console {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

// CLI11 finds out what was typed; what it means is decided here, in our own words.
absl::Status Store(const Option& option, const std::string& value) {
  // Names of files may be any bytes; everything else travels as UTF-8.
  if (option.value != "FILE" && !IsUtf8(value)) {
    return absl::InvalidArgumentError(
        absl::StrCat(option.name, " is not UTF-8: type it again in a UTF-8 terminal."));
  }
  if (!option.choices.empty() && std::ranges::count(option.choices, value) == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(option.name, " is one of: ", absl::StrJoin(option.choices, ", "), "."));
  }
  return std::visit(Overloaded{
                        [&](bool* into) {
                          *into = true;
                          return absl::OkStatus();
                        },
                        [&](std::string* into) {
                          *into = value;
                          return absl::OkStatus();
                        },
                        [&](std::optional<std::string>* into) {
                          *into = value;
                          return absl::OkStatus();
                        },
                        [&](std::optional<absl::Duration>* into) {
                          const absl::StatusOr<absl::Duration> duration = ParseDuration(value);
                          if (!duration.ok()) {
                            return absl::InvalidArgumentError(
                                absl::StrCat(option.name, ": ", duration.status().message()));
                          }
                          *into = *duration;
                          return absl::OkStatus();
                        },
                        [&](std::vector<std::string>* into) {
                          into->push_back(value);
                          return absl::OkStatus();
                        },
                        [&](Output* into) {
                          *into = value == "json" ? Output::kJson : Output::kText;
                          return absl::OkStatus();
                        },
                    },
                    option.into);
}

bool IsFlag(const Option& option) {
  return std::holds_alternative<bool*>(option.into);
}
bool IsList(const Option& option) {
  return std::holds_alternative<std::vector<std::string>*>(option.into);
}
bool IsArgument(const Option& option) {
  return !absl::StartsWith(option.name, "-");
}

CLI::Option* Declare(CLI::App& app, const Option& option) {
  if (IsFlag(option)) return app.add_flag(option.name);
  if (IsList(option)) {
    return app.add_option(option.name)
        ->expected(1, CLI::detail::expected_max_vector_size)
        ->allow_extra_args(false);  // one value each time it is given
  }
  return app.add_option(option.name)->expected(1);
}

std::string HowToGetHelp(const Program& program, const Command* command) {
  const std::string of = command == nullptr ? "" : absl::StrCat(" ", command->name);
  return absl::StrCat("See `", program.name, of, " --help`.");
}

const Command* CommandNamed(const Program& program, absl::string_view name) {
  for (const Command& command : program.commands) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

// How many of the words are the command's name.
std::size_t WordsOf(const Command& command) {
  return absl::StrContains(command.name, ' ') ? 2 : 1;
}

// The command that the words begin with: a group's comes with two of them.
const Command* CommandAt(const Program& program, const std::vector<std::string>& words) {
  if (words.empty()) return nullptr;
  if (words.size() > 1) {
    const Command* grouped = CommandNamed(program, absl::StrCat(words[0], " ", words[1]));
    if (grouped != nullptr) return grouped;
  }
  return absl::StrContains(words[0], ' ') ? nullptr : CommandNamed(program, words[0]);
}

bool IsGroup(const Program& program, absl::string_view name) {
  return std::ranges::any_of(program.commands, [&](const Command& command) {
    return absl::StartsWith(command.name, absl::StrCat(name, " "));
  });
}

std::vector<Option> OptionsOf(const Program& program, const Command& command) {
  std::vector<Option> all = command.options;
  all.insert(all.end(), program.common.begin(), program.common.end());
  return all;
}

absl::Status ParseOptions(const Program& program, const Command& command,
                          const std::vector<std::string>& words) {
  CLI::App app;
  app.set_help_flag();
  const std::vector<Option> options = OptionsOf(program, command);
  std::vector<CLI::Option*> declared;
  declared.reserve(options.size());
  for (const Option& option : options) declared.push_back(Declare(app, option));
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(
        absl::StrCat(Visible(error.what()), ". ", HowToGetHelp(program, &command)));
  }
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (declared[i]->count() == 0) {
      if (options[i].need == Need::kOptional) continue;
      return absl::InvalidArgumentError(
          absl::StrCat(options[i].name, " is missing. ", HowToGetHelp(program, &command)));
    }
    for (const std::string& value : declared[i]->results()) {
      absl::Status stored = Store(options[i], value);
      if (!stored.ok()) return stored;
      if (!IsList(options[i])) break;  // a flag is a flag, however CLI11 counts it
    }
  }
  return absl::OkStatus();
}

std::string UsageOf(const Program& program, const Command& command) {
  std::string usage = absl::StrCat("usage: ", program.name, " ", command.name);
  for (const Option& option : command.options) {
    const std::string shown =
        absl::StrCat(option.name, option.value.empty() ? "" : " ", option.value);
    if (option.need == Need::kRequired) {
      absl::StrAppend(&usage, " ", shown);
    } else if (IsArgument(option)) {
      absl::StrAppend(&usage, " [", shown, "]");
    }
  }
  absl::StrAppend(&usage, " [options]");
  if (command.rest != nullptr) {
    const bool required = command.rest_need == Need::kRequired;
    absl::StrAppend(&usage, required ? " -- " : " [-- ", command.rest_name, required ? "" : "]");
  }
  return absl::StrCat(usage, "\n");
}

void AppendParagraphs(std::string& help, absl::string_view text, int indent) {
  const std::string margin(static_cast<std::size_t>(indent), ' ');
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\n\n"), text.size());
    for (const std::string& line : Wrap(text.substr(0, end), 80 - indent)) {
      absl::StrAppend(&help, margin, line, "\n");
    }
    text.remove_prefix(std::min(end + 2, text.size()));
    if (!text.empty()) help += '\n';
  }
}

void AppendItems(std::string& help, absl::string_view heading,
                 const std::vector<std::pair<std::string, std::string>>& items) {
  if (items.empty()) return;
  absl::StrAppend(&help, "\n", heading, ":\n");
  std::size_t width = 0;
  for (const auto& [name, text] : items) width = std::max(width, name.size());
  width = std::min<std::size_t>(width, 26);
  for (const auto& [name, text] : items) {
    const std::string margin(width + 4, ' ');
    std::string first = absl::StrCat("  ", name);
    if (name.size() > width) {
      absl::StrAppend(&help, first, "\n");
      first.clear();
    }
    first.resize(width + 4, ' ');
    for (const std::string& line : Wrap(text, 80 - static_cast<int>(margin.size()))) {
      absl::StrAppend(&help, std::exchange(first, margin), line, "\n");
    }
  }
}

std::vector<std::pair<std::string, std::string>> ItemsOf(const std::vector<Option>& options) {
  std::vector<std::pair<std::string, std::string>> items;
  items.reserve(options.size());
  for (const Option& option : options) {
    const std::string choices =
        option.choices.empty() || option.value.find('|') != std::string::npos
            ? ""
            : absl::StrCat(" One of: ", absl::StrJoin(option.choices, ", "), ".");
    items.emplace_back(absl::StrCat(option.name, option.value.empty() ? "" : " ", option.value),
                       absl::StrCat(option.help, choices));
  }
  return items;
}

void AppendExitCodes(std::string& help, const Program& program) {
  std::vector<std::pair<std::string, std::string>> codes;
  codes.reserve(program.exit_codes.size());
  for (const auto& [number, text] : program.exit_codes)
    codes.emplace_back(absl::StrCat(number), text);
  AppendItems(help, "Exit status", codes);
}

std::string HelpOfGroup(const Program& program, const std::string& group) {
  std::string help = absl::StrCat("usage: ", program.name, " ", group, " COMMAND [options]\n");
  std::vector<std::pair<std::string, std::string>> commands;
  for (const Command& command : program.commands) {
    if (!absl::StartsWith(command.name, absl::StrCat(group, " "))) continue;
    commands.emplace_back(command.name, command.summary);
  }
  AppendItems(help, "Commands", commands);
  AppendExitCodes(help, program);
  return help;
}

// The text --help, --version or `help` asks for; nothing when none of them was typed. What follows
// `--` belongs to another program.
std::optional<std::string> AskedForText(const Program& program,
                                        const std::vector<std::string>& words) {
  if (words.empty()) return std::nullopt;
  const bool help_first = words[0] == "help";
  if (words[0] == "--version") return absl::StrCat(program.name, " ", program.version, "\n");
  const std::vector<std::string> named(words.begin() + (help_first ? 1 : 0), words.end());
  const Command* command = CommandAt(program, named);
  const auto end = std::ranges::find(words, "--");
  const bool asked = help_first || std::any_of(words.begin(), end, [](const std::string& word) {
                       return word == "--help" || word == "-h";
                     });
  if (!asked) return std::nullopt;
  if (command == nullptr && !named.empty() && IsGroup(program, named[0])) {
    return HelpOfGroup(program, named[0]);
  }
  return command == nullptr ? HelpOf(program) : HelpOf(program, *command);
}

}  // namespace

absl::StatusOr<const Command*> ParseArguments(const Program& program,
                                              const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("A command is missing. ", HowToGetHelp(program, nullptr)));
  }
  const Command* command = CommandAt(program, arguments);
  if (command == nullptr && IsGroup(program, arguments[0])) {
    return absl::InvalidArgumentError(absl::StrCat("`", arguments[0],
                                                   "` needs one of its commands. See `",
                                                   program.name, " ", arguments[0], " --help`."));
  }
  if (command == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("There is no command `", Visible(arguments[0]),
                                                   "`. ", HowToGetHelp(program, nullptr)));
  }
  const auto dashes = std::ranges::find(arguments, "--");
  if (command->rest != nullptr) {
    const auto begin = dashes == arguments.end() ? dashes : dashes + 1;
    command->rest->assign(begin, arguments.end());
    if (command->rest_need == Need::kRequired && command->rest->empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          command->rest_name, " is missing: put it after `--`. ", HowToGetHelp(program, command)));
    }
  } else if (dashes != arguments.end()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "`", command->name, "` takes nothing after `--`. ", HowToGetHelp(program, command)));
  }
  const auto begin = arguments.begin() + static_cast<std::ptrdiff_t>(WordsOf(*command));
  const std::vector<std::string> words(begin, dashes);
  absl::Status parsed = ParseOptions(program, *command, words);
  if (!parsed.ok()) return parsed;
  return command;
}

ExitCode RunProgram(const Program& program, const std::vector<std::string>& arguments,
                    Console& console) {
  const std::optional<std::string> text = AskedForText(program, arguments);
  if (text.has_value()) {
    *console.out.stream << *text;
    return ExitCode::kOk;
  }
  if (!arguments.empty() && arguments[0] == "completion") {
    return PrintCompletion(program, {arguments.begin() + 1, arguments.end()}, console);
  }
  const absl::StatusOr<const Command*> command = ParseArguments(program, arguments);
  if (!command.ok()) {
    *console.err.stream << program.name << ": " << std::string(command.status().message()) << '\n';
    return ExitCode::kUsage;
  }
  return (*command)->run(console);
}

int RunToTheEnd(const Program& program, const std::vector<std::string>& arguments,
                Console& console) {
  const ExitCode code = RunProgram(program, arguments, console);
  console.out.stream->flush();
  if (console.out.stream->good() || code != ExitCode::kOk) return Number(code);
  *console.err.stream << program.name << ": Standard output could not be written.\n";
  return Number(ExitCode::kFault);
}

std::string HelpOf(const Program& program) {
  std::string help = absl::StrCat(program.name, " - ", program.summary, "\n\nusage: ", program.name,
                                  " COMMAND [options]\n\n");
  AppendParagraphs(help, program.description, 0);
  std::vector<std::pair<std::string, std::string>> commands;
  commands.reserve(program.commands.size() + 2);
  for (const Command& command : program.commands) {
    commands.emplace_back(command.name, command.summary);
  }
  commands.emplace_back("completion bash|zsh", "print a completion script for a shell");
  commands.emplace_back("help COMMAND", "the same as COMMAND --help");
  AppendItems(help, "Commands", commands);
  AppendItems(help, "Options of every command", ItemsOf(program.common));
  AppendExitCodes(help, program);
  return help;
}

std::string HelpOf(const Program& program, const Command& command) {
  std::string help = absl::StrCat(program.name, " ", command.name, " - ", command.summary, "\n\n",
                                  UsageOf(program, command), "\n");
  AppendParagraphs(help, command.description, 0);
  AppendItems(help, "Options", ItemsOf(command.options));
  AppendItems(help, "Options of every command", ItemsOf(program.common));
  if (!command.examples.empty()) {
    absl::StrAppend(&help, "\nExamples:\n");
    for (const std::string& example : command.examples) absl::StrAppend(&help, "  ", example, "\n");
  }
  AppendExitCodes(help, program);
  return help;
}

std::vector<std::pair<int, std::string>> ExitCodeTable() {
  return {
      {Number(ExitCode::kOk), "what was asked for is done"},
      {Number(ExitCode::kFault), "the broker, the target or this machine failed"},
      {Number(ExitCode::kUsage), "the command line does not make sense"},
      {Number(ExitCode::kRefused), "refused: a rule says no; the reason is on stderr"},
      {Number(ExitCode::kDenied), "denied: a reviewer said no"},
      {Number(ExitCode::kPending), "pending: the lease waits for reviews, or to be opened"},
      {Number(ExitCode::kEnded), "the lease is over: expired, ended, revoked, withdrawn or lapsed"},
      {Number(ExitCode::kUnreachable),
       "the broker cannot be reached, or not with these certificates"},
      {Number(ExitCode::kNotConfirmed),
       "a confirmation was declined, or there was no terminal to ask on"},
  };
}

Option OutputOption(Output* into) {
  return {.name = "--output",
          .value = "text|json",
          .help = "How to print the answer on standard output.",
          .into = into,
          .choices = {"text", "json"}};
}

}  // namespace jit::console

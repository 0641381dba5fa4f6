#include "client/console/completion.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace jit::console {
namespace {

bool IsArgument(const Option& option) {
  return !absl::StartsWith(option.name, "-");
}
bool TakesFile(const Option& option) {
  return option.value == "FILE";
}

std::vector<Option> OptionsOf(const Program& program, const Command& command) {
  std::vector<Option> all;
  for (const auto* list : {&command.options, &program.common}) {
    for (const Option& option : *list) {
      if (!IsArgument(option)) all.push_back(option);
    }
  }
  return all;
}

// jit-access becomes jit_access: what may stand in a shell function's name.
std::string FunctionName(const Program& program) {
  return absl::StrCat("_", absl::StrReplaceAll(program.name, {{"-", "_"}}));
}

std::string ZshText(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"'", "'\\''"}, {"[", "\\["}, {"]", "\\]"}, {":", "\\:"}});
}

std::string BashValues(const Program& program, const Command& command) {
  std::string cases;
  for (const Option& option : OptionsOf(program, command)) {
    if (option.value.empty()) continue;
    std::string answer = "COMPREPLY=()";
    if (TakesFile(option)) answer = "COMPREPLY=($(compgen -f -- \"$word\"))";
    if (!option.choices.empty()) {
      answer = absl::StrCat("COMPREPLY=($(compgen -W '", absl::StrJoin(option.choices, " "),
                            "' -- \"$word\"))");
    }
    absl::StrAppend(&cases, "        '", command.name, ":", option.name, "') ", answer,
                    "; return ;;\n");
  }
  return cases;
}

}  // namespace

std::string BashCompletion(const Program& program) {
  std::vector<std::string> names = {"completion", "help"};
  std::string values;
  std::string flags;
  std::map<std::string, std::vector<std::string>> groups;
  for (const Command& command : program.commands) {
    const std::pair<std::string, std::string> words = absl::StrSplit(command.name, ' ');
    if (words.second.empty()) {
      names.push_back(command.name);
    } else {
      groups[words.first].push_back(words.second);
    }
    absl::StrAppend(&values, BashValues(program, command));
    std::vector<std::string> options = {"--help"};
    for (const Option& option : OptionsOf(program, command)) options.push_back(option.name);
    absl::StrAppend(&flags, "        '", command.name, "') words='", absl::StrJoin(options, " "),
                    "' ;;\n");
  }
  std::string grouping;
  for (const auto& [group, members] : groups) {
    names.push_back(group);
    absl::StrAppend(&grouping, "    if [[ $command == ", group, " ]]; then\n",
                    "        if ((COMP_CWORD == 2)); then\n",
                    "            COMPREPLY=($(compgen -W '", absl::StrJoin(members, " "),
                    " --help' -- \"$word\")); return\n", "        fi\n",
                    "        command=\"$command ${COMP_WORDS[2]}\"\n", "    fi\n");
  }
  std::ranges::sort(names);
  const std::string function = FunctionName(program);
  const std::string all = absl::StrJoin(names, " ");
  return absl::StrCat(
      "# ", program.name, " completion for bash: source <(", program.name, " completion bash)\n",
      function,
      "() {\n"
      "    local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
      "    local command=\"${COMP_WORDS[1]}\" words='' i\n"
      "    if ((COMP_CWORD == 1)); then\n"
      "        COMPREPLY=($(compgen -W '",
      all,
      " --help --version' -- \"$word\")); return\n"
      "    fi\n"
      "    for ((i = 2; i < COMP_CWORD; i++)); do\n"
      "        if [[ ${COMP_WORDS[i]} == -- ]]; then COMPREPLY=(); return; fi\n"
      "    done\n",
      grouping,
      "    case \"$command:$before\" in\n"
      "        completion:completion) COMPREPLY=($(compgen -W 'bash zsh' -- \"$word\")); return "
      ";;\n"
      "        help:help) COMPREPLY=($(compgen -W '",
      all, "' -- \"$word\")); return ;;\n", values,
      "    esac\n"
      "    case \"$command\" in\n",
      flags,
      "    esac\n"
      "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
      "}\n"
      "complete -F ",
      function, " ", program.name, "\n");
}

std::string ZshCompletion(const Program& program) {
  std::map<std::string, std::string> groups;
  std::string commands;
  std::string cases;
  for (const Command& command : program.commands) {
    const std::pair<std::string, std::string> words = absl::StrSplit(command.name, ' ');
    const std::string described = absl::StrCat(words.second.empty() ? words.first : words.second,
                                               ":", ZshText(command.summary));
    if (words.second.empty()) {
      absl::StrAppend(&commands, "    '", described, "'\n");
    } else {
      std::string& members = groups[words.first];
      absl::StrAppend(&members, " '", described, "'");
    }
    absl::StrAppend(&cases, "    '", command.name, "')\n      _arguments \\\n");
    for (const Option& option : OptionsOf(program, command)) {
      std::string action;
      if (!option.value.empty()) action = absl::StrCat(":", ZshText(option.value), ":");
      if (TakesFile(option)) action += "_files";
      if (!option.choices.empty()) {
        absl::StrAppend(&action, "(", absl::StrJoin(option.choices, " "), ")");
      }
      absl::StrAppend(&cases, "        '", option.name, "[", ZshText(option.help), "]", action,
                      "' \\\n");
    }
    absl::StrAppend(&cases, "        '--help[explain the command]' ;;\n");
  }
  std::string grouping;
  for (const auto& [group, members] : groups) {
    absl::StrAppend(&commands, "    '", group, ":the commands of this group'\n");
    absl::StrAppend(&grouping, "  if [[ $command == ", group, " ]]; then\n    commands=(", members,
                    ")\n    if (( CURRENT == 2 )); then _describe command commands; return; fi\n",
                    "    command=\"$command $words[2]\"\n    shift words; (( CURRENT-- ))\n",
                    "  fi\n");
  }
  const std::string function = FunctionName(program);
  return absl::StrCat("#compdef ", program.name, "\n# ", program.name,
                      " completion for zsh: put this file into $fpath as ", function, "\n",
                      function, "() {\n  local -a commands\n  commands=(\n", commands,
                      "    'completion:print a completion script for a shell'\n"
                      "    'help:explain a command'\n  )\n"
                      "  if (( CURRENT == 2 )); then\n"
                      "    _describe command commands; return\n  fi\n"
                      "  local command=$words[2]\n"
                      "  shift words; (( CURRENT-- ))\n",
                      grouping, "  case $command in\n", cases,
                      "    completion) _values shell bash zsh ;;\n"
                      "    help) _describe command commands ;;\n"
                      "  esac\n}\n",
                      function, " \"$@\"\n");
}

ExitCode PrintCompletion(const Program& program, const std::vector<std::string>& shell,
                         Console& console) {
  if (shell == std::vector<std::string>{"bash"}) {
    *console.out.stream << BashCompletion(program);
    return ExitCode::kOk;
  }
  if (shell == std::vector<std::string>{"zsh"}) {
    *console.out.stream << ZshCompletion(program);
    return ExitCode::kOk;
  }
  *console.err.stream << program.name << ": Name the shell: `" << program.name
                      << " completion bash` or `" << program.name << " completion zsh`.\n";
  return ExitCode::kUsage;
}

}  // namespace jit::console

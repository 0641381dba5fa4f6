#include "broker/completion.h"

#include <CLI/CLI.hpp>
#include <functional>

namespace jit {
namespace {

// The words that may follow each place in the tree of commands, as branches of a shell's case.
void AddBranches(const CLI::App& app, const std::string& path, std::string& branches) {
  std::string words;
  for (const CLI::App* command :
       app.get_subcommands(std::function<bool(const CLI::App*)>([](auto*) { return true; }))) {
    words += command->get_name() + " ";
    AddBranches(*command, path + " " + command->get_name(), branches);
  }
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) words += "--" + name + " ";
  }
  branches += "        '" + path + "') words='" + words + "' ;;\n";
}

// A value follows most options; then files are offered, which is what most of them are.
constexpr char kBody[] = R"(    esac
    if [[ $word != -* && $before == --* && $before != --help && $before != --offline ]]; then
        COMPREPLY=($(compgen -f -- "$word"))
    else
        COMPREPLY=($(compgen -W "$words" -- "$word"))
    fi
}
complete -o filenames -F _jit_broker jit-broker
)";

}  // namespace

std::string BashCompletion(const CLI::App& app) {
  std::string branches;
  AddBranches(app, "jit-broker", branches);
  return "# jit-broker completion for bash: source <(jit-broker completion bash)\n"
         "_jit_broker() {\n"
         "    local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
         "    local place=jit-broker words='' i\n"
         "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "        [[ ${COMP_WORDS[i]} == -* ]] && break\n"
         "        place+=\" ${COMP_WORDS[i]}\"\n"
         "    done\n"
         "    case \"$place\" in\n" +
         branches + kBody;
}

std::string ZshCompletion(const CLI::App& app) {
  return "#compdef jit-broker\nautoload -U +X bashcompinit && bashcompinit\n" + BashCompletion(app);
}

}  // namespace jit

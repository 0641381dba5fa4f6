// The reference page is what --help says, and a shell completes what is accepted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/access/program.h"
#include "client/approve/program.h"
#include "client/audit/commands.h"
#include "client/console/completion.h"
#include "tests/client/test_console.h"

namespace jit::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

constexpr char kPage[] = JIT_SOURCE_DIR "/docs/reference/cli.md";
constexpr char kBegin[] = "<!-- from here on made from the programs' --help -->\n";

std::string Read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string Section(const console::Program& program) {
  std::string text =
      absl::StrCat("\n## ", program.name, "\n\n```text\n", console::HelpOf(program), "```\n");
  for (const console::Command& command : program.commands) {
    // The options and exit codes of every command stand above once.
    std::string help = console::HelpOf(program, command);
    help.resize(std::min(help.find("\nExit status:\n"), help.size()));
    const std::size_t shared = help.find("\nOptions of every command:\n");
    const std::size_t examples = help.find("\nExamples:\n");
    if (shared != std::string::npos) {
      help.erase(shared, std::min(examples, help.size()) - shared);
    }
    absl::StrAppend(&text, "\n### ", program.name, " ", command.name, "\n\n```text\n", help,
                    "```\n");
  }
  return text;
}

// JIT_WRITE_DOCS=1 writes the page anew instead of comparing it.
TEST(Reference, TheCommandLinePageIsWhatTheProgramsSay) {
  const access::AccessProgram access;
  const approve::ApproveProgram approve;
  audit::Typed typed;
  const std::string made = absl::StrCat(kBegin, Section(access.program()),
                                        Section(approve.program()), Section(AuditProgram(typed)));
  const std::string page = Read(kPage);
  const std::size_t begin = page.find(kBegin);
  ASSERT_NE(begin, std::string::npos) << kPage << " has no line " << kBegin;
  if (std::getenv("JIT_WRITE_DOCS") != nullptr) {
    std::ofstream(kPage) << page.substr(0, begin) << made;
    return;
  }
  EXPECT_EQ(page.substr(begin), made) << "JIT_WRITE_DOCS=1 "
                                      << "client_help_test writes it anew";
}

TEST(Reference, EveryCommandHasAnExampleAndStaysWithinEightyColumns) {
  const access::AccessProgram access;
  const approve::ApproveProgram approve;
  audit::Typed typed;
  const console::Program audit = AuditProgram(typed);
  for (const console::Program* program : {&access.program(), &approve.program(), &audit}) {
    for (const console::Command& command : program->commands) {
      EXPECT_FALSE(command.examples.empty()) << command.name;
      const std::string help = console::HelpOf(*program, command);
      for (std::size_t at = 0; at < help.size();) {
        const std::size_t end = help.find('\n', at);
        EXPECT_LE(end - at, 80u) << help.substr(at, end - at);
        at = end + 1;
      }
    }
  }
}

// What bash offers when this line is typed so far and Tab is pressed.
std::vector<std::string> Offered(const console::Program& program,
                                 const std::vector<std::string>& words) {
  std::string pattern = std::filesystem::temp_directory_path() / "jit_completion_XXXXXX";
  const int fd = ::mkstemp(pattern.data());
  if (fd < 0) std::abort();
  ::close(fd);
  std::string line = "COMP_WORDS=(";
  for (const std::string& word : words) absl::StrAppend(&line, "'", word, "' ");
  absl::StrAppend(&line, "); COMP_CWORD=", words.size() - 1, "; _",
                  program.name == "jit-access" ? "jit_access" : "jit_approve",
                  "; printf '%s\\n' \"${COMPREPLY[@]}\"\n");
  std::ofstream(pattern) << console::BashCompletion(program) << line;
  std::FILE* bash = ::popen(absl::StrCat("bash --norc ", pattern).c_str(), "r");
  std::vector<std::string> offered;
  char buffer[256];
  while (bash != nullptr && std::fgets(buffer, sizeof buffer, bash) != nullptr) {
    std::string word = buffer;
    word.pop_back();
    if (!word.empty()) offered.push_back(word);
  }
  if (bash != nullptr) {
    EXPECT_EQ(::pclose(bash), 0);
  }
  std::filesystem::remove(pattern);
  return offered;
}

TEST(BashCompletion, OffersCommandsOptionsAndValues) {
  const access::AccessProgram access;
  const console::Program& program = access.program();
  EXPECT_THAT(Offered(program, {"jit-access", "re"}), ElementsAre("request"));
  EXPECT_THAT(Offered(program, {"jit-access", "who"}), ElementsAre("who-can-approve", "whoami"));
  EXPECT_THAT(Offered(program, {"jit-access", "request", "--t"}), ElementsAre("--target", "--ttl"));
  EXPECT_THAT(Offered(program, {"jit-access", "request", "--output", ""}),
              ElementsAre("text", "json"));
  EXPECT_THAT(Offered(program, {"jit-access", "list", "--state", "cl"}),
              ElementsAre("closing", "closed"));
  EXPECT_THAT(Offered(program, {"jit-access", "request", "--reason", ""}), ElementsAre());
  EXPECT_THAT(Offered(program, {"jit-access", "whoami", "--ca", "/etc/hostn"}),
              ElementsAre("/etc/hostname"));
  EXPECT_THAT(Offered(program, {"jit-access", "run", "x", "--", "--k"}), ElementsAre());
  EXPECT_THAT(Offered(program, {"jit-access", "help", "br"}), ElementsAre("break-glass"));
  EXPECT_THAT(Offered(program, {"jit-access", "completion", ""}), ElementsAre("bash", "zsh"));
}

TEST(BashCompletion, OffersEveryOptionOfEveryCommand) {
  const approve::ApproveProgram approve;
  for (const console::Command& command : approve.program().commands) {
    std::vector<std::string> names;
    for (const console::Option& option : command.options) {
      if (option.name.starts_with("--")) names.push_back(option.name);
    }
    EXPECT_THAT(Offered(approve.program(), {"jit-approve", command.name, "--"}),
                IsSupersetOf(names));
  }
}

TEST(Completion, IsPrintedForTheShellThatIsNamed) {
  const access::AccessProgram access;
  TestConsole bash;
  EXPECT_EQ(console::RunProgram(access.program(), {"completion", "bash"}, bash.get()),
            console::ExitCode::kOk);
  EXPECT_THAT(bash.out(), HasSubstr("complete -F _jit_access jit-access"));
  TestConsole zsh;
  EXPECT_EQ(console::RunProgram(access.program(), {"completion", "zsh"}, zsh.get()),
            console::ExitCode::kOk);
  EXPECT_THAT(zsh.out(), HasSubstr("#compdef jit-access"));
  TestConsole fish;
  EXPECT_EQ(console::RunProgram(access.program(), {"completion", "fish"}, fish.get()),
            console::ExitCode::kUsage);
}

}  // namespace
}  // namespace jit::testing

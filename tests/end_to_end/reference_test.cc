// docs/reference/jit_broker.md is what jit-broker's --help says.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "tests/end_to_end/scene.h"

namespace jit::end_to_end {
namespace {

constexpr char kPage[] = JIT_SOURCE_DIR "/docs/reference/jit_broker.md";
constexpr char kBegin[] = "<!-- from here on made from jit-broker's --help -->\n";

const std::vector<std::string>& Commands() {
  static const std::vector<std::string> commands = {
      "serve",         "dev",        "check",         "policy test",   "policy explain",
      "policy reload", "target sql", "target doctor", "journal export"};
  return commands;
}

// A folder of this test program's own, for what the programs print.
const std::string& Place() {
  struct Folder {
    Folder() : path("/tmp/jit-reference-XXXXXX") { mkdtemp(path.data()); }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string path;
  };
  static const Folder folder;
  return folder.path;
}

std::string HelpOf(const std::string& command) {
  Words words = {Scene::ProgramPath("jit-broker")};
  std::istringstream split(command);
  for (std::string word; split >> word;) words.push_back(word);
  words.push_back("--help");
  std::istringstream help(RunProgram(words, {}, Place()).out);
  // Two empty lines in a row are one too many on a page.
  std::string text;
  bool empty = false;
  for (std::string line; std::getline(help, line);) {
    if (!(line.empty() && empty)) text += line + "\n";
    empty = line.empty();
  }
  return text;
}

std::string Section(const std::string& title, const std::string& command) {
  return "\n## " + title + "\n\n```text\n" + HelpOf(command) + "```\n";
}

// JIT_WRITE_DOCS=1 writes the page anew instead of comparing it.
TEST(Reference, ThePageOfTheBrokersCommandsIsWhatTheySay) {
  std::string made = kBegin + Section("jit-broker", "");
  for (const std::string& command : Commands()) {
    made += Section("jit-broker " + command, command);
  }
  std::ifstream file(kPage);
  const std::string page{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::size_t begin = page.find(kBegin);
  ASSERT_NE(begin, std::string::npos) << kPage << " has no line " << kBegin;
  if (std::getenv("JIT_WRITE_DOCS") != nullptr) {
    std::ofstream(kPage) << page.substr(0, begin) << made;
    return;
  }
  EXPECT_EQ(page.substr(begin), made) << "JIT_WRITE_DOCS=1 end_to_end_test writes it anew";
}

TEST(Reference, EveryCommandOfTheBrokerHasAnExampleAndStaysWithinEightyColumns) {
  for (const std::string& command : Commands()) {
    const std::string help = HelpOf(command);
    EXPECT_NE(help.find("jit-broker " + command + " "), std::string::npos) << command;
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  }
}

TEST(Reference, TheCompletionOfBashIsWhatBashUnderstands) {
  const std::string script = Place() + "/completion";
  std::ofstream(script)
      << RunProgram({Scene::ProgramPath("jit-broker"), "completion", "bash"}, {}, Place()).out;
  const Said said = RunProgram(
      {"/bin/bash", "-c",
       ". " + script +
           "; COMP_WORDS=(jit-broker policy ex) COMP_CWORD=2; _jit_broker; echo ${COMPREPLY[*]}"},
      {}, Place());
  EXPECT_EQ(said.out, "explain\n") << said.err;
}

}  // namespace
}  // namespace jit::end_to_end

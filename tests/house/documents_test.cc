// The pages lead somewhere, and what the threat model claims to test is tested.

#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/house/source_file.h"

namespace jit::house {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<SourceFile> Pages() {
  std::vector<SourceFile> pages;
  for (SourceFile& file : ReadTree(JIT_SOURCE_DIR, {".", "docs", "policies", "deploy"})) {
    if (EndsWith(file.path, ".md")) {
      pages.push_back(std::move(file));
    }
  }
  return pages;
}

SourceFile Page(const std::string& path) {
  for (SourceFile& page : Pages()) {
    if (page.path == path) {
      return std::move(page);
    }
  }
  ADD_FAILURE() << "there is no page " << path;
  return {};
}

// Every match of the pattern's first group, line by line.
std::vector<std::string> FindAll(const SourceFile& file, const std::regex& pattern) {
  std::vector<std::string> found;
  for (const std::string& line : file.lines) {
    for (std::sregex_iterator at(line.begin(), line.end(), pattern), end; at != end; ++at) {
      found.push_back((*at)[1]);
    }
  }
  return found;
}

TEST(Documents, EveryLinkLeadsToAPage) {
  const std::filesystem::path root = JIT_SOURCE_DIR;
  // Written by tests/benchmark/run, so it is there only where that has run.
  const std::string measured = "reference/performance.md";
  std::vector<std::string> broken;
  for (const SourceFile& page : Pages()) {
    for (const std::string& link : FindAll(page, std::regex(R"(\]\(([^)#]+)(#[^)]*)?\))"))) {
      const auto target = root / std::filesystem::path(page.path).parent_path() / link;
      if (link.find("://") == std::string::npos && !EndsWith(link, measured) &&
          !std::filesystem::exists(target)) {
        broken.push_back(page.path + " leads to " + link);
      }
    }
  }
  EXPECT_THAT(broken, IsEmpty());
}

TEST(Documents, EveryPageIsInTheList) {
  const std::vector<std::string> links =
      FindAll(Page("docs/README.md"), std::regex(R"(\]\(([^)#]+)\))"));
  for (const SourceFile& page : Pages()) {
    if (StartsWith(page.path, "docs/") && !StartsWith(page.path, "docs/decisions/") &&
        page.path != "docs/README.md") {
      EXPECT_THAT(links, Contains(page.path.substr(5)));
    }
  }
}

// tests/end_to_end/read_the_pages types what stands in such a block.
TEST(Documents, EveryPageThatShowsCommandsToTypeIsTyped) {
  std::string typed;
  for (const SourceFile& file : ReadTree(JIT_SOURCE_DIR, {"tests/end_to_end"})) {
    if (EndsWith(file.path, "CMakeLists.txt")) {
      for (const std::string& line : file.lines) typed += line + ' ';
    }
  }
  ASSERT_NE(typed, "");
  for (const SourceFile& page : Pages()) {
    if (!FindAll(page, std::regex("^(```console)")).empty()) {
      EXPECT_NE(typed.find(' ' + page.path), std::string::npos) << page.path << " is not typed";
    }
  }
}

TEST(Documents, EveryCommandThatAPageNamesExists) {
  // Every program completes; the page of records names what a signature is for, which is no
  // command.
  std::set<std::string> commands = {"jit-access completion", "jit-access review"};
  for (const char* reference : {"docs/reference/cli.md", "docs/reference/jit_broker.md"}) {
    for (std::string& heading : FindAll(Page(reference), std::regex("^###? (jit-[a-z -]+)$"))) {
      commands.insert(std::move(heading));
    }
  }
  const std::regex named(
      "(?:`|^\\$ )(jit-(?:access|approve|audit|broker) [a-z][a-z-]*(?: [a-z][a-z-]*)?)");
  std::vector<std::string> unknown;
  for (const SourceFile& page : Pages()) {
    for (const std::string& text : FindAll(page, named)) {
      if (!commands.contains(text) && !commands.contains(text.substr(0, text.rfind(' ')))) {
        unknown.push_back(page.path + " names " + text);
      }
    }
  }
  EXPECT_THAT(unknown, IsEmpty());
}

TEST(Documents, EveryTestThatTheThreatModelNamesExists) {
  std::set<std::string> tests;
  for (const SourceFile& file : ReadTree(JIT_SOURCE_DIR, {"tests"})) {
    std::string text;
    for (const std::string& line : file.lines) {
      text += line + ' ';
    }
    const std::regex test(R"(TEST(?:_F|_P)?\(([A-Za-z0-9]+),\s+([A-Za-z0-9]+)\))");
    for (std::sregex_iterator at(text.begin(), text.end(), test), end; at != end; ++at) {
      tests.insert((*at)[1].str() + '.' + (*at)[2].str());
    }
  }
  std::vector<std::string> missing;
  const std::vector<std::string> named =
      FindAll(Page("docs/design/threat_model.md"),
              std::regex(R"(`([A-Z][A-Za-z0-9]+\.[A-Z][A-Za-z0-9]+)`)"));
  for (const std::string& name : named) {
    if (!tests.contains(name)) {
      missing.push_back(name);
    }
  }
  EXPECT_THAT(missing, IsEmpty());
  EXPECT_THAT(named, testing::Not(SizeIs(0)));
}

TEST(Documents, TheFloorsPageNamesEveryRoom) {
  const std::vector<std::string> rooms =
      FindAll(Page("docs/design/floors.md"), std::regex(R"(^\| [0-9] \| `([a-z_]+)`)"));
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(JIT_SOURCE_DIR) / "broker")) {
    if (entry.is_directory()) {
      EXPECT_THAT(rooms, Contains(entry.path().filename().string()));
    }
  }
}

}  // namespace
}  // namespace jit::house

#include "tests/house/tidy.h"

#include <iostream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/house/functions.h"

namespace jit::house {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

auto At(int line, const std::string& words) {
  return AllOf(Field(&Finding::line, line), Field(&Finding::sentence, HasSubstr(words)));
}

std::vector<Finding> Check(const std::string& path, const std::string& text) {
  return CheckTidy(FileOf(path, text)).findings;
}

const char kGoodHeader[] =
    "// What this promises.\n#pragma once\n\nnamespace jit {\nint Two();\n}\n";

TEST(Tidy, TheProjectKeepsItsRules) {
  const std::vector<SourceFile> files = ReadTree(
      JIT_SOURCE_DIR, {".", "broker", "client", "proto", "tests", "deploy", "docs", "policies"});
  ASSERT_GT(files.size(), 50u);
  std::vector<Finding> findings;
  std::vector<Finding> advice;
  for (const SourceFile& file : files) {
    const TidyReport report = CheckTidy(file);
    findings.insert(findings.end(), report.findings.begin(), report.findings.end());
    advice.insert(advice.end(), report.advice.begin(), report.advice.end());
  }
  std::cout << Print(advice);
  EXPECT_EQ(Print(findings), "");
}

TEST(TidyChecker, IsContentWithAGoodHeader) {
  EXPECT_THAT(Check("broker/core/two.h", kGoodHeader), IsEmpty());
}

TEST(TidyChecker, WantsAnOpeningCommentAndPragmaOnce) {
  EXPECT_THAT(Check("broker/core/two.h", "int Two();\n"),
              ElementsAre(At(0, "opens with a comment"), At(0, "#pragma once")));
}

TEST(TidyChecker, MeasuresLinesInColumnsNotBytes) {
  std::string accents = "// ";
  for (int i = 0; i < 97; ++i) {
    accents += "é";
  }
  EXPECT_THAT(Check("broker/core/two.cc", accents + "\n"), IsEmpty());
  EXPECT_THAT(Check("broker/core/two.cc", accents + "e\n"), ElementsAre(At(1, "100 columns")));
}

TEST(TidyChecker, RefusesEmptyWordsInFileNamesButNotInsideOtherWords) {
  EXPECT_THAT(Check("broker/core/lease_manager.cc", ""), ElementsAre(At(0, "`manager`")));
  EXPECT_THAT(Check("broker/core/database.cc", ""), IsEmpty());
}

TEST(TidyChecker, RefusesEmptyWordsInTypeNames) {
  EXPECT_THAT(Check("broker/core/a.cc",
                    "class LeaseManager {};\nstruct Database {};\n"
                    "enum class TargetInfo { kA };\nusing IdUtil = int;\n"),
              ElementsAre(At(1, "`manager`"), At(3, "`info`"), At(4, "`util`")));
}

TEST(TidyChecker, RefusesTimeAndChanceOutsideTheHost) {
  const std::string text =
      "auto a = absl::Now();\nauto b = std::chrono::steady_clock::now();\nint c = rand();\n"
      "getrandom(p, 1, 0);\n// absl::Now() in a comment\nauto d = \"absl::Now()\";\n"
      "int operand = 1;\n";
  EXPECT_THAT(
      Check("broker/use_cases/a.cc", text),
      ElementsAre(At(1, "absl::Now"), At(2, "_clock::now"), At(3, "rand"), At(4, "getrandom")));
  EXPECT_THAT(Check("broker/host/a.cc", text), IsEmpty());
}

TEST(TidyChecker, RefusesLeftoverNotesAndPathsOfOneMachine) {
  EXPECT_THAT(Check("docs/a.md", std::string("# Title\n") + "TO" + "DO: later\n" + "see /wo" +
                                     "rk/x\nmktemp /tmp/a.XXXXXX\n"),
              ElementsAre(At(2, "leftover"), At(3, "one machine")));
}

TEST(TidyChecker, RefusesMacrosAndDisabledTests) {
  EXPECT_THAT(Check("broker/core/a.cc", "#define TWO 2\n"), ElementsAre(At(1, "macro")));
  EXPECT_THAT(Check("tests/core/a.cc", std::string("TEST(A, DISABLED") + "_B) {}\n"),
              ElementsAre(At(1, "disabled")));
}

TEST(TidyChecker, WantsLocksOfTheBrokerThatCanBeProved) {
  const std::string text = "std::mutex mutex_;\nconst std::lock_guard<std::mutex> lock(mutex_);\n";
  EXPECT_THAT(Check("broker/rpc/a.cc", text),
              ElementsAre(At(1, "annotations"), At(2, "annotations"), At(2, "sync::Lock")));
  EXPECT_THAT(Check("broker/sync/mutex.h", "// Locks.\n#pragma once\nstd::mutex mutex_;\n"),
              IsEmpty());
}

TEST(TidyChecker, RefusesSleepInUnitTestsOnly) {
  const std::string text = "std::this_thread::sleep_for(x);\n";
  EXPECT_THAT(Check("tests/core/a_test.cc", text), ElementsAre(At(1, "do not sleep")));
  EXPECT_THAT(Check("tests/end_to_end/a_test.cc", text), IsEmpty());
}

TEST(TidyChecker, WantsExactlyOneTitleOnAPage) {
  EXPECT_THAT(Check("docs/a.md", "# One\n\n```\n# a comment in code\n```\n"), IsEmpty());
  EXPECT_THAT(Check("docs/a.md", "# One\n# Two\n"), ElementsAre(At(0, "has 2")));
  EXPECT_THAT(Check("docs/a.md", "words\n"), ElementsAre(At(0, "has 0")));
}

TEST(TidyChecker, RefusesLongFiles) {
  std::string body;
  for (int i = 0; i < 201; ++i) {
    body += "\n";
  }
  EXPECT_THAT(Check("broker/core/a.h", kGoodHeader + body), ElementsAre(At(0, "200 lines")));
}

TEST(TidyChecker, TellsOfLongFunctionsAndRefusesVeryLongOnes) {
  const auto function_of = [](int lines) {
    std::string text = "namespace jit {\nint F(int a) {\n";
    for (int i = 0; i < lines - 2; ++i) {
      text += "  if (a) { a = 1; }\n";
    }
    return text + "}\n}\n";
  };
  EXPECT_THAT(CheckTidy(FileOf("broker/core/a.cc", function_of(60))).advice, IsEmpty());
  EXPECT_THAT(CheckTidy(FileOf("broker/core/a.cc", function_of(61))).advice,
              ElementsAre(At(2, "61 lines")));
  EXPECT_THAT(Check("broker/core/a.cc", function_of(101)), ElementsAre(At(2, "101 lines")));
}

TEST(FunctionReader, TellsFunctionsFromEverythingElseInBraces) {
  const SourceFile file = FileOf("a.cc",
                                 "namespace a {\n"
                                 "struct B {\n"
                                 "  int x = 0;\n"
                                 "  int Get() const { return x; }\n"
                                 "};\n"
                                 "const int kTable[] = {1,\n"
                                 "  2};\n"
                                 "const auto kCall = Make({1,\n"
                                 "  2});\n"
                                 "bool operator==(const B& l, const B& r) {\n"
                                 "  return \"}{\" == \"{\" && '{' == '}';\n"
                                 "}\n"
                                 "TEST(A, B) {\n"
                                 "  auto f = [](int a) {\n"
                                 "    return R\"(\n}})\";\n"
                                 "  };\n"
                                 "}\n"
                                 "}\n");
  std::vector<std::pair<int, int>> spans;
  for (const FunctionSpan& span : FunctionsOf(file)) {
    spans.emplace_back(span.first_line, span.lines);
  }
  EXPECT_THAT(spans, ElementsAre(std::pair(4, 1), std::pair(10, 3), std::pair(13, 6)));
}

}  // namespace
}  // namespace jit::house

#include "client/console/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "client/console/printer.h"
#include "tests/client/test_console.h"

namespace jit::console {
namespace {

using ::jit::testing::TestConsole;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A program with one command of every kind of option.
struct Kitchen {
  bool hot = false;
  std::string dish;
  std::optional<std::string> note;
  std::optional<absl::Duration> time;
  std::vector<std::string> rest;
  Output output = Output::kText;
  int cooked = 0;

  Program Make() {
    return Program{
        .name = "kitchen",
        .version = "1.2.3",
        .summary = "cook things",
        .description = "Cooks.",
        .common = {OutputOption(&output)},
        .commands =
            {{.name = "cook",
              .summary = "cook a dish",
              .description = "Cooks one dish.",
              .options = {{.name = "DISH", .help = "What.", .into = &dish, .need = Need::kRequired},
                          {.name = "--hot", .help = "Hot.", .into = &hot},
                          {.name = "--note", .value = "TEXT", .help = "A note.", .into = &note},
                          {.name = "--time", .value = "TIME", .help = "How long.", .into = &time}},
              .rest = &rest,
              .rest_name = "GUESTS",
              .examples = {"kitchen cook soup --time 30m"},
              .run =
                  [this](Console&) {
                    ++cooked;
                    return ExitCode::kOk;
                  }},
             {.name = "wash",
              .summary = "wash up",
              .description = "Washes.",
              .run = [](Console&) { return ExitCode::kRefused; }}},
        .exit_codes = ExitCodeTable()};
  }
};

TEST(CommandLine, FillsEveryKindOfOption) {
  Kitchen kitchen;
  TestConsole console;
  const ExitCode code = RunProgram(kitchen.Make(),
                                   {"cook", "soup", "--hot", "--note=-dash", "--time", "30m",
                                    "--output", "json", "--", "anna", "--hot", "--help"},
                                   console.get());
  EXPECT_EQ(code, ExitCode::kOk);
  EXPECT_EQ(kitchen.cooked, 1);
  EXPECT_TRUE(kitchen.hot);
  EXPECT_EQ(kitchen.dish, "soup");
  EXPECT_EQ(kitchen.note, "-dash");
  EXPECT_EQ(kitchen.time, absl::Minutes(30));
  EXPECT_EQ(kitchen.output, Output::kJson);
  EXPECT_THAT(kitchen.rest, ElementsAre("anna", "--hot", "--help"));
}

TEST(CommandLine, WhatACommandReturnsIsTheExitCode) {
  Kitchen kitchen;
  TestConsole console;
  EXPECT_EQ(RunProgram(kitchen.Make(), {"wash"}, console.get()), ExitCode::kRefused);
}

struct Mistake {
  std::vector<std::string> arguments;
  std::string said;
};

TEST(CommandLine, MistakesSayWhatToTypeInsteadAndRunNothing) {
  const std::vector<Mistake> mistakes = {
      {{}, "A command is missing"},
      {{"fry"}, "There is no command `fry`"},
      {{"fr\x1b[2Jy"}, "`fr\\x1b[2Jy`"},
      {{"cook"}, "DISH is missing"},
      {{"cook", "soup", "--cold"}, "--cold"},
      {{"cook", "soup", "stew"}, "stew"},
      {{"cook", "soup", "--note", "a", "--note", "b"}, "--note"},
      {{"cook", "soup", "--time", "1h1h"}, "--time: The time has more than one number"},
      {{"cook", "soup", "--time", "-5m"}, "--time: The time is negative"},
      {{"cook", "soup", "--time"}, "--time"},
      {{"cook", "soup", "--output", "xml"}, "--output is one of: text, json"},
      {{"cook", "soup", "--note", "\xff"}, "--note is not UTF-8"},
      {{"wash", "--", "plates"}, "takes nothing after `--`"},
      {{"wash", "plates"}, "plates"},
  };
  for (const Mistake& mistake : mistakes) {
    Kitchen kitchen;
    TestConsole console;
    EXPECT_EQ(RunProgram(kitchen.Make(), mistake.arguments, console.get()), ExitCode::kUsage);
    EXPECT_THAT(console.err(), HasSubstr(mistake.said));
    EXPECT_EQ(console.out(), "");
    EXPECT_EQ(kitchen.cooked, 0);
  }
}

TEST(CommandLine, HelpGoesToStandardOutputAndSucceeds) {
  const std::vector<std::vector<std::string>> ways = {
      {"cook", "--help"}, {"cook", "soup", "-h"}, {"help", "cook"}};
  for (const auto& way : ways) {
    Kitchen kitchen;
    TestConsole console;
    EXPECT_EQ(RunProgram(kitchen.Make(), way, console.get()), ExitCode::kOk);
    EXPECT_THAT(console.out(), HasSubstr("usage: kitchen cook DISH [options] [-- GUESTS]"));
    EXPECT_THAT(console.out(), HasSubstr("kitchen cook soup --time 30m"));
    EXPECT_EQ(kitchen.cooked, 0);
  }
  Kitchen kitchen;
  TestConsole console;
  EXPECT_EQ(RunProgram(kitchen.Make(), {"--help"}, console.get()), ExitCode::kOk);
  EXPECT_THAT(console.out(), HasSubstr("cook a dish"));
  EXPECT_THAT(console.out(), HasSubstr("7  the broker cannot be reached"));
}

TEST(CommandLine, VersionIsOneLine) {
  Kitchen kitchen;
  TestConsole console;
  EXPECT_EQ(RunProgram(kitchen.Make(), {"--version"}, console.get()), ExitCode::kOk);
  EXPECT_EQ(console.out(), "kitchen 1.2.3\n");
}

TEST(Ask, AsksNobodyWhereNobodySits) {
  TestConsole console;
  EXPECT_EQ(Ask(console.get(), "Sure? "), std::nullopt);
  EXPECT_EQ(console.err(), "");
  console.Type("yes\n");
  EXPECT_EQ(Ask(console.get(), "Sure? "), "yes");
  EXPECT_EQ(Ask(console.get(), "Still? "), std::nullopt);
}

TEST(Table, AlignsByColumnsOnATerminal) {
  TestConsole console;
  Table table({"who", "what"});
  table.Add({"東京", "a"});
  table.Add({"anna-lena", "b"});
  table.Print(console.get().out);
  EXPECT_EQ(console.out(), "who        what\n東京       a\nanna-lena  b\n");
}

TEST(PrintQuoted, FreeTextCannotPassForOurLines) {
  TestConsole console;
  console.get().out.width = 40;
  PrintQuoted(console.get().out, "routine check\nDigest: 0000 and a good deal more of it here");
  EXPECT_EQ(console.out(),
            "  | routine check\\nDigest: 0000 and a \n"
            "  | good deal more of it here\n");
}

TEST(PrintJson, IsAsciiWhateverPeopleWrote) {
  TestConsole console;
  PrintJson(console.get().out, nlohmann::json{{"reason",
                                               "\xe2\x80\xae"
                                               "x"}});
  EXPECT_EQ(console.out(), "{\n  \"reason\": \"\\u202ex\"\n}\n");
}

}  // namespace
}  // namespace jit::console

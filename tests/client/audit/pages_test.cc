// What the pages tell auditors to type is typed here, as it stands there.
#include "tests/testing/pages.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "broker/ledger/record.h"
#include "broker/ledger/verify.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/audit/written_journal.h"

namespace jit::audit {
namespace {

using ::testing::HasSubstr;
using testing::WrittenJournal;

std::string PageText(const std::string& path) {
  return absl::StrJoin(testing::LinesOf(path), "\n");
}

// The fenced blocks of a language, in the order of the page.
std::vector<std::string> BlocksIn(const std::string& path, const std::string& language) {
  std::vector<std::string> blocks;
  bool inside = false;
  for (const std::string& line : testing::LinesOf(path)) {
    if (inside && line == "```") {
      inside = false;
    } else if (inside) {
      absl::StrAppend(&blocks.back(), line, "\n");
    } else if (line == "```" + language) {
      inside = true;
      blocks.emplace_back();
    }
  }
  return blocks;
}

class StockTools : public ::testing::Test {
 protected:
  StockTools() {
    std::string name = ::testing::TempDir() + "jit-audit-pages.XXXXXX";
    folder_ = ::mkdtemp(name.data());
    Write("journal.jsonl", journal_.File());
    Write("journal.jsonl.checkpoint", journal_.Checkpoint().note);
    Write("broker.vkey", WrittenJournal::VerifierKey() + "\n");
  }
  ~StockTools() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name, std::ios::binary) << text;
  }
  // What a script says on stdout and stderr; its exit status is the last line.
  std::string Said(const std::string& program, const std::string& script) const {
    Write("script", script);
    const std::string command =
        absl::StrCat("cd '", folder_, "' && { ", program, " script; echo status $?; } > said 2>&1");
    EXPECT_EQ(std::system(command.c_str()), 0);
    std::ifstream said(folder_ + "/said");
    return std::string(std::istreambuf_iterator<char>(said), {});
  }

  const WrittenJournal journal_ = WrittenJournal::OfAFewLeases();
  const std::vector<std::string> shell_ = BlocksIn("docs/auditor.md", "sh");
  const std::vector<std::string> python_ = BlocksIn("docs/auditor.md", "python");
  std::string folder_;
};

TEST_F(StockTools, VerifyTheCheckpointAsThePageSays) {
  const std::string said = Said("bash", shell_.at(0));
  EXPECT_THAT(said, HasSubstr("Signature Verified Successfully"));
  EXPECT_THAT(said, HasSubstr("\n5dc5e846\nstatus 0\n"));
  Write("journal.jsonl.checkpoint",
        absl::StrReplaceAll(journal_.Checkpoint().note, {{"demo\n", "dome\n"}}));
  EXPECT_THAT(Said("bash", shell_.at(0)), HasSubstr("Verification Failure"));
}

TEST_F(StockTools, ComputeTheRootAsThePageSays) {
  const std::string note = journal_.Checkpoint().note;
  const std::string third_line = std::vector<std::string>(absl::StrSplit(note, '\n')).at(2);
  EXPECT_EQ(Said("python3", python_.at(0)), third_line + "\nstatus 0\n");
}

TEST_F(StockTools, VerifyAReviewAsThePageSays) {
  std::size_t review = 0;
  while (journal_.records().at(review).type != "lease.reviewed.v1") {
    ++review;
  }
  const std::string extract =
      absl::StrReplaceAll(python_.at(1), {{"REVIEW", absl::StrCat(review)}});
  EXPECT_THAT(Said("python3", extract), HasSubstr("reviewer yes {"));
  const std::string said = Said("bash", shell_.at(1));
  EXPECT_THAT(said, HasSubstr("URI:jit://test/reviewer"));
  EXPECT_THAT(said, HasSubstr("Verified OK\nstatus 0"));
}

TEST(LedgerPage, ShowsTheGoldenRecordAndNote) {
  const std::string page = PageText("docs/design/ledger.md");
  for (const std::string& line : testing::LinesOf("docs/design/ledger.md")) {
    if (absl::StartsWith(line, "{\"body\":")) {
      EXPECT_TRUE(ledger::Decode(line).ok()) << line;
    }
  }
  EXPECT_THAT(page, HasSubstr(WrittenJournal::VerifierKey()));
  const std::size_t begin = page.find("jit-access/demo\n8\n");
  const std::string note = page.substr(begin, page.find("\n```", begin) + 1 - begin);
  const auto key = ledger::CheckpointVerifier::Parse(WrittenJournal::VerifierKey());
  EXPECT_TRUE(key->Open(note).ok()) << note;
}

TEST(LedgerPage, NamesEveryFlawAndSoDoesTheRunbook) {
  const auto table = testing::TableIn("docs/design/ledger.md", "| Flaw |");
  std::vector<std::string> named;
  for (const auto& row : table) {
    named.push_back(row.at(0));
  }
  std::vector<std::string> flaws;
  for (int flaw = 0; flaw <= static_cast<int>(ledger::Flaw::kForkedCheckpoints); ++flaw) {
    flaws.emplace_back(FlawWord(static_cast<ledger::Flaw>(flaw)));
  }
  EXPECT_EQ(named, flaws);
  const std::string runbook = PageText("docs/runbooks/journal_does_not_verify.md");
  for (const std::string& flaw : flaws) {
    EXPECT_THAT(runbook, HasSubstr("`" + flaw + "`"));
  }
}

}  // namespace
}  // namespace jit::audit

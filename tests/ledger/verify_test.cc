#include "broker/ledger/verify.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
// rapidcheck's glue needs gtest first.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "rapidcheck/gtest.h"
#include "tests/ledger/example_key.h"
#include "tests/testing/thoroughness.h"

namespace jit::ledger {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Lines = std::vector<std::string>;

constexpr int kRecords = 60;

// Sixty records in seven streams, the way a small broker would leave them.
Lines Journal(int size = kRecords) {
  Lines lines;
  std::map<std::string, std::int64_t> versions;
  for (int i = 0; i < size; ++i) {
    Record record;
    record.sequence = i;
    record.stream = absl::StrCat("lease/", i * i % 7);
    record.version = ++versions[record.stream];
    record.time = absl::FromUnixSeconds(1'800'000'000 + i);
    record.type = "lease.opened.v1";
    record.body = absl::StrCat(R"({"n":)", i, R"(,"reason":"ä\n"})");
    lines.push_back(Encode(record).value());
  }
  return lines;
}

std::string FileOf(const Lines& lines) {
  return absl::StrCat(absl::StrJoin(lines, "\n"), lines.empty() ? "" : "\n");
}

SignedCheckpoint CheckpointOver(const Lines& lines) {
  Frontier frontier;
  for (const std::string& line : lines) {
    frontier.Append(LeafHash(line));
  }
  const CheckpointSigner signer =
      CheckpointSigner::Create("jit-access/demo", ExampleKeyPem()).value();
  return signer.Sign(frontier.size(), frontier.Root()).value();
}

void FeedFile(Verifier& verifier, absl::string_view file) {
  while (!file.empty()) {
    const std::size_t end = file.find('\n');
    if (end == absl::string_view::npos) {
      verifier.Feed(file, Verifier::LineEnd::kMissing);
      return;
    }
    verifier.Feed(file.substr(0, end));
    file.remove_prefix(end + 1);
  }
}

Verification VerifyFile(absl::string_view file, std::vector<SignedCheckpoint> checkpoints) {
  Verifier verifier(std::move(checkpoints));
  FeedFile(verifier, file);
  return verifier.Finish();
}

// Against the checkpoint that somebody remembers of the untouched journal.
Verification VerifyLines(const Lines& lines) {
  static const auto& remembered = *new SignedCheckpoint(CheckpointOver(Journal()));
  return VerifyFile(FileOf(lines), {remembered});
}

std::vector<Flaw> FlawsOf(const Verification& verification) {
  std::vector<Flaw> flaws;
  for (const Finding& finding : verification.findings) {
    flaws.push_back(finding.flaw);
  }
  return flaws;
}

// The same with the last record's successors renumbered, as somebody would who knows the format.
Lines Renumbered(const Lines& lines) {
  Lines renumbered;
  std::map<std::string, std::int64_t> versions;
  for (const std::string& line : lines) {
    Record record = Decode(line).value();
    record.sequence = static_cast<std::int64_t>(renumbered.size());
    record.version = ++versions[record.stream];
    renumbered.push_back(Encode(record).value());
  }
  return renumbered;
}

TEST(Verify, AnUntouchedJournalHasNoFindings) {
  const Verification result = VerifyLines(Journal());
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.records, 60u);
  EXPECT_EQ(result.signed_records, 60u);
  EXPECT_EQ(result.root, CheckpointOver(Journal()).body.root);
  EXPECT_EQ(result.streams, 4u);
  EXPECT_EQ(result.first_time, absl::FromUnixSeconds(1'800'000'000));
  EXPECT_EQ(result.last_time, absl::FromUnixSeconds(1'800'000'059));
  EXPECT_EQ(result.steps_back, 0u);
}

TEST(Verify, TheEmptyJournalIsSignedToo) {
  EXPECT_TRUE(VerifyFile("", {CheckpointOver({})}).ok());
  EXPECT_TRUE(VerifyFile("", {}).ok());
  EXPECT_THAT(FlawsOf(VerifyFile("", {CheckpointOver(Journal(1))})),
              ElementsAre(Flaw::kFewerThanSigned));
}

TEST(Verify, WhatCameAfterTheRememberedCheckpointIsCountedAsUnsigned) {
  const Verification result = VerifyFile(FileOf(Journal(70)), {CheckpointOver(Journal())});
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.records, 70u);
  EXPECT_EQ(result.signed_records, 60u);
}

TEST(Verify, AnswersTheRecordInEachLineItCanRead) {
  Verifier verifier({});
  EXPECT_EQ(verifier.Feed(Journal()[0]), Decode(Journal()[0]).value());
  EXPECT_EQ(verifier.Feed("x"), std::nullopt);
}

// Every bit of the file, newlines included. What is in front of the damage is fed only once.
TEST(Verify, EverySingleBitThatFlipsIsFoundAndNamed) {
  const Lines lines = Journal();
  const std::string file = FileOf(lines);
  Verifier before({CheckpointOver(lines)});
  std::size_t begin = 0;
  for (std::size_t line = 0; line < lines.size(); ++line) {
    const std::size_t end = begin + lines[line].size() + 1;
    for (std::size_t bit = begin * 8; bit < end * 8; bit += testing::EveryNth()) {
      std::string rest = file.substr(begin);
      char& byte = rest[bit / 8 - begin];
      byte = static_cast<char>(byte ^ (1 << (bit % 8)));
      Verifier verifier = before;
      FeedFile(verifier, rest);
      const Verification result = verifier.Finish();
      ASSERT_FALSE(result.ok()) << "bit " << bit;
      ASSERT_THAT(result.findings[0].words, HasSubstr("line ")) << "bit " << bit;
      ASSERT_TRUE(result.findings[0].line == line + 1 ||
                  result.findings[0].flaw == Flaw::kNotAsSigned ||
                  result.findings[0].flaw == Flaw::kStreamGap)
          << "bit " << bit << " " << result.findings[0].words;
      ASSERT_EQ(result.signed_records, 0u);
    }
    before.Feed(lines[line]);
    begin = end;
  }
}

TEST(Verify, EveryDeletedRecordIsFoundAndNamed) {
  for (std::size_t i = 0; i < kRecords; ++i) {
    Lines lines = Journal();
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(i));
    const Verification plain = VerifyLines(lines);
    EXPECT_THAT(FlawsOf(plain), Contains(Flaw::kFewerThanSigned));
    if (i + 1 < kRecords) {
      EXPECT_EQ(plain.findings[0].flaw, Flaw::kMissingRecord);
      EXPECT_THAT(plain.findings[0].words,
                  HasSubstr(absl::StrCat("1 record missing in front of record ", i + 1)));
    }
    EXPECT_THAT(FlawsOf(VerifyLines(Renumbered(lines))), ElementsAre(Flaw::kFewerThanSigned));
  }
}

TEST(Verify, EverySwappedPairIsFoundAndNamed) {
  const Lines journal = Journal();
  for (std::size_t i = 0; i < kRecords; ++i) {
    for (std::size_t j = i + 1; j < kRecords; ++j) {
      Lines lines = journal;
      std::swap(lines[i], lines[j]);
      const Verification plain = VerifyLines(lines);
      EXPECT_EQ(plain.findings[0].flaw, Flaw::kMissingRecord);
      EXPECT_EQ(plain.findings[0].line, i + 1);
      EXPECT_THAT(FlawsOf(plain), Contains(Flaw::kMisplacedRecord));
      EXPECT_THAT(FlawsOf(plain), Contains(Flaw::kNotAsSigned));
      EXPECT_THAT(FlawsOf(VerifyLines(Renumbered(lines))), ElementsAre(Flaw::kNotAsSigned));
    }
  }
}

TEST(Verify, EveryInsertedOrRepeatedRecordIsFoundAndNamed) {
  for (std::size_t i = 0; i <= kRecords; ++i) {
    for (std::size_t source : {std::size_t{0}, std::size_t{31}, std::size_t{59}}) {
      Lines lines = Journal();
      lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(i), Journal()[source]);
      const Verification plain = VerifyLines(lines);
      EXPECT_FALSE(plain.ok());
      EXPECT_THAT(FlawsOf(plain), Contains(Flaw::kMisplacedRecord));
      // Behind the last signed record, or as a copy of it, it is a new record nobody signed yet.
      const bool only_added = i == kRecords || (i == kRecords - 1 && source == kRecords - 1);
      const Verification renumbered = VerifyLines(Renumbered(lines));
      EXPECT_EQ(renumbered.ok(), only_added);
      EXPECT_EQ(renumbered.records, kRecords + 1);
      EXPECT_EQ(renumbered.signed_records, only_added ? kRecords : 0);
    }
  }
}

TEST(Verify, EveryTruncationIsFoundAndNamed) {
  Verifier before({CheckpointOver(Journal())});
  for (const std::string& line : Journal()) {
    for (std::size_t size = 0; size <= line.size(); ++size) {
      Verifier verifier = before;
      FeedFile(verifier, absl::string_view(line).substr(0, size));
      const Verification result = verifier.Finish();
      ASSERT_FALSE(result.ok()) << size;
      EXPECT_THAT(FlawsOf(result),
                  Contains(size > 0 ? Flaw::kUnfinishedLine : Flaw::kFewerThanSigned));
    }
    before.Feed(line);
  }
}

TEST(Verify, AnythingPutAfterTheEndIsFound) {
  const std::string file = FileOf(Journal());
  for (const char* more : {"\n", "x", " \n", "{}\n", "x\n"}) {
    EXPECT_THAT(FlawsOf(VerifyFile(file + more, {CheckpointOver(Journal())})),
                Contains(Flaw::kMalformedRecord));
  }
}

TEST(Verify, AGapInAStreamIsNamedWithTheStream) {
  Lines lines = Journal();
  Record record = Decode(lines[40]).value();
  record.version += 1;
  lines[40] = Encode(record).value();
  const Verification result = VerifyFile(FileOf(lines), {});
  EXPECT_THAT(FlawsOf(result), Contains(Flaw::kStreamGap));
  EXPECT_EQ(result.findings[0].line, 41u);
  EXPECT_THAT(result.findings[0].words, HasSubstr("of the stream lease/"));
}

TEST(Verify, ARewrittenHistoryIsFoundByAnyCheckpointRememberedFromBefore) {
  Lines lines = Journal();
  Record record = Decode(lines[30]).value();
  record.body = R"({"n":30,"reason":"another"})";
  lines[30] = Encode(record).value();
  const SignedCheckpoint rewritten = CheckpointOver(lines);
  EXPECT_TRUE(VerifyFile(FileOf(lines), {rewritten}).ok());
  EXPECT_TRUE(VerifyFile(FileOf(lines), {rewritten, CheckpointOver(Journal(30))}).ok());
  const Verification result = VerifyFile(
      FileOf(lines), {rewritten, CheckpointOver(Journal(30)), CheckpointOver(Journal(31))});
  EXPECT_THAT(FlawsOf(result), ElementsAre(Flaw::kNotAsSigned));
  EXPECT_THAT(result.findings[0].words, HasSubstr("after the first 30 records, which hold"));
}

TEST(Verify, TwoSignedHistoriesOfOneSizeAreAFork) {
  Lines lines = Journal();
  std::swap(lines[3], lines[4]);
  const Verification result =
      VerifyFile(FileOf(Journal()), {CheckpointOver(lines), CheckpointOver(Journal())});
  EXPECT_THAT(FlawsOf(result), ElementsAre(Flaw::kForkedCheckpoints, Flaw::kNotAsSigned));
  EXPECT_TRUE(
      VerifyFile(FileOf(Journal()), {CheckpointOver(Journal()), CheckpointOver(Journal())}).ok());
}

TEST(Verify, TimeThatStepsBackIsToldButIsNoFlaw) {
  Lines lines = Journal(5);
  Record record = Decode(lines[3]).value();
  record.time -= absl::Hours(1);
  lines[3] = Encode(record).value();
  const Verification result = VerifyFile(FileOf(lines), {CheckpointOver(lines)});
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.steps_back, 1u);
  EXPECT_EQ(result.first_step_back_line, 4u);
}

TEST(Verify, KeepsABoundedNumberOfFindings) {
  std::string file;
  for (int i = 0; i < 1000; ++i) {
    file += "x\n";
  }
  const Verification result = VerifyFile(file, {});
  EXPECT_EQ(result.findings.size(), Verifier::kFindingsMax);
  EXPECT_EQ(result.more_findings, 900u);
}

TEST(Verify, EveryFlawHasAWordOfItsOwn) {
  std::vector<std::string> words;
  for (const Flaw flaw :
       {Flaw::kMalformedRecord, Flaw::kUnfinishedLine, Flaw::kMissingRecord, Flaw::kMisplacedRecord,
        Flaw::kStreamGap, Flaw::kFewerThanSigned, Flaw::kNotAsSigned, Flaw::kForkedCheckpoints}) {
    words.emplace_back(FlawWord(flaw));
  }
  std::sort(words.begin(), words.end());
  EXPECT_EQ(std::unique(words.begin(), words.end()), words.end());
  EXPECT_THAT(words, ::testing::Each(::testing::Not(IsEmpty())));
}

RC_GTEST_PROP(Verify, AnyReplacedStretchOfBytesIsFound, ()) {
  const std::string file = FileOf(Journal(12));
  const auto begin = *rc::gen::inRange<std::size_t>(0, file.size());
  const auto size = *rc::gen::inRange<std::size_t>(0, 40);
  const auto with = *rc::gen::arbitrary<std::string>();
  std::string changed = file;
  changed.replace(begin, size, with);
  RC_PRE(changed != file);
  // What only adds whole records after the signed ones is no change of what was signed.
  RC_PRE(changed.substr(0, file.size()) != file);
  RC_ASSERT(!VerifyFile(changed, {CheckpointOver(Journal(12))}).ok());
}

}  // namespace
}  // namespace jit::ledger

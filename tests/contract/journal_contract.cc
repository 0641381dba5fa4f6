#include "tests/contract/journal_contract.h"

#include "absl/strings/str_cat.h"
#include "broker/core/refusal.h"
#include "broker/ledger/record.h"
#include "gmock/gmock.h"

namespace jit::testing {

using ports::Expectation;
using ::testing::IsEmpty;

namespace {

std::vector<ledger::Record> ExportAll(ports::Journal& journal, std::int64_t from = 0) {
  std::vector<ledger::Record> records;
  const absl::Status status = journal.Export(from, [&](const ledger::Record& record) {
    records.push_back(record);
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  return records;
}

bool IsSomeoneWasFaster(const absl::Status& status) {
  return absl::IsAborted(status) && core::ReasonOf(status) == core::Reason::kSomeoneWasFaster;
}

}  // namespace

TEST_P(JournalContract, ANewJournalIsEmpty) {
  const auto journal = Make();
  EXPECT_EQ(journal->Size(), 0);
  EXPECT_THAT(*journal->Load("lease/a"), IsEmpty());
  EXPECT_EQ(*journal->VersionOf("lease/a"), 0);
  EXPECT_EQ(*journal->FindAnswer("a"), std::nullopt);
  EXPECT_EQ(*journal->Summary(LeaseNumber(1)), std::nullopt);
  EXPECT_EQ(*journal->SummaryOfChange(ChangeNumber(1)), std::nullopt);
  EXPECT_EQ(*journal->LastCheckpoint(), std::nullopt);
  EXPECT_THAT(ExportAll(*journal), IsEmpty());
}

TEST_P(JournalContract, WhatWasAppendedIsLoadedInOrder) {
  const auto journal = Make();
  ports::Append append = OneRecord("lease/a", 0);
  append.records.push_back({"test.other.v1", "{}"});
  EXPECT_EQ(*journal->Commit(append), 2);
  EXPECT_EQ(*journal->Commit(OneRecord("lease/b", 0, 7)), 1);
  EXPECT_EQ(*journal->Commit(OneRecord("lease/a", 2, 9)), 3);

  const std::vector<ledger::Record> records = *journal->Load("lease/a");
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0], (ledger::Record{.sequence = 0,
                                        .stream = "lease/a",
                                        .version = 1,
                                        .time = SecondNumber(0),
                                        .type = "test.happened.v1",
                                        .body = "{\"n\":0}"}));
  EXPECT_EQ(records[1].type, "test.other.v1");
  EXPECT_EQ(records[1].version, 2);
  EXPECT_EQ(records[2].sequence, 3);
  EXPECT_EQ(records[2].version, 3);
  EXPECT_EQ(records[2].time, SecondNumber(9));
  EXPECT_EQ(*journal->VersionOf("lease/a"), 3);
  EXPECT_EQ(journal->Size(), 4);
}

TEST_P(JournalContract, AnotherVersionThanExpectedIsRefusedAndLeavesNothing) {
  const auto journal = Make();
  ASSERT_TRUE(journal->Commit(OneRecord("lease/a", 0)).ok());
  EXPECT_TRUE(IsSomeoneWasFaster(journal->Commit(OneRecord("lease/a", 0)).status()));
  EXPECT_TRUE(IsSomeoneWasFaster(journal->Commit(OneRecord("lease/a", 2)).status()));
  EXPECT_TRUE(IsSomeoneWasFaster(journal->Commit(OneRecord("lease/b", 1)).status()));
  EXPECT_EQ(journal->Size(), 1);
  EXPECT_EQ(*journal->VersionOf("lease/a"), 1);
  EXPECT_EQ(*journal->VersionOf("lease/b"), 0);
}

TEST_P(JournalContract, AnExpectationThatFailsLeavesNothingOfTheAppend) {
  const auto journal = Make();
  ports::Append append = OneLease(1, "ada", lease::State::kRequested);
  append.expectations = {{"person/ada", 0, Expectation::Then::kAdvance},
                         {"broker/policy", 3, Expectation::Then::kKeep}};
  append.answer = ports::Answer{"key", "fingerprint", "result"};
  EXPECT_TRUE(IsSomeoneWasFaster(journal->Commit(append).status()));
  EXPECT_EQ(journal->Size(), 0);
  EXPECT_EQ(*journal->VersionOf(append.stream), 0);
  EXPECT_EQ(*journal->VersionOf("person/ada"), 0);
  EXPECT_EQ(*journal->Summary(LeaseNumber(1)), std::nullopt);
  EXPECT_EQ(*journal->FindAnswer("key"), std::nullopt);
}

TEST_P(JournalContract, AdvancingAStreamExcludesTheNextWhoExpectsItsOldVersion) {
  const auto journal = Make();
  ports::Append first = OneRecord("lease/a", 0);
  first.expectations = {{"person/ada", 0, Expectation::Then::kAdvance}};
  ports::Append second = OneRecord("lease/b", 0);
  second.expectations = first.expectations;
  EXPECT_TRUE(journal->Commit(first).ok());
  EXPECT_TRUE(IsSomeoneWasFaster(journal->Commit(second).status()));
  EXPECT_EQ(*journal->VersionOf("person/ada"), 1);
  EXPECT_THAT(*journal->Load("person/ada"), IsEmpty());

  second.expectations[0].version = 1;
  EXPECT_TRUE(journal->Commit(second).ok());
  EXPECT_EQ(*journal->VersionOf("person/ada"), 2);
}

TEST_P(JournalContract, KeepingAnExpectationChangesNothingAboutIt) {
  const auto journal = Make();
  ASSERT_TRUE(journal->Commit(OneRecord("broker/policy", 0)).ok());
  ports::Append append = OneRecord("lease/a", 0);
  append.expectations = {{"broker/policy", 1, Expectation::Then::kKeep},
                         {"person/ada", 0, Expectation::Then::kKeep}};
  EXPECT_TRUE(journal->Commit(append).ok());
  EXPECT_EQ(*journal->VersionOf("broker/policy"), 1);
  EXPECT_EQ(*journal->VersionOf("person/ada"), 0);
}

TEST_P(JournalContract, AStreamThatWasAdvancedCanStillBeAppendedTo) {
  const auto journal = Make();
  ports::Append append = OneRecord("lease/a", 0);
  append.expectations = {{"person/ada", 0, Expectation::Then::kAdvance}};
  ASSERT_TRUE(journal->Commit(append).ok());
  EXPECT_EQ(*journal->Commit(OneRecord("person/ada", 1)), 2);
  EXPECT_EQ((*journal->Load("person/ada"))[0].version, 2);
}

TEST_P(JournalContract, AnAnswerIsKeptAndNeverReplaced) {
  const auto journal = Make();
  ports::Append append = OneRecord("lease/a", 0);
  append.answer = ports::Answer{"ada/ask/id-1", "f1", "lease a"};
  ASSERT_TRUE(journal->Commit(append).ok());
  const ports::Answer found = **journal->FindAnswer("ada/ask/id-1");
  EXPECT_EQ(found.fingerprint, "f1");
  EXPECT_EQ(found.result, "lease a");

  ports::Append again = OneRecord("lease/b", 0);
  again.answer = ports::Answer{"ada/ask/id-1", "f2", "lease b"};
  EXPECT_EQ(journal->Commit(again).status().code(), absl::StatusCode::kAlreadyExists);
  again.expected_version = 5;  // the answer is looked at before the versions
  EXPECT_EQ(journal->Commit(again).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ((*journal->FindAnswer("ada/ask/id-1"))->result, "lease a");
  EXPECT_EQ(journal->Size(), 1);
}

TEST_P(JournalContract, MalformedAppendsAreRefusedAndLeaveNothing) {
  const auto journal = Make();
  ports::Append none = OneRecord("lease/a", 0);
  none.records.clear();
  ports::Append own = OneRecord("lease/a", 0);
  own.expectations = {{"lease/a", 0, Expectation::Then::kKeep}};
  ports::Append twice = OneRecord("lease/a", 0);
  twice.expectations = {{"b", 0, Expectation::Then::kKeep}, {"b", 0, Expectation::Then::kKeep}};
  ports::Append forever = OneRecord("lease/a", 0);
  forever.time = absl::InfiniteFuture();
  ports::Append spaced = OneRecord("lease/a", 0);
  spaced.records.push_back({"test.happened.v1", "{ }"});
  ports::Append nameless = OneRecord("", 0);
  ports::Append stale = OneLease(1, "ada", lease::State::kRequested);
  stale.summary->version = 2;
  ports::Append endless = OneLease(1, "ada", lease::State::kRequested);
  endless.summary->next_deadline = absl::InfiniteFuture();
  ports::Append stale_change = OneChange(1, "ada", change::State::kPlanned);
  stale_change.change_summary->version = 2;
  ports::Append endless_change = OneChange(1, "ada", change::State::kPlanned);
  endless_change.change_summary->next_deadline = absl::InfiniteFuture();
  for (const ports::Append& append : {none, own, twice, forever, spaced, nameless, stale, endless,
                                      stale_change, endless_change}) {
    EXPECT_EQ(journal->Commit(append).status().code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(journal->Size(), 0);
  EXPECT_EQ(*journal->VersionOf("lease/a"), 0);
  EXPECT_EQ(*journal->Summary(LeaseNumber(1)), std::nullopt);
  EXPECT_EQ(*journal->SummaryOfChange(ChangeNumber(1)), std::nullopt);
}

}  // namespace jit::testing

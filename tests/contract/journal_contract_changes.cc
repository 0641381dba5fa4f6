#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/core/refusal.h"
#include "gmock/gmock.h"
#include "tests/contract/journal_contract.h"

namespace jit::testing {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {

constexpr change::State kStates[] = {
    change::State::kNone,     change::State::kPlanned,   change::State::kRehearsed,
    change::State::kFailed,   change::State::kSubmitted, change::State::kApproved,
    change::State::kDenied,   change::State::kWithdrawn, change::State::kLapsed,
    change::State::kApplying, change::State::kApplied,   change::State::kRolledBack,
    change::State::kUndone,   change::State::kDropped};

std::vector<std::string> IdsOf(const absl::StatusOr<std::vector<ports::ChangeSummary>>& rows) {
  std::vector<std::string> ids;
  EXPECT_TRUE(rows.ok()) << rows.status();
  if (rows.ok()) {
    for (const ports::ChangeSummary& row : *rows) {
      ids.push_back(row.id.text());
    }
  }
  return ids;
}

std::string Id(int n) {
  return ChangeNumber(n).text();
}

std::vector<std::string> Found(ports::Journal& journal, const ports::ChangeFilter& filter) {
  return IdsOf(journal.ChangeSummaries(filter));
}

}  // namespace

TEST_P(JournalContract, ASummaryOfAChangeIsKeptWholeAndReplacedByTheNext) {
  const auto journal = Make();
  ports::Append append = OneChange(1, "ada", change::State::kApplied);
  ports::ChangeSummary& summary = *append.change_summary;
  summary.effect = change::Effect::kMarkSubject;
  summary.purpose = policy::Purpose::kDropForGood;
  summary.plan_time = absl::FromUnixMicros(1'700'000'000'123'456);
  summary.next_deadline = absl::FromUnixMicros(1'700'000'060'000'001);
  ASSERT_TRUE(journal->Commit(append).ok());
  EXPECT_EQ(**journal->SummaryOfChange(ChangeNumber(1)), summary);

  const ports::Append next = OneChange(1, "ada", change::State::kUndone, 1);
  ASSERT_TRUE(journal->Commit(next).ok());
  EXPECT_EQ(**journal->SummaryOfChange(ChangeNumber(1)), *next.change_summary);
  EXPECT_THAT(IdsOf(journal->ChangeSummaries({})), ElementsAre(Id(1)));
}

TEST_P(JournalContract, EveryStateEffectAndPurposeOfAChangeComesBackAsItWas) {
  const auto journal = Make();
  int n = 0;
  for (const change::State state : kStates) {
    for (const change::Effect effect : {change::Effect::kNone, change::Effect::kRehearse,
                                        change::Effect::kApply, change::Effect::kMarkSubject}) {
      for (const policy::Purpose purpose :
           {policy::Purpose::kScript, policy::Purpose::kUnrehearsed, policy::Purpose::kUndo,
            policy::Purpose::kDropForGood}) {
        ports::Append append = OneChange(++n, "ada", state);
        append.change_summary->effect = effect;
        append.change_summary->purpose = purpose;
        ASSERT_TRUE(journal->Commit(append).ok());
        EXPECT_EQ(**journal->SummaryOfChange(ChangeNumber(n)), *append.change_summary);
      }
    }
  }
}

TEST_P(JournalContract, TimesOfAChangeAreKeptToTheMicrosecond) {
  const auto journal = Make();
  ports::Append append = OneChange(1, "ada", change::State::kPlanned);
  append.change_summary->plan_time = absl::FromUnixNanos(1'700'000'000'000'001'999);
  append.change_summary->next_deadline = absl::FromUnixNanos(1'700'000'000'000'002'999);
  ASSERT_TRUE(journal->Commit(append).ok());
  const ports::ChangeSummary kept = **journal->SummaryOfChange(ChangeNumber(1));
  EXPECT_EQ(kept.plan_time, absl::FromUnixMicros(1'700'000'000'000'001));
  EXPECT_EQ(kept.next_deadline, absl::FromUnixMicros(1'700'000'000'000'002));
}

TEST_P(JournalContract, AnAppendThatIsRefusedLeavesNoSummaryOfItsChange) {
  const auto journal = Make();
  ports::Append append = OneChange(1, "ada", change::State::kPlanned);
  append.expectations = {{"broker/policy", 3, ports::Expectation::Then::kKeep}};
  EXPECT_EQ(core::ReasonOf(journal->Commit(append).status()), core::Reason::kSomeoneWasFaster);
  EXPECT_EQ(*journal->SummaryOfChange(ChangeNumber(1)), std::nullopt);
  EXPECT_THAT(IdsOf(journal->ChangeSummaries({})), IsEmpty());
}

TEST_P(JournalContract, ALeaseAndAChangeOfTheSameNumberAreTwoThings) {
  const auto journal = Make();
  const ports::Append lease = OneLease(1, "ada", lease::State::kRequested);
  const ports::Append change = OneChange(1, "bob", change::State::kSubmitted);
  ASSERT_TRUE(journal->Commit(lease).ok());
  ASSERT_TRUE(journal->Commit(change).ok());
  EXPECT_EQ(**journal->Summary(LeaseNumber(1)), *lease.summary);
  EXPECT_EQ(**journal->SummaryOfChange(ChangeNumber(1)), *change.change_summary);
  EXPECT_EQ(journal->Summaries({})->size(), 1u);
  EXPECT_EQ(journal->ChangeSummaries({})->size(), 1u);
}

TEST_P(JournalContract, FiltersOfChangesPickWhatTheyName) {
  const auto journal = Make();
  ports::Append owed = OneChange(1, "ada", change::State::kPlanned);
  owed.change_summary->effect = change::Effect::kRehearse;
  const ports::Append done = OneChange(2, "ada", change::State::kApplied);
  ports::Append due = OneChange(3, "bob", change::State::kSubmitted);
  due.change_summary->next_deadline = SecondNumber(100);
  ports::Append elsewhere = OneChange(4, "bob", change::State::kApproved);
  elsewhere.change_summary->target = *core::TargetName::Parse("ledger");
  elsewhere.change_summary->next_deadline = SecondNumber(200);
  for (const ports::Append& append : {owed, done, due, elsewhere}) {
    ASSERT_TRUE(journal->Commit(append).ok());
  }

  EXPECT_THAT(Found(*journal, {}), ElementsAre(Id(4), Id(3), Id(2), Id(1)));
  ports::ChangeFilter filter;
  filter.with_effect_only = true;
  EXPECT_THAT(Found(*journal, filter), ElementsAre(Id(1)));
  filter = {};
  filter.due_by = SecondNumber(100);
  EXPECT_THAT(Found(*journal, filter), ElementsAre(Id(3)));
  filter.due_by = SecondNumber(200);
  EXPECT_THAT(Found(*journal, filter), ElementsAre(Id(4), Id(3)));
  filter.states = {change::State::kSubmitted};
  EXPECT_THAT(Found(*journal, filter), ElementsAre(Id(3)));
  filter = {};
  filter.requester = core::PersonId::Parse("ada").value();
  EXPECT_THAT(Found(*journal, filter), ElementsAre(Id(2), Id(1)));
  filter.states = {change::State::kApplied, change::State::kSubmitted};
  EXPECT_THAT(Found(*journal, filter), ElementsAre(Id(2)));
  filter = {};
  filter.target = core::TargetName::Parse("ledger").value();
  EXPECT_THAT(Found(*journal, filter), ElementsAre(Id(4)));
}

TEST_P(JournalContract, EveryChangeIsFoundByItsStateAlone) {
  const auto journal = Make();
  int n = 0;
  for (const change::State state : kStates) {
    ASSERT_TRUE(journal->Commit(OneChange(++n, "ada", state)).ok());
  }
  n = 0;
  for (const change::State state : kStates) {
    ports::ChangeFilter filter;
    filter.states = {state};
    EXPECT_THAT(Found(*journal, filter), ElementsAre(Id(++n)));
    filter.requester = core::PersonId::Parse("ada").value();
    EXPECT_THAT(Found(*journal, filter), ElementsAre(Id(n)));
    filter.requester = core::PersonId::Parse("bob").value();
    EXPECT_THAT(Found(*journal, filter), IsEmpty());
  }
}

TEST_P(JournalContract, WaitingChangesAreCountedByPerson) {
  const auto journal = Make();
  ASSERT_TRUE(journal->Commit(OneChange(1, "ada", change::State::kSubmitted)).ok());
  ASSERT_TRUE(journal->Commit(OneChange(2, "ada", change::State::kSubmitted)).ok());
  ASSERT_TRUE(journal->Commit(OneChange(3, "ada", change::State::kRehearsed)).ok());
  ASSERT_TRUE(journal->Commit(OneChange(4, "bob", change::State::kSubmitted)).ok());
  ASSERT_TRUE(journal->Commit(OneChange(2, "ada", change::State::kApproved, 1)).ok());
  EXPECT_EQ(*journal->CountWaitingChanges(*core::PersonId::Parse("ada")), 1);
  EXPECT_EQ(*journal->CountWaitingChanges(*core::PersonId::Parse("bob")), 1);
  EXPECT_EQ(*journal->CountWaitingChanges(*core::PersonId::Parse("eve")), 0);
  EXPECT_EQ(*journal->CountWaiting(*core::PersonId::Parse("ada")), 0);
}

TEST_P(JournalContract, PagesOfChangesJoinWithoutGapOrRepeatEvenAtOneInstant) {
  const auto journal = Make();
  for (int n = 1; n <= 23; ++n) {
    ports::Append append = OneChange(n, "ada", change::State::kSubmitted);
    append.change_summary->plan_time = SecondNumber(n / 7);
    ASSERT_TRUE(journal->Commit(append).ok());
  }
  const std::vector<std::string> all = Found(*journal, {});
  ASSERT_EQ(all.size(), 23u);
  EXPECT_EQ(all.front(), Id(23));
  EXPECT_EQ(all.back(), Id(1));

  std::vector<std::string> paged;
  ports::ChangeFilter filter;
  filter.limit = 5;
  for (int page = 0; page < 10; ++page) {
    const std::vector<std::string> ids = Found(*journal, filter);
    if (ids.empty()) {
      break;
    }
    paged.insert(paged.end(), ids.begin(), ids.end());
    filter.after = core::ChangeId::Parse(ids.back()).value();
  }
  EXPECT_EQ(paged, all);

  filter.after = ChangeNumber(99);
  EXPECT_THAT(Found(*journal, filter), IsEmpty());
}

TEST_P(JournalContract, APageOfChangesHasALimit) {
  const auto journal = Make();
  for (const int limit : {-1, 0, 10'001}) {
    ports::ChangeFilter filter;
    filter.limit = limit;
    EXPECT_EQ(journal->ChangeSummaries(filter).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace jit::testing

#include "gmock/gmock.h"
#include "tests/contract/journal_contract.h"

namespace jit::testing {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {

std::vector<std::string> IdsOf(const absl::StatusOr<std::vector<ports::LeaseSummary>>& rows) {
  std::vector<std::string> ids;
  EXPECT_TRUE(rows.ok()) << rows.status();
  if (rows.ok()) {
    for (const ports::LeaseSummary& row : *rows) {
      ids.push_back(row.id.text());
    }
  }
  return ids;
}

std::string Id(int n) {
  return LeaseNumber(n).text();
}

}  // namespace

TEST_P(JournalContract, ASummaryIsKeptWholeAndReplacedByTheNext) {
  const auto journal = Make();
  ports::Append append = OneLease(1, "ada", lease::State::kOpen);
  ports::LeaseSummary& summary = *append.summary;
  summary.effect = lease::Effect::kTurnOff;
  summary.path = policy::Path::kBreakGlass;
  summary.request_time = absl::FromUnixMicros(1'700'000'000'123'456);
  summary.next_deadline = absl::FromUnixMicros(1'700'000'060'000'001);
  summary.expire_time = absl::FromUnixMicros(1'700'000'070'000'002);
  summary.debt_open = true;
  ASSERT_TRUE(journal->Commit(append).ok());
  EXPECT_EQ(**journal->Summary(LeaseNumber(1)), summary);

  const ports::Append next = OneLease(1, "ada", lease::State::kClosed, 1);
  ASSERT_TRUE(journal->Commit(next).ok());
  EXPECT_EQ(**journal->Summary(LeaseNumber(1)), *next.summary);
  EXPECT_THAT(IdsOf(journal->Summaries({})), ElementsAre(Id(1)));
}

TEST_P(JournalContract, EveryStateEffectAndPathComesBackAsItWas) {
  const auto journal = Make();
  int n = 1000;
  for (const policy::Path path :
       {policy::Path::kOrdinary, policy::Path::kBreakGlass, policy::Path::kChange}) {
    ports::Append append = OneLease(++n, "ada", lease::State::kOpen);
    append.summary->path = path;
    ASSERT_TRUE(journal->Commit(append).ok());
    EXPECT_EQ(**journal->Summary(LeaseNumber(n)), *append.summary);
  }
  n = 0;
  for (const lease::State state :
       {lease::State::kNone, lease::State::kRequested, lease::State::kApproved,
        lease::State::kDenied, lease::State::kWithdrawn, lease::State::kLapsed,
        lease::State::kOpening, lease::State::kOpen, lease::State::kClosing, lease::State::kOff,
        lease::State::kClosed}) {
    for (const lease::Effect effect : {lease::Effect::kNone, lease::Effect::kOpenLogin,
                                       lease::Effect::kTurnOff, lease::Effect::kRemove}) {
      ports::Append append = OneLease(++n, "ada", state);
      append.summary->effect = effect;
      ASSERT_TRUE(journal->Commit(append).ok());
      EXPECT_EQ(**journal->Summary(LeaseNumber(n)), *append.summary);
    }
  }
}

TEST_P(JournalContract, TimesAreKeptToTheMicrosecond) {
  const auto journal = Make();
  ports::Append append = OneLease(1, "ada", lease::State::kOpen);
  append.summary->request_time = absl::FromUnixNanos(1'700'000'000'000'001'999);
  append.time = absl::FromUnixNanos(1'700'000'000'000'002'999);
  ASSERT_TRUE(journal->Commit(append).ok());
  EXPECT_EQ((*journal->Summary(LeaseNumber(1)))->request_time,
            absl::FromUnixMicros(1'700'000'000'000'001));
  EXPECT_EQ((*journal->Load(append.stream))[0].time, absl::FromUnixMicros(1'700'000'000'000'002));
}

TEST_P(JournalContract, FiltersPickWhatTheyName) {
  const auto journal = Make();
  ports::Append debt = OneLease(1, "ada", lease::State::kClosed);
  debt.summary->debt_open = true;
  ports::Append owed = OneLease(2, "ada", lease::State::kClosing);
  owed.summary->effect = lease::Effect::kTurnOff;
  ports::Append due = OneLease(3, "bob", lease::State::kOpen);
  due.summary->next_deadline = SecondNumber(100);
  ports::Append elsewhere = OneLease(4, "bob", lease::State::kRequested);
  elsewhere.summary->target = *core::TargetName::Parse("ledger");
  elsewhere.summary->next_deadline = SecondNumber(200);
  for (const ports::Append& append : {debt, owed, due, elsewhere}) {
    ASSERT_TRUE(journal->Commit(append).ok());
  }

  EXPECT_THAT(IdsOf(journal->Summaries({})), ElementsAre(Id(4), Id(3), Id(2), Id(1)));
  ports::SummaryFilter filter;
  filter.with_debt_only = true;
  EXPECT_THAT(IdsOf(journal->Summaries(filter)), ElementsAre(Id(1)));
  filter = {};
  filter.with_effect_only = true;
  EXPECT_THAT(IdsOf(journal->Summaries(filter)), ElementsAre(Id(2)));
  filter = {};
  filter.due_by = SecondNumber(100);
  EXPECT_THAT(IdsOf(journal->Summaries(filter)), ElementsAre(Id(3)));
  filter.due_by = SecondNumber(200);
  EXPECT_THAT(IdsOf(journal->Summaries(filter)), ElementsAre(Id(4), Id(3)));
  filter.states = {lease::State::kOpen};
  EXPECT_THAT(IdsOf(journal->Summaries(filter)), ElementsAre(Id(3)));
  filter = {};
  filter.requester = core::PersonId::Parse("ada").value();
  EXPECT_THAT(IdsOf(journal->Summaries(filter)), ElementsAre(Id(2), Id(1)));
  filter.states = {lease::State::kClosed, lease::State::kOpen};
  EXPECT_THAT(IdsOf(journal->Summaries(filter)), ElementsAre(Id(1)));
  filter = {};
  filter.target = core::TargetName::Parse("ledger").value();
  EXPECT_THAT(IdsOf(journal->Summaries(filter)), ElementsAre(Id(4)));
}

TEST_P(JournalContract, WaitingLeasesAreCountedByPerson) {
  const auto journal = Make();
  ASSERT_TRUE(journal->Commit(OneLease(1, "ada", lease::State::kRequested)).ok());
  ASSERT_TRUE(journal->Commit(OneLease(2, "ada", lease::State::kRequested)).ok());
  ASSERT_TRUE(journal->Commit(OneLease(3, "ada", lease::State::kApproved)).ok());
  ASSERT_TRUE(journal->Commit(OneLease(4, "bob", lease::State::kRequested)).ok());
  ASSERT_TRUE(journal->Commit(OneLease(2, "ada", lease::State::kOpen, 1)).ok());
  EXPECT_EQ(*journal->CountWaiting(*core::PersonId::Parse("ada")), 1);
  EXPECT_EQ(*journal->CountWaiting(*core::PersonId::Parse("bob")), 1);
  EXPECT_EQ(*journal->CountWaiting(*core::PersonId::Parse("eve")), 0);
}

TEST_P(JournalContract, PagesJoinWithoutGapOrRepeatEvenAtOneInstant) {
  const auto journal = Make();
  for (int n = 1; n <= 23; ++n) {
    ports::Append append = OneLease(n, "ada", lease::State::kOpen);
    append.summary->request_time = SecondNumber(n / 7);
    ASSERT_TRUE(journal->Commit(append).ok());
  }
  const std::vector<std::string> all = IdsOf(journal->Summaries({}));
  ASSERT_EQ(all.size(), 23u);

  std::vector<std::string> paged;
  ports::SummaryFilter filter;
  filter.limit = 5;
  for (int page = 0; page < 10; ++page) {
    const std::vector<std::string> ids = IdsOf(journal->Summaries(filter));
    if (ids.empty()) {
      break;
    }
    paged.insert(paged.end(), ids.begin(), ids.end());
    filter.after = core::LeaseId::Parse(ids.back()).value();
  }
  EXPECT_EQ(paged, all);

  filter.after = LeaseNumber(99);
  EXPECT_THAT(IdsOf(journal->Summaries(filter)), IsEmpty());
}

TEST_P(JournalContract, APageHasALimit) {
  const auto journal = Make();
  for (const int limit : {-1, 0, 10'001}) {
    ports::SummaryFilter filter;
    filter.limit = limit;
    EXPECT_EQ(journal->Summaries(filter).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace jit::testing

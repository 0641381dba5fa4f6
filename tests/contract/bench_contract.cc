#include "tests/contract/bench_contract.h"

namespace jit::testing {

using ports::ExecutionState;
using ports::RunEnd;

ports::RunOrder BenchContract::Admit(const core::ChangeId& change, RunEnd end,
                                     std::optional<core::LoginName> undo_of) {
  const core::LoginName login = core::LoginName::Of(New<core::LeaseId>());
  const absl::Time until = world_->Now() + absl::Minutes(10);
  const std::vector<core::PgGroup> groups = {*core::PgGroup::Parse("app_writer")};
  ports::Preparation preparation{.login = login,
                                 .change = change,
                                 .end = end,
                                 .member_of = groups,
                                 .owner = std::nullopt,
                                 .rows_max = 100,
                                 .valid_until = until,
                                 .undo_of = undo_of,
                                 .drop_of = std::nullopt,
                                 .since = std::nullopt,
                                 .tables = {}};
  EXPECT_THAT(bench().Prepare(preparation), IsOk());
  std::array<std::uint8_t, 32> secret;
  std::array<std::uint8_t, 16> salt;
  entropy_.Fill(secret);
  entropy_.Fill(salt);
  credential::Secret password = credential::PasswordFrom(secret);
  EXPECT_THAT(world_->target().OpenLogin({.login = login,
                                          .person = *core::PersonId::Parse("engineer"),
                                          .member_of = groups,
                                          .connection_limit = 2,
                                          .valid_until = until,
                                          .statement_timeout = absl::Minutes(1),
                                          .lock_timeout = absl::Seconds(2),
                                          .idle_in_transaction_timeout = absl::Minutes(1),
                                          .writes = true},
                                         *credential::ScramVerifier::Make(password, salt)),
              IsOk());
  return {.login = login,
          .password = std::move(password),
          .change = change,
          .end = end,
          .purpose = undo_of.has_value() ? policy::Purpose::kUndo : policy::Purpose::kScript,
          .owner = std::nullopt,
          .statements = {},
          .statement_timeout = absl::Seconds(20),
          .lock_timeout = absl::Seconds(2),
          .run_max = absl::Minutes(1),
          .samples = 3,
          .masked = {}};
}

ports::RunOrder BenchContract::With(ports::RunOrder order, const std::vector<std::string>& script) {
  for (const std::string& text : script) {
    sql::Statement statement;
    statement.text = text;
    statement.kind = text == kAddFour       ? sql::Kind::kInsert
                     : text == kRemoveThree ? sql::Kind::kDelete
                                            : sql::Kind::kUpdate;
    order.statements.push_back(std::move(statement));
  }
  return order;
}

ports::RunOutcome BenchContract::Run(const ports::RunOrder& order) {
  auto outcome = bench().Run(order, watcher_);
  EXPECT_THAT(outcome, IsOk());
  EXPECT_THAT(world_->target().TurnOff({order.login}), IsOk());
  return outcome.ok() ? *outcome : ports::RunOutcome{};
}

core::LoginName BenchContract::Apply(const core::ChangeId& change,
                                     const std::vector<std::string>& script) {
  const ports::RunOrder order = With(Admit(change, RunEnd::kCommit), script);
  const ports::RunOutcome outcome = Run(order);
  EXPECT_THAT(outcome.why, IsOk());
  EXPECT_EQ(outcome.end, RunEnd::kCommit);
  return order.login;
}

namespace {

TEST_P(BenchContract, ARehearsalReportsAndLeavesNothing) {
  const auto before = world_->Orders();
  const auto change = New<core::ChangeId>();
  const ports::RunOutcome outcome =
      Run(With(Admit(change, RunEnd::kRollBack), {kVoidAll, kAddFour, kRemoveThree}));
  EXPECT_THAT(outcome.why, IsOk());
  EXPECT_EQ(outcome.end, RunEnd::kRollBack);
  ASSERT_EQ(outcome.report.statements.size(), 3U);
  EXPECT_EQ(outcome.report.statements[0].rows, 3);
  ASSERT_EQ(outcome.report.tables.size(), 1U);
  EXPECT_EQ(outcome.report.tables[0].schema, "shop");
  EXPECT_EQ(outcome.report.tables[0].table, "orders");
  EXPECT_EQ(outcome.report.tables[0].direct, (change::RowCounts{1, 3, 1}));
  EXPECT_FALSE(outcome.schema_fingerprint.empty());
  EXPECT_FALSE(outcome.system_identifier.empty());
  EXPECT_EQ(watcher_.asked, 0);
  EXPECT_EQ(world_->Orders(), before);
  EXPECT_EQ(*bench().Look(change), ExecutionState::kAbsent);
}

TEST_P(BenchContract, TheFindingsAreLeftToWhoeverHadTheScriptRead) {
  ports::RunOrder order = With(Admit(New<core::ChangeId>(), RunEnd::kRollBack), {kVoidAll});
  order.statements[0].findings = {{"no_where", sql::Severity::kDanger, 1, "it has no WHERE"}};
  const ports::RunOutcome outcome = Run(order);
  ASSERT_EQ(outcome.report.statements.size(), 1U);
  EXPECT_TRUE(outcome.report.statements[0].findings.empty());
}

TEST_P(BenchContract, AnExecutionCommitsWhatItReports) {
  const auto change = New<core::ChangeId>();
  EXPECT_EQ(*bench().Look(change), ExecutionState::kAbsent);
  Apply(change, {kPayOne, kAddFour});
  EXPECT_EQ(watcher_.asked, 1);
  EXPECT_EQ(watcher_.seen.tables.at(0).direct, (change::RowCounts{1, 1, 0}));
  EXPECT_EQ(watcher_.last.statements, 2);
  EXPECT_EQ(world_->Orders().at("1"), "paid");
  EXPECT_EQ(world_->Orders().at("4"), "new");
  EXPECT_EQ(*bench().Look(change), ExecutionState::kCommitted);
}

TEST_P(BenchContract, TheFingerprintOfARunIsThatOfTheSchema) {
  const auto fingerprint = bench().SchemaFingerprint();
  ASSERT_THAT(fingerprint, IsOk());
  Apply(New<core::ChangeId>(), {kPayOne});
  EXPECT_EQ(watcher_.schema_fingerprint, *fingerprint);
  EXPECT_EQ(*bench().SchemaFingerprint(), *fingerprint) << "rows are no schema";
}

TEST_P(BenchContract, ANoBeforeTheCommitRollsBack) {
  const auto before = world_->Orders();
  watcher_.answer = absl::FailedPreconditionError("not like this");
  const auto change = New<core::ChangeId>();
  const ports::RunOutcome outcome = Run(With(Admit(change, RunEnd::kCommit), {kVoidAll}));
  EXPECT_EQ(outcome.end, RunEnd::kRollBack);
  EXPECT_EQ(outcome.why.message(), "not like this");
  EXPECT_EQ(world_->Orders(), before);
  EXPECT_EQ(*bench().Look(change), ExecutionState::kAbsent);
}

TEST_P(BenchContract, AStatementThatFailsRollsEverythingBack) {
  const auto before = world_->Orders();
  const ports::RunOutcome outcome =
      Run(With(Admit(New<core::ChangeId>(), RunEnd::kCommit), {kVoidAll, kBroken}));
  EXPECT_EQ(outcome.end, RunEnd::kRollBack);
  EXPECT_FALSE(outcome.why.ok());
  EXPECT_EQ(watcher_.asked, 0);
  EXPECT_EQ(world_->Orders(), before);
}

TEST_P(BenchContract, ACancelledRunRollsBack) {
  const auto before = world_->Orders();
  watcher_.cancelled = true;
  const ports::RunOutcome outcome =
      Run(With(Admit(New<core::ChangeId>(), RunEnd::kCommit), {kVoidAll, kPayOne}));
  EXPECT_EQ(outcome.end, RunEnd::kRollBack);
  EXPECT_FALSE(outcome.why.ok());
  EXPECT_EQ(world_->Orders(), before);
}

TEST_P(BenchContract, NoChangeIsCommittedTwice) {
  const auto change = New<core::ChangeId>();
  Apply(change, {kAddFour});
  const ports::RunOrder again = With(Admit(change, RunEnd::kCommit), {kPayOne});
  const auto outcome = bench().Run(again, watcher_);
  EXPECT_TRUE(!outcome.ok() || outcome->end == RunEnd::kRollBack);
  EXPECT_EQ(world_->Orders().at("1"), "new");
}

TEST_P(BenchContract, ALoginThatIsOffRunsNothing) {
  const ports::RunOrder order = With(Admit(New<core::ChangeId>(), RunEnd::kCommit), {kVoidAll});
  EXPECT_THAT(world_->target().TurnOff({order.login}), IsOk());
  const auto outcome = bench().Run(order, watcher_);
  EXPECT_TRUE(!outcome.ok() || outcome->end == RunEnd::kRollBack);
  EXPECT_EQ(world_->Orders().at("1"), "new");
}

TEST_P(BenchContract, WhatALoginDidIsTold) {
  const core::LoginName login = Apply(New<core::ChangeId>(), {kPayOne, kRemoveThree});
  const auto changes = bench().RowChanges(login, 0, 100);
  ASSERT_THAT(changes, IsOk());
  ASSERT_EQ(changes->size(), 2U);
  EXPECT_EQ(changes->at(0).table, "orders");
  EXPECT_EQ(changes->at(0).verb, change::Sample::Verb::kUpdated);
  EXPECT_EQ(changes->at(1).verb, change::Sample::Verb::kDeleted);
  const auto later = bench().RowChanges(login, changes->at(0).sequence, 100);
  EXPECT_EQ(later->size(), 1U);
  EXPECT_EQ(bench().RowsOf(login, changes->at(0).sequence, 10, {})->size(), 1U);
}

TEST_P(BenchContract, AnUndoPutsEveryRowBack) {
  const auto before = world_->Orders();
  const core::LoginName login =
      Apply(New<core::ChangeId>(), {kPayOne, kVoidAll, kAddFour, kRemoveThree});
  const auto undo = New<core::ChangeId>();
  const ports::RunOutcome outcome = Run(Admit(undo, RunEnd::kCommit, login));
  EXPECT_THAT(outcome.why, IsOk());
  EXPECT_EQ(outcome.end, RunEnd::kCommit);
  EXPECT_EQ(world_->Orders(), before);
}

TEST_P(BenchContract, ARowThatChangedSinceStopsAnUndo) {
  const core::LoginName login = Apply(New<core::ChangeId>(), {kVoidAll});
  world_->Pay("2");
  const ports::RunOutcome outcome = Run(Admit(New<core::ChangeId>(), RunEnd::kCommit, login));
  EXPECT_EQ(outcome.end, RunEnd::kRollBack);
  EXPECT_EQ(outcome.report.conflicts.size(), 1U);
  EXPECT_EQ(world_->Orders().at("1"), "void");
}

}  // namespace
}  // namespace jit::testing

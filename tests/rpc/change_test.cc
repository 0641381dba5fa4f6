// Guarded changes over real connections, run by the test itself between the calls.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>

#include "broker/rpc/visit.h"
#include "broker/use_cases/apply.h"
#include "broker/use_cases/rehearse.h"
#include "jit/v1/change_service.pb.h"
#include "tests/rpc/calls.h"
#include "tests/testing/memory_bench.h"

namespace jit::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Unwatched : public use_cases::RunView {
 public:
  void Progress(const ports::RunProgress&) override {}
  bool Cancelled() override { return false; }
};

// A front with a bench behind it, and a shop with two orders.
struct ChangeFront {
  ChangeFront() : front(WithRuns(*this)), bench(front.target, front.clock) {
    bench.Put("shop.orders", "1", "new");
    bench.Put("shop.orders", "2", "new");
    bench.Say("fix one", {.edits = {{"shop.orders", "1", "paid"}}});
    front.ports.benches[testing::Target("shop")] = &bench;
    front.ports.reader = &reader;
    front.Change([](policy::Policy& policy) {
      policy::ChangeRule rule{.name = testing::RuleNamed("changes"),
                              .who = {testing::Group("engineers")},
                              .roles = {testing::Role("writer")}};
      rule.seats = {testing::SeatFromGroup("second", "reviewers")};
      rule.undo_seats = rule.seats;
      rule.drop_seats = rule.seats;
      rule.fingerprint = "changes";
      testing::Shop(policy).changes = {rule};
    });
  }

  // A runner that runs nothing and says what it was told to say.
  static Front::Options WithRuns(ChangeFront& stage) {
    Front::Options options;
    options.dress = [&stage](Hooks& hooks) {
      hooks.room = [&stage](const core::TargetName&) {
        const std::lock_guard lock(stage.mutex);
        return stage.room;
      };
      hooks.run = [&stage](const core::TargetName&, const core::ChangeId& change) {
        const std::lock_guard lock(stage.mutex);
        stage.handed.push_back(change.text());
      };
      hooks.cancel = [&stage](const core::ChangeId& change) {
        const std::lock_guard lock(stage.mutex);
        stage.cancelled.push_back(change.text());
      };
      hooks.stand = [&stage](const core::ChangeId&) {
        const std::lock_guard lock(stage.mutex);
        return stage.stand;
      };
    };
    return options;
  }

  template <class Response, class Request>
  Answer<Response> Call(grpc::Channel& channel, const char* method, const Request& request) {
    return Invoke<Response>(channel, absl::StrCat("jit.v1.ChangeService.", method), request);
  }
  v1::PlanChangeRequest Script(const std::string& script) {
    v1::PlanChangeRequest request;
    request.set_idempotency_id(NextIdempotencyId());
    request.set_target("shop");
    request.set_role("writer");
    request.set_reason("order 1 was paid by transfer");
    request.set_script(script);
    return request;
  }
  template <class Request>
  Request Of(const std::string& change) {
    Request request;
    request.set_change_id(change);
    return request;
  }
  template <class Request>
  Request Mutating(const std::string& change) {
    Request request = Of<Request>(change);
    request.set_idempotency_id(NextIdempotencyId());
    return request;
  }
  v1::Change Get(grpc::Channel& channel, const std::string& id) {
    return Call<v1::GetChangeResponse>(channel, "GetChange", Of<v1::GetChangeRequest>(id))
        .response.change();
  }
  std::string Rehearsed(Someone& author) {
    const auto planned =
        Call<v1::PlanChangeResponse>(*author.channel, "PlanChange", Script("fix one"));
    EXPECT_TRUE(planned.status.ok()) << planned.status.error_message();
    const std::string id = planned.response.change().id();
    EXPECT_TRUE(use_cases::RunRehearsal(front.ports, *core::ChangeId::Parse(id), unwatched).ok());
    return id;
  }
  Answer<v1::ReviewChangeResponse> Review(Someone& reviewer, const std::string& id,
                                          v1::Decision decision) {
    auto look = Of<v1::GetChangeStatementRequest>(id);
    look.set_decision(decision);
    const auto seen =
        Call<v1::GetChangeStatementResponse>(*reviewer.channel, "GetChangeStatement", look);
    auto request = Mutating<v1::ReviewChangeRequest>(id);
    request.set_decision(decision);
    request.set_note("seen");
    request.set_digest(seen.response.digest());
    request.set_signature(
        credential::Sign(reviewer.pair.key_pem.RevealForUse(), credential::kReviewContext,
                         credential::ReviewText(seen.response.statement(), "seen"))
            .value_or(""));
    return Call<v1::ReviewChangeResponse>(*reviewer.channel, "ReviewChange", request);
  }

  std::mutex mutex;
  absl::Status room = absl::OkStatus();
  std::vector<std::string> handed;
  std::vector<std::string> cancelled;
  std::optional<RunStand> stand;
  Front front;
  testing::MemoryBench bench;
  testing::CannedReader reader;
  Unwatched unwatched;
};

TEST(Changes, AScriptIsPlannedRehearsedReviewedAndApplied) {
  ChangeFront stage;
  Someone engineer = Comes(stage.front, "engineer");
  Someone reviewer = Comes(stage.front, "reviewer");
  const std::string id = stage.Rehearsed(engineer);
  const v1::Change rehearsed = stage.Get(*engineer.channel, id);
  EXPECT_EQ(rehearsed.state(), v1::Change::STATE_REHEARSED) << rehearsed.why();
  EXPECT_EQ(rehearsed.script(), "fix one");
  ASSERT_EQ(rehearsed.rehearsal().report().tables_size(), 1);
  EXPECT_EQ(rehearsed.rehearsal().report().tables(0).direct().updated(), 1);
  EXPECT_FALSE(rehearsed.rehearsal().report().cut());
  EXPECT_THAT(rehearsed.rehearsal().misses(), IsEmpty());
  EXPECT_FALSE(rehearsed.final());

  const auto submitted = stage.Call<v1::SubmitChangeResponse>(
      *engineer.channel, "SubmitChange", stage.Mutating<v1::SubmitChangeRequest>(id));
  ASSERT_TRUE(submitted.status.ok()) << submitted.status.error_message();
  EXPECT_EQ(submitted.response.change().state(), v1::Change::STATE_SUBMITTED);
  EXPECT_THAT(submitted.response.change().seats(0).candidates(),
              ElementsAre("reviewer", "second_reviewer"));

  const auto inbox =
      rpc::Review<v1::ListInboxResponse>(*reviewer.channel, "ListInbox", v1::ListInboxRequest());
  ASSERT_EQ(inbox.response.changes_size(), 1);
  EXPECT_EQ(inbox.response.changes(0).id(), id);
  EXPECT_EQ(inbox.response.changes(0).script(), "");

  const auto approved = stage.Review(reviewer, id, v1::DECISION_APPROVE);
  ASSERT_TRUE(approved.status.ok()) << approved.status.error_message();
  EXPECT_EQ(approved.response.change().state(), v1::Change::STATE_APPROVED);
  EXPECT_EQ(approved.response.change().seats(0).filled_by(), "reviewer");

  const auto applying = stage.Call<v1::ApplyChangeResponse>(
      *engineer.channel, "ApplyChange", stage.Mutating<v1::ApplyChangeRequest>(id));
  ASSERT_TRUE(applying.status.ok()) << applying.status.error_message();
  EXPECT_EQ(applying.response.change().state(), v1::Change::STATE_APPLYING);
  ASSERT_TRUE(
      use_cases::RunExecution(stage.front.ports, *core::ChangeId::Parse(id), stage.unwatched).ok());
  EXPECT_EQ(stage.Get(*engineer.channel, id).state(), v1::Change::STATE_APPLIED);
  EXPECT_EQ(stage.bench.tables()["shop.orders"]["1"], "paid");

  const auto steps = stage.Call<v1::ListRowChangesResponse>(
      *reviewer.channel, "ListRowChanges", stage.Of<v1::ListRowChangesRequest>(id));
  ASSERT_TRUE(steps.status.ok()) << steps.status.error_message();
  EXPECT_EQ(steps.response.steps_size(), 1);
  const auto history = stage.Call<v1::ListChangeHistoryResponse>(
      *reviewer.channel, "ListChangeHistory", stage.Of<v1::ListChangeHistoryRequest>(id));
  EXPECT_GE(history.response.events_size(), 6);
}

TEST(Changes, ARepeatOfAPlanIsTheSameChange) {
  ChangeFront stage;
  Someone engineer = Comes(stage.front, "engineer");
  const v1::PlanChangeRequest request = stage.Script("fix one");
  const auto first = stage.Call<v1::PlanChangeResponse>(*engineer.channel, "PlanChange", request);
  const auto again = stage.Call<v1::PlanChangeResponse>(*engineer.channel, "PlanChange", request);
  ASSERT_TRUE(first.status.ok()) << first.status.error_message();
  EXPECT_EQ(first.response.change().state(), v1::Change::STATE_PLANNED);
  EXPECT_EQ(again.response.change().id(), first.response.change().id());
}

TEST(Changes, SomebodyElsesChangeIsNotThereAndNobodyElseCancelsIt) {
  ChangeFront stage;
  Someone engineer = Comes(stage.front, "engineer");
  const auto planned =
      stage.Call<v1::PlanChangeResponse>(*engineer.channel, "PlanChange", stage.Script("fix one"));
  const std::string id = planned.response.change().id();
  EXPECT_EQ(stage
                .Call<v1::GetChangeResponse>(*stage.front.As("oncall"), "GetChange",
                                             stage.Of<v1::GetChangeRequest>(id))
                .reason(),
            v1::REFUSAL_REASON_UNKNOWN_CHANGE);
  EXPECT_EQ(stage
                .Call<v1::CancelChangeResponse>(*stage.front.As("reviewer"), "CancelChange",
                                                stage.Mutating<v1::CancelChangeRequest>(id))
                .reason(),
            v1::REFUSAL_REASON_NOT_HOLDER);
  EXPECT_TRUE(stage
                  .Call<v1::CancelChangeResponse>(*stage.front.As("operator"), "CancelChange",
                                                  stage.Mutating<v1::CancelChangeRequest>(id))
                  .status.ok());
}

TEST(Changes, WhatIsMalformedIsRefusedInWords) {
  ChangeFront stage;
  const auto engineer = stage.front.As("engineer");
  auto expectation = stage.Script("fix one");
  expectation.add_expectations("orders");
  EXPECT_EQ(stage.Call<v1::PlanChangeResponse>(*engineer, "PlanChange", expectation).reason(),
            v1::REFUSAL_REASON_MALFORMED_EXPECTATION);
  EXPECT_EQ(stage
                .Call<v1::PlanChangeResponse>(*engineer, "PlanChange",
                                              stage.Script(std::string((1 << 20) + 1, 'a')))
                .reason(),
            v1::REFUSAL_REASON_SCRIPT_TOO_LARGE);
  v1::PlanUndoRequest both;
  both.set_idempotency_id(NextIdempotencyId());
  both.set_change_id("aaaaaaaaaaaaaaaaaaaaaaaaaa");
  both.set_lease_id("aaaaaaaaaaaaaaaaaaaaaaaaaa");
  EXPECT_EQ(stage.Call<v1::PlanUndoResponse>(*engineer, "PlanUndo", both).reason(),
            v1::REFUSAL_REASON_MALFORMED_NAME);
  auto verdict = stage.Mutating<v1::ReviewChangeRequest>("aaaaaaaaaaaaaaaaaaaaaaaaaa");
  verdict.set_decision(v1::DECISION_ACCEPT);
  EXPECT_EQ(
      stage.Call<v1::ReviewChangeResponse>(*stage.front.As("reviewer"), "ReviewChange", verdict)
          .reason(),
      v1::REFUSAL_REASON_MALFORMED_NAME);
}

TEST(Changes, WhatRunsIsHandedToTheRunnerOnceAndCancelledThere) {
  ChangeFront stage;
  Someone engineer = Comes(stage.front, "engineer");
  const auto planned =
      stage.Call<v1::PlanChangeResponse>(*engineer.channel, "PlanChange", stage.Script("fix one"));
  const std::string id = planned.response.change().id();
  EXPECT_THAT(stage.handed, ElementsAre(id));
  stage.Call<v1::CancelChangeResponse>(*engineer.channel, "CancelChange",
                                       stage.Mutating<v1::CancelChangeRequest>(id));
  EXPECT_THAT(stage.cancelled, ElementsAre(id));
}

TEST(Changes, WithoutRoomNothingIsBegun) {
  ChangeFront stage;
  Someone engineer = Comes(stage.front, "engineer");
  stage.room = absl::UnavailableError("too many changes wait for this target already");
  const auto planned =
      stage.Call<v1::PlanChangeResponse>(*engineer.channel, "PlanChange", stage.Script("fix one"));
  EXPECT_EQ(planned.status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(stage.handed, IsEmpty());
  EXPECT_EQ(
      stage
          .Call<v1::ListChangesResponse>(*engineer.channel, "ListChanges", v1::ListChangesRequest())
          .response.changes_size(),
      0);
}

TEST(Changes, WhoeverWaitsHearsOfProgressAsSoonAsThereIsSome) {
  ChangeFront stage;
  Someone engineer = Comes(stage.front, "engineer");
  const auto planned =
      stage.Call<v1::PlanChangeResponse>(*engineer.channel, "PlanChange", stage.Script("fix one"));
  auto wait = stage.Of<v1::WaitChangeRequest>(planned.response.change().id());
  wait.set_known_version(planned.response.change().version());
  wait.set_known_tick(1);
  wait.mutable_wait()->set_seconds(20);
  {
    const std::lock_guard lock(stage.mutex);
    stage.stand = RunStand{.run = RunStand::Run::kRehearsal,
                           .wish = RunStand::Wish::kStop,
                           .statement = 2,
                           .statements = 5,
                           .rows = 7,
                           .elapsed = absl::Seconds(3),
                           .tick = 2};
  }
  const auto news = stage.Call<v1::WaitChangeResponse>(*engineer.channel, "WaitChange", wait);
  ASSERT_TRUE(news.status.ok()) << news.status.error_message();
  const v1::ChangeProgress& progress = news.response.change().progress();
  EXPECT_EQ(progress.run(), v1::ChangeProgress::RUN_REHEARSAL);
  EXPECT_EQ(progress.statement(), 2);
  EXPECT_EQ(progress.statements(), 5);
  EXPECT_EQ(progress.rows(), 7);
  EXPECT_EQ(progress.elapsed().seconds(), 3);
  EXPECT_TRUE(progress.cancelling());
  EXPECT_EQ(progress.tick(), 2);
  // Without news the answer comes when the time is over.
  wait.set_known_tick(2);
  wait.mutable_wait()->set_seconds(1);
  const auto none = stage.Call<v1::WaitChangeResponse>(*engineer.channel, "WaitChange", wait);
  EXPECT_TRUE(none.status.ok());
  EXPECT_EQ(none.response.change().progress().tick(), 2);
}

TEST(Changes, WhatTheUseCasesRefuseComesWithItsReason) {
  ChangeFront stage;
  Someone engineer = Comes(stage.front, "engineer");
  Someone reviewer = Comes(stage.front, "reviewer");
  const std::string id = stage.Rehearsed(engineer);
  const auto reason = [&](Someone& who, const char* method, const auto& request) {
    return stage.Call<v1::GetChangeResponse>(*who.channel, method, request).reason();
  };
  auto elsewhere = stage.Script("fix one");
  elsewhere.set_target("nowhere");
  EXPECT_EQ(reason(engineer, "PlanChange", elsewhere), v1::REFUSAL_REASON_UNKNOWN_TARGET);
  auto empty = stage.Script("");
  EXPECT_EQ(reason(engineer, "PlanChange", empty), v1::REFUSAL_REASON_MALFORMED_SCRIPT);
  auto unrehearsed = stage.Script("fix one");
  unrehearsed.set_unrehearsed(true);
  EXPECT_EQ(reason(engineer, "PlanChange", unrehearsed),
            v1::REFUSAL_REASON_UNREHEARSED_NOT_ALLOWED);
  // Nothing is applied, approved or withdrawn before its time, or by somebody else.
  EXPECT_EQ(reason(engineer, "ApplyChange", stage.Mutating<v1::ApplyChangeRequest>(id)),
            v1::REFUSAL_REASON_WRONG_STATE);
  EXPECT_EQ(reason(engineer, "CancelChange", stage.Mutating<v1::CancelChangeRequest>(id)),
            v1::REFUSAL_REASON_WRONG_STATE);
  EXPECT_EQ(reason(reviewer, "SubmitChange", stage.Mutating<v1::SubmitChangeRequest>(id)),
            v1::REFUSAL_REASON_NOT_HOLDER);
  ASSERT_TRUE(stage
                  .Call<v1::SubmitChangeResponse>(*engineer.channel, "SubmitChange",
                                                  stage.Mutating<v1::SubmitChangeRequest>(id))
                  .status.ok());
  auto forged = stage.Mutating<v1::ReviewChangeRequest>(id);
  forged.set_decision(v1::DECISION_APPROVE);
  forged.set_digest(std::string(64, '0'));
  forged.set_signature("c2lnbmVk");
  EXPECT_EQ(reason(reviewer, "ReviewChange", forged), v1::REFUSAL_REASON_DIGEST_MISMATCH);
  ASSERT_TRUE(stage.Review(reviewer, id, v1::DECISION_APPROVE).status.ok());
  EXPECT_EQ(reason(reviewer, "ApplyChange", stage.Mutating<v1::ApplyChangeRequest>(id)),
            v1::REFUSAL_REASON_NOT_HOLDER);
  v1::PlanUndoRequest undo;
  undo.set_idempotency_id(NextIdempotencyId());
  undo.set_change_id(id);
  undo.set_reason("it was wrong");
  EXPECT_EQ(reason(engineer, "PlanUndo", undo), v1::REFUSAL_REASON_NOTHING_TO_UNDO);
}

TEST(Changes, TheLargestScriptThereIsLeavesWithTheJournal) {
  ChangeFront stage;
  // Control characters are what a record writes longest.
  const std::string script(std::size_t{1} << 20, '\x01');
  Someone engineer = Comes(stage.front, "engineer");
  const auto planned =
      stage.Call<v1::PlanChangeResponse>(*engineer.channel, "PlanChange", stage.Script(script));
  ASSERT_TRUE(planned.status.ok()) << planned.status.error_message();
  EXPECT_EQ(planned.response.change().script(), script);
  development::KeyPair auditor = stage.front.Issue(stage.front.OrderFor("auditor"));
  Visit visit({.broker = stage.front.address(),
               .certificate_pem = auditor.certificate_pem,
               .key_pem = std::move(auditor.key_pem),
               .authorities_pem = stage.front.authority.certificate_pem()});
  std::size_t longest = 0;
  const absl::Status exported =
      visit.ExportJournal(absl::Now() + absl::Seconds(30), [&](absl::string_view record) {
        longest = std::max(longest, record.size());
        return absl::OkStatus();
      });
  EXPECT_TRUE(exported.ok()) << exported;
  EXPECT_GT(longest, std::size_t{4} << 20);
}

TEST(Changes, OnlyAPlanMayBringALargeMessage) {
  ChangeFront stage;
  v1::GetChangeRequest large;
  large.set_change_id(std::string(100 * 1024, 'a'));
  EXPECT_EQ(
      stage.Call<v1::GetChangeResponse>(*stage.front.As("engineer"), "GetChange", large).reason(),
      v1::REFUSAL_REASON_MESSAGE_TOO_LARGE);
}

}  // namespace
}  // namespace jit::rpc

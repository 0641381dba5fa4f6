// A change and a broker that is killed in the middle of it: committed or not is found by looking,
// and nothing ever runs twice.
//
// The broker and PostgreSQL are real; what is said to the broker is said over its wire, so that
// every call is made at the instant it is meant for.
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <functional>
#include <set>

#include "broker/credential/signature.h"
#include "jit/v1/change_service.grpc.pb.h"
#include "tests/end_to_end/scene.h"

namespace jit::end_to_end {
namespace {

using ::testing::HasSubstr;
using v1::Change;
using Stub = v1::ChangeService::Stub;

// The second statement takes long enough to do something meanwhile.
constexpr char kSlow[] =
    "update shop.orders set status = status || '!' where id = 1;\n"
    "select pg_sleep(4);\n"
    "update shop.orders set status = status || '?' where id = 2;\n";

class ChangeCrash : public ::testing::Test {
 protected:
  void SetUp() override {
    scene_ = Scene::Make();
    ASSERT_NE(scene_, nullptr);
    ASSERT_TRUE(scene_->Start());
  }

  // Made anew for each call: a channel to a broker that was killed waits before it tries again.
  std::unique_ptr<Stub> As(const std::string& person) {
    grpc::SslCredentialsOptions papers;
    papers.pem_root_certs = scene_->ReadFile("authority.pem");
    papers.pem_private_key = scene_->ReadFile(person + ".key");
    papers.pem_cert_chain = scene_->ReadFile(person + ".pem");
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return v1::ChangeService::NewStub(grpc::CreateCustomChannel(
        scene_->PapersOf(person)["JIT_BROKER"], grpc::SslCredentials(papers), arguments));
  }

  template <class Request, class Response>
  using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);
  template <class Request, class Response>
  grpc::Status Say(const std::string& person, Method<Request, Response> method,
                   const Request& request, Response& response) {
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    return ((*As(person)).*method)(&context, request, &response);
  }

  // A word about a change that has nothing but its id.
  template <class Request, class Response>
  grpc::Status Order(const std::string& person, Method<Request, Response> method,
                     const std::string& change) {
    Request request;
    request.set_idempotency_id(NextId());
    request.set_change_id(change);
    Response response;
    return Say(person, method, request, response);
  }

  std::string Plan(const std::string& script) {
    v1::PlanChangeRequest request;
    request.set_idempotency_id(NextId());
    request.set_target("shop");
    request.set_role("writer");
    request.set_reason("an end-to-end test");
    request.set_script(script);
    v1::PlanChangeResponse response;
    const grpc::Status said = Say("engineer", &Stub::PlanChange, request, response);
    EXPECT_TRUE(said.ok()) << said.error_message();
    return response.change().id();
  }

  Change Get(const std::string& id) {
    v1::GetChangeRequest request;
    request.set_change_id(id);
    v1::GetChangeResponse response;
    const grpc::Status said = Say("engineer", &Stub::GetChange, request, response);
    EXPECT_TRUE(said.ok()) << said.error_message();
    return response.change();
  }

  // The change as soon as `holds`, else as it is in the end.
  Change Until(const std::string& id, const std::function<bool(const Change&)>& holds) {
    Change change;
    Comes(
        [&] {
          change = Get(id);
          return holds(change);
        },
        std::chrono::seconds(60));
    return change;
  }
  Change UntilOver(const std::string& id, Change::State from) {
    return Until(id, [&](const Change& change) { return change.state() != from; });
  }

  void Approve(const std::string& id) {
    v1::GetChangeStatementRequest look;
    look.set_change_id(id);
    look.set_decision(v1::DECISION_APPROVE);
    v1::GetChangeStatementResponse seen;
    grpc::Status said = Say("reviewer", &Stub::GetChangeStatement, look, seen);
    ASSERT_TRUE(said.ok()) << said.error_message();
    v1::ReviewChangeRequest request;
    request.set_idempotency_id(NextId());
    request.set_change_id(id);
    request.set_decision(v1::DECISION_APPROVE);
    request.set_digest(seen.digest());
    request.set_signature(credential::Sign(scene_->ReadFile("reviewer.key"),
                                           credential::kReviewContext,
                                           credential::ReviewText(seen.statement(), ""))
                              .value_or(""));
    v1::ReviewChangeResponse response;
    said = Say("reviewer", &Stub::ReviewChange, request, response);
    ASSERT_TRUE(said.ok()) << said.error_message();
    ASSERT_EQ(response.change().state(), Change::STATE_APPROVED);
  }

  // Planned, rehearsed, reviewed and begun; its execution is in the second statement.
  std::string InTheMiddle() {
    const std::string id = Plan(kSlow);
    const Change rehearsed = UntilOver(id, Change::STATE_PLANNED);
    EXPECT_EQ(rehearsed.state(), Change::STATE_REHEARSED) << rehearsed.ShortDebugString();
    const grpc::Status submitted = Order("engineer", &Stub::SubmitChange, id);
    EXPECT_TRUE(submitted.ok()) << submitted.error_message();
    Approve(id);
    const grpc::Status begun = Order("engineer", &Stub::ApplyChange, id);
    EXPECT_TRUE(begun.ok()) << begun.error_message();
    const Change running =
        Until(id, [](const Change& change) { return change.progress().statement() == 2; });
    EXPECT_EQ(running.progress().run(), v1::ChangeProgress::RUN_EXECUTION);
    EXPECT_EQ(running.progress().statements(), 3);
    EXPECT_EQ(running.progress().rows(), 1);
    return id;
  }

  // What became of the two orders that the script changes.
  std::string Orders() {
    return scene_->Sql("select string_agg(status, ' ' order by id) from shop.orders where id < 3");
  }

  // Whoever applies it again is told that it was run, and it does not run again.
  void RunsNoMore(const std::string& id, const std::string& orders) {
    const grpc::Status again = Order("engineer", &Stub::ApplyChange, id);
    const Change change = Get(id);
    EXPECT_NE(change.state(), Change::STATE_APPLYING);
    EXPECT_FALSE(again.ok() && change.state() != Change::STATE_APPLIED) << "it was begun again";
    EXPECT_EQ(Orders(), orders);
    EXPECT_TRUE(Comes([&] { return scene_->Logins().empty(); })) << "a run left its login behind";
  }

  std::string NextId() { return std::string(28, '0') + std::to_string(1000 + ids_++); }

  std::unique_ptr<Scene> scene_;
  int ids_ = 0;
};

TEST_F(ChangeCrash, KilledInTheMiddleOfAScriptNothingOfItStays) {
  const std::string id = InTheMiddle();
  scene_->Kill();
  ASSERT_TRUE(scene_->Start());
  const Change found = UntilOver(id, Change::STATE_APPLYING);
  EXPECT_EQ(found.state(), Change::STATE_ROLLED_BACK) << found.ShortDebugString();
  EXPECT_THAT(found.why(), HasSubstr("interrupted"));
  RunsNoMore(id, "placed placed");
}

TEST_F(ChangeCrash, KilledWhileCommitIsUnansweredItIsFoundCommittedAndRunsNoMore) {
  const std::string id = InTheMiddle();
  // From now on nobody is told that they have committed until a standby says so, which is not
  // there.
  scene_->Sql("alter system set synchronous_standby_names = 'nobody'");
  scene_->Sql("select pg_reload_conf()");
  ASSERT_TRUE(Comes([&] {
    return scene_->Sql(
               "select count(*) from pg_stat_activity where wait_event = 'SyncRep'"
               " and usename ~ '^jit_[a-z2-7]{26}$'") == "1";
  }));
  scene_->Kill();
  scene_->Sql("alter system reset synchronous_standby_names");
  scene_->Sql("select pg_reload_conf()");
  EXPECT_EQ(Orders(), "placed! placed?");
  ASSERT_TRUE(scene_->Start());
  const Change found = UntilOver(id, Change::STATE_APPLYING);
  EXPECT_EQ(found.state(), Change::STATE_APPLIED) << found.ShortDebugString();
  EXPECT_FALSE(found.execution().has_report());
  RunsNoMore(id, "placed! placed?");
  scene_->ExportedJournal();
}

TEST_F(ChangeCrash, ABrokerThatStandsStillForAWhileGoesOnWhereItWas) {
  const std::string id = InTheMiddle();
  scene_->broker().Signal(SIGSTOP);
  Pause(std::chrono::seconds(8));
  EXPECT_EQ(Orders(), "placed placed");
  scene_->broker().Signal(SIGCONT);
  EXPECT_EQ(UntilOver(id, Change::STATE_APPLYING).state(), Change::STATE_APPLIED);
  RunsNoMore(id, "placed! placed?");
}

TEST_F(ChangeCrash, KilledWhileItIsRehearsedItIsToBePlannedAgain) {
  const std::string id = Plan(kSlow);
  const Change running =
      Until(id, [](const Change& change) { return change.progress().statement() == 2; });
  EXPECT_EQ(running.progress().run(), v1::ChangeProgress::RUN_REHEARSAL);
  scene_->Kill();
  ASSERT_TRUE(scene_->Start());
  const Change found = UntilOver(id, Change::STATE_PLANNED);
  EXPECT_EQ(found.state(), Change::STATE_FAILED);
  EXPECT_THAT(found.why(), HasSubstr("plan it again"));
  EXPECT_EQ(Orders(), "placed placed");
  EXPECT_TRUE(Comes([&] { return scene_->Logins().empty(); }));
}

TEST_F(ChangeCrash, ARunningApplyIsCancelledByItsAuthor) {
  const std::string id = InTheMiddle();
  const grpc::Status cancelled = Order("engineer", &Stub::CancelChange, id);
  EXPECT_TRUE(cancelled.ok()) << cancelled.error_message();
  const Change found = UntilOver(id, Change::STATE_APPLYING);
  EXPECT_EQ(found.state(), Change::STATE_ROLLED_BACK) << found.ShortDebugString();
  EXPECT_THAT(found.why(), HasSubstr("cancelled"));
  RunsNoMore(id, "placed placed");
}

TEST_F(ChangeCrash, ABrokerThatIsToldToStopRollsBackAndSaysSo) {
  const std::string id = InTheMiddle();
  EXPECT_EQ(scene_->Terminate().status, 0);
  EXPECT_EQ(Orders(), "placed placed");
  ASSERT_TRUE(scene_->Start());
  EXPECT_EQ(UntilOver(id, Change::STATE_APPLYING).state(), Change::STATE_ROLLED_BACK);
  RunsNoMore(id, "placed placed");
}

TEST_F(ChangeCrash, ProgressComesToWhoeverWaitsForIt) {
  const std::string id = InTheMiddle();
  v1::WaitChangeRequest request;
  request.set_change_id(id);
  std::set<std::int32_t> seen;
  Change change;
  for (int i = 0; i < 50 && (i == 0 || change.state() == Change::STATE_APPLYING); ++i) {
    request.set_known_version(change.version());
    request.set_known_tick(change.progress().tick());
    request.mutable_wait()->set_seconds(10);
    v1::WaitChangeResponse response;
    const grpc::Status said = Say("engineer", &Stub::WaitChange, request, response);
    ASSERT_TRUE(said.ok()) << said.error_message();
    change = response.change();
    if (change.has_progress()) seen.insert(change.progress().statement());
  }
  EXPECT_EQ(change.state(), Change::STATE_APPLIED) << change.ShortDebugString();
  EXPECT_TRUE(seen.contains(2));
  EXPECT_EQ(change.execution().report().statements_size(), 3);
  RunsNoMore(id, "placed! placed?");
}

}  // namespace
}  // namespace jit::end_to_end

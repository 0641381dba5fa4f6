// Every method × every kind of caller, over a real connection. A method that is not in this table
// fails, and so does a line of the table without a method: whoever adds a method decides here, a
// second time and independently of the door, who may call it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "google/protobuf/descriptor.h"
#include "jit/v1/audit_service.pb.h"
#include "jit/v1/change_service.pb.h"
#include "jit/v1/lease_service.pb.h"
#include "jit/v1/operator_service.pb.h"
#include "jit/v1/review_service.pb.h"
#include "tests/rpc/front.h"

namespace jit::rpc {
namespace {

// Who is let in: e engineer (asks), o oncall (asks in an emergency), r reviewer (approves),
// m manager (approves), O operator, A auditor. Nobody else ever is.
const std::map<std::string, std::string>& LetIn() {
  static const std::map<std::string, std::string> table = {
      {"jit.v1.LeaseService.WhoAmI", "eormOA"},
      {"jit.v1.LeaseService.ListRoles", "eormOA"},
      {"jit.v1.LeaseService.ListApprovers", "eormOA"},
      {"jit.v1.LeaseService.CreateLease", "eo"},
      {"jit.v1.LeaseService.BreakGlass", "eo"},
      {"jit.v1.LeaseService.OpenLease", "eormOA"},
      {"jit.v1.LeaseService.EndLease", "eormOA"},
      {"jit.v1.LeaseService.WithdrawLease", "eormOA"},
      {"jit.v1.LeaseService.GetLease", "eormOA"},
      {"jit.v1.LeaseService.WaitLease", "eormOA"},
      {"jit.v1.LeaseService.ListLeases", "eormOA"},
      {"jit.v1.LeaseService.ListHistory", "eormOA"},
      {"jit.v1.ReviewService.ListInbox", "eormOA"},
      {"jit.v1.ReviewService.GetStatement", "eormOA"},
      {"jit.v1.ReviewService.ApproveLease", "eorm"},
      {"jit.v1.ReviewService.DenyLease", "eorm"},
      {"jit.v1.ReviewService.RevokeLease", "rmO"},
      {"jit.v1.ReviewService.ReviewBreakGlass", "rm"},
      {"jit.v1.ReviewService.AcceptResidue", "rm"},
      {"jit.v1.ChangeService.PlanChange", "eo"},
      {"jit.v1.ChangeService.PlanUndo", "eo"},
      {"jit.v1.ChangeService.PlanDrop", "eo"},
      {"jit.v1.ChangeService.GetChange", "eormOA"},
      {"jit.v1.ChangeService.WaitChange", "eormOA"},
      {"jit.v1.ChangeService.SubmitChange", "eormOA"},
      {"jit.v1.ChangeService.WithdrawChange", "eormOA"},
      {"jit.v1.ChangeService.ApplyChange", "eormOA"},
      {"jit.v1.ChangeService.CancelChange", "eormOA"},
      {"jit.v1.ChangeService.ListChanges", "eormOA"},
      {"jit.v1.ChangeService.ListChangeHistory", "eormOA"},
      {"jit.v1.ChangeService.GetChangeStatement", "eormOA"},
      {"jit.v1.ChangeService.ReviewChange", "rm"},
      {"jit.v1.ChangeService.DenyChange", "rmO"},
      {"jit.v1.ChangeService.ListRowChanges", "eormOA"},
      {"jit.v1.ChangeService.ListRows", "eormOA"},
      {"jit.v1.ChangeService.ListKept", "eormOA"},
      {"jit.v1.AuditService.ExportJournal", "A"},
      {"jit.v1.AuditService.GetCheckpoint", "AO"},
      {"jit.v1.OperatorService.ReloadPolicy", "O"},
      {"jit.v1.OperatorService.GetBrokerStatus", "OA"},
  };
  return table;
}

const std::map<char, std::string>& People() {
  static const std::map<char, std::string> people = {{'e', "engineer"}, {'o', "oncall"},
                                                     {'r', "reviewer"}, {'m', "manager"},
                                                     {'O', "operator"}, {'A', "auditor"}};
  return people;
}

std::set<std::string> MethodsInThePool() {
  std::set<std::string> methods;
  for (const google::protobuf::Descriptor* any :
       {v1::WhoAmIRequest::descriptor(), v1::ListInboxRequest::descriptor(),
        v1::PlanChangeRequest::descriptor(), v1::GetCheckpointRequest::descriptor(),
        v1::ReloadPolicyRequest::descriptor()}) {
    for (int i = 0; i < any->file()->service_count(); ++i) {
      const google::protobuf::ServiceDescriptor* service = any->file()->service(i);
      for (int j = 0; j < service->method_count(); ++j) {
        methods.insert(service->method(j)->full_name());
      }
    }
  }
  return methods;
}

// Refused because of who is calling, whatever they asked for.
bool TurnedAway(const RawAnswer& answer) {
  static const std::set<v1::RefusalReason> reasons = {
      v1::REFUSAL_REASON_UNKNOWN_CALLER, v1::REFUSAL_REASON_REVOKED_CERTIFICATE,
      v1::REFUSAL_REASON_UNKNOWN_PERSON, v1::REFUSAL_REASON_PERSON_IN_NO_GROUP,
      v1::REFUSAL_REASON_UNKNOWN_METHOD, v1::REFUSAL_REASON_METHOD_NOT_FOR_CALLER};
  return reasons.contains(answer.reason());
}

TEST(Matrix, EveryMethodHasALineAndEveryLineAMethod) {
  std::set<std::string> listed;
  for (const auto& [method, people] : LetIn()) {
    listed.insert(method);
  }
  EXPECT_EQ(MethodsInThePool(), listed);
}

TEST(Matrix, EveryMethodLetsInWhomTheTableNamesAndNobodyElse) {
  Front front;
  for (const auto& [letter, person] : People()) {
    const std::shared_ptr<grpc::Channel> channel = front.As(person);
    for (const auto& [method, let_in] : LetIn()) {
      const RawAnswer answer = CallRaw(*channel, method, "");
      ASSERT_NE(answer.status.error_code(), grpc::StatusCode::UNAVAILABLE)
          << method << answer.status.error_message();
      ASSERT_NE(answer.status.error_code(), grpc::StatusCode::UNIMPLEMENTED) << method;
      if (let_in.find(letter) != std::string::npos) {
        EXPECT_FALSE(TurnedAway(answer)) << person << " calls " << method;
      } else {
        EXPECT_EQ(answer.reason(), v1::REFUSAL_REASON_METHOD_NOT_FOR_CALLER)
            << person << " calls " << method;
        EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
        EXPECT_TRUE(answer.messages.empty());
      }
    }
  }
}

TEST(Matrix, NoMethodIsOpenToSomebodyUnknownOrInNoGroup) {
  Front front;
  development::CertificateOrder twice = front.OrderFor("engineer");
  twice.uris.push_back("jit://test/operator");
  development::CertificateOrder none = front.OrderFor("engineer");
  none.uris.clear();
  none.dns_names = {"engineer.test"};
  const std::vector<std::pair<std::shared_ptr<grpc::Channel>, v1::RefusalReason>> strangers = {
      {front.With(front.Issue(twice)), v1::REFUSAL_REASON_UNKNOWN_CALLER},
      {front.With(front.Issue(none)), v1::REFUSAL_REASON_UNKNOWN_CALLER},
      {front.As("stranger"), v1::REFUSAL_REASON_UNKNOWN_PERSON},
      {front.As("drifter"), v1::REFUSAL_REASON_PERSON_IN_NO_GROUP}};
  for (const auto& [channel, reason] : strangers) {
    for (const std::string& method : MethodsInThePool()) {
      const RawAnswer answer = CallRaw(*channel, method, "");
      EXPECT_EQ(answer.reason(), reason) << method;
      EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << method;
      EXPECT_TRUE(answer.messages.empty());
    }
  }
}

TEST(Matrix, NoMethodIsReachedWithACertificateThatTlsDoesNotTrust) {
  Front front;
  const absl::Time now = front.clock.Now().wall;
  const auto other =
      development::Authority::Make("other authority", now - absl::Hours(1), now + absl::Hours(1));
  ASSERT_TRUE(other.ok());
  development::CertificateOrder expired = front.OrderFor("operator");
  expired.not_before = now - absl::Hours(1);
  expired.not_after = now - absl::Minutes(1);
  development::CertificateOrder early = front.OrderFor("operator");
  early.not_before = now + absl::Hours(1);
  early.not_after = now + absl::Hours(2);
  development::CertificateOrder server = front.OrderFor("operator");
  server.use = development::Use::kServer;
  auto foreign = other->Issue(front.OrderFor("operator"));
  ASSERT_TRUE(foreign.ok());
  for (const auto& channel :
       {front.With(*foreign), front.With(front.Issue(expired)), front.With(front.Issue(early)),
        front.With(front.Issue(server)), front.Bare()}) {
    for (const std::string& method : MethodsInThePool()) {
      const RawAnswer answer = CallRaw(*channel, method, "");
      EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::UNAVAILABLE) << method;
      EXPECT_TRUE(answer.messages.empty());
    }
  }
}

TEST(Matrix, AMethodThatIsNotThereIsRefused) {
  Front front;
  const auto channel = front.As("operator");
  EXPECT_EQ(CallRaw(*channel, "jit.v1.LeaseService.OpenEverything", "").status.error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
}

}  // namespace
}  // namespace jit::rpc

// The services over real connections: what a client sees of the use cases, and the trailers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "broker/use_cases/sweep.h"
#include "jit/v1/audit_service.pb.h"
#include "jit/v1/operator_service.pb.h"
#include "tests/rpc/calls.h"

namespace jit::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Services, TellTheCallerWhoTheyAre) {
  Front front;
  const auto answer =
      Lease<v1::WhoAmIResponse>(*front.As("engineer"), "WhoAmI", v1::WhoAmIRequest());
  ASSERT_TRUE(answer.status.ok()) << answer.status.error_message();
  EXPECT_EQ(answer.response.person(), "engineer");
  EXPECT_EQ(answer.response.identity(), "jit://test/engineer");
  EXPECT_EQ(answer.response.manager(), "manager");
  EXPECT_THAT(answer.response.groups(), ElementsAre("engineers"));
  EXPECT_EQ(answer.response.broker_version(), "1.2.3");
  EXPECT_EQ(answer.response.debt_lease(), "");
  EXPECT_GT(answer.response.certificate_expire_time().seconds(), 0);
}

TEST(Services, AReaderIsOpenedInTheSameBreathAndARepeatIsTheSameLease) {
  Front front;
  const auto engineer = front.As("engineer");
  v1::CreateLeaseRequest request = AskFor("reader");
  request.set_scram_verifier(SomeVerifier());
  const auto first = Lease<v1::CreateLeaseResponse>(*engineer, "CreateLease", request);
  ASSERT_TRUE(first.status.ok()) << first.status.error_message();
  const v1::Lease& lease = first.response.lease();
  EXPECT_EQ(lease.state(), v1::Lease::STATE_OPEN);
  EXPECT_EQ(lease.connection().login(), "jit_" + lease.id());
  EXPECT_EQ(lease.connection().host(), "memory.example");
  EXPECT_FALSE(lease.writes());
  EXPECT_EQ(lease.ttl().seconds(), 30 * 60);
  EXPECT_EQ(lease.expire_time().seconds() - lease.approve_time().seconds(), 30 * 60);
  EXPECT_FALSE(lease.has_lapse_time());

  const auto again = Lease<v1::CreateLeaseResponse>(*engineer, "CreateLease", request);
  ASSERT_TRUE(again.status.ok());
  EXPECT_EQ(again.response.lease().id(), lease.id());
  request.set_reason("something else");
  EXPECT_EQ(Lease<v1::CreateLeaseResponse>(*engineer, "CreateLease", request).reason(),
            v1::REFUSAL_REASON_IDEMPOTENCY_ID_REUSED);
}

TEST(Services, AWriterGoesThroughReviewOpensAndIsGivenBack) {
  Front front;
  Someone engineer = Comes(front, "engineer");
  Someone reviewer = Comes(front, "reviewer");
  const auto asked =
      Lease<v1::CreateLeaseResponse>(*engineer.channel, "CreateLease", AskFor("writer"));
  ASSERT_TRUE(asked.status.ok()) << asked.status.error_message();
  const std::string id = asked.response.lease().id();
  EXPECT_EQ(asked.response.lease().state(), v1::Lease::STATE_REQUESTED);
  EXPECT_TRUE(asked.response.lease().has_lapse_time());
  ASSERT_EQ(asked.response.lease().seats_size(), 1);
  EXPECT_EQ(asked.response.lease().seats(0).from(), "group reviewers");
  EXPECT_THAT(asked.response.lease().seats(0).candidates(),
              ElementsAre("reviewer", "second_reviewer"));

  const auto inbox =
      Review<v1::ListInboxResponse>(*reviewer.channel, "ListInbox", v1::ListInboxRequest());
  ASSERT_EQ(inbox.response.waiting_size(), 1);
  EXPECT_EQ(inbox.response.waiting(0).id(), id);

  const auto approved = Approve(reviewer, id);
  ASSERT_TRUE(approved.status.ok()) << approved.status.error_message();
  EXPECT_EQ(approved.response.lease().state(), v1::Lease::STATE_APPROVED);
  EXPECT_EQ(approved.response.lease().seats(0).filled_by(), "reviewer");

  const auto opened = Lease<v1::OpenLeaseResponse>(*engineer.channel, "OpenLease", OpenOf(id));
  ASSERT_TRUE(opened.status.ok()) << opened.status.error_message();
  EXPECT_EQ(opened.response.lease().state(), v1::Lease::STATE_OPEN);
  EXPECT_THAT(front.woken(), IsEmpty());

  const auto ended =
      Lease<v1::EndLeaseResponse>(*engineer.channel, "EndLease", Changing<v1::EndLeaseRequest>(id));
  EXPECT_EQ(ended.response.lease().state(), v1::Lease::STATE_CLOSING);
  EXPECT_EQ(ended.response.lease().close_cause(), "ended");
  EXPECT_THAT(front.woken(), ElementsAre("shop"));

  const auto history = Lease<v1::ListHistoryResponse>(*engineer.channel, "ListHistory",
                                                      Naming<v1::ListHistoryRequest>(id));
  ASSERT_GE(history.response.events_size(), 6);
  EXPECT_EQ(history.response.events(0).type(), "lease.asked.v1");
  EXPECT_THAT(history.response.events(0).summary(), HasSubstr("engineer"));
}

TEST(Services, WhatAnOwnerLeftBehindIsShownAndAcceptedBySomebodyElse) {
  Front front;
  front.Change(testing::OfferSchema);
  Someone engineer = Comes(front, "engineer");
  Someone reviewer = Comes(front, "reviewer");
  const auto asked =
      Lease<v1::CreateLeaseResponse>(*engineer.channel, "CreateLease", AskFor("schema"));
  const std::string id = asked.response.lease().id();
  EXPECT_TRUE(asked.response.lease().writes());
  EXPECT_TRUE(asked.response.lease().defines());
  ASSERT_TRUE(Approve(reviewer, id).status.ok());
  ASSERT_TRUE(Lease<v1::OpenLeaseResponse>(*engineer.channel, "OpenLease", OpenOf(id)).status.ok());
  EXPECT_FALSE(AcceptResidue(reviewer, id).status.ok()) << "there is no statement to sign yet";
  ASSERT_TRUE(
      Lease<v1::EndLeaseResponse>(*engineer.channel, "EndLease", Changing<v1::EndLeaseRequest>(id))
          .status.ok());
  use_cases::SweepMemory memory;
  use_cases::SweepTarget(front.ports, front.target, use_cases::Depth::kDue, memory);

  const auto off =
      Lease<v1::GetLeaseResponse>(*engineer.channel, "GetLease", Naming<v1::GetLeaseRequest>(id));
  EXPECT_EQ(off.response.lease().state(), v1::Lease::STATE_OFF);
  EXPECT_TRUE(off.response.lease().acceptance_owed());
  EXPECT_TRUE(off.response.lease().has_residue());
  const auto inbox =
      Review<v1::ListInboxResponse>(*reviewer.channel, "ListInbox", v1::ListInboxRequest());
  ASSERT_EQ(inbox.response.residue_size(), 1);
  EXPECT_EQ(inbox.response.residue(0).id(), id);

  const auto accepted = AcceptResidue(reviewer, id);
  ASSERT_TRUE(accepted.status.ok()) << accepted.status.error_message();
  EXPECT_EQ(accepted.response.lease().state(), v1::Lease::STATE_CLOSED);
  EXPECT_EQ(accepted.response.lease().accepted_by(), "reviewer");
  EXPECT_FALSE(accepted.response.lease().acceptance_owed());
  v1::GetStatementRequest look;
  look.set_lease_id(id);
  look.set_decision(v1::DECISION_ACCEPT_RESIDUE);
  EXPECT_EQ(Review<v1::GetStatementResponse>(*reviewer.channel, "GetStatement", look).reason(),
            v1::REFUSAL_REASON_NOTHING_TO_REVIEW);
}

TEST(Services, ARevokeWakesTheSweeperToo) {
  Front front;
  Someone engineer = Comes(front, "engineer");
  Someone reviewer = Comes(front, "reviewer");
  const auto asked =
      Lease<v1::CreateLeaseResponse>(*engineer.channel, "CreateLease", AskFor("writer"));
  const std::string id = asked.response.lease().id();
  ASSERT_TRUE(Approve(reviewer, id).status.ok());
  ASSERT_TRUE(Lease<v1::OpenLeaseResponse>(*engineer.channel, "OpenLease", OpenOf(id)).status.ok());
  auto revoke = Changing<v1::RevokeLeaseRequest>(id);
  revoke.set_note("not any more");
  const auto revoked = Review<v1::RevokeLeaseResponse>(*reviewer.channel, "RevokeLease", revoke);
  ASSERT_TRUE(revoked.status.ok()) << revoked.status.error_message();
  EXPECT_EQ(revoked.response.lease().state(), v1::Lease::STATE_CLOSING);
  EXPECT_EQ(revoked.response.lease().detail(), "not any more");
  EXPECT_THAT(front.woken(), ElementsAre("shop"));
}

TEST(Services, SignaturesOfSomebodyElseAndOldDigestsAreRefused) {
  Front front;
  Someone engineer = Comes(front, "engineer");
  Someone reviewer = Comes(front, "reviewer");
  Someone second = Comes(front, "second_reviewer");
  const auto asked =
      Lease<v1::CreateLeaseResponse>(*engineer.channel, "CreateLease", AskFor("writer"));
  const std::string id = asked.response.lease().id();
  std::swap(reviewer.channel, second.channel);
  EXPECT_EQ(Approve(reviewer, id).reason(), v1::REFUSAL_REASON_SIGNATURE_INVALID);
  v1::ApproveLeaseRequest other = Changing<v1::ApproveLeaseRequest>(id);
  other.set_digest(std::string(64, 'a'));
  other.set_signature("c2lnbmF0dXJl");
  EXPECT_EQ(Review<v1::ApproveLeaseResponse>(*second.channel, "ApproveLease", other).reason(),
            v1::REFUSAL_REASON_DIGEST_MISMATCH);
}

TEST(Services, SomebodyElsesLeaseIsNotThere) {
  Front front;
  const auto asked =
      Lease<v1::CreateLeaseResponse>(*front.As("engineer"), "CreateLease", AskFor("reader"));
  const std::string id = asked.response.lease().id();
  const auto peer = front.As("peer");
  const auto hidden =
      Lease<v1::GetLeaseResponse>(*peer, "GetLease", Naming<v1::GetLeaseRequest>(id));
  const auto absent = Lease<v1::GetLeaseResponse>(
      *peer, "GetLease", Naming<v1::GetLeaseRequest>("aaaaaaaaaaaaaaaaaaaaaaaaaa"));
  EXPECT_EQ(hidden.reason(), v1::REFUSAL_REASON_UNKNOWN_LEASE);
  EXPECT_EQ(hidden.status.error_message(), absent.status.error_message());
  EXPECT_TRUE(
      Lease<v1::GetLeaseResponse>(*front.As("auditor"), "GetLease", Naming<v1::GetLeaseRequest>(id))
          .status.ok());
}

TEST(Services, PagesGoOnWhereTheLastOneEnded) {
  Front front;
  const auto engineer = front.As("engineer");
  std::set<std::string> asked;
  for (int i = 0; i < 5; ++i) {
    asked.insert(Lease<v1::CreateLeaseResponse>(*engineer, "CreateLease", AskFor("reader"))
                     .response.lease()
                     .id());
  }
  std::set<std::string> seen;
  v1::ListLeasesRequest request;
  request.set_page_size(2);
  do {
    const auto page = Lease<v1::ListLeasesResponse>(*engineer, "ListLeases", request);
    ASSERT_TRUE(page.status.ok()) << page.status.error_message();
    EXPECT_LE(page.response.leases_size(), 2);
    for (const v1::Lease& lease : page.response.leases()) {
      EXPECT_TRUE(seen.insert(lease.id()).second);
    }
    request.set_page_token(page.response.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(seen, asked);
}

TEST(Services, TellWhatMayBeAskedForAndWhoWouldHaveToApprove) {
  Front front;
  const auto engineer = front.As("engineer");
  const auto roles = Lease<v1::ListRolesResponse>(*engineer, "ListRoles", v1::ListRolesRequest());
  std::vector<std::string> names;
  for (const v1::OfferedRole& role : roles.response.roles()) {
    names.push_back(role.role());
  }
  EXPECT_THAT(names, ElementsAre("ddl", "reader", "writer"));
  v1::ListApproversRequest request;
  request.set_target("shop");
  request.set_role("ddl");
  const auto approvers = Lease<v1::ListApproversResponse>(*engineer, "ListApprovers", request);
  ASSERT_EQ(approvers.response.seats_size(), 2);
  EXPECT_EQ(approvers.response.seats(1).from(), "manager of the requester");
  EXPECT_THAT(approvers.response.seats(1).candidates(), ElementsAre("manager"));
}

TEST(Notices, StandInEveryAnswerToWhoeverCouldReviewUntilItIsDone) {
  Front front;
  Someone manager = Comes(front, "manager");
  const auto oncall = front.As("oncall");
  const auto broken = Lease<v1::BreakGlassResponse>(*oncall, "BreakGlass", Emergency());
  ASSERT_TRUE(broken.status.ok()) << broken.status.error_message();
  EXPECT_EQ(broken.response.lease().state(), v1::Lease::STATE_OPEN);
  EXPECT_FALSE(broken.notices.has_value());
  const std::string id = broken.response.lease().id();

  const RawAnswer answered = CallRaw(*manager.channel, "jit.v1.LeaseService.WhoAmI", "");
  ASSERT_TRUE(answered.notices.has_value());
  ASSERT_EQ(answered.notices->unreviewed_size(), 1);
  EXPECT_EQ(answered.notices->unreviewed(0).lease_id(), id);
  EXPECT_EQ(answered.notices->unreviewed(0).reason(), "checkout is down");
  EXPECT_TRUE(answered.notices->unreviewed(0).open());
  const RawAnswer refused = CallRaw(*manager.channel, "jit.v1.LeaseService.GetLease", "");
  EXPECT_EQ(refused.reason(), v1::REFUSAL_REASON_MALFORMED_NAME);
  EXPECT_TRUE(refused.notices.has_value());

  EXPECT_EQ(Lease<v1::BreakGlassResponse>(*oncall, "BreakGlass", Emergency()).reason(),
            v1::REFUSAL_REASON_REVIEW_DEBT);
  EXPECT_EQ(Lease<v1::WhoAmIResponse>(*oncall, "WhoAmI", v1::WhoAmIRequest()).response.debt_lease(),
            id);
  const auto accepted = Accept(manager, id);
  ASSERT_TRUE(accepted.status.ok()) << accepted.status.error_message();
  EXPECT_FALSE(accepted.notices.has_value());
  EXPECT_FALSE(CallRaw(*manager.channel, "jit.v1.LeaseService.WhoAmI", "").notices.has_value());
}

TEST(Audit, TheWholeJournalComesOutInOrderHoweverLargeItIs) {
  Front front;
  const auto engineer = front.As("engineer");
  for (int i = 0; i < 400; ++i) {
    v1::CreateLeaseRequest request = AskFor("reader");
    request.set_reason(std::string(1000, 'a'));
    const auto asked = Lease<v1::CreateLeaseResponse>(*engineer, "CreateLease", request);
    ASSERT_TRUE(asked.status.ok()) << asked.status.error_message();
  }
  const auto auditor = front.As("auditor");
  const auto checkpoint = Invoke<v1::GetCheckpointResponse>(
      *auditor, "jit.v1.AuditService.GetCheckpoint", v1::GetCheckpointRequest());
  ASSERT_TRUE(checkpoint.status.ok()) << checkpoint.status.error_message();
  EXPECT_THAT(checkpoint.response.note(), HasSubstr("jit-access/test"));
  v1::ExportJournalRequest request;
  request.set_from_sequence(3);
  const RawAnswer exported =
      CallRaw(*auditor, "jit.v1.AuditService.ExportJournal", request.SerializeAsString());
  ASSERT_TRUE(exported.status.ok()) << exported.status.error_message();
  EXPECT_GT(exported.messages.size(), 1U);
  std::int64_t next = 3;
  for (const std::string& message : exported.messages) {
    v1::ExportJournalResponse some;
    ASSERT_TRUE(some.ParseFromString(message));
    for (const std::string& line : some.records()) {
      const auto record = ledger::Decode(line);
      ASSERT_TRUE(record.ok()) << record.status();
      EXPECT_EQ(record->sequence, next++);
    }
  }
  EXPECT_EQ(next, front.journal.Size());
}

TEST(Operator, AnswersAReloadWithEveryErrorAndTellsWhatIsInForce) {
  Front front;
  const auto channel = front.As("operator");
  front.policy.RefuseReload(absl::InvalidArgumentError("people.toml:3:1: no\nshop.toml:9:2: nor"));
  const auto refused = Invoke<v1::ReloadPolicyResponse>(
      *channel, "jit.v1.OperatorService.ReloadPolicy", v1::ReloadPolicyRequest());
  ASSERT_TRUE(refused.status.ok()) << refused.status.error_message();
  EXPECT_FALSE(refused.response.reloaded());
  EXPECT_THAT(refused.response.errors(), ElementsAre("people.toml:3:1: no", "shop.toml:9:2: nor"));
  EXPECT_EQ(refused.response.policy_fingerprint(), "policy");
  front.policy.RefuseReload(absl::OkStatus());
  EXPECT_TRUE(Invoke<v1::ReloadPolicyResponse>(*channel, "jit.v1.OperatorService.ReloadPolicy",
                                               v1::ReloadPolicyRequest())
                  .response.reloaded());
}

}  // namespace
}  // namespace jit::rpc

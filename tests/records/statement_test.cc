#include "broker/records/statement.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "tests/records/sample_events.h"
#include "tests/testing/status_matchers.h"

namespace jit::records {
namespace {

using lease::Lease;
using lease::State;
using policy::Path;
using testing::IsOk;
using testing::Person;

Lease Requested() {
  return testing::StoryIn(State::kRequested, Path::kOrdinary)->lease;
}

// People have signed these bytes: a change of them is a new version.
TEST(Statement, TheBytesOfVersionOneNeverChange) {
  const auto statement = StatementFor(Requested(), Decision::kApprove, Person("reviewer"));
  ASSERT_THAT(statement, IsOk());
  EXPECT_EQ(*statement,
            R"({"access":"writes","decision":"approve","incident":"",)"
            R"("lease":"aaaaaaaaaaaaaaaaaaaaaaaaae","member_of":["shop_writer"],)"
            R"("path":"ordinary","policy":"policy","reason":"order 4711 is stuck",)"
            R"("request_time":"2027-01-15T08:00:00.000000Z","requester":"engineer",)"
            R"("reviewer":"reviewer","role":"writer","role_fingerprint":"role writer","round":1,)"
            R"("rule":"write","rule_fingerprint":"rule write",)"
            R"("seats":[{"from":{"group":"reviewers"},"name":"review"}],"target":"shop",)"
            R"("ttl_seconds":1800,"version":1})");
}

TEST(Statement, TheBytesOfVersionTwoNameTheTablesAndNeverChange) {
  Lease lease = Requested();
  lease.keyless = {"shop.audit_log", "shop.imports"};
  const auto statement = StatementFor(lease, Decision::kApprove, Person("reviewer"));
  ASSERT_THAT(statement, IsOk());
  EXPECT_EQ(*statement,
            R"({"access":"writes","decision":"approve","incident":"",)"
            R"("keyless":["shop.audit_log","shop.imports"],)"
            R"("lease":"aaaaaaaaaaaaaaaaaaaaaaaaae","member_of":["shop_writer"],)"
            R"("path":"ordinary","policy":"policy","reason":"order 4711 is stuck",)"
            R"("request_time":"2027-01-15T08:00:00.000000Z","requester":"engineer",)"
            R"("reviewer":"reviewer","role":"writer","role_fingerprint":"role writer","round":1,)"
            R"("rule":"write","rule_fingerprint":"rule write",)"
            R"("seats":[{"from":{"group":"reviewers"},"name":"review"}],"target":"shop",)"
            R"("ttl_seconds":1800,"version":2})");
}

TEST(Statement, TheDigestIsTheSha256OfTheBytes) {
  EXPECT_EQ(DigestOf("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Statement, WhateverMattersToTheDecisionChangesIt) {
  const std::vector<std::function<void(Lease&)>> changes = {
      [](Lease& lease) { lease.id = testing::LeaseIdNumbered(7); },
      [](Lease& lease) { lease.path = Path::kBreakGlass; },
      [](Lease& lease) { lease.requester = Person("peer"); },
      [](Lease& lease) { lease.target = testing::Target("warehouse"); },
      [](Lease& lease) { lease.role = testing::Role("ddl"); },
      [](Lease& lease) { lease.reason = "another"; },
      [](Lease& lease) { lease.incident = "INC-8"; },
      [](Lease& lease) { lease.keyless = {"shop.audit_log"}; },
      [](Lease& lease) { lease.keyless = {"shop.imports"}; },
      [](Lease& lease) { lease.request_time += absl::Seconds(1); },
      [](Lease& lease) { lease.round = 2; },
      [](Lease& lease) { lease.terms->ttl += absl::Seconds(1); },
      [](Lease& lease) { lease.terms->access = policy::Access::kReads; },
      [](Lease& lease) { lease.terms->member_of.clear(); },
      [](Lease& lease) { lease.terms->rule = testing::RuleNamed("another"); },
      [](Lease& lease) { lease.terms->rule_fingerprint = "another"; },
      [](Lease& lease) { lease.terms->role_fingerprint = "another"; },
      [](Lease& lease) { lease.terms->policy_fingerprint = "another"; },
      [](Lease& lease) { lease.terms->seats.push_back(testing::SeatForManager("boss")); },
  };
  std::set<std::string> digests;
  for (const Decision decision :
       {Decision::kApprove, Decision::kDeny, Decision::kAccept, Decision::kObject}) {
    digests.insert(DigestOf(*StatementFor(Requested(), decision, Person("reviewer"))));
  }
  digests.insert(DigestOf(*StatementFor(Requested(), Decision::kApprove, Person("manager"))));
  for (const auto& change : changes) {
    Lease lease = Requested();
    change(lease);
    digests.insert(DigestOf(*StatementFor(lease, Decision::kApprove, Person("reviewer"))));
  }
  EXPECT_EQ(digests.size(), 5 + changes.size());
}

TEST(Statement, WhatOthersDidInTheMeantimeDoesNotChangeIt) {
  testing::Story story;
  story.Then(testing::AskFor("engineer", "ddl"));
  const auto before = StatementFor(story.lease, Decision::kApprove, Person("manager"));
  story.Then(testing::Yes("reviewer"));
  EXPECT_EQ(*before, *StatementFor(story.lease, Decision::kApprove, Person("manager")));
}

TEST(Statement, ALeaseThatNobodyAskedForHasNone) {
  EXPECT_THAT(StatementFor(Lease(), Decision::kApprove, Person("reviewer")),
              testing::StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace jit::records

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "broker/records/lease_events.h"
#include "tests/records/sample_events.h"
#include "tests/testing/status_matchers.h"

namespace jit::records {
namespace {

ledger::Record RecordOf(const lease::Event& event) {
  const auto encoded = Encode(event).value();
  return ledger::Record{
      .stream = "lease/x", .version = 1, .type = encoded.type, .body = encoded.body};
}

TEST(Tell, EveryEventHasASentence) {
  std::vector<std::string> sentences;
  for (const lease::Event& event : SampleEvents()) {
    sentences.push_back(Tell(RecordOf(event)));
  }
  EXPECT_EQ(
      sentences,
      (std::vector<std::string>{
          "engineer asked for ddl on shop for 30m: order 4711 is stuck",
          "oncall broke the glass for writer on shop for 15m (incident INC-7): payments are down",
          "engineer asked for schema on shop for 30m: orders need a note",
          "engineer asked for writer on shop for 30m (tables without a key: shop.audit_log, "
          "shop.imports): order 4711 is stuck",
          "reviewer said yes, seats filled: review by reviewer: l\xC3\xBCgt \"nicht\"\n",
          "approved: every seat that the rule demands is filled",
          "sent back to review: rule write, which decided, has changed",
          "sent back to review: role schema, which decided, has changed",
          "denied by reviewer: not now",
          "withdrawn by engineer",
          "lapsed: it was not decided within 24h",
          "the login is being made; its deadline is 2026-11-20T10:56:36.000007Z",
          "the login works",
          "the holder set a new password; the deadline stays",
          "the login is being taken away, revoked by reviewer: wrong table",
          "the login is being taken away, its deadline has come",
          "off: no login, no privilege, no session",
          "closed: the role is gone and nothing is left behind",
          "the role is gone; 5 things are different in the schema, which somebody else has to "
          "accept",
          "a review of this break-glass is owed by 2026-11-21T10:26:36.000007Z",
          "the break-glass was reviewed by reviewer, who objects to it: "
          "l\xC3\xBCgt \"nicht\"\n",
          "closed: reviewer accepted what it left in the schema: l\xC3\xBCgt \"nicht\"\n"}));
}

TEST(Tell, APolicyPutInForceIsToldByItsFingerprint) {
  const ledger::Record record{.stream = "broker/policy",
                              .version = 3,
                              .type = "broker.policy_loaded.v1",
                              .body = R"({"policy_fingerprint":"abc"})"};
  EXPECT_EQ(Tell(record), "a policy was put in force: abc");
}

TEST(Tell, WhatThisProgramDoesNotKnowIsNamedByItsType) {
  EXPECT_EQ(Tell(ledger::Record{.stream = "change/7", .type = "change.rehearsed.v1", .body = "{}"}),
            "recorded change.rehearsed.v1 in change/7");
  EXPECT_EQ(Tell(ledger::Record{.stream = "lease/x", .type = "lease.opened.v1", .body = "{}"}),
            "recorded lease.opened.v1 in lease/x");
}

}  // namespace
}  // namespace jit::records

// Random people giving random commands at random times under a policy that changes under them. What
// has to hold, holds after every step.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/core/lease/spoken.h"
#include "tests/testing/lease_builder.h"

namespace jit::lease {
namespace {

using testing::Person;
using testing::Story;

int Between(int low, int high) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(low, high + 1));
}

std::string AnyPerson() {
  return *rc::gen::element<std::string>("engineer", "engineer", "oncall", "peer", "reviewer",
                                        "second_reviewer", "manager", "operator", "auditor",
                                        "drifter", "stranger");
}

Verdict AnyVerdict() {
  return Between(0, 3) > 0 ? Verdict::kYes : Verdict::kNo;
}

Command AnyAsk() {
  const std::string role = *rc::gen::element<std::string>("reader", "writer", "ddl", "schema");
  const std::string urgent = *rc::gen::element<std::string>("writer", "schema");
  return Between(0, 2) > 0 ? testing::AskFor("engineer", role)
                           : testing::BreakGlassFor("oncall", urgent);
}

Command AnyCommand() {
  switch (Between(0, 14)) {
    case 0:
      return AnyAsk();
    case 1:
    case 2:
      return Review{testing::ReviewBy(AnyPerson(), AnyVerdict()), testing::kDigest};
    case 3:
      return Withdraw{Person(AnyPerson())};
    case 4:
    case 5:
      return testing::OpenBy(AnyPerson());
    case 6:
      return RecordOpened{};
    case 7:
      return RecordOpenFault{"fault"};
    case 8:
      return End{Person(AnyPerson())};
    case 9:
      return Revoke{Person(AnyPerson()), "revoked"};
    case 10:
      return Tick{};
    case 11:
      return *rc::gen::element<Command>(RecordOff{"off"}, RecordRemoved{"removed"},
                                        RecordRemoved{"removed", testing::OneTableMore()});
    case 12:
      return CloseForDrift{"drift"};
    case 13:
      return testing::Acceptance(AnyPerson());
    default:
      return testing::Findings(AnyPerson(), AnyVerdict());
  }
}

policy::Policy ShopWithSchema() {
  policy::Policy policy = testing::ShopPolicy();
  testing::OfferSchema(policy);
  return policy;
}

// Somebody moves to another group or leaves, or a rule or role is written anew.
void ChangePolicy(Story& story) {
  const auto person = story.policy.people.people.find(Person(AnyPerson()));
  switch (Between(0, 3)) {
    case 0:
      if (person != story.policy.people.people.end()) {
        person->second.groups = {
            testing::Group(*rc::gen::element<std::string>("engineers", "reviewers", "operators"))};
      }
      return;
    case 1:
      testing::Shop(story.policy).rules[Between(0, 2)].fingerprint += "'";
      return;
    case 2:
      testing::Shop(story.policy).rules[1].seats.clear();
      testing::Shop(story.policy).rules[1].fingerprint += "'";
      return;
    default:
      story.policy = ShopWithSchema();
  }
}

// Everything that must be true of an event, given the lease it happened to.
void CheckEvent(const Lease& before, const Event& event, const Lease& after) {
  if (IsFinal(before.state)) {
    RC_ASSERT(std::holds_alternative<DebtReviewed>(event));
    RC_ASSERT(after.state == before.state);
  }
  if (std::holds_alternative<Reviewed>(event)) {
    RC_ASSERT(std::get<Reviewed>(event).review.by != *before.requester);
  }
  if (std::holds_alternative<DebtReviewed>(event)) {
    RC_ASSERT(before.debt_open);
    RC_ASSERT(std::get<DebtReviewed>(event).review.by != *before.requester);
  }
  if (std::holds_alternative<OpeningStarted>(event)) {
    RC_ASSERT(before.state == State::kApproved);
    std::set<core::PersonId> seated;
    for (const policy::Seat& seat : before.terms->seats) {
      RC_ASSERT(before.seats.count(seat.name) == 1U);
      RC_ASSERT(seated.insert(before.seats.at(seat.name)).second);
    }
    RC_ASSERT(seated.count(*before.requester) == 0U);
    RC_ASSERT(after.expire_time == std::get<OpeningStarted>(event).time + after.terms->ttl);
  } else if (before.expire_time != absl::Time()) {
    RC_ASSERT(after.expire_time == before.expire_time);
  }
  if (std::holds_alternative<TurnedOff>(event)) {
    RC_ASSERT(before.state == State::kClosing);
  }
  if (std::holds_alternative<Removed>(event)) {
    RC_ASSERT(before.state == State::kOff);  // off before removed
    RC_ASSERT(!WaitsForAcceptance(before));
    const bool was_open_as_owner =
        before.terms->owner.has_value() && before.open_time != absl::Time();
    RC_ASSERT(!was_open_as_owner || after.state == State::kOff);
  }
  if (std::holds_alternative<ResidueAccepted>(event)) {
    RC_ASSERT(WaitsForAcceptance(before));
    RC_ASSERT(std::get<ResidueAccepted>(event).review.by != *before.requester);
  }
  RC_ASSERT(!WaitsForAcceptance(after) || EffectOf(after) == Effect::kNone);
}

// A lease that stands somewhere after a few random steps is asked to live on for a while.
RC_GTEST_PROP(LifecycleProperty, WhateverIsOrderedTheHouseRulesHold, ()) {
  Story story;
  story.policy = ShopWithSchema();
  story.Then(AnyAsk());
  for (int step = 0; step < 40; ++step) {
    story.After(absl::Minutes(Between(0, 9) > 0 ? 1 : 600));
    if (Between(0, 5) == 0) {
      ChangePolicy(story);
    }
    const Lease before = story.lease;
    const Command command = AnyCommand();
    const auto decided = story.Try(command);
    RC_ASSERT(Spoken(story.Try(command)) == Spoken(decided));  // pure
    if (!decided.ok()) {
      RC_ASSERT(core::ReasonOf(decided.status()).has_value());
      continue;
    }
    Lease lease = before;
    for (const Event& event : *decided) {
      const Lease after = Evolve(lease, event);
      CheckEvent(lease, event, after);
      lease = after;
    }
    story.Then(command);
    RC_ASSERT(story.lease == lease);
  }
}

// Time alone ends every lease: enough ticks and the target's answers, and it is final, or nothing
// is missing but somebody else's acceptance of what it left in the schema.
RC_GTEST_PROP(LifecycleProperty, EveryLeaseComesToAnEndByTimeAlone, ()) {
  Story story;
  story.policy = ShopWithSchema();
  story.Then(AnyAsk());
  for (int step = 0; step < 10; ++step) {
    (void)story.Do(AnyCommand());
  }
  for (int step = 0; step < 4 && !IsFinal(story.lease.state); ++step) {
    story.now = NextDeadline(story.lease).value_or(story.now);
    story.Then(Tick{}).Then(RecordOff{"off"}).Then(RecordRemoved{"removed"});
  }
  RC_ASSERT(IsFinal(story.lease.state) || WaitsForAcceptance(story.lease));
  RC_ASSERT(EffectOf(story.lease) == Effect::kNone);
  RC_ASSERT(!NextDeadline(story.lease).has_value());
}

}  // namespace
}  // namespace jit::lease

// A broker in one thread over honest fakes: what the tests of the use cases play on.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "broker/core/lease/lifecycle.h"
#include "broker/credential/signature.h"
#include "broker/use_cases/ask.h"
#include "broker/use_cases/open.h"
#include "broker/use_cases/review.h"
#include "broker/use_cases/sweep.h"
#include "tests/testing/cast.h"
#include "tests/testing/memory_bench.h"
#include "tests/testing/memory_journal.h"
#include "tests/testing/memory_target.h"
#include "tests/testing/seeded_entropy.h"
#include "tests/testing/simulated_clock.h"

namespace jit::use_cases {

inline core::PersonId Person(const char* name) {
  return *core::PersonId::Parse(name);
}
inline core::RoleName Role(const char* name) {
  return *core::RoleName::Parse(name);
}
inline core::TargetName Prod() {
  return *core::TargetName::Parse("prod");
}

struct Stage {
  testing::SimulatedClock clock;
  testing::SeededEntropy entropy{1};
  testing::MemoryJournal journal;
  testing::SwappablePolicy policy;
  testing::MemoryTarget prod{Prod(), clock};
  Timekeeper time{clock, absl::InfinitePast()};
  testing::MemoryBench bench{prod, clock};
  testing::CannedReader reader;
  Ports ports{entropy, journal, policy, {{Prod(), &prod}}, time, {{Prod(), &bench}}, &reader};
  SweepMemory memory;
  int keys = 0;

  const credential::ScramVerifier& Verifier(std::size_t n = 0) {
    return testing::Cast::Get().verifiers[n];
  }
  core::IdempotencyId NewKey() {
    return *core::IdempotencyId::Parse(absl::StrCat("test-key-", ++keys));
  }
  AskOrder Order(const char* person, const char* role) {
    return AskOrder{
        .idempotency_id = NewKey(),
        .bid = {Person(person), Prod(), Role(role), std::nullopt, policy::Path::kOrdinary},
        .reason = "ticket 7",
        .incident = ""};
  }
  AskOrder Emergency(const char* person) {
    AskOrder order = Order(person, "writer");
    order.bid.path = policy::Path::kBreakGlass;
    order.verifier = Verifier();
    return order;
  }
  AskOrder OrderToOpen(const char* person, const char* role) {
    AskOrder order = Order(person, role);
    order.verifier = Verifier();
    return order;
  }
  absl::StatusOr<SeenLease> Review(const char* by, const core::LeaseId& lease,
                                   records::Decision decision) {
    const testing::Signer& signer = testing::Cast::Get().signers.at(Person(by));
    absl::StatusOr<StatementView> view = StatementToSign(ports, Person(by), lease, decision);
    if (!view.ok()) return view.status();
    return ReviewLease(ports, {NewKey(), Person(by), lease, decision, view->digest,
                               *credential::Sign(signer.key_pem, credential::kReviewContext,
                                                 credential::ReviewText(view->statement, "seen")),
                               signer.certificate_pem, "seen"});
  }
  SweepReport Sweep(Depth depth = Depth::kDue) { return SweepTarget(ports, prod, depth, memory); }
  lease::State StateOf(const core::LeaseId& id) { return LoadLease(ports, id)->lease.state; }
};

}  // namespace jit::use_cases

// One event of every type, with every field set to something that can be recognised.
#pragma once

#include <string>
#include <vector>

#include "broker/core/lease/event.h"
#include "broker/core/policy/judge.h"
#include "tests/testing/lease_builder.h"
#include "tests/testing/policy_builder.h"

namespace jit::records {

inline absl::Time SampleTime() {
  return absl::FromUnixMicros(1'795'170'396'000'007);  // 2026-11-20T10:26:36.000007Z
}

inline policy::Terms SampleTerms(absl::string_view role, policy::Path path) {
  const policy::Bid bid{testing::Person(path == policy::Path::kOrdinary ? "engineer" : "oncall"),
                        testing::Target("shop"), testing::Role(role), std::nullopt, path};
  policy::Policy policy = testing::ShopPolicy();
  testing::OfferSchema(policy);
  return policy::Judge(policy, bid).value();
}

inline lease::SignedReview SampleReview(lease::Verdict verdict) {
  lease::SignedReview review = testing::ReviewBy("reviewer", verdict);
  review.note = "l\xC3\xBCgt \"nicht\"\n";
  review.statement = R"({"decision":"approve"})";
  review.digest = "d1";
  review.time = SampleTime();
  return review;
}

inline lease::Residue SampleResidue() {
  using What = lease::ResidueLine::What;
  return {.lines = {{What::kChanged, "default acl", "shop_owner in schema public"},
                    {What::kAdded, "function", "public.\"l\xC3\xBCgt\"()"},
                    {What::kRemoved, "trigger", "public.orders.checked"}},
          .more = 2};
}

inline policy::Assignment SampleSeats() {
  return {{core::SeatName::Parse("review").value(), testing::Person("reviewer")}};
}

// In the order of the variant. Where a field has two shapes, a second event shows the other.
inline std::vector<lease::Event> SampleEvents() {
  using policy::Path;
  const absl::Time time = SampleTime();
  const core::PersonId engineer = testing::Person("engineer");
  const core::PersonId reviewer = testing::Person("reviewer");
  std::vector<lease::Event> events;
  events.push_back(lease::Asked{
      testing::LeaseIdNumbered(1), Path::kOrdinary, engineer, testing::Target("shop"),
      testing::Role("ddl"), "order 4711 is stuck", "", SampleTerms("ddl", Path::kOrdinary), time});
  events.push_back(lease::Asked{testing::LeaseIdNumbered(2), Path::kBreakGlass,
                                testing::Person("oncall"), testing::Target("shop"),
                                testing::Role("writer"), "payments are down", "INC-7",
                                SampleTerms("writer", Path::kBreakGlass), time});
  events.push_back(lease::Asked{testing::LeaseIdNumbered(3), Path::kOrdinary, engineer,
                                testing::Target("shop"), testing::Role("schema"),
                                "orders need a note", "", SampleTerms("schema", Path::kOrdinary),
                                time});
  policy::Terms by_name = SampleTerms("writer", Path::kOrdinary);
  by_name.guard = policy::GuardTerms();
  events.push_back(lease::Asked{testing::LeaseIdNumbered(3),
                                Path::kOrdinary,
                                engineer,
                                testing::Target("shop"),
                                testing::Role("writer"),
                                "order 4711 is stuck",
                                "",
                                by_name,
                                time,
                                {"shop.audit_log", "shop.imports"}});
  events.push_back(lease::Reviewed{SampleReview(lease::Verdict::kYes), SampleSeats()});
  events.push_back(lease::Approved{time});
  policy::Terms guarded = SampleTerms("writer", Path::kOrdinary);
  guarded.guard = policy::GuardTerms{.keyless = policy::GuardTerms::Keyless::kRefused};
  events.push_back(lease::SentBack{"rule write, which decided, has changed", guarded, time});
  events.push_back(lease::SentBack{"role schema, which decided, has changed",
                                   SampleTerms("schema", Path::kOrdinary), time});
  events.push_back(lease::Denied{reviewer, time, "not now"});
  events.push_back(lease::Withdrawn{engineer, time});
  events.push_back(lease::Lapsed{"it was not decided within 24h", time});
  events.push_back(
      lease::OpeningStarted{"v1", "7300000000000000001", time + absl::Minutes(30), time});
  events.push_back(lease::Opened{time});
  events.push_back(lease::VerifierReplaced{"v2", time});
  events.push_back(
      lease::ClosingStarted{lease::CloseCause::kRevoked, "wrong table", reviewer, time});
  events.push_back(lease::ClosingStarted{lease::CloseCause::kDeadline, "", std::nullopt, time});
  events.push_back(lease::TurnedOff{"2 sessions ended", time});
  events.push_back(lease::Removed{"role gone", time});
  events.push_back(lease::Removed{"role gone", time, SampleResidue()});
  events.push_back(lease::DebtIncurred{time + absl::Hours(24), time});
  events.push_back(lease::DebtReviewed{SampleReview(lease::Verdict::kNo)});
  events.push_back(lease::ResidueAccepted{SampleReview(lease::Verdict::kYes)});
  return events;
}

}  // namespace jit::records

// Leases in any state, made the only honest way: by deciding and folding.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "broker/core/lease/lifecycle.h"
#include "tests/testing/policy_builder.h"

namespace jit::testing {

inline constexpr char kDigest[] = "the digest of what stands there";

inline core::LeaseId LeaseIdNumbered(std::uint8_t number) {
  core::LeaseId::Bytes bytes{};
  bytes.back() = number;
  return core::LeaseId::FromBytes(bytes);
}

inline lease::SignedReview ReviewBy(absl::string_view person, lease::Verdict verdict) {
  return lease::SignedReview{.by = Person(person),
                             .verdict = verdict,
                             .note = "looked at it",
                             .statement = "{}",
                             .digest = kDigest,
                             .signature = "c2lnbmF0dXJl",
                             .certificate_pem = "certificate",
                             .time = absl::UnixEpoch()};
}

inline lease::Command Yes(absl::string_view person) {
  return lease::Review{ReviewBy(person, lease::Verdict::kYes), kDigest};
}
inline lease::Command No(absl::string_view person) {
  return lease::Review{ReviewBy(person, lease::Verdict::kNo), kDigest};
}
inline lease::Command Findings(absl::string_view person, lease::Verdict verdict) {
  return lease::ReviewBreakGlass{ReviewBy(person, verdict), kDigest};
}
inline lease::Command Acceptance(absl::string_view person) {
  return lease::AcceptResidue{ReviewBy(person, lease::Verdict::kYes), kDigest};
}
inline lease::Residue OneTableMore() {
  return {.lines = {{lease::ResidueLine::What::kAdded, "relation", "public.orders_old"}}};
}
inline lease::Ask AskFor(absl::string_view person, absl::string_view role) {
  return lease::Ask{.id = LeaseIdNumbered(1),
                    .bid = {.requester = Person(person),
                            .target = Target("shop"),
                            .role = Role(role),
                            .ttl = std::nullopt,
                            .path = policy::Path::kOrdinary},
                    .reason = "order 4711 is stuck",
                    .incident = "",
                    .waiting_now = 0,
                    .debt = std::nullopt};
}
inline lease::Ask BreakGlassFor(absl::string_view person, absl::string_view role) {
  lease::Ask ask = AskFor(person, role);
  ask.bid.path = policy::Path::kBreakGlass;
  ask.incident = "INC-7";
  return ask;
}
inline lease::Open OpenBy(absl::string_view person) {
  return lease::Open{.by = Person(person),
                     .verifier_digest = "verifier digest",
                     .system_identifier = "7300000000000000001",
                     .clock_skew = absl::ZeroDuration(),
                     .debt = std::nullopt};
}

// A lease, the policy it lives under and the time, moved along by commands.
struct Story {
  policy::Policy policy = ShopPolicy();
  absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  lease::Lease lease;
  std::vector<lease::Event> events;  // everything that has happened so far

  absl::StatusOr<std::vector<lease::Event>> Try(const lease::Command& command) const {
    return lease::Decide(lease, command, policy, now);
  }
  // Does it, or leaves everything as it is and answers why.
  absl::Status Do(const lease::Command& command) {
    const auto decided = Try(command);
    if (!decided.ok()) {
      return decided.status();
    }
    for (const lease::Event& event : *decided) {
      lease = lease::Evolve(std::move(lease), event);
      events.push_back(event);
    }
    return absl::OkStatus();
  }
  // Does what the test takes for granted; anything else is a mistake in the test.
  Story& Then(const lease::Command& command) {
    if (!Do(command).ok()) {
      std::abort();
    }
    return *this;
  }
  Story& After(absl::Duration time) {
    now += time;
    return *this;
  }
};

// A story that has just arrived in `state`; nothing where the path never gets there. An ordinary
// one is the engineer's, a break-glass one oncall's; of role `schema`, it acts as the owner.
inline std::optional<Story> StoryIn(lease::State state, policy::Path path,
                                    absl::string_view role = "writer") {
  using lease::State;
  const bool emergency = path == policy::Path::kBreakGlass;
  const char* holder = emergency ? "oncall" : "engineer";
  Story story;
  OfferSchema(story.policy);
  if (state == State::kNone) {
    return story;
  }
  story.Then(emergency ? BreakGlassFor("oncall", role) : AskFor("engineer", role));
  if (state == State::kDenied) {
    return story.Then(lease::Revoke{Person("operator"), "not now"});
  }
  if (state == State::kWithdrawn) {
    return story.Then(lease::Withdraw{Person(holder)});
  }
  if (state == State::kLapsed) {
    return story.After(absl::Hours(24)).Then(lease::Tick{});
  }
  if (state == State::kRequested) {
    return emergency ? std::nullopt : std::optional(story);
  }
  if (!emergency) {
    story.Then(Yes("reviewer"));
  }
  const std::vector<std::pair<State, lease::Command>> way = {
      {State::kOpening, OpenBy(holder)},
      {State::kOpen, lease::RecordOpened{}},
      {State::kClosing, lease::End{Person(holder)}},
      {State::kOff, lease::RecordOff{"0 sessions"}},
      {State::kClosed, lease::RecordRemoved{"role gone", OneTableMore()}},
      {State::kClosed, Acceptance(emergency ? "manager" : "second_reviewer")}};
  for (auto step = way.begin(); story.lease.state != state && step != way.end(); ++step) {
    story.Then(step->second);
  }
  return story;
}

// One that acted as the owner, off and gone from the target, with its residue not accepted yet.
inline Story WaitingForAcceptance(policy::Path path = policy::Path::kOrdinary) {
  Story story = StoryIn(lease::State::kOff, path, "schema").value();
  return story.Then(lease::RecordRemoved{"role gone", OneTableMore()});
}

inline Story OrdinaryIn(lease::State state) {
  return StoryIn(state, policy::Path::kOrdinary).value();
}
inline Story BreakGlassIn(lease::State state) {
  return StoryIn(state, policy::Path::kBreakGlass).value();
}

}  // namespace jit::testing

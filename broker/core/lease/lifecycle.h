// The whole life of a lease, in four functions. Read it in one sitting, with
// docs/design/lifecycle.md beside it.
//
// Promises: pure. The same arguments give the same answer; nothing outside is looked at or touched.
// Safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/core/lease/command.h"
#include "broker/core/lease/effect.h"
#include "broker/core/lease/event.h"
#include "broker/core/lease/lease.h"
#include "broker/core/policy/rule.h"

namespace jit::lease {

constexpr int kReasonBytesMax = 1024;

// What follows when `command` meets `lease` under `policy` at `now`: the events to append, or one
// refusal. An empty list means that there is nothing to do and nothing wrong (a Tick before its
// time, an End of a lease that is closing already). Never a partial answer.
absl::StatusOr<std::vector<Event>> Decide(const Lease& lease, const Command& command,
                                          const policy::Policy& policy, absl::Time now);

// The lease after `event`. Cannot fail: what was appended happened.
Lease Evolve(Lease lease, const Event& event);

// Which outside action is owed.
Effect EffectOf(const Lease& lease);

// Whether its role is gone from the target and only somebody else's acceptance of what it left
// behind in the schema keeps it from being closed.
bool WaitsForAcceptance(const Lease& lease);

// OK when it waits so; else refuses with kNothingToReview, or with kWrongState while it may come to
// that.
absl::Status CheckAcceptanceIsOwed(const Lease& lease);

// Whether `person` could give that acceptance: somebody who could review the lease, before it
// opened or, for a break-glass, afterwards. Never the requester.
bool MayAcceptResidue(const Lease& lease, const policy::Policy& policy,
                      const core::PersonId& person);

// The tables without a primary key that its holder may change: those it names, where somebody has
// to agree to it before it opens, or to review it afterwards.
std::vector<std::string> AcceptedKeyless(const Lease& lease);

// What the target guards its login by; nothing: it is not guarded. Of a break-glass, tables without
// a primary key need no name unless policy refuses them: an emergency neither waits for a key nor
// guesses names, and whoever reviews it judges what was changed there as well.
std::optional<policy::GuardTerms> GuardOf(const Lease& lease);

// Whether it met a fault before its login was ever made. A break-glass like that owes its review,
// and bars nobody from trying again: nobody was let in, and the emergency is still there.
bool LetNobodyIn(const Lease& lease);

// When time itself will matter next (lapse, deadline); nothing when it will not.
std::optional<absl::Time> NextDeadline(const Lease& lease);

// Words, stable and lower case, as in the reference and in every output: `requested`, `open` …
std::string StateWord(State state);
std::optional<State> StateFromWord(absl::string_view word);
std::string CauseWord(CloseCause cause);
std::string WhatWord(ResidueLine::What what);
bool IsFinal(State state);

}  // namespace jit::lease

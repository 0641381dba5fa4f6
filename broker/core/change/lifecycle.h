// The whole life of a change, in four functions. Read it in one sitting, with
// docs/design/changes.md beside it.
//
// Promises: pure. The same arguments give the same answer; nothing outside is looked at or touched.
// Safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/core/change/command.h"
#include "broker/core/change/effect.h"
#include "broker/core/change/event.h"
#include "broker/core/policy/rule.h"

namespace jit::change {

// A longer script is refused.
constexpr int kScriptBytesMax = 1 << 20;

// What follows when `command` meets `change` under `policy` at `now`: the events to append, or one
// refusal. An empty list means that there is nothing to do and nothing wrong.
absl::StatusOr<std::vector<Event>> Decide(const Change& change, const Command& command,
                                          const policy::Policy& policy, absl::Time now);

// The change after `event`. Cannot fail: what was appended happened.
Change Evolve(Change change, const Event& event);

// Which outside action is owed.
Effect EffectOf(const Change& change);

// When time itself will matter next (lapse); nothing when it will not.
std::optional<absl::Time> NextDeadline(const Change& change);

// Words, stable and lower case: `rehearsed`, `rolled_back` …
std::string StateWord(State state);
std::optional<State> StateFromWord(absl::string_view word);
std::string PurposeWord(policy::Purpose purpose);  // script, unrehearsed, undo, drop_for_good
std::optional<policy::Purpose> PurposeFromWord(absl::string_view word);

// Whether nothing can happen to it any more. kApplied is not final: it can be undone or dropped.
bool IsFinal(State state);

}  // namespace jit::change

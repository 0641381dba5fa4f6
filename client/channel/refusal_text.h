// Why a call did not do what was asked, in words, with the next command to type.
//
// Promises: every reason of jit.v1.RefusalReason has a sentence (a test walks them). A status made
// by the channel is exactly one of: refused (a rule says no), unreachable (nobody to talk to), or a
// fault (somebody answered, and failed). Safe from any thread.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "client/console/console.h"
#include "client/console/exit_code.h"
#include "jit/v1/refusal.pb.h"

namespace jit::channel {

struct RefusalText {
  std::string word;      // "own_lease", as in docs/reference/refusals.md
  std::string sentence;  // what the rule is
  std::string next;      // what to type or do now; names commands in backquotes
};
// For a reason this program does not know (a newer broker), the sentence says so.
RefusalText TextOf(v1::RefusalReason reason);

// How the channel marks its statuses, and how a command tells them apart.
absl::Status Refused(absl::StatusCode code, const v1::Refusal& refusal);
absl::Status Unreachable(absl::string_view what_to_do);
std::optional<v1::Refusal> RefusalOf(const absl::Status& status);
bool IsRefused(const absl::Status& status, v1::RefusalReason reason);
bool IsUnreachable(const absl::Status& status);

// Says on err what happened, why, and what to type next. The exit code that goes with it: kRefused
// (kEnded when the lease has ended), kUnreachable, or kFault.
console::ExitCode Explain(const absl::Status& status, console::Console& console);

}  // namespace jit::channel

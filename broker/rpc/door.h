// The door: one table of every method and the kinds of caller it opens to.
//
// Promises: default is no. A method that the table does not list is refused, whoever asks. The door
// is the first check and not the only one: whether this caller may do this to this lease is judged
// by the use case on the loaded lease. Pure; safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "broker/core/policy/rule.h"

namespace jit::rpc {

enum class Kind {
  kKnown,     // a person of the directory who belongs to a group
  kAsker,     // some rule lets them ask for something
  kApprover,  // they could sit in some seat, or review some break-glass
  kOperator,
  kAuditor,
};

struct DoorRule {
  std::string method;       // "jit.v1.LeaseService.CreateLease"
  std::vector<Kind> opens;  // any of these
};

const std::vector<DoorRule>& DoorTable();

// Whether `person` is a caller of this kind under `policy`. Somebody whom the directory does not
// know, or who belongs to no group, is of no kind.
bool IsKind(Kind kind, const policy::Policy& policy, const core::PersonId& person);

// Opens, or refuses with kUnknownMethod (the table does not list it) or kMethodNotForCaller.
absl::Status PassDoor(absl::string_view method, const policy::Policy& policy,
                      const core::PersonId& person);

}  // namespace jit::rpc

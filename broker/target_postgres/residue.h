// What is different in the schema since a login that acted as an owner was opened.
//
// Promises: asks only for logins that are removed. What cannot be compared now is no reason to keep
// a role: the removal has happened, its outcome says kNotYet, and the next one asks again. One
// thread.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "broker/ports/target.h"
#include "broker/pq/connection.h"

namespace jit::target_postgres {

// Gives every outcome that is kRemoved its residue, when its login ever acted as an owner.
void AddResidues(pq::Connection& home, std::vector<ports::RemoveOutcome>& outcomes);

// Forgets those that are older than anybody needs.
absl::Status ForgetResidues(pq::Connection& home);

}  // namespace jit::target_postgres

// Seats are filled as a system of distinct representatives (P. Hall, 1935): each seat by one
// person, no person in two, the requester in none.
//
// Promises: an assignment is found whenever one exists, whatever the order the reviews came in.
// Pure; safe from any thread.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "broker/core/names.h"
#include "broker/core/policy/rule.h"

namespace jit::policy {

// Everyone who could sit in `seat` for this requester, who is never among them.
std::set<core::PersonId> WhoCanSit(const core::Directory& people, const Seat& seat,
                                   const core::PersonId& requester);

using Assignment = std::map<core::SeatName, core::PersonId>;

// The largest assignment of distinct `reviewers` to `seats`. Filled when its size is the number of
// seats. Ties are broken by seat order, then by person order, so the answer is the same every time.
Assignment AssignSeats(const core::Directory& people, const std::vector<Seat>& seats,
                       const core::PersonId& requester, const std::set<core::PersonId>& reviewers);

// Whether one more yes from `candidate` would enlarge the assignment that `reviewers` make.
bool WouldHelp(const core::Directory& people, const std::vector<Seat>& seats,
               const core::PersonId& requester, const std::set<core::PersonId>& reviewers,
               const core::PersonId& candidate);

// The first seat that cannot be filled even if everybody reviewed; nothing when all can be, by
// distinct people.
std::optional<Seat> EmptySeat(const core::Directory& people, const std::vector<Seat>& seats,
                              const core::PersonId& requester);

}  // namespace jit::policy

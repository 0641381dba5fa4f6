#include "broker/core/policy/seats.h"

#include <algorithm>
#include <cstddef>

namespace jit::policy {
namespace {

using People = std::set<core::PersonId>;

// Maximum bipartite matching by augmenting paths (H. W. Kuhn, 1955). Seats are taken in order and a
// filled seat is never emptied again, so the seats filled are the first ones that can be together.
class Matching {
 public:
  explicit Matching(const std::vector<People>& candidates) : candidates_(candidates) {
    for (std::size_t seat = 0; seat < candidates_.size(); ++seat) {
      People tried;
      if (Fill(seat, tried)) {
        filled_.push_back(seat);
      }
    }
  }

  const std::vector<std::size_t>& filled() const { return filled_; }

 private:
  bool Fill(std::size_t seat, People& tried) {
    for (const core::PersonId& person : candidates_[seat]) {
      if (!tried.insert(person).second) {
        continue;
      }
      const auto sits = seat_of_.find(person);
      if (sits == seat_of_.end() || Fill(sits->second, tried)) {
        seat_of_.insert_or_assign(person, seat);
        return true;
      }
    }
    return false;
  }

  const std::vector<People>& candidates_;
  std::map<core::PersonId, std::size_t> seat_of_;
  std::vector<std::size_t> filled_;
};

// Per seat, those of `reviewers` who could sit there.
std::vector<People> CandidatesFor(const core::Directory& people, const std::vector<Seat>& seats,
                                  const core::PersonId& requester, const People& reviewers) {
  std::vector<People> candidates;
  candidates.reserve(seats.size());
  for (const Seat& seat : seats) {
    People those;
    for (const core::PersonId& person : WhoCanSit(people, seat, requester)) {
      if (reviewers.count(person) > 0) {
        those.insert(person);
      }
    }
    candidates.push_back(std::move(those));
  }
  return candidates;
}

People Members(const core::Directory& people, const core::GroupName& group) {
  People members;
  for (const auto& [id, person] : people.people) {
    if (person.groups.count(group) > 0) {
      members.insert(id);
    }
  }
  return members;
}

People ManagerOf(const core::Directory& people, const core::PersonId& requester) {
  const core::Person* person = people.Find(requester);
  if (person == nullptr || !person->manager.has_value()) {
    return {};
  }
  // A manager who has left the directory has left the seat.
  return people.Find(*person->manager) == nullptr ? People{} : People{*person->manager};
}

}  // namespace

std::set<core::PersonId> WhoCanSit(const core::Directory& people, const Seat& seat,
                                   const core::PersonId& requester) {
  const core::GroupName* group = std::get_if<core::GroupName>(&seat.from);
  People those = group != nullptr ? Members(people, *group) : ManagerOf(people, requester);
  those.erase(requester);
  return those;
}

Assignment AssignSeats(const core::Directory& people, const std::vector<Seat>& seats,
                       const core::PersonId& requester, const std::set<core::PersonId>& reviewers) {
  std::vector<People> candidates = CandidatesFor(people, seats, requester, reviewers);
  const std::vector<std::size_t> filled = Matching(candidates).filled();
  // Only the seats that can be filled together take part from here on; then each, in order, gets
  // the first person with whom all of them stay filled.
  for (std::size_t seat = 0; seat < candidates.size(); ++seat) {
    if (std::find(filled.begin(), filled.end(), seat) == filled.end()) {
      candidates[seat].clear();
    }
  }
  Assignment assignment;
  for (const std::size_t seat : filled) {
    const People choices = candidates[seat];
    for (const core::PersonId& person : choices) {
      candidates[seat] = {person};
      if (Matching(candidates).filled().size() == filled.size()) {
        assignment.emplace(seats[seat].name, person);
        break;
      }
    }
  }
  return assignment;
}

bool WouldHelp(const core::Directory& people, const std::vector<Seat>& seats,
               const core::PersonId& requester, const std::set<core::PersonId>& reviewers,
               const core::PersonId& candidate) {
  People with = reviewers;
  with.insert(candidate);
  return Matching(CandidatesFor(people, seats, requester, with)).filled().size() >
         Matching(CandidatesFor(people, seats, requester, reviewers)).filled().size();
}

std::optional<Seat> EmptySeat(const core::Directory& people, const std::vector<Seat>& seats,
                              const core::PersonId& requester) {
  std::vector<People> candidates;
  candidates.reserve(seats.size());
  for (const Seat& seat : seats) {
    candidates.push_back(WhoCanSit(people, seat, requester));
  }
  const std::vector<std::size_t> filled = Matching(candidates).filled();
  for (std::size_t seat = 0; seat < seats.size(); ++seat) {
    if (std::find(filled.begin(), filled.end(), seat) == filled.end()) {
      return seats[seat];
    }
  }
  return std::nullopt;
}

}  // namespace jit::policy

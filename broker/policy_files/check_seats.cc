#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "broker/core/policy/seats.h"
#include "broker/policy_files/check.h"

namespace jit::policy_files {
namespace {

std::set<core::PersonId> PossibleRequesters(const core::Directory& people, const RuleDraft& rule) {
  std::set<core::PersonId> requesters;
  for (const auto& [id, person] : people.people) {
    for (const Placed<core::GroupName>& group : rule.who) {
      if (person.groups.count(group.value) != 0) requesters.insert(id);
    }
  }
  return requesters;
}

void CheckRuleSeats(const core::Directory& people, const RuleDraft& rule,
                    const std::vector<SeatDraft>& written, Mistakes& mistakes) {
  std::vector<policy::Seat> seats;
  for (const SeatDraft& seat : written) seats.push_back({seat.name.value, seat.from.value});
  std::optional<policy::Seat> empty;
  const std::set<core::PersonId> requesters = PossibleRequesters(people, rule);
  for (const core::PersonId& requester : requesters) {
    empty = policy::EmptySeat(people, seats, requester);
    if (!empty) return;
  }
  if (!empty) return;  // nobody may ask, so nobody waits in vain
  for (const SeatDraft& seat : written) {
    if (seat.name.value != empty->name) continue;
    mistakes.Add(seat.name.place,
                 absl::StrCat("nobody could ever fill seat '", empty->name.text(), "' of rule '",
                              rule.name->value.text(),
                              "': each seat takes another person, and never the one who asks; "
                              "widen the seat's group, or name a manager"));
  }
}

void CheckReviewer(const core::Directory& people, const RuleDraft& rule, Mistakes& mistakes) {
  const policy::Seat seat{rule.reviewer->name.value, rule.reviewer->from.value};
  for (const core::PersonId& requester : PossibleRequesters(people, rule)) {
    if (!policy::WhoCanSit(people, seat, requester).empty()) continue;
    mistakes.Add(rule.reviewer->name.place,
                 absl::StrCat("when '", requester.text(),
                              "' breaks the glass, nobody could review "
                              "it afterwards and the debt would stand for ever; widen the "
                              "reviewer's group, or name a manager"));
  }
}

}  // namespace

void CheckSeats(const core::Directory& people, const TargetDraft& target, Mistakes& mistakes) {
  for (const RuleDraft& rule : target.rules) CheckRuleSeats(people, rule, rule.seats, mistakes);
  for (const RuleDraft& rule : target.break_glass) CheckReviewer(people, rule, mistakes);
  for (const ChangeDraft& change : target.changes) {
    CheckRuleSeats(people, change.rule, change.rule.seats, mistakes);
    for (const auto* seats : {&change.undo_seats, &change.drop_seats, &change.unrehearsed_seats}) {
      if (seats->has_value()) CheckRuleSeats(people, change.rule, **seats, mistakes);
    }
  }
}

}  // namespace jit::policy_files

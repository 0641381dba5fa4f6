// Guarded changes that have just arrived in any state, for any purpose.
#pragma once

#include <optional>

#include "absl/time/time.h"
#include "tests/testing/change_builder.h"

namespace jit::testing {

// A change of the engineer's that is applied: what an undo and a drop for good are about.
inline const change::Change& AppliedScript() {
  static const change::Change& applied =
      *new change::Change(ChangeStory()
                              .Then(PlanBy("engineer", policy::Purpose::kScript))
                              .Then(RehearsedAs(ReportOfOneOrder()))
                              .Then(change::Submit{Person("engineer")})
                              .Then(ChangeReviewBy("reviewer", lease::Verdict::kYes))
                              .Then(ApplyBy("engineer"))
                              .Then(change::RecordApplied{ReportOfOneOrder()})
                              .change);
  return applied;
}

// The same commands, with the change that an undo or a drop is about as it stands.
inline change::MakePlan PlanAbout(absl::string_view person, policy::Purpose purpose) {
  change::MakePlan plan = PlanBy(person, purpose);
  if (plan.plan.subject.change.has_value()) {
    plan.subject = AppliedScript();
  }
  return plan;
}
inline change::Apply ApplyAbout(absl::string_view person, policy::Purpose purpose) {
  change::Apply apply = ApplyBy(person);
  if (PlanBy(person, purpose).plan.subject.change.has_value()) {
    apply.subject = AppliedScript();
  }
  return apply;
}

// A story of the engineer's change that has just arrived in `state`; nothing where no change of
// that purpose stays there. A drop for good begins when the waiting period of its subject is over.
inline std::optional<ChangeStory> ChangeStoryIn(change::State state, policy::Purpose purpose) {
  using change::State;
  const core::PersonId engineer = Person("engineer");
  ChangeStory story;
  if (purpose == policy::Purpose::kDropForGood) {
    story.After(absl::Hours(24 * 8));
  }
  if (state == State::kNone) {
    return story;
  }
  story.Then(PlanAbout("engineer", purpose));
  if (state == State::kFailed) {
    return story.Then(change::RecordNotRehearsed{"the target said no", {}});
  }
  if (state == State::kPlanned) {
    return story;
  }
  story.Then(RehearsedAs(ReportOfOneOrder()));
  if (state == State::kWithdrawn) {
    return story.Then(change::Withdraw{engineer});
  }
  if (state == State::kLapsed) {
    return story.After(absl::Hours(24)).Then(change::Tick{});
  }
  if (state == State::kRehearsed) {
    return story;
  }
  story.Then(change::Submit{engineer});
  if (state == State::kSubmitted) {
    return story.change.state == state ? std::optional(story) : std::nullopt;
  }
  for (const char* person : {"reviewer", "manager"}) {
    // Whoever has no seat to fill is refused, and the story goes on without them.
    (void)story.Do(ChangeReviewBy(person, lease::Verdict::kYes));
  }
  if (state == State::kDenied) {
    return story.Then(change::Deny{Person("operator"), "not now"});
  }
  if (state == State::kApproved) {
    return story;
  }
  story.Then(ApplyAbout("engineer", purpose));
  if (state == State::kRolledBack) {
    return story.Then(change::RecordRolledBack{"a count did not hold", std::nullopt});
  }
  if (state == State::kApplying) {
    return story;
  }
  story.Then(change::RecordApplied{ReportOfOneOrder()});
  if (state == State::kUndone) {
    return story.Then(change::MarkUndone{ChangeIdNumbered(9)});
  }
  if (state == State::kDropped) {
    return story.Then(change::MarkDropped{ChangeIdNumbered(9)});
  }
  return story;
}

inline ChangeStory ScriptIn(change::State state) {
  return ChangeStoryIn(state, policy::Purpose::kScript).value();
}

}  // namespace jit::testing

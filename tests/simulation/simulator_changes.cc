// The steps of a simulation that are about guarded changes.
#include <array>

#include "absl/strings/str_cat.h"
#include "broker/core/change/lifecycle.h"
#include "broker/credential/signature.h"
#include "broker/use_cases/apply.h"
#include "broker/use_cases/rehearse.h"
#include "broker/use_cases/review_change.h"
#include "broker/use_cases/submit.h"
#include "tests/simulation/names.h"
#include "tests/simulation/simulator.h"

namespace jit::simulation {
namespace {

using testing::Cast;
using testing::Signer;

// Somebody who watches, and now and then has enough of it.
class SimulatedView : public use_cases::RunView {
 public:
  explicit SimulatedView(testing::SeededEntropy& chance) : chance_(chance) {}
  void Progress(const ports::RunProgress& /*progress*/) override {}
  bool Cancelled() override { return chance_.OnceIn(25); }

 private:
  testing::SeededEntropy& chance_;
};

}  // namespace

std::optional<core::ChangeId> Simulator::AnyChange() {
  if (changes_.empty()) return std::nullopt;
  const std::size_t span = std::min<std::size_t>(4, changes_.size());
  return changes_[changes_.size() - 1 - chance_.Below(span)];
}

// Planned and rehearsed in one breath, as the daemon does; a crash in between leaves it planned.
void Simulator::Plan(const use_cases::PlanOrder& order) {
  InProcess("plan", [&](use_cases::Ports& ports) {
    absl::StatusOr<use_cases::SeenChange> planned = use_cases::PlanChange(ports, order);
    Note(absl::StrCat("plan ", change::PurposeWord(order.plan.purpose), ": ",
                      planned.ok() ? "ok" : planned.status().ToString()));
    if (!planned.ok()) return;
    const core::ChangeId id = *planned->change.id;
    const auto [told, first] = acknowledged_.change_answers.try_emplace(
        absl::StrCat(order.plan.requester.text(), " ", order.idempotency_id.text()), id);
    if (!first && told->second != id) Note("VIOLATION: one idempotency id, two changes");
    if (first) changes_.push_back(id);
    acknowledged_.changes_reached[id] = planned->change.state;
    SimulatedView view(chance_);
    absl::StatusOr<use_cases::SeenChange> rehearsed = use_cases::RunRehearsal(ports, id, view);
    Note(absl::StrCat("rehearse: ", rehearsed.ok() ? change::StateWord(rehearsed->change.state)
                                                   : rehearsed.status().ToString()));
    if (rehearsed.ok()) acknowledged_.changes_reached[id] = rehearsed->change.state;
  });
}

void Simulator::PlanScript(const char* person, const char* target, const char* role,
                           const std::string& script) {
  Plan({Key(next_key_++),
        {.requester = Person(person),
         .target = Target(target),
         .role = Role(role),
         .purpose = policy::Purpose::kScript,
         .reason = "simulated",
         .script = script,
         .script_digest = "",
         .subject = {},
         .written = {}}});
}

void Simulator::PlanAbout(const core::ChangeId& subject, policy::Purpose purpose) {
  Plan({Key(next_key_++),
        {.requester = Person(chance_.OnceIn(2) ? "alice" : "bob"),
         .target = Target("prod"),
         .role = Role("writer"),
         .purpose = purpose,
         .reason = "simulated",
         .script = "",
         .script_digest = "",
         .subject = {.change = subject},
         .written = {}}});
}

void Simulator::PlanSomething() {
  const std::optional<core::ChangeId> subject = AnyChange();
  if (subject.has_value() && chance_.OnceIn(3)) {
    return PlanAbout(*subject,
                     chance_.OnceIn(4) ? policy::Purpose::kDropForGood : policy::Purpose::kUndo);
  }
  static constexpr std::array<const char*, 6> kScripts = {"pay 1",    "pay 2; pay 3", "remove 0",
                                                          "void all", "define",       "break"};
  PlanScript(chance_.OnceIn(3) ? "bob" : "alice", chance_.OnceIn(4) ? "stage" : "prod",
             chance_.OnceIn(4) ? "owner" : "writer", kScripts[chance_.Below(kScripts.size())]);
}

void Simulator::SubmitChange(const core::ChangeId& id) {
  InProcess("submit", [&](use_cases::Ports& ports) {
    absl::StatusOr<use_cases::SeenChange> seen = use_cases::LoadChange(ports, id);
    if (!seen.ok()) return;
    seen = use_cases::SubmitChange(ports, seen->change.plan->requester, id);
    if (seen.ok()) acknowledged_.changes_reached[id] = seen->change.state;
  });
}

void Simulator::ReviewChange(const core::PersonId& by, const core::ChangeId& id,
                             lease::Verdict verdict) {
  InProcess("review change", [&](use_cases::Ports& ports) {
    const Signer& signer = Cast::Get().signers.at(by);
    absl::StatusOr<use_cases::ChangeStatementView> view =
        use_cases::ChangeStatementToSign(ports, by, id, verdict);
    if (!view.ok()) return;
    const std::string note = "looked at it";
    const std::string signature = *credential::Sign(signer.key_pem, credential::kReviewContext,
                                                    credential::ReviewText(view->statement, note));
    absl::StatusOr<use_cases::SeenChange> seen = use_cases::ReviewChange(
        ports,
        {Key(next_key_++), by, id, verdict, view->digest, signature, signer.certificate_pem, note});
    if (seen.ok()) acknowledged_.changes_reached[id] = seen->change.state;
  });
}

// Applied and run in one breath; sometimes whoever should run it never does, or twice.
void Simulator::Apply(const core::ChangeId& id) {
  InProcess("apply", [&](use_cases::Ports& ports) {
    absl::StatusOr<use_cases::SeenChange> seen = use_cases::LoadChange(ports, id);
    if (!seen.ok()) return;
    seen = use_cases::ApplyChange(ports, seen->change.plan->requester, id);
    Note(absl::StrCat(
        "apply: ", seen.ok() ? change::StateWord(seen->change.state) : seen.status().ToString()));
    if (!seen.ok()) return;
    acknowledged_.changes_reached[id] = seen->change.state;
    for (std::uint64_t runs = chance_.OnceIn(6) ? chance_.Below(3) : 1; runs > 0; --runs) {
      SimulatedView view(chance_);
      seen = use_cases::RunExecution(ports, id, view);
      Note(absl::StrCat(
          "run: ", seen.ok() ? change::StateWord(seen->change.state) : seen.status().ToString()));
      if (!seen.ok()) continue;
      acknowledged_.changes_reached[id] = seen->change.state;
      if (seen->change.state == change::State::kApplied) ++applied_;
    }
  });
}

void Simulator::TakeBack(const core::ChangeId& id) {
  InProcess("withdraw change", [&](use_cases::Ports& ports) {
    absl::StatusOr<use_cases::SeenChange> seen = use_cases::LoadChange(ports, id);
    if (!seen.ok()) return;
    seen = chance_.OnceIn(2) ? use_cases::WithdrawChange(ports, seen->change.plan->requester, id)
                             : use_cases::DenyChange(ports, AnyPerson(), id, "simulated");
    if (seen.ok()) acknowledged_.changes_reached[id] = seen->change.state;
  });
}

// Mostly the next thing on the way of a change; now and then something out of turn.
void Simulator::DecideOnChange(const core::ChangeId& id) {
  std::optional<change::State> state;
  InProcess("look", [&](use_cases::Ports& ports) {
    const auto seen = use_cases::LoadChange(ports, id);
    if (seen.ok()) state = seen->change.state;
  });
  const std::uint64_t turn = chance_.Below(12);
  if (turn == 0) return TakeBack(id);
  if (turn == 1 || state == change::State::kRehearsed) return SubmitChange(id);
  if (turn == 2 || state == change::State::kApproved) return Apply(id);
  if (turn == 3) return ReviewChange(AnyPerson(), id, lease::Verdict::kNo);
  if (state == change::State::kApplied) return PlanAbout(id, policy::Purpose::kUndo);
  static constexpr std::array<const char*, 3> kReviewers = {"rita", "rolf", "manu"};
  ReviewChange(Person(kReviewers[chance_.Below(kReviewers.size())]), id, lease::Verdict::kYes);
}

void Simulator::PlayStoryOfChanges() {
  PlanScript("alice", "prod", "writer", "pay 1; remove 0");
  for (const char* round : {"the change", "its undo"}) {
    Note(round);
    for (const core::ChangeId& id : std::vector(changes_)) {
      SubmitChange(id);
      ReviewChange(Person("rita"), id, lease::Verdict::kYes);
      Apply(id);
    }
    Sweep(use_cases::Depth::kDue);
    clock_.Advance(absl::Seconds(15));
    Sweep(use_cases::Depth::kFull);
    if (changes_.size() == 1) PlanAbout(changes_.front(), policy::Purpose::kUndo);
  }
}

}  // namespace jit::simulation

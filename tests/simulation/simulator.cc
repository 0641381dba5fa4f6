#include "tests/simulation/simulator.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/core/change/lifecycle.h"
#include "broker/core/lease/lifecycle.h"
#include "broker/core/refusal.h"
#include "broker/credential/signature.h"
#include "broker/records/statement.h"
#include "broker/use_cases/end.h"
#include "broker/use_cases/look_up.h"
#include "broker/use_cases/open.h"
#include "broker/use_cases/reload_policy.h"
#include "broker/use_cases/tend_changes.h"
#include "tests/simulation/auditor.h"
#include "tests/simulation/names.h"
#include "tests/testing/signer_from_seed.h"

namespace jit::simulation {
namespace {

using testing::Cast;
using testing::MakePolicy;
using testing::Signer;

// Some orders, and statements that change, add and remove them.
void FillShop(testing::MemoryBench& bench) {
  for (int n = 0; n < 4; ++n) {
    const std::string key = absl::StrCat(n);
    bench.Put("shop.orders", key, "new");
    bench.Say(absl::StrCat("pay ", n), {.edits = {{"shop.orders", key, "paid"}}});
    bench.Say(absl::StrCat("remove ", n), {.edits = {{"shop.orders", key, std::nullopt}}});
  }
  bench.Say("void all", {.edits = {{"shop.orders", "0", "void"}, {"shop.orders", "1", "void"}}});
  bench.Say("define", {.alters = "column", .keeps = "a column"});
  bench.Say("break", {.fails = absl::InvalidArgumentError("no such column")});
}

absl::Time LastRecordTime(ports::Journal& journal) {
  absl::Time last = absl::InfinitePast();
  (void)journal.Export(0, [&](const ledger::Record& record) {
    last = record.time;
    return absl::OkStatus();
  });
  return last;
}

}  // namespace

// What is lost when the process dies.
struct Simulator::Process {
  Process(ports::Clock& clock, absl::Time last, ports::Entropy& entropy, ports::Journal& journal,
          ports::PolicySource& policy)
      : time(clock, last), ports{entropy, journal, policy, {}, time} {}
  use_cases::Timekeeper time;
  std::map<core::TargetName, use_cases::SweepMemory> memories;
  use_cases::TendMemory tending;
  use_cases::Ports ports;
};

Simulator::Simulator(std::uint64_t seed)
    : chance_(seed), entropy_(seed ^ 0x9e3779b97f4a7c15U), troubles_(seed + 1) {
  troubled_journal_ = std::make_unique<TroubledJournal>(journal_, troubles_);
  for (const char* name : {"prod", "stage"}) {
    auto target = std::make_unique<testing::MemoryTarget>(Target(name), clock_);
    auto bench = std::make_unique<testing::MemoryBench>(*target, clock_);
    FillShop(*bench);
    troubled_benches_[Target(name)] = std::make_unique<TroubledBench>(*bench, troubles_);
    benches_[Target(name)] = std::move(bench);
    troubled_targets_[Target(name)] = std::make_unique<TroubledTarget>(*target, troubles_);
    targets_[Target(name)] = std::move(target);
  }
  Start();
}

Simulator::~Simulator() = default;

void Simulator::Start() {
  const absl::Time last = LastRecordTime(journal_);
  process_ = std::make_unique<Process>(clock_, last, entropy_, *troubled_journal_, policy_);
  for (auto& [name, target] : troubled_targets_) process_->ports.targets[name] = target.get();
  for (auto& [name, bench] : troubled_benches_) process_->ports.benches[name] = bench.get();
  process_->ports.reader = &reader_;
  // As the daemon does: the policy is recorded, and every target is compared as a whole.
  InProcess("start", [&](use_cases::Ports& ports) { (void)use_cases::RecordPolicy(ports); });
  Sweep(use_cases::Depth::kFull);
}

void Simulator::Note(const std::string& line) {
  log_.push_back(line);
}

void Simulator::InProcess(const std::string& name, const Deed& what) {
  try {
    what(process_->ports);
  } catch (const Crash&) {
    ++crashes_;
    Note(absl::StrCat("crash in ", name));
    Start();
  }
}

std::optional<core::LeaseId> Simulator::AnyLease() {
  if (leases_.empty()) return std::nullopt;
  // Mostly one of the newest: old ones are over.
  const std::size_t span =
      chance_.OnceIn(4) ? leases_.size() : std::min<std::size_t>(6, leases_.size());
  return leases_[leases_.size() - 1 - chance_.Below(span)];
}

const core::PersonId& Simulator::AnyPerson() {
  const std::vector<core::PersonId>& people = Cast::Get().people;
  return people[chance_.Below(people.size())];
}

void Simulator::AskAs(const char* person, const char* target, const char* role, policy::Path path,
                      std::uint64_t key) {
  InProcess("ask", [&](use_cases::Ports& ports) {
    const Cast& cast = Cast::Get();
    use_cases::AskOrder order{
        .idempotency_id = Key(key),
        .bid = {Person(person), Target(target), Role(role), std::nullopt, path},
        .reason = "simulated",
        .incident = ""};
    if (path == policy::Path::kBreakGlass || chance_.OnceIn(2)) {
      order.verifier = cast.verifiers[chance_.Below(cast.verifiers.size())];
    }
    absl::StatusOr<use_cases::SeenLease> seen = use_cases::AskForLease(ports, order);
    Note(absl::StrCat("ask ", person, " ", role, " on ", target, ": ",
                      seen.ok() ? lease::StateWord(seen->lease.state) : seen.status().ToString()));
    if (!seen.ok()) return;
    const core::LeaseId id = *seen->lease.id;
    const auto [told, first] =
        acknowledged_.answers.try_emplace(absl::StrCat(person, " ", key), id);
    if (!first && told->second != id) Note("VIOLATION: one idempotency id, two leases");
    if (first) leases_.push_back(id);
    acknowledged_.reached[id] = seen->lease.state;
    if (seen->lease.state == lease::State::kOpen) ++opened_;
  });
}

void Simulator::Ask(policy::Path path) {
  static constexpr std::array<const char*, 4> kAskers = {"alice", "bob", "rita", "rolf"};
  static constexpr std::array<const char*, 5> kRoles = {"reader", "writer", "writer", "owner",
                                                        "schema"};
  const char* role =
      path == policy::Path::kBreakGlass ? "writer" : kRoles[chance_.Below(kRoles.size())];
  // Sometimes a repeat of an earlier id: the answer was lost, the client tries again.
  const std::uint64_t key = chance_.OnceIn(5) && next_key_ > 1 ? next_key_ - 1 : next_key_++;
  AskAs(kAskers[chance_.Below(4)], chance_.OnceIn(3) ? "stage" : "prod", role, path, key);
}

void Simulator::Review(const core::PersonId& by, const core::LeaseId& lease,
                       records::Decision decision) {
  InProcess("review", [&](use_cases::Ports& ports) {
    const Signer& signer = Cast::Get().signers.at(by);
    absl::StatusOr<use_cases::StatementView> view =
        use_cases::StatementToSign(ports, by, lease, decision);
    if (!view.ok()) return;
    const std::string note = "looked at it";
    const std::string signature = *credential::Sign(signer.key_pem, credential::kReviewContext,
                                                    credential::ReviewText(view->statement, note));
    absl::StatusOr<use_cases::SeenLease> seen =
        use_cases::ReviewLease(ports, {Key(next_key_++), by, lease, decision, view->digest,
                                       signature, signer.certificate_pem, note});
    Note(absl::StrCat("review by ", by.text(), ": ",
                      seen.ok() ? lease::StateWord(seen->lease.state) : seen.status().ToString()));
    if (seen.ok()) acknowledged_.reached[lease] = seen->lease.state;
  });
}

void Simulator::ReviewSomething() {
  const std::optional<core::LeaseId> lease = AnyLease();
  if (!lease.has_value()) return;
  static constexpr std::array<records::Decision, 7> kDecisions = {
      records::Decision::kApprove,      records::Decision::kApprove, records::Decision::kApprove,
      records::Decision::kDeny,         records::Decision::kAccept,  records::Decision::kObject,
      records::Decision::kAcceptResidue};
  Review(AnyPerson(), *lease, kDecisions[chance_.Below(kDecisions.size())]);
}

void Simulator::OpenSomething() {
  const std::optional<core::LeaseId> lease = AnyLease();
  if (!lease.has_value()) return;
  InProcess("open", [&](use_cases::Ports& ports) {
    absl::StatusOr<use_cases::SeenLease> before = use_cases::LoadLease(ports, *lease);
    if (!before.ok()) return;
    const core::PersonId by = chance_.OnceIn(8) ? AnyPerson() : *before->lease.requester;
    const Cast& cast = Cast::Get();
    absl::StatusOr<use_cases::SeenLease> seen = use_cases::OpenLease(
        ports, by, *lease, cast.verifiers[chance_.Below(cast.verifiers.size())]);
    Note(absl::StrCat("open: ",
                      seen.ok() ? lease::StateWord(seen->lease.state) : seen.status().ToString()));
    if (!seen.ok()) return;
    acknowledged_.reached[*lease] = seen->lease.state;
    if (seen->lease.state == lease::State::kOpen) ++opened_;
  });
}

void Simulator::EndSomething() {
  const std::optional<core::LeaseId> lease = AnyLease();
  if (!lease.has_value()) return;
  InProcess("end", [&](use_cases::Ports& ports) {
    absl::StatusOr<use_cases::SeenLease> before = use_cases::LoadLease(ports, *lease);
    if (!before.ok()) return;
    absl::StatusOr<use_cases::SeenLease> seen = before;
    switch (chance_.Below(3)) {
      case 0:
        seen = use_cases::EndLease(ports, *before->lease.requester, *lease);
        break;
      case 1:
        seen = use_cases::WithdrawLease(ports, *before->lease.requester, *lease);
        break;
      default:
        seen = use_cases::RevokeLease(ports, AnyPerson(), *lease, "simulated");
        break;
    }
    if (seen.ok()) acknowledged_.reached[*lease] = seen->lease.state;
  });
}

void Simulator::Tend() {
  InProcess("tend", [&](use_cases::Ports& ports) {
    const use_cases::TendReport report = use_cases::TendChanges(ports, {}, process_->tending);
    for (const std::string& alarm : report.alarms) Note(absl::StrCat("alarm: ", alarm));
  });
}

void Simulator::ChangeWorld() {
  switch (chance_.Below(6)) {
    case 0:
      InProcess("reload", [&](use_cases::Ports& ports) {
        policy_.SetNext(MakePolicy(edition_ = static_cast<int>(chance_.Below(3))));
        (void)use_cases::ReloadPolicy(ports);
      });
      break;
    case 1:
      JumpClock(absl::Hours(chance_.OnceIn(2) ? 1 : -1));
      Note("the wall clock jumps");
      break;
    case 2:
    case 3:
      clock_.Advance(absl::Minutes(static_cast<std::int64_t>(chance_.Below(90))));
      break;
    case 4:
      if (const std::optional<core::LeaseId> lease = AnyLease(); lease.has_value()) {
        for (auto& [name, target] : targets_) {
          target->ChangeVerifier(core::LoginName::Of(*lease));  // the holder, behind our back
        }
      }
      break;
    default:
      clock_.Advance(absl::Hours(static_cast<std::int64_t>(chance_.Below(26))));
      break;
  }
}

void Simulator::JumpClock(absl::Duration jump) {
  // The targets' clocks stay right: what moved for us shows as skew.
  clock_.SetWallBy(jump);
  skew_ -= jump;
  for (auto& [name, target] : targets_) target->SetClockSkew(skew_);
  Note("the wall clock jumps");
}

void Simulator::Sweep(use_cases::Depth depth) {
  InProcess("sweep", [&](use_cases::Ports& ports) {
    for (auto& [name, target] : troubled_targets_) {
      const use_cases::SweepReport report =
          use_cases::SweepTarget(ports, *target, depth, process_->memories[name]);
      for (const std::string& alarm : report.alarms) Note(absl::StrCat("alarm: ", alarm));
      if (!process_->memories[name].last_fault.empty()) {
        Note(absl::StrCat("fault: ", process_->memories[name].last_fault));
      }
    }
    (void)use_cases::LapseWaiting(ports);
  });
  Tend();
}

void Simulator::Step() {
  clock_.Advance(absl::Seconds(static_cast<std::int64_t>(chance_.Below(40))));
  for (auto& [name, bench] : benches_) {
    if (chance_.OnceIn(3)) bench->FinishCommits();
  }
  switch (chance_.Below(26)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return Ask(policy::Path::kOrdinary);
    case 4:
      return Ask(policy::Path::kBreakGlass);
    case 5:
    case 6:
    case 7:
      return ReviewSomething();
    case 8:
    case 9:
      return OpenSomething();
    case 10:
      return EndSomething();
    case 11:
      return ChangeWorld();
    case 12:
      return Sweep(use_cases::Depth::kFull);
    case 13:
    case 14:
    case 15:
      return Sweep(use_cases::Depth::kDue);
    case 16:
    case 17:
      return PlanSomething();
    default:
      if (const std::optional<core::ChangeId> change = AnyChange(); change.has_value()) {
        return DecideOnChange(*change);
      }
      return PlanSomething();
  }
}

void Simulator::PlayStory() {
  AskAs("alice", "prod", "reader", policy::Path::kOrdinary, 1);
  AskAs("alice", "prod", "owner", policy::Path::kOrdinary, 2);
  AskAs("bob", "prod", "schema", policy::Path::kOrdinary, 4);
  for (const char* reviewer : {"rita", "manu", "rolf"}) {
    for (const core::LeaseId& lease : std::vector(leases_)) {
      Review(Person(reviewer), lease, records::Decision::kApprove);
    }
  }
  OpenSomething();
  OpenSomething();
  Sweep(use_cases::Depth::kDue);
  AskAs("bob", "stage", "writer", policy::Path::kBreakGlass, 3);
  EndSomething();
  Sweep(use_cases::Depth::kFull);
  clock_.Advance(absl::Minutes(20));
  for (const core::LeaseId& lease : std::vector(leases_)) {
    Review(Person("manu"), lease, records::Decision::kAccept);
  }
  clock_.Advance(absl::Hours(5));
  Sweep(use_cases::Depth::kDue);
  Sweep(use_cases::Depth::kDue);
  for (const core::LeaseId& lease : std::vector(leases_)) {
    Review(Person("rita"), lease, records::Decision::kAcceptResidue);
  }
}

void Simulator::Settle() {
  troubles_.Calm();
  // Long enough for every back-off and for openings whose outcome is unknown.
  for (int round = 0; round < 12; ++round) {
    clock_.Advance(absl::Seconds(40));
    Sweep(use_cases::Depth::kFull);
  }
}

Durable Simulator::Everything() {
  Durable durable{&journal_, {}, {}, clock_.Now().wall + skew_};
  for (auto& [name, target] : targets_) durable.targets.push_back(target.get());
  for (auto& [name, bench] : benches_) durable.benches[name] = bench.get();
  return durable;
}

std::string Simulator::Check() {
  for (const std::string& line : log_) {
    if (line.rfind("VIOLATION", 0) == 0) return line;
  }
  const Durable durable = Everything();
  if (std::string wrong = CheckTargets(durable); !wrong.empty()) return wrong;
  // What follows takes time and depends on nothing but these; it is all looked at in the end.
  std::int64_t size = journal_.Size();
  for (const auto& [name, bench] : benches_) size += bench->commits();
  if (std::exchange(checked_, size) == size) return "";
  if (std::string wrong = CheckChanges(durable); !wrong.empty()) return wrong;
  if (std::string wrong = CheckJournal(durable); !wrong.empty()) return wrong;
  return CheckAcknowledged(durable, acknowledged_);
}

std::string Simulator::CheckSettled() {
  checked_ = -1;
  if (std::string wrong = Check(); !wrong.empty()) return wrong;
  const Durable durable = Everything();
  if (std::string wrong = simulation::CheckSettled(durable); !wrong.empty()) return wrong;
  return CheckAudit(journal_, testing::SignerFromSeed("jit-access/test", 1).Verifier());
}

}  // namespace jit::simulation

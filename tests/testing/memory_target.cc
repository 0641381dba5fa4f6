#include "tests/testing/memory_target.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "broker/core/refusal.h"

namespace jit::testing {
namespace {

using ports::OffState;
using ports::RemoveState;

absl::Status Unreachable() {
  return absl::UnavailableError("the target does not answer");
}

// PostgreSQL counts microseconds; the target must never be later than the lease.
absl::Time ToMicroseconds(absl::Time time) {
  return absl::FromUnixMicros(absl::ToUnixMicros(time));
}

bool SameAttributes(const ports::LoginOrder& a, const ports::LoginOrder& b) {
  auto names = [](const ports::LoginOrder& order) {
    return std::set<core::PgGroup>(order.member_of.begin(), order.member_of.end());
  };
  return a.person == b.person && names(a) == names(b) && a.connection_limit == b.connection_limit &&
         a.acts_as == b.acts_as && ToMicroseconds(a.valid_until) == ToMicroseconds(b.valid_until);
}

}  // namespace

MemoryTarget::MemoryTarget(core::TargetName name, ports::Clock& clock)
    : name_(std::move(name)), clock_(clock), server_start_(clock.Now().wall) {}

MemoryTarget::Trouble MemoryTarget::Enter(Verb verb) {
  ++calls_;
  if (reach_ == Reach::kDown) {
    return Trouble::kFailsBefore;
  }
  if (auto ordered = ordered_.find(calls_); ordered != ordered_.end()) {
    return ordered->second;
  }
  return choose_ ? choose_(verb) : Trouble::kNone;
}

absl::Status MemoryTarget::CheckReady() const {
  if (!pinned_) {
    return core::Refuse(core::Reason::kTargetNotReady,
                        "the target is another cluster than the one that was pinned");
  }
  if (kit_version_.empty()) {
    return core::Refuse(core::Reason::kTargetNotReady, "the kit is not installed in the target");
  }
  return absl::OkStatus();
}

absl::StatusOr<ports::Vitals> MemoryTarget::Measure() {
  std::lock_guard<std::mutex> held(mutex_);
  if (Enter(Verb::kMeasure) != Trouble::kNone) {
    return Unreachable();
  }
  if (absl::Status ready = CheckReady(); !ready.ok()) {
    return ready;
  }
  return ports::Vitals{"7000000000000000001", kit_version_, writable_ == Writable::kNo, skew_};
}

absl::Status MemoryTarget::OpenLogin(const ports::LoginOrder& order,
                                     const credential::ScramVerifier& verifier) {
  std::lock_guard<std::mutex> held(mutex_);
  const Trouble trouble = Enter(Verb::kOpenLogin);
  if (trouble == Trouble::kFailsBefore) {
    return Unreachable();
  }
  const absl::Status opened = OpenHeld(order, verifier.Digest());
  return trouble == Trouble::kFailsAfter ? Unreachable() : opened;
}

absl::Status MemoryTarget::OpenHeld(const ports::LoginOrder& order,
                                    const std::string& verifier_digest) {
  if (absl::Status ready = CheckReady(); !ready.ok()) {
    return ready;
  }
  if (writable_ == Writable::kNo) {
    return absl::FailedPreconditionError("the target is read-only");
  }
  for (const core::PgGroup& group : order.member_of) {
    if (allowed_.has_value() && !allowed_->contains(group.text())) {
      return absl::FailedPreconditionError("the DBA has not allowed one of the groups");
    }
  }
  if (order.member_of.empty() || order.valid_until <= Now() ||
      order.valid_until > Now() + ttl_max_) {
    return absl::FailedPreconditionError("no group, or an end out of range");
  }
  if (order.acts_as.has_value() && std::find(order.member_of.begin(), order.member_of.end(),
                                             *order.acts_as) == order.member_of.end()) {
    return absl::FailedPreconditionError("a login acts as one of its groups");
  }
  auto found = roles_.find(order.login);
  if (found == roles_.end()) {
    Role role;
    role.order = order;
    role.order->valid_until = ToMicroseconds(order.valid_until);
    role.verifier_digest = verifier_digest;
    if (order.acts_as.has_value()) {
      looks_.try_emplace(order.login, Look{*order.acts_as, schema_, {}}).first->second.residue = {};
    }
    roles_.emplace(order.login, role);
    history_.push_back({clock_.Now().wall, order.login, What::kOpened});
    return absl::OkStatus();
  }
  Role& role = found->second;
  if (!role.order.has_value()) {
    return core::Refuse(core::Reason::kTargetNotReady,
                        "a role with the name of this login exists that is not ours");
  }
  if (!role.can_login || !SameAttributes(*role.order, order)) {
    return absl::FailedPreconditionError("the login exists with other attributes");
  }
  role.verifier_digest = verifier_digest;
  history_.push_back({clock_.Now().wall, order.login, What::kReopened});
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ports::OffOutcome>> MemoryTarget::TurnOff(
    const std::vector<core::LoginName>& logins) {
  std::lock_guard<std::mutex> held(mutex_);
  const Trouble trouble = Enter(Verb::kTurnOff);
  if (trouble == Trouble::kFailsBefore) {
    return Unreachable();
  }
  if (absl::Status ready = CheckReady(); !ready.ok()) {
    return ready;
  }
  std::vector<ports::OffOutcome> outcomes;
  for (const core::LoginName& login : logins) {
    outcomes.push_back(TurnOffHeld(login));
  }
  if (trouble == Trouble::kFailsAfter) {
    return Unreachable();
  }
  return outcomes;
}

ports::OffOutcome MemoryTarget::TurnOffHeld(const core::LoginName& login) {
  auto found = roles_.find(login);
  if (found == roles_.end()) {
    return {login, OffState::kOff, "there is no such login"};
  }
  Role& role = found->second;
  if (!role.order.has_value()) {
    return {login, OffState::kOff, "a role of that name is not ours and was left alone"};
  }
  if (writable_ == Writable::kNo) {
    return {login, OffState::kNotYet, "the target is read-only"};
  }
  if (role.resists_off > 0) {
    --role.resists_off;
    return {login, OffState::kNotYet, "the holder still has a session"};
  }
  if (role.can_login) {
    history_.push_back({clock_.Now().wall, login, What::kOff});
  }
  const std::string report = absl::StrCat("ended ", role.sessions, " sessions and ", role.prepared,
                                          " prepared transactions");
  role.can_login = false;
  role.sessions = 0;
  role.prepared = 0;
  role.order->member_of.clear();
  return {login, OffState::kOff, report};
}

absl::StatusOr<std::vector<ports::RemoveOutcome>> MemoryTarget::Remove(
    const std::vector<core::LoginName>& logins) {
  std::lock_guard<std::mutex> held(mutex_);
  const Trouble trouble = Enter(Verb::kRemove);
  if (trouble == Trouble::kFailsBefore) {
    return Unreachable();
  }
  if (absl::Status ready = CheckReady(); !ready.ok()) {
    return ready;
  }
  std::vector<ports::RemoveOutcome> outcomes;
  for (const core::LoginName& login : logins) {
    outcomes.push_back(RemoveHeld(login));
    AddResidueHeld(outcomes.back());
  }
  if (trouble == Trouble::kFailsAfter) {
    return Unreachable();
  }
  return outcomes;
}

absl::Status MemoryTarget::Tidy() {
  std::lock_guard<std::mutex> held(mutex_);
  const Trouble trouble = Enter(Verb::kTidy);
  if (trouble == Trouble::kFailsBefore) {
    return Unreachable();
  }
  if (absl::Status ready = CheckReady(); !ready.ok()) {
    return ready;
  }
  ++tidied_;
  return trouble == Trouble::kFailsAfter ? Unreachable() : absl::OkStatus();
}

int MemoryTarget::tidied() const {
  std::lock_guard<std::mutex> held(mutex_);
  return tidied_;
}

ports::RemoveOutcome MemoryTarget::RemoveHeld(const core::LoginName& login) {
  auto found = roles_.find(login);
  if (found == roles_.end()) {
    return {login, RemoveState::kRemoved, "there is no such login"};
  }
  Role& role = found->second;
  if (!role.order.has_value()) {
    return {login, RemoveState::kRemoved, "a role of that name is not ours and was left alone"};
  }
  if (writable_ == Writable::kNo) {
    return {login, RemoveState::kNotYet, "the target is read-only"};
  }
  if (role.can_login || role.sessions > 0 || role.prepared > 0) {
    return {login, RemoveState::kNotYet, "the login is not off"};
  }
  if (role.resists_removal > 0) {
    --role.resists_removal;
    return {login, RemoveState::kNotYet, "somebody holds a lock on what is to be removed"};
  }
  if (role.owns_relations) {
    return {login, RemoveState::kNeedsReview, "the login owns relations with data"};
  }
  roles_.erase(found);
  history_.push_back({clock_.Now().wall, login, What::kRemoved});
  return {login, RemoveState::kRemoved, "nothing was left behind"};
}

lease::Residue MemoryTarget::CompareHeld(const Schema& before) const {
  using Line = lease::ResidueLine;
  Schema both = before;
  both.insert(schema_.begin(), schema_.end());
  lease::Residue residue;
  for (const auto& [name, shape] : both) {
    const auto was = before.find(name);
    const auto is = schema_.find(name);
    if (was != before.end() && is != schema_.end() && was->second == is->second) {
      continue;
    }
    if (residue.lines.size() == static_cast<std::size_t>(lease::kResidueLinesMax)) {
      ++residue.more;
      continue;
    }
    residue.lines.push_back({was == before.end()   ? Line::What::kAdded
                             : is == schema_.end() ? Line::What::kRemoved
                                                   : Line::What::kChanged,
                             name.first, name.second});
  }
  return residue;
}

void MemoryTarget::AddResidueHeld(ports::RemoveOutcome& outcome) {
  const auto look = looks_.find(outcome.login);
  if (outcome.state != RemoveState::kRemoved || look == looks_.end()) {
    return;
  }
  if (!look->second.residue.has_value()) {
    if (hidden_ > 0) {
      --hidden_;
      outcome.state = RemoveState::kNotYet;
      outcome.report = "the role is gone; what is different in the schema is not known yet";
      return;
    }
    look->second.residue = CompareHeld(look->second.before);
  }
  outcome.residue = look->second.residue;
}

absl::StatusOr<ports::TargetState> MemoryTarget::Inspect() {
  std::lock_guard<std::mutex> held(mutex_);
  if (Enter(Verb::kInspect) != Trouble::kNone) {
    return Unreachable();
  }
  if (absl::Status ready = CheckReady(); !ready.ok()) {
    return ready;
  }
  ports::TargetState state;
  state.system_identifier = "7000000000000000001";
  state.database = "shop";
  state.kit_version = kit_version_;
  state.read_only = writable_ == Writable::kNo;
  state.clock_skew = skew_;
  state.server_start = server_start_;
  for (const auto& [login, role] : roles_) {
    if (!role.order.has_value()) {
      state.unmarked.push_back(login.text());
      continue;
    }
    ports::LoginSeen seen{.login = login};
    seen.can_login = role.can_login;
    seen.valid_until = role.can_login ? role.order->valid_until : absl::InfinitePast();
    for (const core::PgGroup& group : role.order->member_of) {
      seen.member_of.push_back(group.text());
    }
    std::sort(seen.member_of.begin(), seen.member_of.end());
    seen.verifier_digest = role.can_login ? role.verifier_digest : "";
    seen.sessions = role.sessions;
    seen.prepared_transactions = role.prepared;
    state.logins.push_back(seen);
  }
  return state;
}

void MemoryTarget::FailCall(int n, Trouble trouble) {
  std::lock_guard<std::mutex> held(mutex_);
  ordered_[calls_ + n] = trouble;
}

void MemoryTarget::FailEach(std::function<Trouble(Verb)> choose) {
  std::lock_guard<std::mutex> held(mutex_);
  choose_ = std::move(choose);
}

void MemoryTarget::Set(Reach reach) {
  std::lock_guard<std::mutex> held(mutex_);
  reach_ = reach;
}

void MemoryTarget::Set(Writable writable) {
  std::lock_guard<std::mutex> held(mutex_);
  writable_ = writable;
}

void MemoryTarget::SetClockSkew(absl::Duration skew) {
  std::lock_guard<std::mutex> held(mutex_);
  skew_ = skew;
}

void MemoryTarget::SetKitVersion(std::string version) {
  std::lock_guard<std::mutex> held(mutex_);
  kit_version_ = std::move(version);
}

void MemoryTarget::BecomeAnotherCluster() {
  std::lock_guard<std::mutex> held(mutex_);
  pinned_ = false;
}

void MemoryTarget::RestartServer() {
  std::lock_guard<std::mutex> held(mutex_);
  server_start_ = clock_.Now().wall;
  for (auto& [login, role] : roles_) {
    role.sessions = 0;
  }
}

void MemoryTarget::AllowOnly(std::set<std::string> groups) {
  std::lock_guard<std::mutex> held(mutex_);
  allowed_ = std::move(groups);
}

void MemoryTarget::SetTtlMax(absl::Duration ttl_max) {
  std::lock_guard<std::mutex> held(mutex_);
  ttl_max_ = ttl_max;
}

void MemoryTarget::PutUnmarked(const core::LoginName& login) {
  std::lock_guard<std::mutex> held(mutex_);
  roles_[login] = Role{};
}

void MemoryTarget::PutMarked(const ports::LoginOrder& order) {
  std::lock_guard<std::mutex> held(mutex_);
  Role role;
  role.order = order;
  role.verifier_digest = "restored";
  roles_.insert_or_assign(order.login, role);
  history_.push_back({clock_.Now().wall, order.login, What::kOpened});
}

void MemoryTarget::ChangeVerifier(const core::LoginName& login) {
  std::lock_guard<std::mutex> held(mutex_);
  if (auto found = roles_.find(login); found != roles_.end()) {
    found->second.verifier_digest = "changed by the holder";
  }
}

void MemoryTarget::Resist(const core::LoginName& login, int turn_offs, int removals) {
  std::lock_guard<std::mutex> held(mutex_);
  if (auto found = roles_.find(login); found != roles_.end()) {
    found->second.resists_off = turn_offs;
    found->second.resists_removal = removals;
  }
}

void MemoryTarget::SetOwned(const core::LoginName& login, Owns owns) {
  std::lock_guard<std::mutex> held(mutex_);
  if (auto found = roles_.find(login); found != roles_.end()) {
    found->second.owns_relations = owns == Owns::kRelations;
  }
}

void MemoryTarget::ChangeSchema(const std::string& kind, const std::string& object,
                                const std::string& shape) {
  std::lock_guard<std::mutex> held(mutex_);
  if (shape.empty()) {
    schema_.erase({kind, object});
  } else {
    schema_[{kind, object}] = shape;
  }
}

void MemoryTarget::HideSchema(int removals) {
  std::lock_guard<std::mutex> held(mutex_);
  hidden_ = removals;
}

bool MemoryTarget::CanLogInHeld(const core::LoginName& login) const {
  auto found = roles_.find(login);
  return reach_ == Reach::kUp && found != roles_.end() && found->second.can_login &&
         (!found->second.order.has_value() || Now() < found->second.order->valid_until);
}

bool MemoryTarget::CanLogIn(const core::LoginName& login) const {
  std::lock_guard<std::mutex> held(mutex_);
  return CanLogInHeld(login);
}

absl::Status MemoryTarget::OpenSession(const core::LoginName& login) {
  std::lock_guard<std::mutex> held(mutex_);
  if (!CanLogInHeld(login)) {
    return absl::PermissionDeniedError("the login is refused");
  }
  ++roles_.at(login).sessions;
  return absl::OkStatus();
}

void MemoryTarget::LeavePrepared(const core::LoginName& login) {
  std::lock_guard<std::mutex> held(mutex_);
  if (auto found = roles_.find(login); found != roles_.end()) {
    ++found->second.prepared;
  }
}

int MemoryTarget::SessionsOf(const core::LoginName& login) const {
  std::lock_guard<std::mutex> held(mutex_);
  auto found = roles_.find(login);
  return found == roles_.end() ? 0 : found->second.sessions;
}

bool MemoryTarget::Exists(const core::LoginName& login) const {
  std::lock_guard<std::mutex> held(mutex_);
  return roles_.contains(login);
}

std::optional<ports::LoginOrder> MemoryTarget::OrderOf(const core::LoginName& login) const {
  std::lock_guard<std::mutex> held(mutex_);
  auto found = roles_.find(login);
  return found == roles_.end() ? std::nullopt : found->second.order;
}

std::string MemoryTarget::VerifierDigestOf(const core::LoginName& login) const {
  std::lock_guard<std::mutex> held(mutex_);
  auto found = roles_.find(login);
  return found == roles_.end() ? std::string() : found->second.verifier_digest;
}

std::vector<MemoryTarget::Fact> MemoryTarget::history() const {
  std::lock_guard<std::mutex> held(mutex_);
  return history_;
}

int MemoryTarget::calls() const {
  std::lock_guard<std::mutex> held(mutex_);
  return calls_;
}

}  // namespace jit::testing

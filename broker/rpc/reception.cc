#include "broker/rpc/reception.h"

#include <array>
#include <utility>

#include "absl/strings/escaping.h"
#include "broker/core/lease/lifecycle.h"
#include "broker/rpc/convert_answers.h"
#include "broker/rpc/door.h"
#include "broker/use_cases/look_up.h"

namespace jit::rpc {
namespace {

std::string NewFaultId(ports::Entropy& entropy) {
  std::array<std::uint8_t, 6> bytes{};
  entropy.Fill(bytes);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

}  // namespace

std::int64_t Crew::LooksIn(absl::Duration wait) const {
  absl::Duration rest;
  const std::int64_t soon = absl::IDivDuration(wait, look_soon_every(), &rest);
  if (soon <= kSoonLooks) return soon;
  return kSoonLooks + absl::IDivDuration(wait - kSoonLooks * look_soon_every(), look_every, &rest);
}

Reception::Reception(use_cases::Ports& ports, Hooks hooks, const Crew& crew)
    : ports_(ports),
      hooks_(std::move(hooks)),
      crew_(crew),
      denied_(std::make_shared<const DenyList>()),
      opening_(crew.opening, crew.waiting_max),
      deciding_(crew.deciding, crew.waiting_max),
      looking_(crew.looking, crew.waiting_max * 16) {}

absl::StatusOr<Caller> Reception::Admit(absl::string_view certificate_pem,
                                        absl::string_view method) {
  std::shared_ptr<const DenyList> denied;
  {
    const sync::Lock lock(mutex_);
    denied = denied_;
  }
  const std::shared_ptr<const policy::Policy> policy = ports_.policy.Current();
  absl::StatusOr<Caller> caller =
      Identify(certificate_pem, policy->people, *denied, ports_.time.Now());
  if (!caller.ok()) {
    return caller.status();
  }
  if (absl::Status passed = PassDoor(method, *policy, caller->person); !passed.ok()) {
    return passed;
  }
  return caller;
}

void Reception::Deny(DenyList denied) {
  auto list = std::make_shared<const DenyList>(std::move(denied));
  const sync::Lock lock(mutex_);
  denied_.swap(list);
}

Workers& Reception::For(Lane lane) {
  switch (lane) {
    case Lane::kOpening:
      return opening_;
    case Lane::kDeciding:
      return deciding_;
    case Lane::kLooking:
      return looking_;
  }
  return deciding_;
}

WireStatus Reception::Word(const absl::Status& status, absl::string_view method,
                           absl::string_view person) {
  if (status.ok() || core::ReasonOf(status).has_value()) {
    return ToWire(status, "");
  }
  const std::string id = NewFaultId(ports_.entropy);
  hooks_.fault(Fault{id, std::string(method), std::string(person), status.code(),
                     std::string(status.message())});
  return ToWire(status, id);
}

std::string Reception::NoticesFor(const Caller& caller) {
  const absl::StatusOr<std::vector<use_cases::SeenLease>> unreviewed =
      use_cases::UnreviewedFor(ports_, caller.person);
  // A journal that cannot be read just now fails the call itself, or else did not matter to it.
  if (!unreviewed.ok() || unreviewed->empty()) {
    return "";
  }
  return ToNotices(*unreviewed).SerializeAsString();
}

void Reception::WakeFor(const use_cases::SeenLease& seen) {
  if (lease::EffectOf(seen.lease) != lease::Effect::kNone) {
    hooks_.wake(*seen.lease.target);
  }
}

void Reception::StopWork() {
  looking_.Stop();
  opening_.Stop();
  deciding_.Stop();
}

}  // namespace jit::rpc

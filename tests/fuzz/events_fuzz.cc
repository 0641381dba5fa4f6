// Bodies of records of every type. What decodes is encoded to the same bytes again, can be folded
// into a lease, told, and decided on, whatever it says.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "broker/core/lease/lifecycle.h"
#include "broker/records/lease_events.h"
#include "broker/records/statement.h"

namespace {

constexpr std::array kTypes = {"lease.asked.v1",           "lease.reviewed.v1",
                               "lease.approved.v1",        "lease.sent_back.v1",
                               "lease.denied.v1",          "lease.withdrawn.v1",
                               "lease.lapsed.v1",          "lease.opening_started.v1",
                               "lease.opened.v1",          "lease.verifier_replaced.v1",
                               "lease.closing_started.v1", "lease.turned_off.v1",
                               "lease.removed.v1",         "lease.debt_incurred.v1",
                               "lease.debt_reviewed.v1",   "lease.asked.v2",
                               "lease.sent_back.v2",       "lease.removed.v2",
                               "lease.residue_accepted.v1"};

}  // namespace

// The first byte picks the type, so that one corpus serves all of them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const char* type = kTypes[bytes[0] % kTypes.size()];
  const absl::string_view body(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  (void)jit::records::Tell({.stream = "lease/x", .type = type, .body = std::string(body)});
  const absl::StatusOr<jit::lease::Event> event = jit::records::Decode(type, body);
  if (!event.ok()) {
    return 0;
  }
  const auto again = jit::records::Encode(*event);
  if (!again.ok() || again->type != type || again->body != body) {
    std::abort();
  }
  const jit::lease::Lease lease = jit::lease::Evolve(jit::lease::Lease(), *event);
  const absl::Time now = absl::UnixEpoch();
  (void)jit::lease::NextDeadline(lease);
  (void)jit::lease::Decide(lease, jit::lease::Tick{}, jit::policy::Policy(), now);
  const jit::core::PersonId somebody = jit::core::PersonId::Parse("somebody").value();
  (void)jit::lease::Decide(lease, jit::lease::End{somebody}, jit::policy::Policy(), now);
  (void)jit::records::StatementFor(lease, jit::records::Decision::kApprove, somebody);
  return 0;
}

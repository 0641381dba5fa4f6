// Bodies of records of changes of every type. What decodes is encoded to the same bytes again, can
// be folded into a change, told, and decided on, whatever it says.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "broker/core/change/lifecycle.h"
#include "broker/records/change_events.h"
#include "broker/records/change_statement.h"

namespace {

constexpr std::array kTypes = {
    "change.planned.v1",         "change.rehearsed.v1",      "change.not_rehearsed.v1",
    "change.submitted.v1",       "change.reviewed.v1",       "change.approved.v1",
    "change.sent_back.v1",       "change.denied.v1",         "change.withdrawn.v1",
    "change.lapsed.v1",          "change.apply_started.v1",  "change.applied.v1",
    "change.rolled_back.v1",     "change.subject_marked.v1", "change.undone.v1",
    "change.dropped_for_good.v1"};

}  // namespace

// The first byte picks the type, so that one corpus serves all of them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const char* type = kTypes[bytes[0] % kTypes.size()];
  const absl::string_view body(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  (void)jit::records::TellChange({.stream = "change/x", .type = type, .body = std::string(body)});
  const absl::StatusOr<jit::change::Event> event = jit::records::DecodeChange(type, body);
  if (!event.ok()) {
    return 0;
  }
  const auto again = jit::records::Encode(*event);
  if (!again.ok() || again->type != type || again->body != body) {
    std::abort();
  }
  const jit::change::Change change = jit::change::Evolve(jit::change::Change(), *event);
  const absl::Time now = absl::UnixEpoch();
  (void)jit::change::EffectOf(change);
  (void)jit::change::NextDeadline(change);
  (void)jit::change::Decide(change, jit::change::Tick{}, jit::policy::Policy(), now);
  const jit::core::PersonId somebody = jit::core::PersonId::Parse("somebody").value();
  (void)jit::change::Decide(change, jit::change::Submit{somebody}, jit::policy::Policy(), now);
  (void)jit::records::StatementForChange(change, jit::records::Decision::kApprove, somebody);
  return 0;
}

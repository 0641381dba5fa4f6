#include "broker/target_postgres/words.h"

#include "broker/core/refusal.h"
#include "broker/pq/sqlstate.h"

namespace jit::target_postgres {
namespace {

absl::Status NotReady(absl::string_view why) {
  return core::Refuse(core::Reason::kTargetNotReady, why);
}

}  // namespace

absl::Status InWords(const absl::Status& failed) {
  if (failed.ok() || core::ReasonOf(failed).has_value()) return failed;
  const std::string sqlstate = pq::SqlStateOf(failed);
  if (sqlstate == "3F000" || sqlstate == "42883" || sqlstate == "42P01") {
    return NotReady("the kit is missing or old in the target: run jit-broker target sql");
  }
  if (sqlstate == "42501") {
    return NotReady("the broker's login may not use the kit: run jit-broker target doctor");
  }
  if (sqlstate == "JT002") {
    return NotReady("the target is another cluster than the one that was pinned");
  }
  if (sqlstate == "JT003") {
    return NotReady("a role with the name of this login exists that is not ours");
  }
  if (sqlstate == "25006") return absl::FailedPreconditionError("the target is read-only");
  if (sqlstate.substr(0, 2) == "JT") return failed;
  if (failed.code() == absl::StatusCode::kUnavailable) return failed;
  return pq::LostConnection(failed.message(), pq::OutcomeOf(failed));
}

std::string Plain(const absl::Status& failed) {
  return std::string(failed.message());
}

}  // namespace jit::target_postgres

#include "broker/rpc/status.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace jit::rpc {
namespace {

// One neutral sentence per kind of fault, and the code it travels under. A code that is no fault
// (an adapter's kFailedPrecondition that nobody worded for the caller) travels as internal.
struct FaultWords {
  absl::StatusCode code;
  const char* sentence;
};

FaultWords WordsFor(absl::StatusCode code) {
  if (code == absl::StatusCode::kUnavailable) {
    return {code, "something that the broker needs cannot be reached right now; try again"};
  }
  if (code == absl::StatusCode::kDeadlineExceeded) {
    return {code, "it took too long and the outcome is not known; look before you try again"};
  }
  if (code == absl::StatusCode::kAborted) {
    return {code, "somebody else changed it at the same moment; try again"};
  }
  if (code == absl::StatusCode::kDataLoss) {
    return {code, "what the broker kept cannot be trusted; the operator has to look at it"};
  }
  return {absl::StatusCode::kInternal, "the broker failed; the operator has to look at it"};
}

}  // namespace

v1::RefusalReason ToProto(core::Reason reason) {
  v1::RefusalReason value = v1::REFUSAL_REASON_UNSPECIFIED;
  v1::RefusalReason_Parse(
      absl::StrCat("REFUSAL_REASON_", absl::AsciiStrToUpper(core::ReasonWord(reason))), &value);
  return value;
}

WireStatus ToWire(const absl::Status& status, absl::string_view fault_id) {
  if (status.ok()) {
    return {};
  }
  if (const std::optional<core::Reason> reason = core::ReasonOf(status)) {
    v1::Refusal refusal;
    refusal.set_reason(ToProto(*reason));
    refusal.set_detail(std::string(status.message()));
    return {core::CodeOf(*reason), std::string(status.message()), refusal.SerializeAsString()};
  }
  const FaultWords words = WordsFor(status.code());
  return {words.code, absl::StrCat(words.sentence, " (fault ", fault_id, ")"), ""};
}

}  // namespace jit::rpc

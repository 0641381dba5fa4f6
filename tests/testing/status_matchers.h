// Matchers for absl::Status and StatusOr: OK, a code, a refusal's reason.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "broker/core/refusal.h"

namespace jit::testing {

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}
template <class T>
const absl::Status& StatusOf(const absl::StatusOr<T>& status_or) {
  return status_or.status();
}

MATCHER(IsOk, "is OK") {
  *result_listener << StatusOf(arg).ToString();
  return arg.ok();
}

MATCHER_P(StatusIs, code, "has status code " + absl::StatusCodeToString(code)) {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code;
}

MATCHER_P(RefusedWith, reason, "is refused with " + core::ReasonWord(reason)) {
  *result_listener << StatusOf(arg).ToString();
  return core::ReasonOf(StatusOf(arg)) == reason;
}

// And the sentence that goes with it.
MATCHER_P2(RefusedSaying, reason, detail, "is refused with " + core::ReasonWord(reason)) {
  *result_listener << StatusOf(arg).ToString();
  return core::ReasonOf(StatusOf(arg)) == reason &&
         ::testing::ExplainMatchResult(detail, std::string(StatusOf(arg).message()),
                                       result_listener);
}

}  // namespace jit::testing

#include "broker/rpc/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "google/protobuf/descriptor.h"

namespace jit::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Status, EveryReasonHasItsOwnValueOnTheWireAndEveryValueAReason) {
  std::set<int> seen;
  for (const core::Reason reason : core::AllReasons()) {
    const v1::RefusalReason value = ToProto(reason);
    EXPECT_NE(value, v1::REFUSAL_REASON_UNSPECIFIED) << core::ReasonWord(reason);
    EXPECT_TRUE(seen.insert(value).second) << core::ReasonWord(reason);
  }
  EXPECT_EQ(static_cast<int>(seen.size()), v1::RefusalReason_descriptor()->value_count() - 1);
}

TEST(Status, ARefusalTravelsWithItsReasonAndItsSentence) {
  for (const core::Reason reason : core::AllReasons()) {
    const WireStatus wire = ToWire(core::Refuse(reason, "because of this"), "unused");
    EXPECT_EQ(wire.code, core::CodeOf(reason));
    EXPECT_EQ(wire.message, "because of this");
    v1::Refusal refusal;
    ASSERT_TRUE(refusal.ParseFromString(wire.refusal));
    EXPECT_EQ(refusal.reason(), ToProto(reason));
    EXPECT_EQ(refusal.detail(), "because of this");
  }
}

TEST(Status, AFaultTellsTheCallerANumberAndNothingElse) {
  for (int code = 1; code <= 16; ++code) {
    const absl::Status fault(static_cast<absl::StatusCode>(code),
                             "connection to db.internal as jit_broker failed: SCRAM-SHA-256$4096");
    const WireStatus wire = ToWire(fault, "0badc0ffee00");
    EXPECT_TRUE(wire.refusal.empty());
    EXPECT_NE(wire.code, absl::StatusCode::kOk);
    EXPECT_THAT(wire.message, HasSubstr("0badc0ffee00"));
    EXPECT_THAT(wire.message, Not(HasSubstr("db.internal")));
    EXPECT_THAT(wire.message, Not(HasSubstr("SCRAM")));
  }
}

TEST(Status, AFaultKeepsTheCodeThatSaysWhetherToTryAgain) {
  EXPECT_EQ(ToWire(absl::UnavailableError("x"), "").code, absl::StatusCode::kUnavailable);
  EXPECT_EQ(ToWire(absl::DeadlineExceededError("x"), "").code, absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(ToWire(absl::DataLossError("x"), "").code, absl::StatusCode::kDataLoss);
  // What an adapter means by these is not what a caller would take them for.
  EXPECT_EQ(ToWire(absl::PermissionDeniedError("x"), "").code, absl::StatusCode::kInternal);
  EXPECT_EQ(ToWire(absl::NotFoundError("x"), "").code, absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace jit::rpc

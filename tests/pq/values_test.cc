// Values on their way in and out: arrays, masks, and what the five letters mean.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "broker/pq/parameters.h"
#include "broker/pq/result.h"
#include "broker/pq/sqlstate.h"

namespace jit::pq {
namespace {

RC_GTEST_PROP(TextArray, WhatIsWrittenIsReadBack, (const std::vector<std::string>& values)) {
  const Parameters parameters = Parameters().TextArray(values);
  const auto read = ParseTextArray(*parameters.values().front());
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == values);
}

RC_GTEST_PROP(TextArray, AnyBytesAreReadOrRefused, (const std::string& bytes)) {
  (void)ParseTextArray(bytes);
  (void)ParseTextArray("{" + bytes + "}");
}

TEST(TextArray, MalformedLiteralsAreRefused) {
  for (const char* literal : {"", "{", "}", "{\"}", "{\"a\\}", "{a,}", "{\"a\"b}", "{{a}}", "a"}) {
    EXPECT_FALSE(ParseTextArray(literal).has_value()) << literal;
  }
}

TEST(TextArray, AnEmptyArrayIsNoElementAndNotOneEmptyElement) {
  EXPECT_EQ(ParseTextArray("{}")->size(), 0U);
  EXPECT_EQ(ParseTextArray("{\"\"}")->size(), 1U);
}

TEST(Result, ReadingOutsideAnswersNothing) {
  const Result nothing;
  EXPECT_EQ(nothing.rows(), 0);
  EXPECT_TRUE(nothing.IsNull(0, 0));
  EXPECT_EQ(nothing.Text(3, -1), "");
  EXPECT_FALSE(nothing.Integer(0, 0).has_value());
}

struct Meaning {
  const char* sqlstate;
  absl::StatusCode code;
  Outcome outcome;
};

TEST(SqlState, EachMeansWhatTheTableSays) {
  const Meaning table[] = {
      {"57014", absl::StatusCode::kDeadlineExceeded, Outcome::kDidNotHappen},
      {"55P03", absl::StatusCode::kAborted, Outcome::kDidNotHappen},
      {"40001", absl::StatusCode::kAborted, Outcome::kDidNotHappen},
      {"40P01", absl::StatusCode::kAborted, Outcome::kDidNotHappen},
      {"40003", absl::StatusCode::kUnavailable, Outcome::kUnknown},
      {"08006", absl::StatusCode::kUnavailable, Outcome::kUnknown},
      {"57P01", absl::StatusCode::kUnavailable, Outcome::kUnknown},
      {"57P03", absl::StatusCode::kUnavailable, Outcome::kUnknown},
      {"53300", absl::StatusCode::kUnavailable, Outcome::kDidNotHappen},
      {"25006", absl::StatusCode::kFailedPrecondition, Outcome::kDidNotHappen},
      {"42501", absl::StatusCode::kPermissionDenied, Outcome::kDidNotHappen},
      {"28P01", absl::StatusCode::kUnauthenticated, Outcome::kDidNotHappen},
      {"3F000", absl::StatusCode::kFailedPrecondition, Outcome::kDidNotHappen},
      {"42883", absl::StatusCode::kFailedPrecondition, Outcome::kDidNotHappen},
      {"42P01", absl::StatusCode::kFailedPrecondition, Outcome::kDidNotHappen},
      {"42710", absl::StatusCode::kAlreadyExists, Outcome::kDidNotHappen},
      {"2BP01", absl::StatusCode::kFailedPrecondition, Outcome::kDidNotHappen},
      {"22P02", absl::StatusCode::kInvalidArgument, Outcome::kDidNotHappen},
      {"XX001", absl::StatusCode::kDataLoss, Outcome::kDidNotHappen},
      {"JT003", absl::StatusCode::kFailedPrecondition, Outcome::kDidNotHappen},
      {"42601", absl::StatusCode::kInternal, Outcome::kDidNotHappen},
      {"", absl::StatusCode::kInternal, Outcome::kDidNotHappen},
      {"57", absl::StatusCode::kInternal, Outcome::kDidNotHappen},
  };
  for (const Meaning& row : table) {
    EXPECT_EQ(CodeOf(row.sqlstate), row.code) << row.sqlstate;
    EXPECT_EQ(OutcomeOf(absl::string_view(row.sqlstate)), row.outcome) << row.sqlstate;
    const absl::Status status = ServerError(row.sqlstate, "no");
    EXPECT_EQ(SqlStateOf(status), row.sqlstate);
    EXPECT_EQ(OutcomeOf(status), row.outcome) << row.sqlstate;
  }
}

TEST(SqlState, OurOwnFaultsSayWhetherItMayHaveHappened) {
  EXPECT_EQ(OutcomeOf(LostConnection("x", Outcome::kUnknown)), Outcome::kUnknown);
  EXPECT_EQ(OutcomeOf(LostConnection("x", Outcome::kDidNotHappen)), Outcome::kDidNotHappen);
  EXPECT_EQ(OutcomeOf(TimedOut("x", Outcome::kUnknown)), Outcome::kUnknown);
  EXPECT_EQ(OutcomeOf(absl::OkStatus()), Outcome::kDidNotHappen);
}

}  // namespace
}  // namespace jit::pq

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "absl/strings/str_cat.h"
#include "broker/core/free_text.h"
#include "broker/rpc/convert_answers.h"
#include "broker/rpc/convert_requests.h"
#include "tests/rpc/front.h"
#include "tests/testing/lease_builder.h"
#include "tests/testing/status_matchers.h"

namespace jit::rpc {
namespace {

using core::Reason;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Not;
using testing::RefusedWith;

constexpr char kLease[] = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

Caller Engineer() {
  return Caller{testing::Person("engineer"), "jit://test/engineer", "pem", {}, {}, absl::Time()};
}

v1::CreateLeaseRequest GoodAsk() {
  v1::CreateLeaseRequest request;
  request.set_idempotency_id("12345678");
  request.set_target("shop");
  request.set_role("writer");
  request.set_reason("because");
  return request;
}

TEST(Convert, AGoodAskIsTakenAsItIs) {
  v1::CreateLeaseRequest request = GoodAsk();
  request.mutable_ttl()->set_seconds(1800);
  request.set_scram_verifier(SomeVerifier());
  const auto order = ToOrder(request, Engineer());
  ASSERT_THAT(order, IsOk());
  EXPECT_EQ(order->bid.requester, testing::Person("engineer"));
  EXPECT_EQ(order->bid.target, testing::Target("shop"));
  EXPECT_EQ(order->bid.role, testing::Role("writer"));
  EXPECT_EQ(order->bid.ttl, absl::Minutes(30));
  EXPECT_EQ(order->bid.path, policy::Path::kOrdinary);
  EXPECT_EQ(order->reason, "because");
  EXPECT_TRUE(order->verifier.has_value());
}

TEST(Convert, AnUnsetTimeAndAnUnsetVerifierAreNothing) {
  const auto order = ToOrder(GoodAsk(), Engineer());
  ASSERT_THAT(order, IsOk());
  EXPECT_FALSE(order->bid.ttl.has_value());
  EXPECT_FALSE(order->verifier.has_value());
}

TEST(Convert, TimesThatAreNoneAreRefused) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  struct Row {
    std::int64_t seconds;
    std::int32_t nanos;
    Reason reason;
  };
  for (const Row& row : std::vector<Row>{{0, 0, Reason::kTtlTooShort},
                                         {-1, 0, Reason::kTtlTooShort},
                                         {-315'576'000'000, 0, Reason::kTtlTooShort},
                                         {kMost, 0, Reason::kTtlMalformed},
                                         {kLeast, 0, Reason::kTtlMalformed},
                                         {315'576'000'001, 0, Reason::kTtlMalformed},
                                         {60, 1, Reason::kTtlMalformed},
                                         {60, -1, Reason::kTtlMalformed},
                                         {0, 999'999'999, Reason::kTtlMalformed},
                                         {1, 2'000'000'000, Reason::kTtlMalformed}}) {
    v1::CreateLeaseRequest request = GoodAsk();
    request.mutable_ttl()->set_seconds(row.seconds);
    request.mutable_ttl()->set_nanos(row.nanos);
    EXPECT_THAT(ToOrder(request, Engineer()), RefusedWith(row.reason))
        << row.seconds << " s " << row.nanos << " ns";
  }
}

TEST(Convert, AHugeTimeIsForThePolicyToRefuse) {
  v1::CreateLeaseRequest request = GoodAsk();
  request.mutable_ttl()->set_seconds(315'576'000'000);
  const auto order = ToOrder(request, Engineer());
  ASSERT_THAT(order, IsOk());
  EXPECT_THAT(policy::Judge(testing::ShopPolicy(), order->bid), RefusedWith(Reason::kTtlTooLong));
}

TEST(Convert, NamesAreNeverFoldedNorRepeatedInTheRefusal) {
  for (const char* name : {"", "Shop", "shop ", "sh/op", "shöp", "-shop", "shop\n"}) {
    v1::CreateLeaseRequest request = GoodAsk();
    request.set_target(name);
    const auto order = ToOrder(request, Engineer());
    EXPECT_THAT(order, RefusedWith(Reason::kMalformedName)) << name;
    if (absl::string_view(name).size() > 4) {
      EXPECT_THAT(std::string(order.status().message()), Not(HasSubstr(name)));
    }
  }
}

TEST(Convert, AMalformedVerifierIsRefusedAndNeverRepeated) {
  for (const std::string& verifier :
       {std::string("hunter2"), SomeVerifier() + "x", std::string("SCRAM-SHA-256$1:a$b:c")}) {
    v1::OpenLeaseRequest request;
    request.set_idempotency_id("12345678");
    request.set_lease_id(kLease);
    request.set_scram_verifier(verifier);
    const auto order = ToOrder(request);
    EXPECT_THAT(order, RefusedWith(Reason::kVerifierMalformed));
    EXPECT_THAT(std::string(order.status().message()), Not(HasSubstr(verifier)));
  }
}

TEST(Convert, BreakGlassNeedsAVerifierFromTheStart) {
  v1::BreakGlassRequest request;
  request.set_idempotency_id("12345678");
  request.set_target("shop");
  request.set_role("writer");
  request.set_reason("fire");
  request.set_incident("INC-7");
  EXPECT_THAT(ToOrder(request, Engineer()), RefusedWith(Reason::kVerifierMalformed));
  request.set_scram_verifier(SomeVerifier());
  request.add_keyless("shop.audit_log");
  const auto order = ToOrder(request, Engineer());
  ASSERT_THAT(order, IsOk());
  EXPECT_EQ(order->bid.path, policy::Path::kBreakGlass);
  EXPECT_EQ(order->incident, "INC-7");
  EXPECT_EQ(order->keyless, std::vector<std::string>{"shop.audit_log"});
}

TEST(Convert, EveryMutationNeedsAnIdempotencyIdOfTheRightForm) {
  v1::EndLeaseRequest end;
  end.set_lease_id(kLease);
  for (const char* id : {"", "short", "with space", "ünï-code-id"}) {
    end.set_idempotency_id(id);
    EXPECT_THAT(ToLease(end), RefusedWith(Reason::kMalformedIdempotencyId)) << id;
  }
  end.set_idempotency_id("12345678");
  EXPECT_THAT(ToLease(end), IsOk());
}

TEST(Convert, AReviewNeedsADigestASignatureAndAVerdictOfItsKind) {
  v1::ReviewBreakGlassRequest request;
  request.set_idempotency_id("12345678");
  request.set_lease_id(kLease);
  request.set_verdict(v1::DECISION_APPROVE);
  EXPECT_THAT(ToOrder(request, Engineer()), RefusedWith(Reason::kMalformedName));
  request.set_verdict(v1::DECISION_OBJECT);
  EXPECT_THAT(ToOrder(request, Engineer()), RefusedWith(Reason::kDigestMismatch));
  request.set_digest(std::string(64, 'a'));
  EXPECT_THAT(ToOrder(request, Engineer()), RefusedWith(Reason::kSignatureInvalid));
  request.set_signature(std::string(1025, 'a'));
  EXPECT_THAT(ToOrder(request, Engineer()), RefusedWith(Reason::kSignatureInvalid));
  request.set_signature("c2lnbmF0dXJl");
  const auto order = ToOrder(request, Engineer());
  ASSERT_THAT(order, IsOk());
  EXPECT_EQ(order->decision, records::Decision::kObject);
  EXPECT_EQ(order->certificate_pem, "pem");
}

TEST(Convert, PagesAndStatesOutOfRangeAreRefusedOrCutToSize) {
  v1::ListLeasesRequest request;
  EXPECT_EQ(ToOrder(request, Engineer())->limit, kPageSizeDefault);
  request.set_page_size(100'000);
  EXPECT_EQ(ToOrder(request, Engineer())->limit, kPageSizeMax);
  request.set_page_size(-1);
  EXPECT_THAT(ToOrder(request, Engineer()), RefusedWith(Reason::kMalformedName));
  request.set_page_size(1);
  request.set_page_token("' OR 1=1");
  EXPECT_THAT(ToOrder(request, Engineer()), RefusedWith(Reason::kMalformedName));
  request.clear_page_token();
  request.add_states(static_cast<v1::Lease::State>(77));
  EXPECT_THAT(ToOrder(request, Engineer()), RefusedWith(Reason::kMalformedName));
}

TEST(Convert, AWaitIsNeverLongerThanItsMaximum) {
  v1::WaitLeaseRequest request;
  request.set_lease_id(kLease);
  EXPECT_EQ(ToOrder(request)->wait, kWaitMax);
  request.mutable_wait()->set_seconds(3600);
  EXPECT_EQ(ToOrder(request)->wait, kWaitMax);
  request.mutable_wait()->set_seconds(-1);
  EXPECT_EQ(ToOrder(request)->wait, absl::ZeroDuration());
}

TEST(Convert, EveryStateOfALeaseHasItsOwnValue) {
  std::set<int> seen;
  for (int state = 0; state <= static_cast<int>(lease::State::kClosed); ++state) {
    EXPECT_TRUE(seen.insert(ToProto(static_cast<lease::State>(state))).second);
  }
  EXPECT_EQ(static_cast<int>(seen.size()), v1::Lease::State_descriptor()->value_count());
}

TEST(Convert, TimesBeforeTheEpochAndFractionsComeOutWellFormed) {
  google::protobuf::Timestamp time;
  SetTime(absl::FromUnixMillis(-1500), &time);
  EXPECT_EQ(time.seconds(), -2);
  EXPECT_EQ(time.nanos(), 500'000'000);
  google::protobuf::Duration duration;
  SetDuration(absl::Milliseconds(-1500), &duration);
  EXPECT_EQ(duration.seconds(), -1);
  EXPECT_EQ(duration.nanos(), -500'000'000);
}

TEST(Convert, NoticesFitIntoATrailerAndCutNoCharacter) {
  testing::Story story = *testing::StoryIn(lease::State::kOpen, policy::Path::kBreakGlass);
  std::vector<use_cases::SeenLease> many(500, use_cases::SeenLease{story.lease, 1});
  for (use_cases::SeenLease& each : many) {
    each.lease.reason = "x";
    while (each.lease.reason.size() < 1022) {
      each.lease.reason += "ü";
    }
  }
  const v1::Notices notices = ToNotices(many);
  EXPECT_GT(notices.unreviewed_size(), 3);
  EXPECT_EQ(notices.unreviewed_size() + notices.not_shown(), 500);
  EXPECT_LE(notices.ByteSizeLong(), kNoticesBytesMax + 64);
  for (const v1::UnreviewedBreakGlass& notice : notices.unreviewed()) {
    EXPECT_LE(notice.reason().size(), kNoticeReasonBytesMax);
    EXPECT_TRUE(core::IsUtf8(notice.reason()));
  }
}

}  // namespace
}  // namespace jit::rpc

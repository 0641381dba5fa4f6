// Waiting, and what happens when something is slow, full, failing or stopping.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "tests/rpc/calls.h"

namespace jit::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(Waiting, IsAnsweredAsSoonAsTheLeaseChanges) {
  Front front;
  const auto engineer = front.As("engineer");
  Someone reviewer = Comes(front, "reviewer");
  const auto asked = Lease<v1::CreateLeaseResponse>(*engineer, "CreateLease", AskFor("writer"));
  auto wait = Naming<v1::WaitLeaseRequest>(asked.response.lease().id());
  wait.set_known_version(asked.response.lease().version());
  auto waiting = std::async(std::launch::async, [&] {
    return Lease<v1::WaitLeaseResponse>(*engineer, "WaitLease", wait);
  });
  ASSERT_TRUE(Approve(reviewer, wait.lease_id()).status.ok());
  const auto news = waiting.get();
  ASSERT_TRUE(news.status.ok()) << news.status.error_message();
  EXPECT_EQ(news.response.lease().state(), v1::Lease::STATE_APPROVED);
  EXPECT_GT(news.response.lease().version(), wait.known_version());
}

TEST(Waiting, EndsWithTheLeaseAsItStandsWhenNothingHappens) {
  Front front;
  const auto engineer = front.As("engineer");
  const auto asked = Lease<v1::CreateLeaseResponse>(*engineer, "CreateLease", AskFor("writer"));
  auto wait = Naming<v1::WaitLeaseRequest>(asked.response.lease().id());
  wait.set_known_version(asked.response.lease().version());
  for (const int seconds : {0, 1, -5}) {
    wait.mutable_wait()->set_seconds(seconds);
    const auto same = Lease<v1::WaitLeaseResponse>(*engineer, "WaitLease", wait);
    ASSERT_TRUE(same.status.ok());
    EXPECT_EQ(same.response.lease().version(), wait.known_version());
  }
}

TEST(Waiting, HoldsNoThread) {
  Front front({.reflection = Reflection::kOff,
               .crew = {.opening = 1, .deciding = 1, .looking = 1},
               .deny_list = std::nullopt});
  const auto engineer = front.As("engineer");
  const auto asked = Lease<v1::CreateLeaseResponse>(*engineer, "CreateLease", AskFor("writer"));
  auto wait = Naming<v1::WaitLeaseRequest>(asked.response.lease().id());
  wait.set_known_version(asked.response.lease().version());
  std::vector<std::future<Answer<v1::WaitLeaseResponse>>> waiting;
  for (int i = 0; i < 20; ++i) {
    waiting.push_back(std::async(std::launch::async, [&] {
      return Lease<v1::WaitLeaseResponse>(*engineer, "WaitLease", wait);
    }));
  }
  EXPECT_TRUE(Lease<v1::WithdrawLeaseResponse>(*engineer, "WithdrawLease",
                                               Changing<v1::WithdrawLeaseRequest>(wait.lease_id()))
                  .status.ok());
  for (auto& each : waiting) {
    EXPECT_EQ(each.get().response.lease().state(), v1::Lease::STATE_WITHDRAWN);
  }
}

TEST(Troubles, ADeadTargetKeepsNobodyFromEndingALease) {
  Front front({.reflection = Reflection::kOff,
               .crew = {.opening = 1, .deciding = 1, .looking = 1},
               .deny_list = std::nullopt});
  const auto engineer = front.As("engineer");
  v1::CreateLeaseRequest good = AskFor("reader");
  good.set_scram_verifier(SomeVerifier());
  const std::string id =
      Lease<v1::CreateLeaseResponse>(*engineer, "CreateLease", good).response.lease().id();
  front.target.Close();
  auto stuck = std::async(std::launch::async, [&] {
    v1::CreateLeaseRequest request = AskFor("reader");
    request.set_scram_verifier(SomeVerifier());
    return Lease<v1::CreateLeaseResponse>(*engineer, "CreateLease", request);
  });
  front.target.WaitUntilSomebodyWaits();
  EXPECT_EQ(Lease<v1::EndLeaseResponse>(*engineer, "EndLease", Changing<v1::EndLeaseRequest>(id))
                .response.lease()
                .state(),
            v1::Lease::STATE_CLOSING);
  front.target.Open();
  EXPECT_TRUE(stuck.get().status.ok());
}

TEST(Troubles, ACallThatTakesTooLongIsAnsweredAndItsWorkIsSeenLater) {
  Front front({.reflection = Reflection::kOff,
               .crew = {.call_cap = absl::Milliseconds(200)},
               .deny_list = std::nullopt});
  const auto engineer = front.As("engineer");
  front.target.Close();
  v1::CreateLeaseRequest request = AskFor("reader");
  request.set_scram_verifier(SomeVerifier());
  const auto capped = Lease<v1::CreateLeaseResponse>(*engineer, "CreateLease", request);
  EXPECT_EQ(capped.status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_THAT(capped.status.error_message(), HasSubstr("outcome is not known"));
  front.target.Open();
  const auto again = Lease<v1::CreateLeaseResponse>(*engineer, "CreateLease", request);
  ASSERT_TRUE(again.status.ok()) << again.status.error_message();
  v1::ListLeasesRequest all;
  EXPECT_EQ(Lease<v1::ListLeasesResponse>(*engineer, "ListLeases", all).response.leases_size(), 1);
}

TEST(Troubles, WhenTooMuchWaitsTheBrokerSaysSo) {
  Front front({.reflection = Reflection::kOff,
               .crew = {.opening = 1, .waiting_max = 1},
               .deny_list = std::nullopt});
  const auto engineer = front.As("engineer");
  front.target.Close();
  const auto call = [&] {
    return std::async(std::launch::async, [&] {
      v1::CreateLeaseRequest request = AskFor("reader");
      request.set_scram_verifier(SomeVerifier());
      return Lease<v1::CreateLeaseResponse>(*engineer, "CreateLease", request);
    });
  };
  std::vector<std::future<Answer<v1::CreateLeaseResponse>>> calls;
  calls.push_back(call());
  front.target.WaitUntilSomebodyWaits();
  for (int i = 0; i < 3; ++i) {
    calls.push_back(call());
  }
  // One is with the target and one waits; the other two are told at once, with the gate closed.
  int told = 0;
  while (told < 2) {
    told = 0;
    for (auto& each : calls) {
      told += each.wait_for(std::chrono::milliseconds(20)) == std::future_status::ready ? 1 : 0;
    }
  }
  front.target.Open();
  int busy = 0;
  for (auto& each : calls) {
    const auto answer = each.get();
    if (answer.status.error_code() == grpc::StatusCode::UNAVAILABLE) {
      EXPECT_THAT(answer.status.error_message(), HasSubstr("busy"));
      ++busy;
    }
  }
  EXPECT_EQ(busy, 2);
  EXPECT_THAT(front.faults(), IsEmpty());
}

TEST(Troubles, AFaultIsInTheLogUnderTheNumberTheCallerWasGiven) {
  Front front;
  const auto engineer = front.As("engineer");
  front.journal.SetHealth(testing::StoreHealth::kDown);
  const auto answer = Lease<v1::CreateLeaseResponse>(*engineer, "CreateLease", AskFor("reader"));
  EXPECT_FALSE(answer.status.ok());
  EXPECT_FALSE(answer.refusal.has_value());
  const std::vector<Fault> faults = front.faults();
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_THAT(answer.status.error_message(), HasSubstr(faults[0].id));
  EXPECT_THAT(answer.status.error_message(), Not(HasSubstr(faults[0].detail)));
  EXPECT_EQ(faults[0].person, "engineer");
  EXPECT_EQ(faults[0].method, "jit.v1.LeaseService.CreateLease");
}

TEST(Troubles, StoppingAnswersWhoWaitsAndWhoIsStuckAndReturns) {
  auto front = std::make_unique<Front>();
  const auto engineer = front->As("engineer");
  const auto asked = Lease<v1::CreateLeaseResponse>(*engineer, "CreateLease", AskFor("writer"));
  auto wait = Naming<v1::WaitLeaseRequest>(asked.response.lease().id());
  wait.set_known_version(asked.response.lease().version());
  auto waiting = std::async(std::launch::async, [&] {
    return Lease<v1::WaitLeaseResponse>(*engineer, "WaitLease", wait);
  });
  front->journal.WaitUntilLookedAt(wait.lease_id());
  front->target.Close();
  auto stuck = std::async(std::launch::async, [&] {
    v1::CreateLeaseRequest request = AskFor("reader");
    request.set_scram_verifier(SomeVerifier());
    return Lease<v1::CreateLeaseResponse>(*engineer, "CreateLease", request);
  });
  front->target.WaitUntilSomebodyWaits();
  auto stopping = std::async(std::launch::async, [&] { front->server->Stop(); });
  EXPECT_TRUE(waiting.get().status.ok());
  EXPECT_FALSE(stuck.get().status.ok());  // cancelled after the drain; the target still has it
  front->target.Open();
  stopping.get();
  front.reset();
}

TEST(Identity, NeverBleedsBetweenCallsInterleavedOnManyConnections) {
  Front front;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (const char* person : {"engineer", "peer", "reviewer", "oncall", "manager", "operator"}) {
    const auto channel = front.As(person);
    for (int copies = 0; copies < 2; ++copies) {
      threads.emplace_back([&wrong, channel, person] {
        for (int i = 0; i < 100; ++i) {
          const auto answer = Lease<v1::WhoAmIResponse>(*channel, "WhoAmI", v1::WhoAmIRequest());
          if (!answer.status.ok() || answer.response.person() != person) {
            ++wrong;
          }
        }
      });
    }
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace jit::rpc

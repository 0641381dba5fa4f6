// A broker's real front (listening on loopback, with TLS) over a journal and a target in memory.
//
// Promises: everything is made anew for each front and taken away with it, certificates included.
// The clock is the machine's, since TLS looks at that one, and can be moved ahead for everybody
// else. One test, one thread, except what gRPC does.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/support/status.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/development/authority.h"
#include "broker/host/system_clock.h"
#include "broker/host/system_entropy.h"
#include "broker/rpc/server.h"
#include "broker/use_cases/timekeeper.h"
#include "jit/v1/refusal.pb.h"
#include "tests/testing/memory_journal.h"
#include "tests/testing/memory_target.h"
#include "tests/testing/policy_builder.h"

namespace jit::rpc {

class MovableClock : public ports::Clock {
 public:
  ports::Instant Now() override {
    ports::Instant now = machine_.Now();
    now.wall += absl::Seconds(ahead_seconds_.load());
    now.since_boot += absl::Seconds(ahead_seconds_.load());
    return now;
  }
  void Advance(absl::Duration span) { ahead_seconds_ += absl::ToInt64Seconds(span); }

 private:
  host::SystemClock machine_;
  std::atomic<std::int64_t> ahead_seconds_ = 0;
};

class PutPolicy : public ports::PolicySource {
 public:
  explicit PutPolicy(policy::Policy policy) { Put(std::move(policy)); }
  void Put(policy::Policy policy);
  // What the next Reload answers.
  void RefuseReload(absl::Status status);
  std::shared_ptr<const policy::Policy> Current() override;
  absl::Status Reload() override;

 private:
  std::mutex mutex_;
  std::shared_ptr<const policy::Policy> policy_;
  absl::Status reload_ = absl::OkStatus();
};

// A target that keeps whoever opens a login waiting until it is let go.
class GatedTarget : public testing::MemoryTarget {
 public:
  using MemoryTarget::MemoryTarget;
  absl::Status OpenLogin(const ports::LoginOrder& order,
                         const credential::ScramVerifier& verifier) override;
  void Close();
  void Open();
  void WaitUntilSomebodyWaits();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool closed_ = false;
  int waiting_ = 0;
};

// A journal that tells when somebody who waits for news of a lease has looked for it.
class WatchedJournal : public testing::MemoryJournal {
 public:
  absl::StatusOr<std::int64_t> VersionOf(const std::string& stream) override;
  void WaitUntilLookedAt(const std::string& lease);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> looked_at_;
};

// An answer as it came over the wire.
struct RawAnswer {
  grpc::Status status;
  std::optional<v1::Refusal> refusal;
  std::optional<v1::Notices> notices;
  std::vector<std::string> messages;

  v1::RefusalReason reason() const {
    return refusal.has_value() ? refusal->reason() : v1::REFUSAL_REASON_UNSPECIFIED;
  }
};

// Calls a method by its name ("jit.v1.LeaseService.WhoAmI") with these bytes as the request.
RawAnswer CallRaw(grpc::Channel& channel, const std::string& method, const std::string& request);

template <class Response>
struct Answer : RawAnswer {
  Response response;
};
template <class Response, class Request>
Answer<Response> Invoke(grpc::Channel& channel, const std::string& method, const Request& request) {
  Answer<Response> answer{CallRaw(channel, method, request.SerializeAsString()), {}};
  if (!answer.messages.empty()) {
    answer.response.ParseFromString(answer.messages.front());
  }
  return answer;
}

class Front {
 public:
  struct Options {
    Reflection reflection = Reflection::kOff;
    Crew crew;
    std::optional<std::string> deny_list;  // the file's text
    std::function<void(Hooks&)> dress = [](Hooks&) {};
  };
  explicit Front(const Options& options);
  Front() : Front(Options{}) {}
  ~Front();

  // A connection of its own, with a certificate for jit://test/<person> made now.
  std::shared_ptr<grpc::Channel> As(const std::string& person);
  std::shared_ptr<grpc::Channel> With(const development::KeyPair& pair);
  // Without a certificate of our own.
  std::shared_ptr<grpc::Channel> Bare();

  development::CertificateOrder OrderFor(const std::string& person);
  development::KeyPair Issue(const development::CertificateOrder& order);
  // Another certificate for the server, from `issuer`.
  development::KeyPair ServerPair(const development::Authority& issuer, absl::Time not_after);
  void PutServerFiles(const std::string& certificate, const std::string& key);
  void PutAuthorities(const std::string& pem);
  void PutDenyList(const std::string& text);

  // Moves the policy along and keeps the front as it is.
  void Change(const std::function<void(policy::Policy&)>& change);

  std::vector<std::string> told();
  std::vector<Fault> faults();
  std::vector<std::string> woken();
  std::string address() const;

  MovableClock clock;
  host::SystemEntropy entropy;
  WatchedJournal journal;
  GatedTarget target;
  PutPolicy policy;
  use_cases::Timekeeper time;
  use_cases::Ports ports;
  development::Authority authority;
  std::string folder;
  std::unique_ptr<Server> server;

 private:
  std::mutex mutex_;
  std::vector<std::string> told_;
  std::vector<Fault> faults_;
  std::vector<std::string> woken_;
};

// A well-formed verifier of a password that nobody knows.
std::string SomeVerifier();
// A fresh, well-formed idempotency id.
std::string NextIdempotencyId();

}  // namespace jit::rpc

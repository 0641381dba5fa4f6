#include "tests/benchmark/rounds.h"

#include <array>
#include <mutex>
#include <random>

#include "absl/strings/str_cat.h"
#include "broker/core/names.h"

namespace jit::benchmark {

Round RunRound(int callers, absl::Duration span, const std::function<absl::Status(int)>& call) {
  Round round;
  std::mutex mutex;
  std::vector<std::thread> threads;
  const absl::Time begin = absl::Now();
  for (int caller = 0; caller < callers; ++caller) {
    threads.emplace_back([&, caller] {
      std::vector<double> seconds;
      absl::Status error;
      while (error.ok() && absl::Now() < begin + span) {
        const absl::Time before = absl::Now();
        error = call(caller);
        if (error.ok()) seconds.push_back(absl::ToDoubleSeconds(absl::Now() - before));
      }
      const std::lock_guard<std::mutex> lock(mutex);
      round.done += static_cast<std::int64_t>(seconds.size());
      round.seconds.insert(round.seconds.end(), seconds.begin(), seconds.end());
      round.first_error.Update(error);
    });
  }
  for (std::thread& thread : threads) thread.join();
  round.per_second = static_cast<double>(round.done) / absl::ToDoubleSeconds(absl::Now() - begin);
  return round;
}

const credential::ScramVerifier& SharedVerifier() {
  static const auto* const verifier = [] {
    std::array<std::uint8_t, 32> bytes;
    bytes.fill(7);
    return new credential::ScramVerifier(*credential::ScramVerifier::Make(
        credential::PasswordFrom(bytes), std::span(bytes).first<16>()));
  }();
  return *verifier;
}

namespace {

v1::CreateLeaseRequest Order(channel::Broker& broker, const std::string& role, absl::Duration ttl) {
  v1::CreateLeaseRequest order;
  order.set_idempotency_id(broker.NewIdempotencyId());
  order.set_target("dev");
  order.set_role(role);
  order.set_reason("benchmark");
  order.mutable_ttl()->set_seconds(absl::ToInt64Seconds(ttl));
  order.set_scram_verifier(SharedVerifier().RevealForTarget());
  return order;
}

}  // namespace

v1::CreateLeaseRequest ReaderOrder(channel::Broker& broker, absl::Duration ttl) {
  return Order(broker, "reader", ttl);
}

v1::CreateLeaseRequest WriterOrder(channel::Broker& broker, absl::Duration ttl) {
  return Order(broker, "writer", ttl);
}

std::string RandomLogin() {
  static thread_local std::mt19937_64 engine{std::random_device{}()};
  core::LeaseId::Bytes bytes;
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(engine());
  return core::LoginName::Of(core::LeaseId::FromBytes(bytes)).text();
}

}  // namespace jit::benchmark

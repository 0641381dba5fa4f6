// Load in bounded rounds: so many callers, so long, each in a thread with something of its own.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "broker/credential/scram_verifier.h"
#include "client/channel/broker.h"

namespace jit::benchmark {

struct Round {
  std::int64_t done = 0;
  double per_second = 0;
  std::vector<double> seconds;  // of each call
  absl::Status first_error;
};

// Calls `call(caller)` over and over in `callers` threads until `span` is over.
Round RunRound(int callers, absl::Duration span, const std::function<absl::Status(int)>& call);

// A verifier that differs for every n; cheap, since the expensive part is the same for all.
const credential::ScramVerifier& SharedVerifier();

// An order for a reader or a writer of the stand, with the shared verifier.
v1::CreateLeaseRequest ReaderOrder(channel::Broker& broker, absl::Duration ttl);
v1::CreateLeaseRequest WriterOrder(channel::Broker& broker, absl::Duration ttl);

// A login name of 128 random bits, for calling the kit directly.
std::string RandomLogin();

}  // namespace jit::benchmark

// A running broker, asked from outside by the operator's own commands.
//
// Promises: mTLS with the certificates given; a refusal comes back as its sentence, and no proxy
// variable decides whom we talk to. Does not see gRPC from the outside. Thread-compatible.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/credential/secret.h"

namespace jit::rpc {

struct VisitorPapers {
  std::string broker;  // host:port
  std::string certificate_pem;
  credential::Secret key_pem;
  std::string authorities_pem;
};

class Visit {
 public:
  // Does not connect yet.
  explicit Visit(VisitorPapers papers);
  ~Visit();
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  struct Reloaded {
    enum class Answer { kTaken, kNotTaken } answer = Answer::kNotTaken;
    std::vector<std::string> mistakes;  // file:line:column: sentence
    std::string fingerprint;            // of the policy in force now
  };
  // kPermissionDenied when we are no operator; kUnavailable when nobody answers until `deadline`.
  absl::StatusOr<Reloaded> ReloadPolicy(absl::Time deadline);

  struct Head {
    std::string note;
    std::string verifier_key;
  };
  absl::StatusOr<Head> Checkpoint(absl::Time deadline);

  // Every record's canonical line, in order. `each` may stop it by answering an error, which is
  // answered then.
  absl::Status ExportJournal(absl::Time deadline,
                             const std::function<absl::Status(absl::string_view)>& each);

 private:
  struct Stubs;
  std::unique_ptr<Stubs> stubs_;
};

}  // namespace jit::rpc

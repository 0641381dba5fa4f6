// The people, the policy and the keys of the house that tests play in.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "broker/core/policy/rule.h"
#include "broker/credential/scram_verifier.h"
#include "broker/credential/secret.h"
#include "broker/ports/policy_source.h"

namespace jit::testing {

struct Signer {
  std::string certificate_pem;
  std::string key_pem;
};

// Made once per test program: keys are expensive, and nothing about them is random to the core.
struct Cast {
  std::vector<core::PersonId> people;
  std::map<core::PersonId, Signer> signers;
  std::vector<credential::ScramVerifier> verifiers;
  static const Cast& Get();
};

// Two targets, four roles (`schema` acts as the owner), break-glass; two reviewers and one manager.
// `edition` changes the rule for writers, so that what was decided under one edition does not stand
// under the next.
policy::Policy MakePolicy(int edition);

// A policy that a test can swap.
class SwappablePolicy : public ports::PolicySource {
 public:
  SwappablePolicy() : current_(std::make_shared<const policy::Policy>(MakePolicy(0))) {}
  std::shared_ptr<const policy::Policy> Current() override { return current_; }
  absl::Status Reload() override {
    current_ = std::make_shared<const policy::Policy>(next_);
    return absl::OkStatus();
  }
  void SetNext(policy::Policy next) { next_ = std::move(next); }

 private:
  std::shared_ptr<const policy::Policy> current_;
  policy::Policy next_ = MakePolicy(0);
};

}  // namespace jit::testing

// Where the policy in force comes from.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "broker/core/policy/rule.h"

namespace jit::ports {

// Safe from any thread.
class PolicySource {
 public:
  virtual ~PolicySource() = default;
  // The policy in force now. One snapshot serves one use case from beginning to end; it stays valid
  // after a reload, which is why it is shared.
  virtual std::shared_ptr<const policy::Policy> Current() = 0;
  // Reads the policy again and puts it in force as a whole, or leaves the old one in force and
  // answers with every error found (file:line:column, one per line; kInvalidArgument).
  virtual absl::Status Reload() = 0;
};

}  // namespace jit::ports

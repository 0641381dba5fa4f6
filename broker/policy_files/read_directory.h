// The policy as it lies in a folder.
//
// Promises: reads plain files of at most 1 MiB and nothing else; a link is followed only when it
// stays inside the folder (as mounted configuration has them), so that who may write the folder is
// who may write the policy. Safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "broker/policy_files/mistake.h"
#include "broker/policy_files/parse.h"

namespace jit::policy_files {

constexpr std::size_t kPolicyFileBytesMax = std::size_t{1024} * 1024;
constexpr std::size_t kPolicyFilesMax = 1000;

struct PolicyDirectory {
  std::vector<FileText> files;  // every *.toml that does not begin with a dot, by name
  std::vector<Mistake> mistakes;
};

// Reads `directory`, which may itself be a link (so that a whole policy can be swapped at once).
PolicyDirectory ReadPolicyDirectory(const std::string& directory);

// ReadPolicyDirectory and ParsePolicy in one; `cases` are the texts of the *.cases.toml.
struct LoadedPolicy {
  ParsedPolicy parsed;  // with the mistakes of reading among its own
  std::vector<FileText> cases;
};
LoadedPolicy LoadPolicy(const std::string& directory, absl::Duration ttl_floor);

}  // namespace jit::policy_files

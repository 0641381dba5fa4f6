#include "tests/policy_files/small_policy.h"

#include "gtest/gtest.h"

namespace jit::policy_files {

std::vector<FileText> SmallPolicyWith(const std::string& file, const std::string& from,
                                      const std::string& to) {
  std::vector<FileText> files = SmallPolicy();
  for (FileText& each : files) {
    if (each.name != file) {
      continue;
    }
    const std::size_t at = each.text->find(from);
    if (at != std::string::npos) {
      each.text->replace(at, from.size(), to);
      return files;
    }
  }
  ADD_FAILURE() << file << " does not hold " << from;
  return files;
}

}  // namespace jit::policy_files

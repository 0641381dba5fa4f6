#include "tests/policy_files/small_policy.h"

#include "gtest/gtest.h"

namespace jit::policy_files {

namespace {

std::vector<FileText> Replaced(std::vector<FileText> files, const std::string& file,
                               const std::string& from, const std::string& to) {
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

}  // namespace

std::vector<FileText> SmallPolicyWith(const std::string& file, const std::string& from,
                                      const std::string& to) {
  return Replaced(SmallPolicy(), file, from, to);
}

std::vector<FileText> ChangesWith(const std::string& from, const std::string& to) {
  return Replaced(SmallPolicyWithChanges(), "shop.toml", from, to);
}

}  // namespace jit::policy_files

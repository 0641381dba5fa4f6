// Any bytes as a cases file: each case is run or is a mistake, and the report can be printed.

#include <cstddef>
#include <cstdint>
#include <string>

#include "broker/policy_files/cases.h"
#include "tests/policy_files/small_policy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const auto& policy = *new jit::policy_files::ParsedPolicy(jit::policy_files::ParsePolicy(
      jit::policy_files::SmallPolicy(), jit::policy_files::kTtlFloor));
  const auto report = jit::policy_files::RunCases(
      *policy.policy,
      {{"shop.cases.toml", std::string(reinterpret_cast<const char*>(bytes), size)}});
  jit::policy_files::TextOf(report);
  jit::policy_files::JsonOf(report);
  return 0;
}

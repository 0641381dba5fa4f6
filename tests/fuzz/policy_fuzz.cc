// Any bytes as a policy: the parser answers with a policy or with mistakes, never with both, none
// or a crash. The first byte says which of the two files the rest is; the other one is sound.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "broker/policy_files/parse.h"
#include "tests/policy_files/small_policy.h"

namespace {

void Check(bool holds) {
  if (!holds) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using jit::policy_files::FileText;
  if (size == 0) {
    return 0;
  }
  const std::string text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  const std::vector<FileText> files =
      bytes[0] == 'p' ? std::vector<FileText>{{"people.toml", text},
                                              {"shop.toml", jit::policy_files::kSmallShop}}
                      : std::vector<FileText>{{"people.toml", jit::policy_files::kSmallPeople},
                                              {"shop.toml", text}};
  const auto parsed = jit::policy_files::ParsePolicy(files, jit::policy_files::kTtlFloor);
  Check(parsed.policy.has_value() == parsed.mistakes.empty());
  for (const auto& mistake : parsed.mistakes) {
    Check(mistake.place.line >= 1 && mistake.place.column >= 1 && !mistake.sentence.empty());
  }
  Check(jit::policy_files::StatusOf(parsed.mistakes).ok() == parsed.mistakes.empty());
  if (parsed.policy) {
    Check(parsed.policy->fingerprint.size() == 64);
  }
  return 0;
}

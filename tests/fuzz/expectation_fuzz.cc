// Any bytes as expectations: what is accepted is read back from the text we would give it, and can
// be compared with a report.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "broker/core/change/expectation.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(bytes), size);
  (void)jit::change::ParseExpectation(text);
  const auto parsed = jit::change::ParseExpectations(text);
  if (!parsed.ok()) {
    return 0;
  }
  for (const jit::change::Expectation& each : *parsed) {
    const auto again = jit::change::ParseExpectation(jit::change::Text(each));
    if (each.least > each.most || !again.ok() || *again != each) {
      std::abort();
    }
  }
  (void)jit::change::Misses(jit::change::Joined(*parsed, *parsed), jit::change::Report());
  return 0;
}

// What is no record is refused; what is one has exactly one spelling, and the scan that decides it
// agrees with parsing and writing again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "broker/ledger/record.h"
#include "broker/ledger/verify.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const absl::string_view line(reinterpret_cast<const char*>(bytes), size);
  const absl::StatusOr<jit::ledger::Record> record = jit::ledger::Decode(line);
  if (record.ok()) {
    if (jit::ledger::Encode(*record).value() != line) std::abort();
    if (nlohmann::json::parse(line.begin(), line.end()).dump() != line) std::abort();
  }
  jit::ledger::Verifier verifier({});
  if (verifier.Feed(line).has_value() != record.ok()) std::abort();
  if (!record.ok() && verifier.Finish().ok()) std::abort();
  return 0;
}

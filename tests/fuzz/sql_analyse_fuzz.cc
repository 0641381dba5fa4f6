// Whatever is read covers the script it was read from, byte for byte, and survives the wire.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "broker/sql/analyse.h"
#include "broker/sql/spacing.h"
#include "broker/sql/wire.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(bytes), size);
  const absl::StatusOr<jit::sql::Script> script = jit::sql::Analyse(text);
  if (!script.ok()) {
    return 0;
  }
  if (!jit::sql::Covers(*script, text)) std::abort();
  const absl::StatusOr<jit::sql::Script> back =
      jit::sql::AnswerFromBytes(jit::sql::AnswerToBytes(*script));
  if (!back.ok() || !(*back == *script)) std::abort();
  return 0;
}

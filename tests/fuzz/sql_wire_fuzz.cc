// Bytes from a worker that a script has taken over: refused, or a script that can be written again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "broker/sql/wire.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(bytes), size);
  jit::sql::AnswerFromBytes(text).IgnoreError();
  const absl::StatusOr<jit::sql::Script> script = jit::sql::ScriptFromBytes(text);
  if (!script.ok()) {
    return 0;
  }
  const absl::StatusOr<jit::sql::Script> back =
      jit::sql::ScriptFromBytes(jit::sql::ScriptToBytes(*script));
  if (!back.ok() || !(*back == *script)) std::abort();
  return 0;
}

// Names of every kind: what is accepted is written back as it came, what is not is refused, and
// neither falls.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "broker/core/free_text.h"
#include "broker/core/names.h"
#include "broker/core/refusal.h"

namespace {

template <class T>
void CheckParse(absl::string_view text, jit::core::Reason reason) {
  const absl::StatusOr<T> parsed = T::Parse(text);
  const bool kept =
      parsed.ok() ? parsed->text() == text : jit::core::ReasonOf(parsed.status()) == reason;
  if (!kept) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using jit::core::Reason;
  const absl::string_view text(reinterpret_cast<const char*>(bytes), size);
  CheckParse<jit::core::TargetName>(text, Reason::kMalformedName);
  CheckParse<jit::core::PgGroup>(text, Reason::kMalformedName);
  CheckParse<jit::core::LeaseId>(text, Reason::kMalformedName);
  CheckParse<jit::core::LoginName>(text, Reason::kMalformedName);
  CheckParse<jit::core::IdempotencyId>(text, Reason::kMalformedIdempotencyId);
  const std::string kept = jit::core::AsFreeText(text);
  if (!jit::core::CheckFreeText(
           kept, {"it", jit::core::Needed::kOptional, jit::core::kOutsideTextBytesMax})
           .ok()) {
    std::abort();
  }
  return 0;
}

#include "broker/use_cases/submit.h"

#include "broker/core/change/lifecycle.h"
#include "broker/use_cases/shell.h"

namespace jit::use_cases {

absl::StatusOr<SeenChange> SubmitChange(Ports& ports, const core::PersonId& by,
                                        const core::ChangeId& id) {
  absl::StatusOr<SeenChange> visible = LoadChangeFor(ports, id, by);
  if (!visible.ok()) return visible.status();
  return Execute(ports, id, [&](const SeenChange&) -> absl::StatusOr<change::Command> {
    return change::Submit{by};
  });
}

}  // namespace jit::use_cases

// One policy file's text, read into a draft.
//
// Promises: everything wrong that can be seen in this one file alone is among the mistakes
// afterwards. Pure; safe from any thread.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/policy_files/draft.h"
#include "broker/policy_files/mistake.h"

namespace jit::policy_files {

// `ttl_floor`: what `shortest` may not be below, and what it is when the file does not say.
std::optional<PeopleDraft> ReadPeopleFile(const std::string& file, absl::string_view text,
                                          absl::Duration ttl_floor, Mistakes& mistakes);

std::optional<TargetDraft> ReadTargetFile(const std::string& file, absl::string_view text,
                                          const core::TargetName& target, Mistakes& mistakes);

}  // namespace jit::policy_files

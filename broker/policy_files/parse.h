// A policy from the text of its files: `people.toml` and one `<target>.toml` per target.
//
// Promises: a policy comes out only when nothing at all is wrong with it; otherwise every mistake
// that could be found comes out, each with its place. The language: policies/README.md; every key:
// docs/reference/policy.md. Does not know where the texts come from. Pure; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "broker/core/policy/rule.h"
#include "broker/policy_files/mistake.h"

namespace jit::policy_files {

struct FileText {
  std::string name;                 // without a folder: "shop.toml"
  std::optional<std::string> text;  // nothing when it is there and could not be read
};

// What a lease may not be shorter than, and what `shortest` is when the files do not say.
constexpr absl::Duration kTtlFloor = absl::Seconds(60);
constexpr absl::Duration kTtlFloorInDevelopment = absl::Seconds(10);

struct ParsedPolicy {
  std::optional<policy::Policy> policy;  // there exactly when `mistakes` is empty
  std::vector<Mistake> mistakes;         // in reading order
};

// `files`: in any order; `*.cases.toml` among them are passed over, and so is one without a text,
// which whoever failed to read it has to report. The policy carries its fingerprints. `ttl_floor`
// is kTtlFloor or kTtlFloorInDevelopment.
ParsedPolicy ParsePolicy(const std::vector<FileText>& files, absl::Duration ttl_floor);

constexpr char kPeopleFile[] = "people.toml";
constexpr char kPolicySuffix[] = ".toml";
constexpr char kCasesSuffix[] = ".cases.toml";

}  // namespace jit::policy_files

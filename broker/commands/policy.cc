#include "broker/commands/policy.h"

#include <cstdio>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "broker/core/change/lifecycle.h"
#include "broker/core/policy/change_rule.h"
#include "broker/core/policy/judge.h"
#include "broker/policy_files/cases.h"
#include "broker/policy_files/duration.h"
#include "broker/policy_files/explain.h"
#include "broker/policy_files/mistake.h"
#include "broker/policy_files/read_directory.h"

namespace jit::commands {
namespace {

void Say(std::FILE* to, const std::string& text) {
  std::fprintf(to, "%s\n", text.c_str());
}

// The policy of a folder, or nothing after every mistake was printed. The floor is the broker's
// own: what only the development broker would take is a mistake here.
std::optional<policy_files::LoadedPolicy> Load(const std::string& folder) {
  policy_files::LoadedPolicy loaded = policy_files::LoadPolicy(folder, policy_files::kTtlFloor);
  if (!loaded.parsed.policy.has_value()) {
    Say(stderr, policy_files::TextOf(loaded.parsed.mistakes));
    return std::nullopt;
  }
  return loaded;
}

// A name as typed, or nothing after saying which one is not a name.
template <class Name>
std::optional<Name> Parsed(const std::string& text, const char* what) {
  absl::StatusOr<Name> name = Name::Parse(text);
  if (!name.ok()) {
    Say(stderr, absl::StrCat("--", what, ": ", name.status().message()));
    return std::nullopt;
  }
  return *std::move(name);
}

ExitCode ExplainChange(const policy::Policy& policy, const policy::ChangeBid& bid, Output output) {
  Say(stdout, output == Output::kJson ? policy_files::ExplainJson(policy, bid)
                                      : policy_files::ExplainText(policy, bid));
  return policy::JudgeChange(policy, bid).ok() ? ExitCode::kOk : ExitCode::kRefused;
}

std::optional<policy::Purpose> PurposeFrom(const std::string& word) {
  for (const policy::Purpose purpose : {policy::Purpose::kScript, policy::Purpose::kUnrehearsed,
                                        policy::Purpose::kUndo, policy::Purpose::kDropForGood}) {
    if (change::PurposeWord(purpose) == word) return purpose;
  }
  return std::nullopt;
}

}  // namespace

ExitCode TestPolicy(const std::string& folder, Output output) {
  const std::optional<policy_files::LoadedPolicy> loaded = Load(folder);
  if (!loaded) {
    return ExitCode::kRefused;
  }
  const policy_files::CasesReport report =
      policy_files::RunCases(*loaded->parsed.policy, loaded->cases);
  Say(stdout,
      output == Output::kJson ? policy_files::JsonOf(report) : policy_files::TextOf(report));
  return report.AllHit() ? ExitCode::kOk : ExitCode::kRefused;
}

ExitCode ExplainPolicy(const ExplainOptions& options) {
  const std::optional<policy_files::LoadedPolicy> loaded = Load(options.folder);
  if (!loaded) {
    return ExitCode::kRefused;
  }
  const auto person = Parsed<core::PersonId>(options.person, "person");
  const auto target = Parsed<core::TargetName>(options.target, "target");
  const auto role = Parsed<core::RoleName>(options.role, "role");
  if (!person || !target || !role) {
    return ExitCode::kUsage;
  }
  if (!options.change.empty()) {
    const std::optional<policy::Purpose> purpose = PurposeFrom(options.change);
    if (!purpose || !options.ttl.empty() || options.way == ExplainOptions::Way::kBreakGlass) {
      Say(stderr, purpose ? "--change goes without --ttl and --break-glass"
                          : "--change is script, unrehearsed, undo or drop_for_good");
      return ExitCode::kUsage;
    }
    return ExplainChange(*loaded->parsed.policy, {*person, *target, *role, *purpose},
                         options.output);
  }
  policy::Bid bid{.requester = *person,
                  .target = *target,
                  .role = *role,
                  .ttl = std::nullopt,
                  .path = options.way == ExplainOptions::Way::kBreakGlass
                              ? policy::Path::kBreakGlass
                              : policy::Path::kOrdinary};
  if (!options.ttl.empty()) {
    const absl::StatusOr<absl::Duration> ttl = policy_files::ParseDuration(options.ttl);
    if (!ttl.ok()) {
      Say(stderr, absl::StrCat("--ttl ", ttl.status().message()));
      return ExitCode::kUsage;
    }
    bid.ttl = *ttl;
  }
  Say(stdout, options.output == Output::kJson
                  ? policy_files::ExplainJson(*loaded->parsed.policy, bid)
                  : policy_files::ExplainText(*loaded->parsed.policy, bid));
  return policy::Judge(*loaded->parsed.policy, bid).ok() ? ExitCode::kOk : ExitCode::kRefused;
}

}  // namespace jit::commands

#include "broker/use_cases/reload_policy.h"

#include "absl/strings/str_cat.h"
#include "broker/ledger/canonical_json.h"
#include "broker/use_cases/shell.h"

namespace jit::use_cases {
namespace {

constexpr char kPolicyLoaded[] = "broker.policy_loaded.v1";

absl::StatusOr<std::int64_t> RecordOnce(Ports& ports) {
  absl::StatusOr<std::vector<ledger::Record>> records = ports.journal.Load(kPolicyStream);
  if (!records.ok()) return records.status();
  const std::int64_t version = records->empty() ? 0 : records->back().version;
  absl::StatusOr<std::string> body = ledger::CanonicalBytes(
      ledger::Json{{"policy_fingerprint", ports.policy.Current()->fingerprint}});
  if (!body.ok()) return body.status();
  if (!records->empty() && records->back().body == *body) return version;
  return ports.journal.Commit(ports::Append{.stream = kPolicyStream,
                                            .expected_version = version,
                                            .time = ports.time.Now(),
                                            .records = {{kPolicyLoaded, *body}}});
}

}  // namespace

absl::Status RecordPolicy(Ports& ports) {
  return Insist([&] { return RecordOnce(ports); }).status();
}

absl::Status ReloadPolicy(Ports& ports) {
  const absl::Status reloaded = ports.policy.Reload();
  if (!reloaded.ok()) return reloaded;
  return RecordPolicy(ports);
}

}  // namespace jit::use_cases

#include "tests/simulation/auditor.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/ledger/verify.h"
#include "client/audit/lease_audit.h"

namespace jit::simulation {

std::string CheckAudit(ports::Journal& journal, const ledger::CheckpointVerifier& key) {
  const absl::StatusOr<ledger::SignedCheckpoint> made = journal.Checkpoint();
  if (!made.ok()) return absl::StrCat("no checkpoint: ", made.status().ToString());
  absl::StatusOr<ledger::SignedCheckpoint> opened = key.Open(made->note);
  if (!opened.ok()) return absl::StrCat("the auditor's key: ", opened.status().ToString());
  ledger::Verifier verifier({*std::move(opened)});
  audit::LeaseAudit leases;
  const absl::Status exported =
      journal.Export(0, [&](const ledger::Record& record) -> absl::Status {
        const absl::StatusOr<std::string> line = ledger::Encode(record);
        if (!line.ok()) return line.status();
        if (const auto read = verifier.Feed(*line)) leases.Feed(*read);
        return absl::OkStatus();
      });
  if (!exported.ok()) return absl::StrCat("no export: ", exported.ToString());
  const ledger::Verification verification = verifier.Finish();
  if (!verification.ok()) return absl::StrCat("the auditor: ", verification.findings[0].words);
  const audit::LeaseFindings& findings = leases.findings();
  if (!findings.complaints.empty()) {
    return absl::StrCat("the auditor: ", findings.complaints[0].words);
  }
  if (!findings.unknown_types.empty()) {
    return absl::StrCat("the auditor does not know ", findings.unknown_types.begin()->first);
  }
  return "";
}

}  // namespace jit::simulation

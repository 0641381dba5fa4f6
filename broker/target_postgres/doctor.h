// The doctor: proves every right the broker needs in a target, and names every danger, in words.
//
// Promises: it changes nothing. Each finding is a sentence a DBA understands, with the SQL that
// mends it where SQL can. Safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "broker/ports/clock.h"

namespace jit::target_postgres {

enum class Severity {
  kOk,       // holds
  kWarning,  // should be known and decided on
  kDanger,   // should not be used like this
};

struct Diagnosis {
  Severity severity = Severity::kOk;
  std::string sentence;
  std::string mend;  // SQL, or what to do; empty when there is nothing to mend
};

struct DoctorOptions {
  std::string conninfo;  // of the broker's login
  // A superuser's, for what only they can see: pg_hba.conf.
  std::optional<std::string> admin_conninfo;
};

// Dangers first, then warnings, then what holds. The errors of connecting as in pq::Connection; a
// missing kit is a diagnosis and no error.
absl::StatusOr<std::vector<Diagnosis>> Examine(const DoctorOptions& options, ports::Clock& clock);

std::string SeverityWord(Severity severity);  // "ok", "warning", "danger"

}  // namespace jit::target_postgres

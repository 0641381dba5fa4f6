#include "broker/target_postgres/doctor.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "broker/pq/connection.h"
#include "broker/pq/sqlstate.h"
#include "broker/target_postgres/doctor_files.h"
#include "broker/target_postgres/kit.h"

namespace jit::target_postgres {
namespace {

constexpr absl::Duration kDeadline = absl::Seconds(15);
constexpr absl::Duration kSkewMax = absl::Seconds(5);
constexpr absl::string_view kAskedAsSuperuser = "09_hba";

using Diagnoses = std::vector<Diagnosis>;

Severity SeverityOf(absl::string_view word) {
  if (word == "ok") return Severity::kOk;
  if (word == "warning") return Severity::kWarning;
  return Severity::kDanger;
}

void Ask(pq::Connection& connection, absl::string_view name, absl::string_view sql,
         Diagnoses& diagnoses) {
  auto answer = connection.Run(sql, kDeadline);
  if (!answer.ok()) {
    diagnoses.push_back({Severity::kWarning,
                         absl::StrCat("The question ", name.substr(3),
                                      " could not be asked: ", answer.status().message()),
                         ""});
    return;
  }
  for (int row = 0; row < answer->rows(); ++row) {
    diagnoses.push_back({SeverityOf(answer->Text(row, 0)), std::string(answer->Text(row, 1)),
                         std::string(answer->Text(row, 2))});
  }
}

void AskAll(pq::Connection& connection, Diagnoses& diagnoses) {
  for (const auto& [name, sql] : kSqlFiles) {
    if (kAskedAsSuperuser != name) Ask(connection, name, sql, diagnoses);
  }
}

// Whether the kit answers at all, and what the clocks say. False when nothing else can be asked.
bool AskKit(pq::Connection& connection, ports::Clock& clock, Diagnoses& diagnoses) {
  const ports::Instant before = clock.Now();
  auto answer =
      connection.Run("select system_identifier, kit_version, now_us from jit.measure()", kDeadline);
  const ports::Instant after = clock.Now();
  if (!answer.ok()) {
    const std::string sqlstate = pq::SqlStateOf(answer.status());
    const bool denied = sqlstate == "42501";
    diagnoses.push_back({Severity::kDanger,
                         denied ? "The broker's login may not use the kit in this database."
                                : "The kit is missing in this database.",
                         "jit-broker target sql | psql, as an administrator"});
    return false;
  }
  const std::int64_t version = answer->Integer(0, 1).value_or(0);
  diagnoses.push_back(
      {version < kKitVersion ? Severity::kDanger : Severity::kOk,
       absl::StrCat("The kit has version ", version, "; this broker wants ", kKitVersion, "."),
       version < kKitVersion ? "jit-broker target sql | psql, as an administrator" : ""});
  diagnoses.push_back({Severity::kOk,
                       absl::StrCat("The system identifier of the cluster is ", answer->Text(0, 0),
                                    ": pin it in the broker's configuration."),
                       ""});
  const absl::Duration round_trip = after.since_boot - before.since_boot;
  const absl::Duration skew = absl::AbsDuration(
      absl::FromUnixMicros(answer->Integer(0, 2).value_or(0)) - (after.wall - round_trip / 2));
  diagnoses.push_back(
      {skew > kSkewMax ? Severity::kDanger : Severity::kOk,
       absl::StrCat("The clocks of broker and target differ by ",
                    absl::FormatDuration(absl::Trunc(skew, absl::Milliseconds(1))), "."),
       skew > kSkewMax ? "let both follow the same time servers" : ""});
  return true;
}

// A pooler between us hands out other backends than it says.
void AskAboutPooler(pq::Connection& connection, Diagnoses& diagnoses) {
  auto answer = connection.Run("select pg_backend_pid()", kDeadline);
  if (!answer.ok() || answer->Integer(0, 0) == connection.announced_pid()) return;
  diagnoses.push_back(
      {Severity::kDanger,
       "A pooler stands between the broker and the server: it keeps connections and "
       "passwords that the broker cannot take away.",
       "lead the broker and the holders to the server itself"});
}

}  // namespace

std::string SeverityWord(Severity severity) {
  switch (severity) {
    case Severity::kOk:
      return "ok";
    case Severity::kWarning:
      return "warning";
    case Severity::kDanger:
      return "danger";
  }
  return "danger";
}

absl::StatusOr<Diagnoses> Examine(const DoctorOptions& options, ports::Clock& clock) {
  pq::StartUp start_up;
  start_up.application_name = "jit-broker doctor";
  auto connection = pq::Connection::Open(options.conninfo, start_up);
  if (!connection.ok()) return connection.status();
  Diagnoses diagnoses;
  AskAboutPooler(**connection, diagnoses);
  if (AskKit(**connection, clock, diagnoses)) AskAll(**connection, diagnoses);
  if (!options.admin_conninfo.has_value()) {
    diagnoses.push_back({Severity::kWarning, "pg_hba.conf was not looked at: only a superuser can.",
                         "jit-broker target doctor --administrator CONNINFO"});
  } else {
    auto admin = pq::Connection::Open(*options.admin_conninfo, start_up);
    if (!admin.ok()) return admin.status();
    for (const auto& [name, sql] : kSqlFiles) {
      if (kAskedAsSuperuser == name) Ask(**admin, name, sql, diagnoses);
    }
  }
  std::stable_sort(diagnoses.begin(), diagnoses.end(), [](const Diagnosis& a, const Diagnosis& b) {
    return static_cast<int>(a.severity) > static_cast<int>(b.severity);
  });
  return diagnoses;
}

}  // namespace jit::target_postgres

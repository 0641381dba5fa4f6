#include "broker/commands/check.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "broker/credential/certificate.h"
#include "broker/daemon/adapters.h"
#include "broker/daemon/config.h"
#include "broker/host/files.h"
#include "broker/host/system_clock.h"
#include "broker/policy_files/cases.h"
#include "broker/policy_files/read_directory.h"
#include "broker/rpc/deny_list.h"
#include "broker/target_postgres/doctor.h"

namespace jit::commands {
namespace {

constexpr std::size_t kFileBytesMax = 1024 * 1024;
constexpr absl::Duration kSoon = absl::Hours(24 * 14);

// One line per thing looked at, and whether all were good.
class Report {
 public:
  void Good(absl::string_view what, absl::string_view detail) { Line("ok", what, detail); }
  void Note(absl::string_view what, absl::string_view detail) { Line("note", what, detail); }
  void Bad(absl::string_view what, absl::string_view detail) {
    all_good_ = false;
    for (const absl::string_view line : absl::StrSplit(detail, '\n')) {
      Line("bad", what, line);
    }
  }

  ExitCode Print(Output output) const {
    if (output == Output::kJson) {
      const nlohmann::json whole = {{"good", all_good_}, {"lines", lines_}};
      std::printf("%s\n",
                  whole.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace).c_str());
    }
    for (const nlohmann::json& line : output == Output::kText ? lines_ : nlohmann::json::array()) {
      std::printf("%-5s %-12s %s\n", line["verdict"].get<std::string>().c_str(),
                  line["what"].get<std::string>().c_str(),
                  line["detail"].get<std::string>().c_str());
    }
    return all_good_ ? ExitCode::kOk : ExitCode::kRefused;
  }

 private:
  void Line(absl::string_view verdict, absl::string_view what, absl::string_view detail) {
    lines_.push_back({{"verdict", std::string(verdict)},
                      {"what", std::string(what)},
                      {"detail", std::string(detail)}});
  }
  bool all_good_ = true;
  nlohmann::json lines_ = nlohmann::json::array();
};

void CheckTls(const daemon::Config& config, absl::Time now, Report& report) {
  const absl::StatusOr<std::string> certificate =
      host::ReadFile(config.tls.certificate, kFileBytesMax);
  const absl::StatusOr<std::string> authorities =
      host::ReadFile(config.tls.client_authorities, kFileBytesMax);
  const absl::StatusOr<credential::Secret> key = daemon::ReadSecret(config.tls.key);
  for (const absl::Status& read : {certificate.status(), authorities.status(), key.status()}) {
    if (!read.ok()) report.Bad("tls", read.message());
  }
  if (!certificate.ok() || !authorities.ok() || !key.ok()) {
    return;
  }
  const auto pair_at = [&](absl::Time at) {
    return credential::CheckServerPair(*certificate, key->RevealForUse(), *authorities, at);
  };
  if (const absl::Status pair = pair_at(now); !pair.ok()) {
    report.Bad("tls", pair.message());
    return;
  }
  report.Good("tls", absl::StrCat(config.tls.certificate, " and its key belong together"));
  if (!pair_at(now + kSoon).ok()) {
    report.Note("tls", "the certificate ends within two weeks");
  }
}

void CheckDenyList(const daemon::Config& config, Report& report) {
  if (config.tls.deny_list.empty()) {
    return;
  }
  const absl::StatusOr<std::string> text = host::ReadFile(config.tls.deny_list, kFileBytesMax);
  if (!text.ok()) {
    report.Bad("deny list", text.status().message());
    return;
  }
  const rpc::DenyListReading reading = rpc::ReadDenyList(*text);
  for (const std::string& error : reading.errors) {
    report.Bad("deny list", absl::StrCat(config.tls.deny_list, ": ", error));
  }
  if (reading.errors.empty()) {
    report.Good("deny list", config.tls.deny_list);
  }
}

void CheckPolicy(const daemon::Config& config, Report& report) {
  const policy_files::LoadedPolicy loaded =
      policy_files::LoadPolicy(config.policy, config.ttl_floor);
  if (!loaded.parsed.policy.has_value()) {
    report.Bad("policy", policy_files::TextOf(loaded.parsed.mistakes));
    return;
  }
  const policy::Policy& policy = *loaded.parsed.policy;
  report.Good("policy", absl::StrCat(policy.people.people.size(), " people, ",
                                     policy.targets.size(), " targets, ", policy.fingerprint));
  for (const daemon::TargetConfig& target : config.targets) {
    if (!policy.targets.contains(target.name)) {
      report.Note("policy", absl::StrCat("no file for the target ", target.name.text(),
                                         ": nobody may ask for anything there"));
    }
  }
  for (const auto& [name, unused] : policy.targets) {
    bool known = false;
    for (const daemon::TargetConfig& target : config.targets) {
      known = known || target.name == name;
    }
    if (!known) {
      report.Bad("policy", absl::StrCat("it speaks of the target ", name.text(),
                                        ", which the boot file does not have"));
    }
  }
  const policy_files::CasesReport cases = policy_files::RunCases(policy, loaded.cases);
  if (cases.AllHit()) {
    report.Good("cases", policy_files::TextOf(cases));
  } else {
    report.Bad("cases", policy_files::TextOf(cases));
  }
}

// Opens the journal only when it is there: a check must not make one.
void CheckJournal(const daemon::Config& config, Report& report) {
  const absl::StatusOr<ledger::CheckpointSigner> signer = daemon::ReadSigner(config);
  if (!signer.ok()) {
    report.Bad("checkpoints", signer.status().message());
  } else {
    report.Good("checkpoints", signer->Verifier().text());
  }
  std::error_code error;
  if (!std::filesystem::exists(config.journal, error)) {
    const std::filesystem::path folder = std::filesystem::path(config.journal).parent_path();
    if (std::filesystem::is_directory(folder, error)) {
      report.Good("journal", absl::StrCat(config.journal, " will be made"));
    } else {
      report.Bad("journal", absl::StrCat(folder.string(), " is not a folder"));
    }
    return;
  }
  if (!signer.ok()) {
    return;
  }
  const absl::StatusOr<std::unique_ptr<ports::Journal>> journal = daemon::OpenJournal(config);
  if (journal.ok()) {
    report.Good("journal", absl::StrCat(config.journal, ", ", (*journal)->Size(), " records"));
  } else if (absl::IsFailedPrecondition(journal.status())) {
    report.Note("journal", journal.status().message());
  } else {
    report.Bad("journal", journal.status().message());
  }
}

// What the doctor finds, without what holds: that is for `jit-broker target doctor`.
void CheckTarget(const daemon::TargetConfig& target, ports::Clock& clock, Report& report) {
  const std::string what = absl::StrCat("target ", target.name.text());
  const absl::StatusOr<std::string> conninfo = daemon::ConninfoOf(target);
  const auto diagnoses =
      conninfo.ok() ? target_postgres::Examine({.conninfo = *conninfo, .admin_conninfo = {}}, clock)
                    : conninfo.status();
  if (!diagnoses.ok()) {
    report.Bad(what, diagnoses.status().message());
    return;
  }
  std::size_t good = 0;
  for (const target_postgres::Diagnosis& diagnosis : *diagnoses) {
    switch (diagnosis.severity) {
      case target_postgres::Severity::kOk:
        ++good;
        break;
      case target_postgres::Severity::kWarning:
        report.Note(what, diagnosis.sentence);
        break;
      case target_postgres::Severity::kDanger:
        report.Bad(what, diagnosis.sentence);
        break;
    }
  }
  report.Good(what, absl::StrCat(good, " things hold; `jit-broker target doctor` tells them"));
}

}  // namespace

ExitCode Check(const CheckOptions& options) {
  Report report;
  const absl::StatusOr<daemon::Config> config = daemon::ReadConfig(options.config);
  if (!config.ok()) {
    report.Bad("boot file", config.status().message());
    return report.Print(options.output);
  }
  report.Good("boot file", options.config);
  host::SystemClock clock;
  CheckTls(*config, clock.Now().wall, report);
  CheckDenyList(*config, report);
  CheckPolicy(*config, report);
  CheckJournal(*config, report);
  for (const daemon::TargetConfig& target : config->targets) {
    if (const auto made = daemon::MakeTarget(target, clock); !made.ok()) {
      report.Bad(absl::StrCat("target ", target.name.text()), made.status().message());
    } else if (options.reach == Reach::kTargetsToo) {
      CheckTarget(target, clock, report);
    }
  }
  return report.Print(options.output);
}

}  // namespace jit::commands

#include "broker/commands/target.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "broker/daemon/adapters.h"
#include "broker/daemon/config.h"
#include "broker/host/system_clock.h"
#include "broker/policy_files/duration.h"
#include "broker/target_postgres/doctor.h"
#include "broker/target_postgres/kit.h"

namespace jit::commands {
namespace {

void Complain(absl::string_view text) {
  std::fprintf(stderr, "%s\n", std::string(text).c_str());
}

absl::StatusOr<target_postgres::KitOptions> ToKitOptions(const KitPrint& options) {
  target_postgres::KitOptions kit;
  kit.broker = options.broker;
  kit.part = options.part == KitPrint::Part::kTarget ? target_postgres::KitPart::kTarget
                                                     : target_postgres::KitPart::kNeighbour;
  for (const std::string& name : options.groups) {
    absl::StatusOr<core::PgGroup> group = core::PgGroup::Parse(name);
    if (!group.ok()) {
      return group.status();
    }
    kit.groups.push_back(*std::move(group));
  }
  for (const std::string& name : options.owners) {
    absl::StatusOr<core::PgGroup> owner = core::PgGroup::Parse(name);
    if (!owner.ok()) {
      return owner.status();
    }
    kit.owners.push_back(*std::move(owner));
  }
  if (!options.longest.empty()) {
    const absl::StatusOr<absl::Duration> longest = policy_files::ParseDuration(options.longest);
    if (!longest.ok()) {
      return longest.status();
    }
    kit.ttl_max = *longest;
  }
  return kit;
}

using target_postgres::Diagnosis;
using target_postgres::Severity;

void PrintText(const std::string& target, const std::vector<Diagnosis>& diagnoses) {
  std::printf("%s\n", target.c_str());
  for (const Diagnosis& diagnosis : diagnoses) {
    std::printf("  %-8s %s\n", target_postgres::SeverityWord(diagnosis.severity).c_str(),
                diagnosis.sentence.c_str());
    for (const absl::string_view line : absl::StrSplit(diagnosis.mend, '\n', absl::SkipEmpty())) {
      std::printf("             %s\n", std::string(line).c_str());
    }
  }
}

nlohmann::json ToJson(const std::string& target, const std::vector<Diagnosis>& diagnoses) {
  nlohmann::json list = nlohmann::json::array();
  for (const Diagnosis& diagnosis : diagnoses) {
    list.push_back({{"severity", target_postgres::SeverityWord(diagnosis.severity)},
                    {"sentence", diagnosis.sentence},
                    {"mend", diagnosis.mend}});
  }
  return {{"target", target}, {"diagnoses", std::move(list)}};
}

}  // namespace

ExitCode PrintKit(const KitPrint& options) {
  const absl::StatusOr<target_postgres::KitOptions> kit = ToKitOptions(options);
  const absl::StatusOr<std::string> sql = kit.ok() ? target_postgres::KitSql(*kit) : kit.status();
  if (!sql.ok()) {
    Complain(sql.status().message());
    return ExitCode::kUsage;
  }
  return std::fwrite(sql->data(), 1, sql->size(), stdout) == sql->size() ? ExitCode::kOk
                                                                         : ExitCode::kFailed;
}

ExitCode ExamineTargets(const DoctorOrder& order) {
  const absl::StatusOr<daemon::Config> config = daemon::ReadConfig(order.config);
  if (!config.ok()) {
    Complain(config.status().message());
    return ExitCode::kRefused;
  }
  host::SystemClock clock;
  ExitCode exit = ExitCode::kOk;
  bool seen = false;
  nlohmann::json all = nlohmann::json::array();
  for (const daemon::TargetConfig& target : config->targets) {
    const std::string& name = target.name.text();
    if (!order.target.empty() && order.target != name) {
      continue;
    }
    seen = true;
    target_postgres::DoctorOptions options;
    if (!order.administrator.empty()) {
      options.admin_conninfo = order.administrator;
    }
    const absl::StatusOr<std::string> conninfo = daemon::ConninfoOf(target);
    options.conninfo = conninfo.value_or("");
    const absl::StatusOr<std::vector<Diagnosis>> diagnoses =
        conninfo.ok() ? target_postgres::Examine(options, clock) : conninfo.status();
    if (!diagnoses.ok()) {
      Complain(absl::StrCat(name, ": ", diagnoses.status().message()));
      exit = ExitCode::kFailed;
      continue;
    }
    for (const Diagnosis& diagnosis : *diagnoses) {
      if (diagnosis.severity == Severity::kDanger && exit == ExitCode::kOk) {
        exit = ExitCode::kRefused;
      }
    }
    if (order.output == Output::kJson) {
      all.push_back(ToJson(name, *diagnoses));
    } else {
      PrintText(name, *diagnoses);
    }
  }
  if (!seen) {
    Complain("the boot file has no such target");
    return ExitCode::kUsage;
  }
  if (order.output == Output::kJson) {
    std::printf("%s\n", all.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace).c_str());
  }
  return exit;
}

}  // namespace jit::commands

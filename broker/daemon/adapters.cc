#include "broker/daemon/adapters.h"

#include <initializer_list>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "broker/journal_sqlite/journal.h"
#include "broker/target_postgres/bench.h"
#include "broker/target_postgres/target_postgres.h"

namespace jit::daemon {
namespace {

// One keyword of a conninfo, quoted as libpq reads it (PostgreSQL manual, 34.1.1.1).
void Add(std::string& conninfo, absl::string_view keyword, absl::string_view value) {
  if (value.empty()) {
    return;
  }
  absl::StrAppend(&conninfo, conninfo.empty() ? "" : " ", keyword, "='");
  for (const char c : value) {
    if (c == '\'' || c == '\\') conninfo.push_back('\\');
    conninfo.push_back(c);
  }
  conninfo.push_back('\'');
}

absl::Status InFile(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

absl::StatusOr<target_postgres::TargetOptions> OptionsOf(const TargetConfig& config) {
  target_postgres::TargetOptions options(config.name);
  absl::StatusOr<std::string> conninfo = ConninfoOf(config);
  if (!conninfo.ok()) {
    return conninfo.status();
  }
  options.conninfo = *std::move(conninfo);
  if (!config.system_identifier.empty()) {
    options.system_identifier = config.system_identifier;
  }
  options.address = ports::Address{
      .host = config.advertised_host, .port = config.advertised_port, .database = config.database};
  options.opening_connections = config.open_connections;
  return options;
}

}  // namespace

absl::StatusOr<ledger::CheckpointSigner> ReadSigner(const Config& config) {
  const absl::StatusOr<credential::Secret> key = ReadSecret(config.checkpoint_key);
  if (!key.ok()) {
    return key.status();
  }
  absl::StatusOr<ledger::CheckpointSigner> signer =
      ledger::CheckpointSigner::Create(config.checkpoint_name, key->RevealForUse());
  if (!signer.ok()) {
    return InFile(config.checkpoint_key, signer.status());
  }
  return signer;
}

absl::StatusOr<std::unique_ptr<ports::Journal>> OpenJournal(const Config& config) {
  absl::StatusOr<ledger::CheckpointSigner> signer = ReadSigner(config);
  if (!signer.ok()) {
    return signer.status();
  }
  return journal_sqlite::SqliteJournal::Open({.path = config.journal, .vfs = ""},
                                             *std::move(signer));
}

absl::StatusOr<std::string> ConninfoOf(const TargetConfig& config) {
  std::string conninfo;
  for (const auto& [keyword, value] :
       std::initializer_list<std::pair<absl::string_view, absl::string_view>>{
           {"host", config.host},
           {"dbname", config.database},
           {"user", config.user},
           {"sslmode", config.sslmode},
           {"sslcert", config.client_certificate},
           {"sslkey", config.client_key},
           {"sslrootcert", config.root_certificate}}) {
    Add(conninfo, keyword, value);
  }
  Add(conninfo, "port", absl::StrCat(config.port));
  if (!config.password_file.empty()) {
    const absl::StatusOr<credential::Secret> password = ReadPassword(config.password_file);
    if (!password.ok()) {
      return password.status();
    }
    Add(conninfo, "password", password->RevealForUse());
  }
  return conninfo;
}

absl::StatusOr<std::unique_ptr<ports::Target>> MakeTarget(const TargetConfig& config,
                                                          ports::Clock& clock) {
  const absl::StatusOr<target_postgres::TargetOptions> options = OptionsOf(config);
  if (!options.ok()) {
    return options.status();
  }
  return target_postgres::TargetPostgres::Create(*options, clock);
}

absl::StatusOr<std::unique_ptr<ports::Bench>> MakeBench(const TargetConfig& config,
                                                        ports::Clock& clock) {
  const absl::StatusOr<target_postgres::TargetOptions> options = OptionsOf(config);
  if (!options.ok()) {
    return options.status();
  }
  return target_postgres::PostgresBench::Create(*options, clock);
}

}  // namespace jit::daemon

// The boot file: everything a broker is told once and does not change while it runs.
//
// Promises: a Config is complete and consistent in itself; whether the files it names are any good
// is another question (daemon/ parts, `jit-broker check`). Unknown keys, wrong kinds and values out
// of range are refused, all at once, with file, line and column. Relative paths count from the
// folder of the boot file; `credential:NAME` is the file NAME in $CREDENTIALS_DIRECTORY
// (systemd.exec(5)). There is no key for a password: a secret is a file of its own. Values; safe to
// share once built. Every key: docs/reference/configuration.md.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/core/names.h"
#include "broker/credential/secret.h"
#include "broker/daemon/log.h"
#include "broker/policy_files/schema.h"

namespace jit::daemon {

struct TlsFiles {
  std::string certificate;         // the broker's, with its chain
  std::string key;                 // 0600
  std::string client_authorities;  // who vouches for people
  std::string deny_list;           // empty: nobody is denied
};

struct TargetConfig {
  explicit TargetConfig(core::TargetName its_name) : name(std::move(its_name)) {}

  core::TargetName name;
  std::string host;  // a name, an address, or the folder of a socket
  int port = 5432;
  std::string database;
  std::string user;
  std::string password_file;       // 0600; empty: by certificate or by peer
  std::string client_certificate;  // empty: none
  std::string client_key;
  std::string root_certificate;
  std::string sslmode = "verify-full";
  std::string advertised_host;  // where people connect; empty: `host`
  int advertised_port = 0;      // 0: `port`
  std::string system_identifier;
  int open_connections = 8;
};

struct Config {
  std::string file;
  std::string listen = "127.0.0.1:7420";
  TlsFiles tls;
  std::string journal;
  std::string policy;
  std::string checkpoint_name;
  std::string checkpoint_key;
  absl::Duration checkpoint_every = absl::Seconds(60);
  LogFormat log_format = LogFormat::kJson;
  LogLevel log_level = LogLevel::kInfo;
  bool reflection = false;
  absl::Duration ttl_floor = absl::Seconds(60);
  std::vector<TargetConfig> targets;
};

// Reads and checks. kNotFound, kUnavailable (the file cannot be read), kInvalidArgument with every
// mistake, one per line as file:line:column: sentence.
absl::StatusOr<Config> ReadConfig(const std::string& file);

// The same for a text; `folder` is where relative paths count from, `credentials` what stands in
// $CREDENTIALS_DIRECTORY (empty: not set).
absl::StatusOr<Config> ParseConfig(const std::string& file, absl::string_view text,
                                   const std::string& folder, const std::string& credentials);

// Every key that a boot file may contain, in the order of the reference.
std::vector<const policy_files::Section*> ConfigSections();

// A file that holds a secret: as host::ReadSecretFile, and from $CREDENTIALS_DIRECTORY too.
absl::StatusOr<credential::Secret> ReadSecret(const std::string& path);
// The same without the newline that editors put at the end.
absl::StatusOr<credential::Secret> ReadPassword(const std::string& path);

}  // namespace jit::daemon

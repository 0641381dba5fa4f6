#include "broker/daemon/config.h"

#include <toml++/toml.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "broker/host/files.h"
#include "broker/policy_files/table_reader.h"

namespace jit::daemon {
namespace {

using policy_files::Kind;
using policy_files::Mistakes;
using policy_files::Placed;
using policy_files::Presence;
using policy_files::Section;
using policy_files::TableReader;

constexpr Presence kMust = Presence::kRequired;
constexpr Presence kMay = Presence::kOptional;
constexpr std::size_t kFileBytesMax = 1024 * 1024;

const Section& BootFile() {
  static const Section section{
      "The boot file",
      "the boot file",
      {{"listen", kMay, Kind::kText, "", "", "127.0.0.1:7420", "address and port to serve on"},
       {"journal", kMust, Kind::kText, "", "", "", "the journal's file; made when missing"},
       {"policy", kMust, Kind::kText, "", "", "", "the folder with people.toml and the targets"},
       {"reflection", kMay, Kind::kText, "", "", "off",
        "\"on\" lets tools ask for the services' descriptions"},
       {"tls", kMust, Kind::kTable, "", "", "", "the certificates"},
       {"checkpoints", kMust, Kind::kTable, "", "", "", "how the journal's head is signed"},
       {"log", kMay, Kind::kTable, "", "", "JSON on stderr", "the operator's log"},
       {"targets", kMust, Kind::kTables, "", "", "", "one [[targets]] table per database"}}};
  return section;
}

const Section& Tls() {
  static const Section section{
      "`[tls]`",
      "tls",
      {{"certificate", kMust, Kind::kText, "", "", "",
        "the broker's certificate and its chain, PEM"},
       {"key", kMust, Kind::kText, "", "", "", "its private key, PEM, readable by us alone"},
       {"client_authorities", kMust, Kind::kText, "", "", "",
        "certificates of those who vouch for people, PEM"},
       {"deny_list", kMay, Kind::kText, "", "", "nobody is denied",
        "certificates and identities to turn away; read again on SIGHUP"}}};
  return section;
}

const Section& Checkpoints() {
  static const Section section{
      "`[checkpoints]`",
      "checkpoints",
      {{"name", kMust, Kind::kText, "", "", "", "the journal's name in its signed notes"},
       {"key", kMust, Kind::kText, "", "", "", "an Ed25519 private key, PEM, readable by us alone"},
       {"every", kMay, Kind::kTime, "1s", "1d", "60s", "how often a grown journal is signed"}}};
  return section;
}

const Section& LogSection() {
  static const Section section{"`[log]`",
                               "log",
                               {{"format", kMay, Kind::kText, "", "",
                                 "JSON, and text on a terminal", "\"json\", \"text\" or \"auto\""},
                                {"level", kMay, Kind::kText, "", "", "info",
                                 "\"debug\", \"info\", \"warning\" or \"error\""}}};
  return section;
}

const Section& TargetSection() {
  static const Section section{
      "`[[targets]]`",
      "a target",
      {{"name", kMust, Kind::kName, "", "", "", "as in the policy: `<name>.toml`"},
       {"host", kMust, Kind::kText, "", "", "", "a name, an address, or the folder of a socket"},
       {"port", kMay, Kind::kWhole, "1", "65535", "5432", "the server's port"},
       {"database", kMust, Kind::kText, "", "", "", "the database the kit is installed in"},
       {"user", kMust, Kind::kText, "", "", "", "the broker's own login there"},
       {"password_file", kMay, Kind::kText, "", "", "no password",
        "holds the password, readable by us alone"},
       {"client_certificate", kMay, Kind::kText, "", "", "none", "to log in by certificate"},
       {"client_key", kMay, Kind::kText, "", "", "none", "its private key"},
       {"root_certificate", kMay, Kind::kText, "", "", "the system's",
        "who vouches for the server"},
       {"sslmode", kMay, Kind::kText, "", "", "verify-full",
        "\"verify-full\", or \"disable\" for a target on this machine"},
       {"advertised_host", kMay, Kind::kText, "", "", "host", "where people connect to"},
       {"advertised_port", kMay, Kind::kWhole, "1", "65535", "port", "the same"},
       {"system_identifier", kMay, Kind::kText, "", "", "the one seen first",
        "of the cluster (pg_control_system()); another cluster is refused"},
       {"open_connections", kMay, Kind::kWhole, "1", "64", "8",
        "at most, for opening; closing has its own"}}};
  return section;
}

// Reads one boot file; whatever is wrong goes into the mistakes.
class Reading {
 public:
  Reading(std::string file, std::string folder, std::string credentials)
      : file_(std::move(file)), folder_(std::move(folder)), credentials_(std::move(credentials)) {}

  absl::StatusOr<Config> Read(absl::string_view text) {
    Config config;
    config.file = file_;
    if (const std::optional<toml::table> document =
            policy_files::ParseDocument(file_, text, mistakes_)) {
      TableReader root(file_, *document, BootFile(), "the boot file", mistakes_);
      ReadRoot(root, config);
    }
    if (absl::Status status = policy_files::StatusOf(mistakes_.Sorted()); !status.ok()) {
      return status;
    }
    return config;
  }

 private:
  void ReadRoot(TableReader& root, Config& config) {
    SetText(root, "listen", config.listen);
    CheckListen(root, config.listen);
    SetPath(root, "journal", config.journal);
    SetPath(root, "policy", config.policy);
    if (const auto word = root.Word("reflection", {"off", "on"})) {
      config.reflection = word->value == 1;
    }
    if (const toml::table* table = root.Table("tls")) {
      TableReader tls(file_, *table, Tls(), "[tls]", mistakes_);
      SetPath(tls, "certificate", config.tls.certificate);
      SetPath(tls, "key", config.tls.key);
      SetPath(tls, "client_authorities", config.tls.client_authorities);
      SetPath(tls, "deny_list", config.tls.deny_list);
    }
    if (const toml::table* table = root.Table("checkpoints")) {
      TableReader checkpoints(file_, *table, Checkpoints(), "[checkpoints]", mistakes_);
      SetText(checkpoints, "name", config.checkpoint_name);
      SetPath(checkpoints, "key", config.checkpoint_key);
      if (const auto every = checkpoints.Time("every")) {
        config.checkpoint_every = every->value;
      }
    }
    config.log_format = FormatForStderr();
    if (const toml::table* table = root.Table("log")) {
      ReadLog(*table, config);
    }
    std::set<core::TargetName> names;
    for (const toml::table* table : root.Tables("targets")) {
      ReadTarget(*table, config, names);
    }
    if (root.Has("targets") && config.targets.empty() && mistakes_.empty()) {
      mistakes_.Add(root.PlaceOfKey("targets"), "there is no target to look after");
    }
  }

  void ReadLog(const toml::table& table, Config& config) {
    TableReader log(file_, table, LogSection(), "[log]", mistakes_);
    if (const auto format = log.Word("format", {"auto", "json", "text"}); format && format->value) {
      config.log_format = format->value == 1 ? LogFormat::kJson : LogFormat::kText;
    }
    if (const auto level = log.Word("level", {"debug", "info", "warning", "error"})) {
      config.log_level = static_cast<LogLevel>(level->value);
    }
  }

  void ReadTarget(const toml::table& table, Config& config, std::set<core::TargetName>& names) {
    TableReader reader(file_, table, TargetSection(), "a target", mistakes_);
    const std::optional<Placed<core::TargetName>> name = reader.Name<core::TargetName>("name");
    if (name && !names.insert(name->value).second) {
      mistakes_.Add(name->place, "there is another target of this name");
    }
    TargetConfig target(name ? name->value : *core::TargetName::Parse("unnamed"));
    SetText(reader, "host", target.host);
    SetText(reader, "database", target.database);
    SetText(reader, "user", target.user);
    SetText(reader, "advertised_host", target.advertised_host);
    SetWhole(reader, "port", target.port);
    SetWhole(reader, "advertised_port", target.advertised_port);
    SetWhole(reader, "open_connections", target.open_connections);
    SetPath(reader, "password_file", target.password_file);
    SetPath(reader, "client_certificate", target.client_certificate);
    SetPath(reader, "client_key", target.client_key);
    SetPath(reader, "root_certificate", target.root_certificate);
    static const std::vector<std::string> modes = {"verify-full", "disable"};
    if (const auto mode = reader.Word("sslmode", modes)) {
      target.sslmode = modes[mode->value];
    }
    CheckTarget(reader, target);
    config.targets.push_back(std::move(target));
  }

  void CheckTarget(TableReader& reader, TargetConfig& target) {
    if (target.client_certificate.empty() != target.client_key.empty()) {
      mistakes_.Add(reader.place(),
                    "'client_certificate' and 'client_key' go together: name both or neither");
    }
    const bool stays_here = absl::StartsWith(target.host, "/") || target.host == "localhost" ||
                            target.host == "127.0.0.1" || target.host == "::1";
    if (target.sslmode == "disable" && !stays_here) {
      mistakes_.Add(reader.PlaceOfKey("sslmode"),
                    "without TLS the target must be on this machine: name a loopback address or "
                    "the folder of a socket, or use \"verify-full\"");
    }
    if (const auto identifier = reader.Text("system_identifier")) {
      std::uint64_t number = 0;
      if (!absl::SimpleAtoi(identifier->value, &number)) {
        mistakes_.Add(identifier->place,
                      "'system_identifier' is a number in quotes, as pg_control_system() shows it");
      }
      target.system_identifier = identifier->value;
    }
    if (target.advertised_host.empty()) target.advertised_host = target.host;
    if (target.advertised_port == 0) target.advertised_port = target.port;
  }

  void CheckListen(const TableReader& root, const std::string& listen) {
    const std::size_t colon = listen.rfind(':');
    int port = 0;
    if (colon == std::string::npos || colon == 0 ||
        !absl::SimpleAtoi(listen.substr(colon + 1), &port) || port < 0 || port > 65535) {
      mistakes_.Add(root.PlaceOfKey("listen"),
                    "'listen' is an address and a port, such as \"127.0.0.1:7420\"");
    }
  }

  void SetText(TableReader& reader, const char* key, std::string& out) {
    const std::optional<Placed<std::string>> text = reader.Text(key);
    if (!text) return;
    if (text->value.empty()) {
      mistakes_.Add(text->place, absl::StrCat("'", key, "' is empty"));
    }
    out = text->value;
  }

  void SetWhole(TableReader& reader, const char* key, int& out) {
    if (const std::optional<Placed<int>> whole = reader.Whole(key)) {
      out = whole->value;
    }
  }

  void SetPath(TableReader& reader, const char* key, std::string& out) {
    SetText(reader, key, out);
    if (out.empty()) return;
    absl::string_view name = out;
    if (absl::ConsumePrefix(&name, "credential:")) {
      if (credentials_.empty()) {
        mistakes_.Add(reader.PlaceOfKey(key),
                      absl::StrCat("'", key,
                                   "' names a credential of the service manager, and "
                                   "$CREDENTIALS_DIRECTORY is not set"));
      } else if (name.empty() || absl::StrContains(name, "/")) {
        mistakes_.Add(reader.PlaceOfKey(key), "a credential's name has no slash and is not empty");
      }
      out = absl::StrCat(credentials_, "/", name);
      return;
    }
    out = (std::filesystem::path(folder_) / out).lexically_normal().string();
  }

  const std::string file_;
  const std::string folder_;
  const std::string credentials_;
  Mistakes mistakes_;
};

}  // namespace

std::vector<const policy_files::Section*> ConfigSections() {
  return {&BootFile(), &Tls(), &Checkpoints(), &LogSection(), &TargetSection()};
}

absl::StatusOr<Config> ParseConfig(const std::string& file, absl::string_view text,
                                   const std::string& folder, const std::string& credentials) {
  return Reading(file, folder, credentials).Read(text);
}

absl::StatusOr<Config> ReadConfig(const std::string& file) {
  const absl::StatusOr<std::string> text = host::ReadFile(file, kFileBytesMax);
  if (!text.ok()) {
    return text.status();
  }
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(file, error);
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  return ParseConfig(file, *text, absolute.parent_path().string(),
                     credentials == nullptr ? "" : credentials);
}

absl::StatusOr<credential::Secret> ReadSecret(const std::string& path) {
  // The service manager guards its credentials with an access list, which shows as group rights.
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  if (credentials != nullptr && absl::StartsWith(path, absl::StrCat(credentials, "/"))) {
    absl::StatusOr<std::string> bytes = host::ReadFile(path, kFileBytesMax);
    if (!bytes.ok()) {
      return bytes.status();
    }
    return credential::Secret(*std::move(bytes));
  }
  return host::ReadSecretFile(path, kFileBytesMax);
}

absl::StatusOr<credential::Secret> ReadPassword(const std::string& path) {
  const absl::StatusOr<credential::Secret> secret = ReadSecret(path);
  if (!secret.ok()) {
    return secret.status();
  }
  const absl::string_view line = absl::StripTrailingAsciiWhitespace(secret->RevealForUse());
  if (line.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is empty"));
  }
  return credential::Secret(std::string(line));
}

}  // namespace jit::daemon

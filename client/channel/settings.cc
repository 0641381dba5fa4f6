#include "client/channel/settings.h"

#include <toml++/toml.h>

#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/console/duration.h"
#include "client/console/visible.h"

namespace jit::channel {
namespace {

constexpr std::size_t kFileBytesMax = 1 << 20;

struct Place {
  const char* flag;
  const char* variable;
  const char* key;
  const char* what;
  std::optional<std::string> SettingFlags::*from;
  std::string Settings::*into;
};

constexpr Place kPlaces[] = {
    {"--broker", "JIT_BROKER", "broker", "the broker's address, host:port", &SettingFlags::broker,
     &Settings::broker},
    {"--cert", "JIT_CERT", "cert", "your certificate", &SettingFlags::certificate,
     &Settings::certificate},
    {"--key", "JIT_KEY", "key", "your private key", &SettingFlags::key, &Settings::key},
    {"--ca", "JIT_CA", "ca", "the authority that signs the broker's certificate",
     &SettingFlags::authorities, &Settings::authorities},
};

absl::StatusOr<toml::table> ReadSystemFile(const std::string& path) {
  std::ifstream file(path);
  if (!file.is_open()) return toml::table{};
  try {
    toml::table table = toml::parse(file, path);
    for (const auto& [key, value] : table) {
      const bool known =
          std::any_of(std::begin(kPlaces), std::end(kPlaces),
                      [&key = key](const Place& place) { return key.str() == place.key; });
      if (!known || !value.is_string()) {
        return absl::InvalidArgumentError(
            absl::StrCat(path, ":", key.source().begin.line,
                         ": only broker, cert, key and ca may stand here, each with a text."));
      }
    }
    return table;
  } catch (const toml::parse_error& error) {
    return absl::InvalidArgumentError(absl::StrCat(path, ":", error.source().begin.line, ":",
                                                   error.source().begin.column,
                                                   ": this is not TOML."));
  }
}

absl::StatusOr<std::string> ReadFile(const std::string& path, const Place& place) {
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) {
    return absl::InvalidArgumentError(absl::StrCat("Cannot read ", console::Visible(path), " (",
                                                   place.what, ", ", place.variable, ")."));
  }
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (text.empty() || text.size() > kFileBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(console::Visible(path), " (", place.what,
                                                   ") is empty, a folder, or above 1 MiB."));
  }
  return text;
}

absl::Status CheckDates(const credential::Certificate& certificate, const std::string& path,
                        absl::Time now) {
  const std::string shown = console::Visible(path);
  if (now >= certificate.not_after) {
    return absl::FailedPreconditionError(absl::StrCat(
        "Your certificate ", shown, " ended ", console::RoughDuration(now - certificate.not_after),
        " ago (", console::FormatInstant(certificate.not_after), "). Get a new one."));
  }
  if (now < certificate.not_before) {
    return absl::FailedPreconditionError(absl::StrCat(
        "Your certificate ", shown, " is not valid before ",
        console::FormatInstant(certificate.not_before), ". Is this machine's clock right?"));
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<console::Option> SettingOptions(SettingFlags& flags) {
  return {
      {.name = "--broker",
       .value = "HOST:PORT",
       .help = "The broker's address (JIT_BROKER).",
       .into = &flags.broker},
      {.name = "--cert",
       .value = "FILE",
       .help = "Your certificate, PEM (JIT_CERT).",
       .into = &flags.certificate},
      {.name = "--key",
       .value = "FILE",
       .help = "Its private key, PEM (JIT_KEY).",
       .into = &flags.key},
      {.name = "--ca",
       .value = "FILE",
       .help = "The authority that signs the broker's certificate, PEM (JIT_CA).",
       .into = &flags.authorities},
  };
}

absl::StatusOr<Settings> FindSettings(const SettingFlags& flags, const console::Console& console,
                                      const std::string& system_file) {
  const absl::StatusOr<toml::table> table = ReadSystemFile(system_file);
  if (!table.ok()) return table.status();
  Settings settings;
  for (const Place& place : kPlaces) {
    std::optional<std::string> value = flags.*place.from;
    const bool typed = value.has_value();
    if (!value.has_value()) value = console.environment(place.variable);
    if (!value.has_value()) value = (*table)[place.key].value<std::string>();
    if (!value.has_value() || value->empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("Missing: ", place.what, ". Give it as ", place.flag, ", in ",
                       place.variable, ", or as `", place.key, "` in ", system_file, "."));
    }
    const bool path = place.into != &Settings::broker;
    if (path && !typed && !absl::StartsWith(*value, "/")) {
      return absl::InvalidArgumentError(absl::StrCat(
          place.variable, " (or `", place.key, "` in ", system_file, ") holds a relative path. ",
          "Write it from the root: what is meant must not depend on where you stand."));
    }
    settings.*place.into = *std::move(value);
  }
  return settings;
}

absl::StatusOr<Identity> LoadIdentity(const Settings& settings, absl::Time now) {
  absl::StatusOr<std::string> certificate_pem = ReadFile(settings.certificate, kPlaces[1]);
  if (!certificate_pem.ok()) return certificate_pem.status();
  absl::StatusOr<credential::Secret> key = ReadKey(settings);
  if (!key.ok()) return key.status();
  absl::StatusOr<std::string> authorities = ReadFile(settings.authorities, kPlaces[3]);
  if (!authorities.ok()) return authorities.status();
  absl::StatusOr<credential::Certificate> certificate =
      credential::ReadCertificate(*certificate_pem);
  if (!certificate.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(console::Visible(settings.certificate),
                     " cannot be your certificate: ", certificate.status().message()));
  }
  absl::Status pair = credential::CheckPair(*certificate_pem, key->RevealForUse());
  if (!pair.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(console::Visible(settings.certificate), " and ",
                                                   console::Visible(settings.key), ": ",
                                                   pair.message(), "."));
  }
  absl::Status dates = CheckDates(*certificate, settings.certificate, now);
  if (!dates.ok()) return dates;
  return Identity{.certificate = *std::move(certificate),
                  .certificate_pem = *std::move(certificate_pem),
                  .authorities_pem = *std::move(authorities),
                  .key_pem = *std::move(key)};
}

absl::StatusOr<credential::Secret> ReadKey(const Settings& settings) {
  absl::StatusOr<std::string> text = ReadFile(settings.key, kPlaces[2]);
  if (!text.ok()) return text.status();
  return credential::Secret(*std::move(text));
}

}  // namespace jit::channel

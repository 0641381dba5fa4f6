// Where the broker is and who we are to it: flags, then the environment, then the system's file.
//
// Promises: nothing is ever read from the working directory, and no proxy variable is followed, so
// that standing in somebody's checkout cannot send a password verifier to somebody's broker. Knows
// no gRPC. Safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/credential/certificate.h"
#include "broker/credential/secret.h"
#include "client/console/command_line.h"
#include "client/console/console.h"

namespace jit::channel {

constexpr char kSystemFile[] = "/etc/jit-access/client.toml";

struct SettingFlags {
  std::optional<std::string> broker;
  std::optional<std::string> certificate;
  std::optional<std::string> key;
  std::optional<std::string> authorities;
};

// --broker, --cert, --key, --ca, for Program::common.
std::vector<console::Option> SettingOptions(SettingFlags& flags);

struct Settings {
  std::string broker;       // host:port
  std::string certificate;  // path to PEM
  std::string key;          // path to PEM
  std::string authorities;  // path to PEM: who may have signed the broker's certificate
};

// kInvalidArgument names what is missing and the three ways to give it; also when a path from the
// environment or the file is not absolute, and with file and line when `system_file` is malformed
// or has unknown keys. A missing file is no error. Its keys: broker, cert, key, ca.
absl::StatusOr<Settings> FindSettings(const SettingFlags& flags, const console::Console& console,
                                      const std::string& system_file = kSystemFile);

struct Identity {
  credential::Certificate certificate;
  std::string certificate_pem;
  std::string authorities_pem;
  credential::Secret key_pem;
};

// Reads the files and looks at our own certificate before anybody else does. kInvalidArgument when
// a file cannot be read or is not what it should be; kFailedPrecondition when the certificate has
// ended or has not begun at `now`.
absl::StatusOr<Identity> LoadIdentity(const Settings& settings, absl::Time now);

// The key that signs reviews is the certificate's. kInvalidArgument when it cannot be read.
absl::StatusOr<credential::Secret> ReadKey(const Settings& settings);

}  // namespace jit::channel

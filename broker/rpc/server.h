// The broker's front: listens, serves, and leaves in good order.
//
// Promises: nobody gets further than the handshake without a certificate of one of the authorities;
// certificates, authorities and the deny list are re-read while serving; nothing that the operator
// puts into those files can end the process. Does not see gRPC from the outside: this header is all
// that the program needs.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/rpc/hooks.h"
#include "broker/rpc/reception.h"
#include "broker/rpc/tls_files.h"
#include "broker/use_cases/ports.h"

namespace jit::rpc {

enum class Reflection { kOff, kOn };

struct Settings {
  std::vector<std::string>
      listen;  // "127.0.0.1:7443" (port 0: any free one), "unix:/run/jit/broker"
  TlsSources tls;
  std::string runtime_folder;                 // private; for the published certificates
  std::optional<std::string> deny_list_file;  // see deny_list.h; must be there when it is named
  Reflection reflection = Reflection::kOff;
  Crew crew;
  absl::Duration connection_age_max = absl::Minutes(5);
  absl::Duration look_at_files_every = absl::Seconds(1);
  absl::Duration drain_max = absl::Seconds(5);
};

class Server {
 public:
  // Listens and serves when it answers OK. kInvalidArgument when certificate, key and authorities
  // do not fit together or the deny list cannot be read whole; kUnavailable when a file cannot be
  // read or an address cannot be listened on. `ports` outlives the server.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const Settings& settings,
                                                       use_cases::Ports& ports, Hooks hooks);
  ~Server();  // stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The ports listened on, in the order of `listen`; 1 for a Unix socket.
  std::vector<int> ports() const;

  // What the health service answers. Starts as serving.
  enum class Health { kServing, kNotServing };
  void SetHealth(Health health);

  // Looks at the files now and not at the next second. Errors were told to the log already. Safe
  // from any thread.
  absl::Status LookAtFiles();

  // Says that it is not serving, lets calls finish for at most `drain_max`, cancels the rest, and
  // waits for work that has begun. Harmless to repeat.
  void Stop();

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace jit::rpc

// A PostgreSQL server of our own, for `jit-broker dev`: its own folder, a free port, never root.
//
// Promises: listens on loopback only, and on a socket in its own folder where the path is short
// enough for one; every login needs its password (SCRAM); stops with this object, and with this
// process however that ends. Data survives and is used again by the next start. Does not know what
// is put into it. Not safe for two threads; start it from the main thread.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/credential/secret.h"
#include "broker/development/child.h"
#include "broker/development/folder.h"

namespace jit::development {

class PrivateCluster {
 public:
  struct Order {
    const Folder& folder;                     // data in `postgres`, log in `postgres.log`
    const credential::Secret& administrator;  // the administrator's password; of the first start
    std::string bin;                          // folder of initdb and postgres; empty: newest found
  };
  static constexpr absl::string_view kAdministrator = "administrator";

  // Makes the cluster on the first start (about a second), starts it, and waits until it answers.
  // kFailedPrecondition with the end of its log when it does not; kNotFound when this machine has
  // no PostgreSQL server.
  static absl::StatusOr<PrivateCluster> Start(const Order& order);

  int port() const { return port_; }
  // Whether the server still runs.
  bool Running() { return server_.Running(); }
  // Ends every connection and stops. Harmless to repeat.
  void Stop() { server_.Stop(absl::Seconds(10)); }

 private:
  PrivateCluster(Child server, int port) : server_(std::move(server)), port_(port) {}
  Child server_;
  int port_;
};

// The folder of the newest PostgreSQL server programs on this machine; kNotFound.
absl::StatusOr<std::string> FindServerPrograms();

}  // namespace jit::development

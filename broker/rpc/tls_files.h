// The server's certificate, key and authorities: re-read without a restart, never badly.
//
// gRPC watches files by itself, but a key that does not match its certificate makes it refuse every
// handshake and an empty file ends the process. So it never sees the operator's files: they are
// read and checked here, and a good set is put as a whole into a private folder that only we write.
//
// Promises: what is published is a matching pair, issued by one of the authorities and valid when
// it was published. A bad set leaves the last good one in force. Thread-compatible.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace jit::rpc {

struct TlsSources {
  std::string certificate_file;  // PEM: the server's certificate, then intermediates
  std::string key_file;          // PEM, not encrypted
  std::string authorities_file;  // PEM: who may vouch for clients, and for this server
};

class TlsFiles {
 public:
  // Publishes the first set into `folder`, which is made when it is not there (0700) and belongs to
  // this process alone. kInvalidArgument when the set is bad; else as host::ReadFile and
  // host::WriteFile. The sentence names the file.
  static absl::StatusOr<TlsFiles> Create(TlsSources sources, std::string folder, absl::Time now);

  // Reads the sources again. Publishes a set that is new and good; OK as well when nothing is new.
  // Errors as above; the last good set stays in force.
  absl::Status Look(absl::Time now);

  // Counts what was published, from 1.
  int generation() const { return generation_; }

  // Where the set in force is found, whatever its generation.
  std::string certificate_path() const { return folder_ + "/current/certificate.pem"; }
  std::string key_path() const { return folder_ + "/current/key.pem"; }
  std::string authorities_path() const { return folder_ + "/current/authorities.pem"; }

 private:
  struct Set {
    std::string certificate, key, authorities;
  };

  TlsFiles(TlsSources sources, std::string folder)
      : sources_(std::move(sources)), folder_(std::move(folder)) {}
  absl::StatusOr<Set> Read() const;
  absl::Status Publish(const Set& set);

  TlsSources sources_;
  std::string folder_;
  int generation_ = 0;
  std::string published_digest_;  // of the set in force
};

}  // namespace jit::rpc

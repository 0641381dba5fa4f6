// A password file that only one person's one program can read, for as long as this lives.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "broker/credential/secret.h"
#include "client/console/console.h"
#include "jit/v1/lease.pb.h"

namespace jit::access {

// Owns a fresh folder (mode 0700) in XDG_RUNTIME_DIR, else TMPDIR, else /tmp, with one file in it
// (mode 0600) in the form of PostgreSQL's password file (documentation, 34.16), naming this login
// only. Both are removed when it goes. Movable, not copyable.
class PassFile {
 public:
  // kInternal when it cannot be written; nothing is left behind then.
  static absl::StatusOr<PassFile> Create(const v1::Connection& connection,
                                         const credential::Secret& password,
                                         const console::Console& console);
  PassFile(PassFile&& other) noexcept;
  PassFile& operator=(PassFile&&) = delete;
  PassFile(const PassFile&) = delete;
  PassFile& operator=(const PassFile&) = delete;
  ~PassFile();

  const std::string& path() const { return path_; }

 private:
  PassFile() = default;
  std::string folder_;
  std::string path_;
};

}  // namespace jit::access

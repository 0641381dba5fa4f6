// One folder that belongs to a development broker, and the files in it.
//
// Promises: a file appears whole or not at all (written beside, then renamed); private files are
// 0600 from their first byte; names are ours and never leave the folder. Not safe for two threads
// that write the same name.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace jit::development {

enum class Privacy { kPrivate, kReadable };  // 0600, 0644

class Folder {
 public:
  // Makes the folder when it is missing, mode 0711: what is in it is guarded file by file, and a
  // private PostgreSQL running under another account must be able to pass through.
  // The path becomes absolute. kFailedPrecondition when it is there and is something else.
  static absl::StatusOr<Folder> Open(absl::string_view path);

  const std::string& path() const { return path_; }
  std::string PathOf(absl::string_view name) const;
  bool Has(absl::string_view name) const;

  // Harmless to repeat. kUnavailable when the file system refuses; nothing half-written is left
  // under that name.
  absl::Status Write(absl::string_view name, absl::string_view bytes, Privacy privacy) const;
  // kNotFound, kUnavailable; kFailedPrecondition above one megabyte.
  absl::StatusOr<std::string> Read(absl::string_view name) const;

 private:
  explicit Folder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace jit::development

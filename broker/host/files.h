// Small files, read whole and written whole.
//
// Promises: a reader of a path that WriteFile writes sees the old content or the new, never a part,
// also after a power cut. Errors name the path and the system's reason, never the content. Not for
// two threads that write one path at the same time; otherwise safe from any thread.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/credential/secret.h"

namespace jit::host {

// The content of a regular file of at most `bytes_max` bytes. kNotFound, kPermissionDenied,
// kInvalidArgument (too large, or no regular file), kUnavailable (the disk failed).
absl::StatusOr<std::string> ReadFile(const std::string& path, std::size_t bytes_max);

// The same for a file that holds a secret: kPermissionDenied also when it belongs to somebody else
// than the account this process runs as, or its mode lets group or others do anything.
absl::StatusOr<credential::Secret> ReadSecretFile(const std::string& path, std::size_t bytes_max);

// Puts a new file with exactly this mode in the place of `path`: written beside it, flushed,
// renamed, and the folder flushed too. On failure the old file is as it was and nothing new is left
// behind, except when flushing the folder failed: then either content may be found after a power
// cut. Harmless to repeat. kNotFound (no such folder), kPermissionDenied, kResourceExhausted (disk
// full), kUnavailable.
absl::Status WriteFile(const std::string& path, absl::string_view content, mode_t mode);

}  // namespace jit::host

// The files that may change while the broker serves: certificates and the deny list.
//
// Promises: a change is seen within one look; a file that is bad or gone leaves what was in force
// in force and is told to the log once, not at every look. Safe from any thread.
#pragma once

#include <condition_variable>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/rpc/reception.h"
#include "broker/rpc/tls_files.h"
#include "broker/sync/mutex.h"

namespace jit::rpc {

class WatchedFiles {
 public:
  // Reads the deny list for the first time, and then everything again every so often in a thread of
  // its own. kInvalidArgument when the deny list cannot be read whole. `reception`
  // outlives it.
  static absl::StatusOr<std::unique_ptr<WatchedFiles>> Start(
      TlsFiles tls, std::optional<std::string> deny_list_file, absl::Duration every,
      Reception& reception);
  ~WatchedFiles();
  WatchedFiles(const WatchedFiles&) = delete;
  WatchedFiles& operator=(const WatchedFiles&) = delete;

  // One look at everything, by the calling thread. The first error found.
  absl::Status LookNow();
  void Stop();

 private:
  WatchedFiles(TlsFiles tls, std::optional<std::string> deny_list_file, absl::Duration every,
               Reception& reception);
  void Run();
  bool StoppedWhileWaiting();
  absl::Status LookAtTls() ABSL_EXCLUSIVE_LOCKS_REQUIRED(looking_);
  absl::Status LookAtDenyList() ABSL_EXCLUSIVE_LOCKS_REQUIRED(looking_);

  const std::optional<std::string> deny_list_file_;
  const absl::Duration every_;
  Reception& reception_;

  sync::Mutex looking_;  // held for a whole look
  TlsFiles tls_ ABSL_GUARDED_BY(looking_);
  std::string tls_trouble_ ABSL_GUARDED_BY(looking_);  // as last told
  std::optional<std::string> deny_text_ ABSL_GUARDED_BY(looking_);
  std::string deny_errors_ ABSL_GUARDED_BY(looking_);  // in deny_text_
  std::string deny_trouble_ ABSL_GUARDED_BY(looking_);
  DenyList denied_ ABSL_GUARDED_BY(looking_);

  sync::Mutex stopping_;
  std::condition_variable_any stop_;
  bool stopped_ ABSL_GUARDED_BY(stopping_) = false;
  std::thread thread_;
};

}  // namespace jit::rpc

#include "broker/commands/serve.h"

#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"
#include "broker/daemon/broker.h"
#include "broker/daemon/config.h"
#include "broker/daemon/log.h"
#include "broker/daemon/readiness.h"
#include "broker/daemon/signals.h"
#include "broker/daemon/version.h"
#include "broker/host/process.h"

namespace jit::commands {
namespace {

// The drain of the server takes at most five seconds, and a sweep that hangs on a target is not
// waited for.
constexpr absl::Duration kStopPatience = absl::Seconds(8);

}  // namespace

ExitCode Serve(const ServeOptions& options) {
  daemon::HoldSignals();
  const absl::StatusOr<daemon::Config> config = daemon::ReadConfig(options.config);
  if (!config.ok()) {
    std::fprintf(stderr, "%s\n", std::string(config.status().message()).c_str());
    return absl::IsInvalidArgument(config.status()) ? ExitCode::kRefused : ExitCode::kFailed;
  }
  daemon::Log log(config->log_format, config->log_level);
  for (const absl::Status& hardened : {host::KeepMemoryPrivate(), host::RaiseOpenFilesLimit()}) {
    if (!hardened.ok()) {
      log.Warning(hardened.message());
    }
  }
  absl::StatusOr<std::unique_ptr<daemon::Broker>> broker = daemon::Broker::Start(*config, log);
  if (!broker.ok()) {
    log.Error("the broker cannot start", {{"fault", broker.status().message()}});
    return ExitCode::kFailed;
  }
  log.Info("serving", {{"version", daemon::kVersion},
                       {"port", absl::StrCat((*broker)->port())},
                       {"targets", absl::StrCat((*broker)->targets().size())},
                       {"checkpoints", (*broker)->checkpoint_verifier()}});
  daemon::TellServiceManager("READY=1");
  while (daemon::AwaitWish() == daemon::Wish::kReload) {
    daemon::TellServiceManager("RELOADING=1");
    (*broker)->Reload();
    daemon::TellServiceManager("READY=1");
  }
  daemon::TellServiceManager("STOPPING=1");
  log.Info("stopping");
  daemon::EndAfter(kStopPatience);
  (*broker)->Stop();
  log.Info("stopped");
  return ExitCode::kOk;
}

}  // namespace jit::commands

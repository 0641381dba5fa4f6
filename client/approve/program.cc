#include "client/approve/program.h"

#include <utility>

#include "client/console/version.h"

namespace jit::approve {

ApproveProgram::ApproveProgram() : ApproveProgram(channel::Connect(), KeySource()) {
  to_broker_ = channel::ConnectBy(flags_);
  key_ = [this](console::Console& console) -> absl::StatusOr<credential::Secret> {
    const absl::StatusOr<channel::Settings> settings = channel::FindSettings(flags_, console);
    if (!settings.ok()) return settings.status();
    return channel::ReadKey(*settings);
  };
}

ApproveProgram::ApproveProgram(channel::Connect connect, KeySource key)
    : to_broker_(std::move(connect)),
      key_(std::move(key)),
      program_{
          .name = "jit-approve",
          .version = console::Version(),
          .summary = "decide on leases, with your own signature",
          .description =
              "Shows what waits for you and signs what you decide. Data goes to standard "
              "output, everything else to standard error. Where the broker is and who you are "
              "is read from the options below, then from JIT_BROKER, JIT_CERT, JIT_KEY and "
              "JIT_CA, then from /etc/jit-access/client.toml; never from the working "
              "directory.",
          .common = channel::SettingOptions(flags_),
          .commands = {InboxCommand(inbox_, to_broker_), ShowCommand(show_, to_broker_),
                       ApproveCommand(approve_, to_broker_, key_),
                       DenyCommand(deny_, to_broker_, key_), RevokeCommand(revoke_, to_broker_),
                       ReviewCommand(review_, to_broker_, key_),
                       AcceptCommand(accept_, to_broker_, key_)},
          .exit_codes = console::ExitCodeTable()} {}

}  // namespace jit::approve

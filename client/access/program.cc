#include "client/access/program.h"

#include <utility>

#include "client/console/version.h"

namespace jit::access {

AccessProgram::AccessProgram() : AccessProgram(channel::Connect()) {
  to_broker_ = channel::ConnectBy(flags_);
}

AccessProgram::AccessProgram(channel::Connect connect)
    : to_broker_(std::move(connect)),
      program_{.name = "jit-access",
               .version = console::Version(),
               .summary = "short-lived PostgreSQL logins, when you need them",
               .description =
                   "Asks a broker for a login made for one task, and gives it back. Data goes to "
                   "standard output, everything else to standard error. Where the broker is and "
                   "who you are is read from the options below, then from JIT_BROKER, JIT_CERT, "
                   "JIT_KEY and JIT_CA, then from /etc/jit-access/client.toml; never from the "
                   "working directory.",
               .common = channel::SettingOptions(flags_),
               .commands =
                   {
                       RequestCommand(request_, to_broker_),
                       BreakGlassCommand(break_glass_, to_broker_),
                       StatusCommand(status_, to_broker_),
                       ListCommand(list_, to_broker_),
                       ConnectCommand(connect_, to_broker_),
                       RunCommand(run_, to_broker_),
                       OpenCommand(open_, to_broker_),
                       EndCommand(end_, to_broker_),
                       WithdrawCommand(withdraw_, to_broker_),
                       HistoryCommand(history_, to_broker_),
                       ChangesCommand(changes_, to_broker_),
                       UndoCommand(undo_, to_broker_),
                       ChangePlanCommand(change_plan_, to_broker_),
                       ChangeShowCommand(change_, to_broker_),
                       ChangeListCommand(change_list_, to_broker_),
                       ChangeSubmitCommand(change_, to_broker_),
                       ChangeApplyCommand(change_, to_broker_),
                       ChangeCancelCommand(change_, to_broker_),
                       ChangeWithdrawCommand(change_, to_broker_),
                       ChangeHistoryCommand(change_, to_broker_),
                       ChangeUndoCommand(change_undo_, to_broker_),
                       ChangeKeptCommand(change_, to_broker_),
                       ChangeDropCommand(change_drop_, to_broker_),
                       RolesCommand(roles_, to_broker_),
                       WhoCanApproveCommand(who_can_approve_, to_broker_),
                       WhoAmICommand(who_am_i_, to_broker_),
                   },
               .exit_codes = console::ExitCodeTable()} {}

}  // namespace jit::access

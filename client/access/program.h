// jit-access: the list of its commands.
#pragma once

#include "client/access/break_glass.h"
#include "client/access/change_commands.h"
#include "client/access/connect.h"
#include "client/access/end.h"
#include "client/access/history.h"
#include "client/access/list.h"
#include "client/access/open.h"
#include "client/access/request.h"
#include "client/access/roles.h"
#include "client/access/run.h"
#include "client/access/status.h"
#include "client/access/who_am_i.h"
#include "client/access/who_can_approve.h"
#include "client/access/withdraw.h"
#include "client/channel/settings.h"
#include "client/channel/with_broker.h"
#include "client/console/command_line.h"

namespace jit::access {

// Owns what the command line is parsed into. Neither copied nor moved: the table points into it.
class AccessProgram {
 public:
  AccessProgram();                                   // to the broker of flags and environment
  explicit AccessProgram(channel::Connect connect);  // to another one
  AccessProgram(const AccessProgram&) = delete;
  AccessProgram& operator=(const AccessProgram&) = delete;

  const console::Program& program() const { return program_; }

 private:
  channel::SettingFlags flags_;
  channel::Connect to_broker_;
  RequestOptions request_;
  BreakGlassOptions break_glass_;
  StatusOptions status_;
  ListOptions list_;
  ConnectOptions connect_;
  RunOptions run_;
  OpenOptions open_;
  EndOptions end_;
  WithdrawOptions withdraw_;
  HistoryOptions history_;
  RolesOptions roles_;
  WhoCanApproveOptions who_can_approve_;
  WhoAmIOptions who_am_i_;
  ChangePlanOptions change_plan_;
  ChangeOptions change_;  // of the commands that take a change and nothing else
  ListOptions change_list_;
  ChangeUndoOptions change_undo_;
  ChangeDropOptions change_drop_;
  ChangesOptions changes_;
  UndoOptions undo_;
  console::Program program_;
};

}  // namespace jit::access

// jit-approve: the list of its commands.
#pragma once

#include "client/approve/accept.h"
#include "client/approve/approve.h"
#include "client/approve/deny.h"
#include "client/approve/inbox.h"
#include "client/approve/review.h"
#include "client/approve/revoke.h"
#include "client/approve/show.h"
#include "client/channel/settings.h"
#include "client/channel/with_broker.h"
#include "client/console/command_line.h"

namespace jit::approve {

// Owns what the command line is parsed into. Neither copied nor moved: the table points into it.
class ApproveProgram {
 public:
  ApproveProgram();  // broker and key of flags and environment
  ApproveProgram(channel::Connect connect, KeySource key);
  ApproveProgram(const ApproveProgram&) = delete;
  ApproveProgram& operator=(const ApproveProgram&) = delete;

  const console::Program& program() const { return program_; }

 private:
  channel::SettingFlags flags_;
  channel::Connect to_broker_;
  KeySource key_;
  InboxOptions inbox_;
  ShowOptions show_;
  ApproveOptions approve_;
  DenyOptions deny_;
  RevokeOptions revoke_;
  ReviewOptions review_;
  AcceptOptions accept_;
  console::Program program_;
};

}  // namespace jit::approve

// The commands of guarded changes: one file each, one table for all.
//
// Promises: of every command, `options` and `connect` must outlive the entry of the command table.
// The id of a change is the first thing on standard output as soon as there is one; talk, waiting
// and what to type next go to standard error.
#pragma once

#include <string>
#include <vector>

#include "client/access/listing.h"
#include "client/channel/broker.h"
#include "client/console/command_line.h"
#include "client/console/console.h"

namespace jit::access {

// For the commands that take a change and nothing else.
struct ChangeOptions {
  std::string change;
  console::Output output = console::Output::kText;
};

// `jit-access change plan`: sends a script, waits for its rehearsal, shows what it found.
struct ChangePlanOptions {
  std::string file;
  std::string target;
  std::string role;
  std::string reason;
  std::vector<std::string> expectations;
  bool unrehearsed = false;
  bool no_wait = false;
  console::Output output = console::Output::kText;
};
console::Command ChangePlanCommand(ChangePlanOptions& options, const channel::Connect& connect);

// `jit-access change show`: everything about one change.
console::Command ChangeShowCommand(ChangeOptions& options, const channel::Connect& connect);

// `jit-access change list`: the changes the caller may see.
console::Command ChangeListCommand(ListOptions& options, const channel::Connect& connect);

// `jit-access change submit`: hands a rehearsed change to its reviewers.
console::Command ChangeSubmitCommand(ChangeOptions& options, const channel::Connect& connect);

// `jit-access change apply`: runs an approved change, and watches it.
console::Command ChangeApplyCommand(ChangeOptions& options, const channel::Connect& connect);

// `jit-access change cancel`: asks a run to stop and roll back.
console::Command ChangeCancelCommand(ChangeOptions& options, const channel::Connect& connect);

// `jit-access change withdraw`: takes a change back that was not applied.
console::Command ChangeWithdrawCommand(ChangeOptions& options, const channel::Connect& connect);

// `jit-access change history`: what happened to a change.
console::Command ChangeHistoryCommand(ChangeOptions& options, const channel::Connect& connect);

// `jit-access change undo`: takes an applied change back, by another change.
struct ChangeUndoOptions {
  std::string change;
  std::string reason;
  std::string on_conflict = "refuse";
  bool plan = false;
  console::Output output = console::Output::kText;
};
console::Command ChangeUndoCommand(ChangeUndoOptions& options, const channel::Connect& connect);

// `jit-access change drop-for-good`: plans to destroy what a change kept.
struct ChangeDropOptions {
  std::string change;
  std::string reason;
  console::Output output = console::Output::kText;
};
console::Command ChangeDropCommand(ChangeDropOptions& options, const channel::Connect& connect);

// `jit-access change kept`: what a change kept instead of destroying it.
console::Command ChangeKeptCommand(ChangeOptions& options, const channel::Connect& connect);

// `jit-access changes`: what the holder of a lease did to rows.
struct ChangesOptions {
  std::string lease;
  std::string rows;  // a step's number, or empty
  console::Output output = console::Output::kText;
};
console::Command ChangesCommand(ChangesOptions& options, const channel::Connect& connect);

// `jit-access undo`: takes back what the holder of a lease did.
struct UndoOptions {
  std::string lease;
  std::string reason;
  std::string since;  // an instant or a time ago; empty: all
  std::vector<std::string> tables;
  std::string on_conflict = "refuse";
  bool plan = false;
  console::Output output = console::Output::kText;
};
console::Command UndoCommand(UndoOptions& options, const channel::Connect& connect);

}  // namespace jit::access

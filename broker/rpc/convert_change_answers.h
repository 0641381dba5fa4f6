// The customs office, outbound, for guarded changes: what happened to them becomes messages.
//
// Promises: every answer stays below what one message may hold. Free text goes out as it is:
// whoever shows it makes control characters visible. Pure; safe from any thread.
#pragma once

#include <optional>
#include <vector>

#include "broker/core/policy/rule.h"
#include "broker/rpc/hooks.h"
#include "broker/use_cases/look_up_changes.h"
#include "broker/use_cases/seen_change.h"
#include "jit/v1/change.pb.h"
#include "jit/v1/change_service.pb.h"
#include "jit/v1/review_service.pb.h"

namespace jit::rpc {

v1::Change::State ToProto(change::State state);
v1::Change::Purpose ToProto(policy::Purpose purpose);
v1::ChangeProgress ToProto(const RunStand& stand);

// What is shown of a change depends on the directory (who could sit) and on what this broker runs.
class ChangeView {
 public:
  // Both are looked at when asked; they stay alive longer than the view.
  ChangeView(const policy::Policy& policy, const Hooks& hooks) : policy_(policy), hooks_(hooks) {}

  enum class Depth {
    kOutline,  // without script and reports
    kWhole,
  };
  v1::Change Show(const use_cases::SeenChange& seen, Depth depth) const;

 private:
  const policy::Policy& policy_;
  const Hooks& hooks_;
};

v1::ListChangesResponse ToProto(const use_cases::ChangePage& page, const ChangeView& view);
// Oldest first, as many as fit.
void AddTo(v1::ListInboxResponse& response, const std::vector<use_cases::SeenChange>& waiting,
           const ChangeView& view);
v1::ListChangeHistoryResponse ToChangeHistory(const std::vector<ledger::Record>& records);

}  // namespace jit::rpc

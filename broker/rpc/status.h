// How a status leaves the broker: a refusal with its reason, a fault with nothing but a number.
//
// Promises: a refusal travels as its code, its sentence and a serialized jit.v1.Refusal for the
// trailer `jit-refusal-bin`. What went wrong inside or outside (a fault) goes to the log whole and
// to the caller as a neutral sentence with an id to find it by: driver messages, SQL and host names
// stay here. Nothing that the caller sent is repeated. Pure; safe from any thread.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "broker/core/refusal.h"
#include "jit/v1/refusal.pb.h"

namespace jit::rpc {

constexpr char kRefusalTrailer[] = "jit-refusal-bin";
constexpr char kNoticesTrailer[] = "jit-notices-bin";

struct WireStatus {
  absl::StatusCode code = absl::StatusCode::kOk;  // the same number in gRPC
  std::string message;
  std::string refusal;  // for the trailer; empty when it is no refusal
};

// What the operator's log is told about a fault.
struct Fault {
  std::string id;      // what the caller was told to quote
  std::string method;  // "jit.v1.LeaseService.OpenLease"
  std::string person;
  absl::StatusCode code = absl::StatusCode::kOk;
  std::string detail;
};
using FaultLog = std::function<void(const Fault&)>;

v1::RefusalReason ToProto(core::Reason reason);

// A status that is neither OK nor a refusal is a fault, and `fault_id` is put into its sentence.
WireStatus ToWire(const absl::Status& status, absl::string_view fault_id);

}  // namespace jit::rpc

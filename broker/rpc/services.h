// The services of jit.v1, one source file each; whoever includes this does not see gRPC.
//
// Promises: a method identifies its caller, passes the door, converts, calls one use case and
// converts back, and nothing else. Every service outlives the server it is registered with.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "broker/rpc/reception.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace jit::rpc {

// Takes a service away again: the type is complete in the room's sources only.
using ServiceOwner = std::unique_ptr<grpc::Service, void (*)(grpc::Service*)>;

// The reception outlives what these make.
ServiceOwner MakeLeaseService(Reception& reception);
ServiceOwner MakeReviewService(Reception& reception);
ServiceOwner MakeChangeService(Reception& reception);
ServiceOwner MakeAuditService(Reception& reception);
ServiceOwner MakeOperatorService(Reception& reception);

}  // namespace jit::rpc

// The calls that tests make over and over, as a client makes them: ask, open, look, sign.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/credential/signature.h"
#include "jit/v1/lease_service.pb.h"
#include "jit/v1/review_service.pb.h"
#include "tests/rpc/front.h"

namespace jit::rpc {

template <class Response, class Request>
Answer<Response> Lease(grpc::Channel& channel, const char* method, const Request& request) {
  return Invoke<Response>(channel, absl::StrCat("jit.v1.LeaseService.", method), request);
}
template <class Response, class Request>
Answer<Response> Review(grpc::Channel& channel, const char* method, const Request& request) {
  return Invoke<Response>(channel, absl::StrCat("jit.v1.ReviewService.", method), request);
}

inline v1::CreateLeaseRequest AskFor(const char* role) {
  v1::CreateLeaseRequest request;
  request.set_idempotency_id(NextIdempotencyId());
  request.set_target("shop");
  request.set_role(role);
  request.set_reason("order 4711 is stuck");
  return request;
}

inline v1::BreakGlassRequest Emergency() {
  v1::BreakGlassRequest request;
  request.set_idempotency_id(NextIdempotencyId());
  request.set_target("shop");
  request.set_role("writer");
  request.set_reason("checkout is down");
  request.set_incident("INC-7");
  request.set_scram_verifier(SomeVerifier());
  return request;
}

template <class Request>
Request Naming(const std::string& lease) {
  Request request;
  request.set_lease_id(lease);
  return request;
}
template <class Request>
Request Changing(const std::string& lease) {
  Request request = Naming<Request>(lease);
  request.set_idempotency_id(NextIdempotencyId());
  return request;
}

inline v1::OpenLeaseRequest OpenOf(const std::string& lease) {
  auto request = Changing<v1::OpenLeaseRequest>(lease);
  request.set_scram_verifier(SomeVerifier());
  return request;
}

// Somebody with a connection and the key they sign with.
struct Someone {
  development::KeyPair pair;
  std::shared_ptr<grpc::Channel> channel;
};
inline Someone Comes(Front& front, const char* person) {
  development::KeyPair pair = front.Issue(front.OrderFor(person));
  auto channel = front.With(pair);
  return {std::move(pair), std::move(channel)};
}

// Looks at the statement and signs it, as jit-approve does.
template <class Response, class Request>
Answer<Response> Decide(Someone& someone, const std::string& lease, v1::Decision decision,
                        const char* method, Request request, const std::string& note) {
  auto look = Naming<v1::GetStatementRequest>(lease);
  look.set_decision(decision);
  const auto seen = Review<v1::GetStatementResponse>(*someone.channel, "GetStatement", look);
  const auto signature =
      credential::Sign(someone.pair.key_pem.RevealForUse(), credential::kReviewContext,
                       credential::ReviewText(seen.response.statement(), note));
  request.set_idempotency_id(NextIdempotencyId());
  request.set_lease_id(lease);
  request.set_digest(seen.response.digest());
  request.set_signature(signature.value_or(""));
  return Review<Response>(*someone.channel, method, request);
}

inline Answer<v1::ApproveLeaseResponse> Approve(Someone& someone, const std::string& lease) {
  return Decide<v1::ApproveLeaseResponse>(someone, lease, v1::DECISION_APPROVE, "ApproveLease",
                                          v1::ApproveLeaseRequest(), "");
}

inline Answer<v1::ReviewBreakGlassResponse> Accept(Someone& someone, const std::string& lease) {
  v1::ReviewBreakGlassRequest request;
  request.set_verdict(v1::DECISION_ACCEPT);
  request.set_findings("it was in order");
  return Decide<v1::ReviewBreakGlassResponse>(someone, lease, v1::DECISION_ACCEPT,
                                              "ReviewBreakGlass", request, "it was in order");
}

inline Answer<v1::AcceptResidueResponse> AcceptResidue(Someone& someone, const std::string& lease) {
  return Decide<v1::AcceptResidueResponse>(someone, lease, v1::DECISION_ACCEPT_RESIDUE,
                                           "AcceptResidue", v1::AcceptResidueRequest(), "");
}

}  // namespace jit::rpc

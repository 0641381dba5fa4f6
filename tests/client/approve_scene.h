// A broker of scripts with one waiting lease, and an approver in front of it.
//
// Promises: the statements are whole and canonical, as the broker would send them. One thread.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "broker/credential/signature.h"
#include "broker/ledger/canonical_json.h"
#include "broker/ledger/merkle.h"
#include "client/approve/program.h"
#include "tests/client/leases.h"
#include "tests/credential/made_certificate.h"

namespace jit::testing {

using console::ExitCode;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

inline Json StatementFields(const std::string& decision) {
  return {{"access", "writes"},
          {"decision", decision},
          {"incident", ""},
          {"lease", kLeaseId},
          {"member_of", {"shop_writers"}},
          {"path", "ordinary"},
          {"policy", std::string(64, 'a')},
          {"reason", "INC-4711: mark orphaned invoices"},
          {"requester", "engineer"},
          {"request_time", "2027-01-15T07:59:30.000000Z"},
          {"reviewer", "reviewer"},
          {"role", "writer"},
          {"role_fingerprint", std::string(64, 'b')},
          {"round", 1},
          {"rule", "writers"},
          {"rule_fingerprint", std::string(64, 'c')},
          {"seats", {{{"from", {{"group", "reviewers"}}}, {"name", "second"}}}},
          {"target", "shop"},
          {"ttl_seconds", 1800},
          {"version", 1}};
}

inline Json ResidueFields() {
  return {{"decision", "accept_residue"},
          {"expire_time", "2027-01-15T08:30:00.000000Z"},
          {"lease", kLeaseId},
          {"off_time", "2027-01-15T08:10:00.000000Z"},
          {"open_time", "2027-01-15T08:00:00.000000Z"},
          {"owner", "shop_owner"},
          {"path", "ordinary"},
          {"policy", std::string(64, 'a')},
          {"reason", "INC-4711: orders need a note"},
          {"removed_time", "2027-01-15T08:10:01.000000Z"},
          {"requester", "engineer"},
          {"residue",
           {{"lines",
             {{{"kind", "function"}, {"object", "shop.note_of(bigint)"}, {"what", "added"}},
              {{"kind", "relation"}, {"object", "shop.\x1b[2Jorders"}, {"what", "changed"}}}},
            {"more", 3}}},
          {"reviewer", "reviewer"},
          {"role", "schema"},
          {"target", "shop"},
          {"version", 1}};
}

inline std::string TextOf(const Json& fields) {
  return *ledger::CanonicalBytes(fields);
}

// A broker with one waiting lease, and an approver who holds a key of their own.
struct ApproverScene {
  ApproverScene() {
    fake.get_statement = [this](const v1::GetStatementRequest& request, auto* response) {
      const char* words[] = {"", "approve", "deny", "accept", "object"};
      Json fields = request.decision() == v1::DECISION_ACCEPT_RESIDUE
                        ? ResidueFields()
                        : StatementFields(words[request.decision()]);
      fields.update(changes);
      response->set_statement(TextOf(fields));
      response->set_digest(ledger::Sha256Hex(response->statement()));
      return absl::OkStatus();
    };
    fake.approve_lease = [this](const v1::ApproveLeaseRequest& request, auto* response) {
      approved = request;
      *response->mutable_lease() = LeaseIn(v1::Lease::STATE_APPROVED, 2);
      return absl::OkStatus();
    };
    fake.deny_lease = [this](const v1::DenyLeaseRequest& request, auto* response) {
      denied = request;
      *response->mutable_lease() = LeaseIn(v1::Lease::STATE_DENIED, 2);
      return absl::OkStatus();
    };
    fake.review_break_glass = [this](const v1::ReviewBreakGlassRequest& request, auto* response) {
      reviewed = request;
      *response->mutable_lease() = LeaseIn(v1::Lease::STATE_CLOSED, 9);
      return absl::OkStatus();
    };
    fake.accept_residue = [this](const v1::AcceptResidueRequest& request, auto* response) {
      accepted = request;
      *response->mutable_lease() = LeaseIn(v1::Lease::STATE_CLOSED, 9);
      return absl::OkStatus();
    };
    fake.get_lease = Answering<v1::GetLeaseRequest, v1::GetLeaseResponse>(Waiting());
  }

  ExitCode Run(const Words& words) {
    const approve::ApproveProgram program(
        fake.connect(), [this](console::Console&) -> absl::StatusOr<credential::Secret> {
          ++keys_read;
          return credential::Secret(person.key_pem);
        });
    return console::RunProgram(program.program(), words, console.get());
  }

  std::string DigestFor(const std::string& decision) {
    Json fields = StatementFields(decision);
    fields.update(changes);
    return ledger::Sha256Hex(TextOf(fields));
  }

  // Whether this signature covers that decision and note, as the broker will check it.
  bool Covers(const std::string& signature, const std::string& decision, const std::string& note) {
    Json fields = StatementFields(decision);
    fields.update(changes);
    return credential::Verify(person.certificate_pem, credential::kReviewContext,
                              credential::ReviewText(TextOf(fields), note), signature)
        .ok();
  }

  FakeBroker fake;
  TestConsole console;
  credential::KeyAndCertificate person = credential::MakePerson("spiffe://example/reviewer");
  Json changes = Json::object();
  int keys_read = 0;
  v1::ApproveLeaseRequest approved;
  v1::DenyLeaseRequest denied;
  v1::ReviewBreakGlassRequest reviewed;
  v1::AcceptResidueRequest accepted;
};

}  // namespace jit::testing

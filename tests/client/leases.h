// Leases as a broker would send them, and programs run against a fake one.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/access/program.h"
#include "client/console/command_line.h"
#include "jit/v1/lease.pb.h"
#include "tests/client/fake_broker.h"
#include "tests/client/test_console.h"

namespace jit::testing {

constexpr char kLeaseId[] = "aw5nvrvrrlxijqfntz3gzfwx4e";
constexpr std::int64_t kTestNow = 1'800'000'000;  // the TestConsole's clock

inline v1::Lease LeaseIn(v1::Lease::State state, std::int64_t version = 1) {
  v1::Lease lease;
  lease.set_id(kLeaseId);
  lease.set_state(state);
  lease.set_requester("engineer");
  lease.set_target("shop");
  lease.set_role("writer");
  lease.set_writes(true);
  lease.set_reason("INC-4711");
  lease.set_rule("writers");
  lease.mutable_ttl()->set_seconds(1800);
  lease.mutable_request_time()->set_seconds(kTestNow - 30);
  lease.set_version(version);
  return lease;
}

inline v1::Lease Waiting() {
  v1::Lease lease = LeaseIn(v1::Lease::STATE_REQUESTED);
  lease.mutable_lapse_time()->set_seconds(kTestNow + 3600);
  v1::Seat* seat = lease.add_seats();
  seat->set_name("second");
  seat->set_from("group reviewers");
  seat->add_candidates("reviewer");
  seat->add_candidates("manager");
  return lease;
}

inline v1::Lease Open(std::int64_t version = 3, std::int64_t seconds_left = 1800) {
  v1::Lease lease = LeaseIn(v1::Lease::STATE_OPEN, version);
  lease.mutable_expire_time()->set_seconds(kTestNow + seconds_left);
  lease.mutable_connection()->set_login(std::string("jit_") + kLeaseId);
  lease.mutable_connection()->set_host("db.example");
  lease.mutable_connection()->set_port(5432);
  lease.mutable_connection()->set_database("shop");
  return lease;
}

// A script that always answers with this lease.
template <class Request, class Response>
FakeBroker::Script<Request, Response> Answering(v1::Lease lease) {
  return [lease = std::move(lease)](const Request&, Response* response) {
    *response->mutable_lease() = lease;
    return absl::OkStatus();
  };
}

inline console::ExitCode RunAccess(const FakeBroker& fake, TestConsole& console,
                                   const std::vector<std::string>& arguments) {
  const access::AccessProgram access(fake.connect());
  return console::RunProgram(access.program(), arguments, console.get());
}

}  // namespace jit::testing

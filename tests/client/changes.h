// Guarded changes as a broker would send them.
#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "jit/v1/change.pb.h"
#include "tests/client/fake_broker.h"
#include "tests/client/leases.h"

namespace jit::testing {

constexpr char kChangeId[] = "cw5nvrvrrlxijqfntz3gzfwx4e";
constexpr char kScript[] =
    "-- expect: orders=1\nupdate shop.orders set status = 'paid' where id = 7;\n";

inline v1::ChangeReport ReportOfOneUpdate() {
  v1::ChangeReport report;
  v1::StatementReport* statement = report.add_statements();
  statement->set_line(2);
  statement->set_kind("update");
  statement->set_tag("UPDATE");
  statement->set_text("update shop.orders set status = 'paid' where id = 7");
  statement->set_rows(1);
  statement->mutable_elapsed()->set_nanos(3'000'000);
  statement->set_plan_cost(8);
  v1::Finding* finding = statement->add_findings();
  finding->set_code("locks_rows");
  finding->set_severity(v1::Finding::SEVERITY_WARNING);
  finding->set_line(2);
  finding->set_why("It waits for others.");
  v1::TableEffect* table = report.add_tables();
  table->set_schema("shop");
  table->set_table("orders");
  table->mutable_direct()->set_updated(1);
  table->mutable_cascaded()->set_deleted(3);
  table->mutable_triggered()->set_inserted(2);
  table->set_guarded(true);
  table->set_has_key(true);
  table->set_rows_estimate(1204);
  *statement->add_tables() = *table;
  v1::RowSample* row = report.add_samples();
  row->set_schema("shop");
  row->set_table("orders");
  row->set_verb(v1::RowSample::VERB_UPDATED);
  v1::RowCell* id = row->add_cells();
  id->set_column("id");
  id->set_before("7");
  id->set_after("7");
  v1::RowCell* status = row->add_cells();
  status->set_column("status");
  status->set_before("open\x1b[2J");
  status->set_after("paid");
  v1::LockTaken* lock = report.add_locks();
  lock->set_object("shop.orders");
  lock->set_mode("RowExclusiveLock");
  lock->mutable_held()->set_nanos(4'000'000);
  report.add_undo_cannot("The sequence shop.orders_id_seq stays where it is.");
  report.mutable_elapsed()->set_nanos(5'000'000);
  return report;
}

inline v1::Change ChangeIn(v1::Change::State state, std::int64_t version = 1) {
  v1::Change change;
  change.set_id(kChangeId);
  change.set_version(version);
  change.set_state(state);
  change.set_purpose(v1::Change::PURPOSE_SCRIPT);
  change.set_requester("engineer");
  change.set_target("shop");
  change.set_role("writer");
  change.set_reason("INC-4711");
  change.set_script(kScript);
  change.mutable_plan_time()->set_seconds(kTestNow - 30);
  change.mutable_terms()->mutable_images_kept()->set_seconds(7 * 86'400);
  return change;
}

inline v1::Change Rehearsed(std::int64_t version = 2) {
  v1::Change change = ChangeIn(v1::Change::STATE_REHEARSED, version);
  *change.mutable_rehearsal()->mutable_report() = ReportOfOneUpdate();
  change.mutable_rehearsal()->add_expected("orders=1");
  return change;
}

// A script that always answers with this change.
template <class Request, class Response>
FakeBroker::Script<Request, Response> AnsweringWith(v1::Change change) {
  return [change = std::move(change)](const Request&, Response* response) {
    *response->mutable_change() = change;
    return absl::OkStatus();
  };
}

}  // namespace jit::testing

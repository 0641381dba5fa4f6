// The customs office, outbound: reports of runs, and rows, become messages.
//
// Promises: every answer stays below what one message may hold; a report that does not fit says
// that something was left out. Free text goes out as it is: whoever shows it makes control
// characters visible. Pure; safe from any thread.
#pragma once

#include <cstddef>
#include <vector>

#include "broker/core/change/report.h"
#include "broker/ports/bench.h"
#include "jit/v1/change.pb.h"
#include "jit/v1/change_service.pb.h"

namespace jit::rpc {

// What one report is filled up to. A change shows two of them at most.
constexpr std::size_t kReportBytesMax = std::size_t{1024} * 1024;
// What is shown of one statement beside its numbers; the script has it whole.
constexpr std::size_t kStatementBytesMax = std::size_t{4} * 1024;

v1::Finding ToProto(const change::Finding& finding);
v1::RowSample ToProto(const change::Sample& sample);
v1::ChangeReport ToProto(const change::Report& report);
// `asked_for`: as many may have come; then there may be more.
v1::ListRowChangesResponse ToProto(const std::vector<ports::RowChange>& steps, int asked_for);
v1::ListRowsResponse ToProto(const std::vector<change::Sample>& rows);
v1::ListKeptResponse ToProto(const std::vector<ports::Kept>& kept);

}  // namespace jit::rpc

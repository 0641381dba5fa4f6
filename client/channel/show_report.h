// What a script did, drawn: statements with findings, rows per table, rows before and after.
//
// Promises: everything in the report is on the screen, texts of others escaped; colours only add to
// marks that are there without them (- + ! x). Parts without content are left out.
#pragma once

#include <google/protobuf/duration.pb.h>

#include <cstdint>
#include <string>

#include "client/console/console.h"
#include "jit/v1/change.pb.h"

namespace jit::channel {

void PrintReport(const console::Sink& sink, const v1::ChangeReport& report);

// What was found in a script that was not run, under a heading.
void PrintFindings(const console::Sink& sink,
                   const google::protobuf::RepeatedPtrField<v1::Finding>& findings);

// One row before and after, "- " and "+ " before what differs, indented.
void PrintRow(const console::Sink& sink, const v1::RowSample& row);

// Somebody's script with its line numbers; every line in a frame.
void PrintScript(const console::Sink& sink, const std::string& script);

// A heading between the parts of a screen.
void PrintHeading(const console::Sink& sink, absl::string_view heading);

std::string CountText(std::int64_t count);                            // "1,204"
std::string RowsText(std::int64_t count);                             // "1 row", "1,204 rows"
std::string ElapsedText(const google::protobuf::Duration& duration);  // "12 ms", "3.2 s"

}  // namespace jit::channel

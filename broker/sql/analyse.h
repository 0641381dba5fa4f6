// A script read by PostgreSQL's own parser: what each statement is, touches and destroys.
//
// Promises: every statement is in the answer, in order, or there is no answer; the text between
// statements is nothing but space, comments and semicolons. `writes` and `reads` are relations;
// what else is dropped stands in `destroys`. kInvalidArgument, with line and column, for what does
// not parse, is empty, too long, or not UTF-8. Can be crashed by a hostile script: only the worker
// calls it (worker.h), on a stack of 64 MiB. One call at a time.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/sql/script.h"

namespace jit::sql {

absl::StatusOr<Script> Analyse(absl::string_view text);

}  // namespace jit::sql

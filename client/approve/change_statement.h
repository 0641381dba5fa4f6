// What a reviewer of a guarded change signs, read by ourselves and shown from the signed bytes.
//
// Promises: every key of the statement is on the screen, free text escaped and framed, the script
// with its line numbers, the report as its author saw it, the decision and its fields once more
// below it, the digest last. Nothing the broker says beside the statement is shown here, and what
// this program cannot show is not signed.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/approve/statement.h"
#include "client/console/console.h"
#include "jit/v1/change_service.pb.h"

namespace jit::approve {

// kDataLoss, saying what does not hold, when the statement is not canonical, the digest beside it
// is not its own, the script's or the report's digest in it is not theirs, it is of a version this
// program does not know, a field that decides is missing or cannot be shown, or it is about
// another change or decision than asked for. Such a statement must not be signed.
absl::StatusOr<Statement> ReadChangeStatement(const v1::GetChangeStatementResponse& answer,
                                              absl::string_view change_id, v1::Decision decision);

// Of a statement that ReadChangeStatement has returned.
void ShowChangeStatement(const Statement& statement, const console::Sink& sink);
// Its last two lines alone, for whoever has looked at it already and says so with its digest.
void ShowChangeSummary(const Statement& statement, const console::Sink& sink);

}  // namespace jit::approve

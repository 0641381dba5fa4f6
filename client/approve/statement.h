// What a reviewer signs, read by ourselves and shown from the signed bytes alone.
//
// Promises: every key of the statement is on the screen, the decision and its fields above the free
// text and once more below it, the digest last; free text is escaped and framed, so that no line of
// it can pass for one of ours. Nothing the broker says beside the statement is shown here.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/ledger/canonical_json.h"
#include "client/console/console.h"
#include "jit/v1/review_service.pb.h"

namespace jit::approve {

struct Statement {
  std::string text;    // canonical JSON, the bytes that are signed
  std::string digest;  // SHA-256 hex of them, computed here
  ledger::Json fields;
};

// kDataLoss, saying what does not hold, when the statement is not canonical, the digest beside it
// is not its own, it is of a version this program does not know, a field that decides is missing,
// or it is about another lease or decision than asked for. Such a statement must not be signed.
absl::StatusOr<Statement> ReadStatement(const v1::GetStatementResponse& answer,
                                        absl::string_view lease_id, v1::Decision decision);

void ShowStatement(const Statement& statement, const console::Sink& sink);

// "approve", "deny", "accept", "object", "accept_residue": the word in the statement.
std::string DecisionWord(v1::Decision decision);

}  // namespace jit::approve

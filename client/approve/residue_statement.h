// What is signed by whoever accepts what a lease left behind in the schema.
//
// Promises: as statement.h: every key of it is on the screen, every line of the residue too, read
// from the signed bytes; names that others gave are escaped and broken at the edge of the screen,
// never cut. Pure but for the stream.
#pragma once

#include "absl/status/status.h"
#include "client/approve/statement.h"

namespace jit::approve {

bool IsAboutResidue(const ledger::Json& fields);

// kDataLoss when it does not say what there is to accept, line by line.
absl::Status CheckResidue(const ledger::Json& fields);

// Of a statement that passed CheckResidue.
void ShowResidueStatement(const Statement& statement, const console::Sink& sink);

}  // namespace jit::approve

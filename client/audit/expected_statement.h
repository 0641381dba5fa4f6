// What a signer must have seen, put together from what the journal says.
//
// Promises: the statements of broker/records/statement.h and change_statement.h, made without that
// code, so that a mistake there shows. What the journal does not say is null. Pure.
#pragma once

#include <string>

#include "broker/ledger/canonical_json.h"

namespace jit::audit {

// Of a decision on a lease: what was asked for, under which terms, in which round.
ledger::Json ExpectedStatement(const ledger::Json& asked, const ledger::Json& terms, int round,
                               const std::string& decision, const std::string& reviewer);

// Of whoever accepted the residue of a lease; `past` holds its times and the residue.
ledger::Json ExpectedAcceptance(const ledger::Json& asked, const ledger::Json& terms,
                                const ledger::Json& past, const std::string& reviewer);

// Of a decision on a change.
ledger::Json ExpectedStatementOfChange(const ledger::Json& planned, const ledger::Json& rehearsal,
                                       const ledger::Json& terms, int round,
                                       const std::string& decision, const std::string& reviewer);

}  // namespace jit::audit

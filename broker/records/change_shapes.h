// The JSON of what several records of changes have in common: plans, terms, rehearsals.
//
// Promises: each From is the inverse of its To; a From throws Mismatch, which stays in this room.
// Pure; safe from any thread.
#pragma once

#include "broker/core/change/change.h"
#include "broker/ledger/canonical_json.h"

namespace jit::records {

ledger::Json SubjectToJson(const change::Subject& subject);
change::Subject SubjectFromJson(const ledger::Json& json);

ledger::Json PlanToJson(const change::Plan& plan);
change::Plan PlanFromJson(const ledger::Json& json);

ledger::Json ChangeTermsToJson(const policy::ChangeTerms& terms);
policy::ChangeTerms ChangeTermsFromJson(const ledger::Json& json);

ledger::Json RehearsalToJson(const change::Rehearsal& rehearsal);
change::Rehearsal RehearsalFromJson(const ledger::Json& json);

}  // namespace jit::records

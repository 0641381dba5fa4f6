// Which rule decided about a bid, and why, in words and as JSON.
//
// Promises: tells what the broker would answer now, from the same functions, and every rule that
// was looked at on the way. Pure; safe from any thread.
#pragma once

#include <string>

#include "broker/core/policy/change_rule.h"
#include "broker/core/policy/judge.h"
#include "broker/core/policy/rule.h"
#include "broker/ledger/canonical_json.h"

namespace jit::policy_files {

// "engineer asks for writer on shop for 30m", "oncall breaks the glass for writer on shop".
std::string BidInWords(const policy::Bid& bid);
// "engineer runs a script as writer on shop", "engineer undoes a change as writer on shop".
std::string BidInWords(const policy::ChangeBid& bid);

// What `jit-broker policy explain` prints: the verdict first, then every rule in file order with
// the sentence that says why it decided or did not, then the seats with everybody who could sit.
// Without a newline at the end.
std::string ExplainText(const policy::Policy& policy, const policy::Bid& bid);

// The same as one JSON object in canonical form.
std::string ExplainJson(const policy::Policy& policy, const policy::Bid& bid);

// The same about a change.
std::string ExplainText(const policy::Policy& policy, const policy::ChangeBid& bid);
std::string ExplainJson(const policy::Policy& policy, const policy::ChangeBid& bid);

// Canonical JSON of a value of ours that cannot fail to have it: names, whole numbers, and
// sentences of our own making.
std::string CanonicalText(const ledger::Json& value);

}  // namespace jit::policy_files

// The fingerprints of a policy and its parts: SHA-256 over canonical text.
//
// Promises: equal meaning, equal fingerprint, whatever the comments, the layout and the order of
// keys and files; another meaning, another fingerprint. The order of rules and of seats is meaning,
// the order of groups, roles and people is not. Pure; safe from any thread.
#pragma once

#include <string>

#include "broker/core/policy/rule.h"

namespace jit::policy_files {

// Each ignores the `fingerprint` fields of its argument.
std::string FingerprintOf(const policy::OfferedRole& role);
std::string FingerprintOf(const policy::Rule& rule);
std::string FingerprintOf(const policy::BreakGlassRule& rule);
std::string FingerprintOf(const policy::ChangeRule& rule);
std::string FingerprintOf(const policy::Policy& policy);

// Fills in every fingerprint.
void Fingerprint(policy::Policy& policy);

}  // namespace jit::policy_files

// The JSON of what several records have in common: terms, seats, reviews, words.
//
// Promises: each From is the inverse of its To; a From throws Mismatch, which stays in this room.
// Pure; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "broker/core/lease/lease.h"
#include "broker/ledger/canonical_json.h"

namespace jit::records {

ledger::Json SeatToJson(const policy::Seat& seat);
policy::Seat SeatFromJson(const ledger::Json& json);

// Lists, in their order.
const ledger::Json& ListIn(const ledger::Json& json);  // the same; throws unless it is a list
std::vector<std::string> TextsFromJson(const ledger::Json& json);
template <class Texts>
ledger::Json TextsToJson(const Texts& texts) {
  ledger::Json json = ledger::Json::array();
  for (const std::string& text : texts) {
    json.push_back(text);
  }
  return json;
}
ledger::Json SeatsToJson(const std::vector<policy::Seat>& seats);
std::vector<policy::Seat> SeatsFromJson(const ledger::Json& json);
ledger::Json GroupsToJson(const std::vector<core::PgGroup>& groups);
std::vector<core::PgGroup> GroupsFromJson(const ledger::Json& json);

// An object, or null for a role without a guard.
ledger::Json GuardToJson(const std::optional<policy::GuardTerms>& guard);
std::optional<policy::GuardTerms> GuardFromJson(const ledger::Json& json);

ledger::Json TermsToJson(const policy::Terms& terms);
// With an owner there is a field more, which terms without one do not have.
enum class TermsForm { kWithoutOwner, kWithOwner };
policy::Terms TermsFromJson(const ledger::Json& json, TermsForm form);

// An object: how many lines are left out, and the lines in their order.
ledger::Json ResidueToJson(const lease::Residue& residue);
lease::Residue ResidueFromJson(const ledger::Json& json);

// An object: seat name to person.
ledger::Json AssignmentToJson(const policy::Assignment& assignment);
policy::Assignment AssignmentFromJson(const ledger::Json& json);

ledger::Json ReviewToJson(const lease::SignedReview& review);
lease::SignedReview ReviewFromJson(const ledger::Json& json);

// Throws Mismatch for a time outside the years 0001 to 9999, which has no text.
ledger::Json TimeToJson(absl::Time time);

// A person or null.
ledger::Json PersonToJson(const std::optional<core::PersonId>& person);
std::optional<core::PersonId> PersonFromJson(const ledger::Json& json);

std::string PathWord(policy::Path path);          // ordinary, break_glass, change
std::string AccessWord(policy::Access access);    // reads, writes, defines
std::string VerdictWord(lease::Verdict verdict);  // yes, no
std::optional<policy::Access> AccessFromWord(const std::string& word);
std::optional<policy::Path> PathFromWord(const std::string& word);
std::optional<lease::CloseCause> CauseFromWord(const std::string& word);

}  // namespace jit::records

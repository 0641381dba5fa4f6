// Journals for the auditor's tests, written by the real encoders and signed with real keys.
//
// Promises: what an honest broker would leave behind; a test then changes what it likes, and may
// sign the result again, as somebody would who has stolen the broker's key. Thread-compatible.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "broker/ledger/checkpoint.h"
#include "broker/ledger/record.h"
#include "tests/credential/made_certificate.h"
#include "tests/testing/change_builder.h"
#include "tests/testing/lease_builder.h"

namespace jit::testing {

// The people who sign, with a P-256 key each; made once per test program.
const credential::KeyAndCertificate& SignerOf(const std::string& person);

// A signed yes (approve, accept) or no (deny, object) to the story's lease as it stands.
lease::SignedReview SignedBy(const Story& story, const std::string& person, lease::Verdict verdict,
                             const std::string& note = "looked at it");
// The commands around it.
lease::Command SignedYes(const Story& story, const std::string& person);
lease::Command SignedNo(const Story& story, const std::string& person);
lease::Command SignedAcceptance(const Story& story, const std::string& person);
lease::Command SignedFindings(const Story& story, const std::string& person,
                              lease::Verdict verdict);

// A story from asking to nothing left behind, every review signed.
Story OrdinaryStory(std::uint8_t number);
Story BreakGlassStory(std::uint8_t number);
Story DeniedStory(std::uint8_t number);
Story AcceptedStory(std::uint8_t number);  // it acted as the owner

// A signed yes or no to the story's change as it stands.
change::Command SignedVerdict(const ChangeStory& story, const std::string& person,
                              lease::Verdict verdict);

// A script from planning to applied, and one that a reviewer denied; every review signed.
ChangeStory AppliedChangeStory(std::uint8_t number);
ChangeStory DeniedChangeStory(std::uint8_t number);

class WrittenJournal {
 public:
  // Several leases of every kind, one after the other.
  static WrittenJournal OfAFewLeases();

  void Add(const Story& story);
  void Add(const ChangeStory& story);
  void Add(const std::string& stream, const std::string& type, const std::string& body,
           absl::Time time);

  const std::vector<ledger::Record>& records() const { return records_; }
  // The first record of a type; stops the program when there is none.
  ledger::Record& First(const std::string& type);
  // Changes the JSON body of that record.
  void EditFirst(const std::string& type, const std::function<void(nlohmann::json&)>& edit);

  std::vector<std::string> Lines() const;
  std::string File() const;                                     // with newlines
  ledger::SignedCheckpoint Checkpoint(std::size_t size) const;  // over the first records
  ledger::SignedCheckpoint Checkpoint() const { return Checkpoint(records_.size()); }
  static std::string VerifierKey();

 private:
  std::vector<ledger::Record> records_;
  std::map<std::string, std::int64_t> versions_;
};

}  // namespace jit::testing

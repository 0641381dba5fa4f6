// What came out of verifying, and how it is told.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "broker/ledger/verify.h"
#include "client/audit/lease_audit.h"
#include "client/console/console.h"

namespace jit::audit {

// Something that keeps the journal from being verified.
struct Problem {
  std::string word;  // stable: a Flaw's, a Doubt's, or one of this file's
  std::string words;
  std::optional<std::uint64_t> line;   // where it shows in the file
  std::optional<std::int64_t> record;  // its sequence
};

struct Report {
  std::string file;
  std::string key_name;
  std::string key_text;
  std::size_t checkpoints = 0;  // that were compared with
  std::vector<Problem> notes;   // about the file and the notes themselves
  ledger::Verification journal;
  LeaseFindings leases;
  bool authorities_given = false;

  std::vector<Problem> Problems() const;
  // Those found beyond what is kept.
  std::uint64_t more() const { return journal.more_findings + leases.more_complaints; }
};

void PrintText(const console::Sink& out, const Report& report);
void PrintAsJson(const console::Sink& out, const Report& report);

}  // namespace jit::audit

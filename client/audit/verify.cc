#include "broker/ledger/verify.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "broker/ledger/checkpoint.h"
#include "client/audit/answers.h"
#include "client/audit/commands.h"
#include "client/audit/reading.h"
#include "client/audit/report.h"

namespace jit::audit {
namespace {

using ledger::CheckpointVerifier;
using ledger::SignedCheckpoint;
using ledger::Verifier;

// The key itself, or what is in the file behind the @.
absl::StatusOr<CheckpointVerifier> ReadKey(const std::string& typed) {
  std::string text = typed;
  if (!typed.empty() && typed.front() == '@') {
    absl::StatusOr<std::string> file = ReadSmallFile(typed.substr(1));
    if (!file.ok()) {
      return file.status();
    }
    text = *std::move(file);
  }
  return CheckpointVerifier::Parse(absl::StripAsciiWhitespace(text));
}

// Opens a note; what is wrong with it is a finding, not an error.
void AddNote(const CheckpointVerifier& key, absl::string_view where, const std::string& note,
             std::vector<SignedCheckpoint>& checkpoints, Report& report) {
  absl::StatusOr<SignedCheckpoint> checkpoint = key.Open(note);
  if (checkpoint.ok()) {
    checkpoints.push_back(*std::move(checkpoint));
    return;
  }
  report.notes.push_back(
      Problem{"checkpoint_not_signed",
              absl::StrCat("the checkpoint ", where, ": ", checkpoint.status().message()),
              std::nullopt, std::nullopt});
}

void AddDamage(std::string words, Report& report) {
  report.notes.push_back(Problem{"damaged_file", std::move(words), std::nullopt, std::nullopt});
}

// Every checkpoint there is to compare with.
absl::StatusOr<std::vector<SignedCheckpoint>> Checkpoints(const Typed& typed,
                                                          const CheckpointVerifier& key,
                                                          JournalSource& source, Report& report) {
  std::vector<SignedCheckpoint> checkpoints;
  if (typed.checkpoint.has_value()) {
    const absl::StatusOr<std::string> note = ReadSmallFile(*typed.checkpoint);
    if (!note.ok()) {
      return note.status();
    }
    AddNote(key, "that you gave", *note, checkpoints, report);
  }
  const absl::StatusOr<std::vector<std::string>> beside = source.Notes();
  if (!beside.ok()) {
    return beside.status();
  }
  for (const std::string& note : *beside) {
    AddNote(key, "beside the journal", note, checkpoints, report);
  }
  report.checkpoints = checkpoints.size();
  if (checkpoints.empty() && report.notes.empty()) {
    report.notes.push_back(Problem{"no_checkpoint",
                                   "there is no checkpoint to compare with: give --checkpoint, or "
                                   "put FILE.checkpoint beside the journal",
                                   std::nullopt, std::nullopt});
  }
  return checkpoints;
}

absl::StatusOr<Report> Verify(const Typed& typed, console::Console& console) {
  const absl::StatusOr<CheckpointVerifier> key = ReadKey(typed.key);
  if (!key.ok()) {
    return key.status();
  }
  const absl::StatusOr<std::unique_ptr<JournalSource>> source = OpenJournal(typed.file);
  if (!source.ok()) {
    return source.status();
  }
  std::string authorities;
  if (typed.authorities.has_value()) {
    absl::StatusOr<std::string> pem = ReadSmallFile(*typed.authorities);
    if (!pem.ok()) {
      return pem.status();
    }
    authorities = *std::move(pem);
  }
  Report report;
  report.file = typed.file;
  report.key_name = key->name();
  report.key_text = key->text();
  report.authorities_given = typed.authorities.has_value();
  absl::StatusOr<std::vector<SignedCheckpoint>> checkpoints =
      Checkpoints(typed, *key, **source, report);
  if (!checkpoints.ok()) {
    return checkpoints.status();
  }
  Verifier verifier(*std::move(checkpoints));
  LeaseAudit leases(std::move(authorities));
  const absl::Status status = ReadWithProgress(
      **source, "verified", console, [&](absl::string_view line, Verifier::LineEnd end) {
        if (const std::optional<ledger::Record> record = verifier.Feed(line, end)) {
          leases.Feed(*record);
        }
        return absl::OkStatus();
      });
  if (absl::IsDataLoss(status)) {
    AddDamage(std::string(status.message()), report);
  } else if (!status.ok()) {
    return status;
  }
  for (const std::string& words : (*source)->Disagreements()) {
    AddDamage(words, report);
  }
  report.journal = verifier.Finish();
  report.leases = leases.findings();
  return report;
}

}  // namespace

console::ExitCode RunVerify(const Typed& typed, console::Console& console) {
  const absl::StatusOr<Report> report = Verify(typed, console);
  if (!report.ok()) {
    return SayUnreadable(report.status(), console);
  }
  if (typed.output == console::Output::kJson) {
    PrintAsJson(console.out, *report);
  } else {
    PrintText(console.out, *report);
  }
  return report->Problems().empty() ? kVerified : kDoesNotVerify;
}

}  // namespace jit::audit

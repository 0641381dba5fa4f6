#include "client/audit/reading.h"

#include <memory>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/audit/answers.h"
#include "client/audit/progress.h"
#include "client/console/visible.h"

namespace jit::audit {

using ledger::Verifier;

absl::Status ReadWithProgress(JournalSource& source, absl::string_view verb,
                              console::Console& console, const JournalSource::Each& each) {
  Progress progress(console, verb, source.bytes());
  return source.ReadLines([&](absl::string_view line, Verifier::LineEnd end) -> absl::Status {
    if (console.interrupted()) {
      return absl::CancelledError("interrupted before the end of the journal");
    }
    progress.Add(line.size() + 1);
    return each(line, end);
  });
}

absl::Status ReadRecords(const Typed& typed, console::Console& console, const EachRecord& each) {
  const absl::StatusOr<std::unique_ptr<JournalSource>> source = OpenJournal(typed.file);
  if (!source.ok()) {
    return source.status();
  }
  std::uint64_t number = 0, skipped = 0, first_skipped = 0;
  std::set<std::string> streams;
  if (typed.lease.has_value()) {
    streams.insert(absl::StrCat("lease/", *typed.lease));
  }
  if (typed.change.has_value()) {
    streams.insert(absl::StrCat("change/", *typed.change));
  }
  absl::Status status = ReadWithProgress(
      **source, "read", console, [&](absl::string_view line, Verifier::LineEnd) -> absl::Status {
        ++number;
        const absl::StatusOr<ledger::Record> record = ledger::Decode(line);
        if (!record.ok()) {
          first_skipped = skipped++ == 0 ? number : first_skipped;
          return absl::OkStatus();
        }
        const bool wanted = streams.empty() || streams.count(record->stream) > 0;
        return wanted ? each(*record, line) : absl::OkStatus();
      });
  if (skipped > 0) {
    *console.err.stream << "jit-audit: " << skipped << " lines are no records, the first of them "
                        << "line " << first_skipped << "; `jit-audit verify` tells more\n";
  }
  return status;
}

console::ExitCode SayUnreadable(const absl::Status& status, console::Console& console) {
  *console.err.stream << "jit-audit: " << console::Visible(std::string(status.message())) << "\n";
  return kUnreadable;
}

}  // namespace jit::audit

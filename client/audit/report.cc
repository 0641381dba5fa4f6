#include "client/audit/report.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/ledger/record.h"
#include "client/console/duration.h"
#include "client/console/printer.h"
#include "client/console/visible.h"

namespace jit::audit {
namespace {

using console::Visible;
using nlohmann::json;

std::string Count(std::uint64_t count, absl::string_view one, absl::string_view many) {
  return absl::StrCat(count, " ", count == 1 ? one : many);
}

std::string SpanWords(const ledger::Verification& journal) {
  if (!journal.first_time.has_value()) {
    return "";
  }
  return absl::StrCat(", ", console::FormatInstant(*journal.first_time), " to ",
                      console::FormatInstant(*journal.last_time));
}

std::string CheckpointWords(const Report& report) {
  const ledger::Verification& journal = report.journal;
  if (journal.signed_records == 0 && journal.records > 0) {
    return absl::StrCat(Count(report.checkpoints, "compared", "compared"), ", none holds");
  }
  return absl::StrCat(Count(report.checkpoints, "compared", "compared"), ", holds over ",
                      Count(journal.signed_records, "record", "records"));
}

// What is worth knowing and no reason to doubt the journal.
std::vector<std::string> Remarks(const Report& report) {
  std::vector<std::string> remarks;
  const ledger::Verification& journal = report.journal;
  if (journal.signed_records > 0 && journal.signed_records < journal.records) {
    remarks.push_back(absl::StrCat(
        "the last ", Count(journal.records - journal.signed_records, "record", "records"),
        " came after the checkpoint: nothing vouches for them yet"));
  }
  if (journal.steps_back > 0) {
    remarks.push_back(absl::StrCat("the time steps back ",
                                   Count(journal.steps_back, "time", "times"), ", first at line ",
                                   journal.first_step_back_line));
  }
  for (const auto& [type, count] : report.leases.unknown_types) {
    remarks.push_back(absl::StrCat(Count(count, "record is", "records are"), " of the type ",
                                   Visible(type),
                                   ", which this program does not know: a newer one may"));
  }
  if (report.leases.reviews > 0 && !report.authorities_given) {
    remarks.push_back(
        "the reviewers' certificates were taken as they are: give --authorities to have them "
        "checked");
  }
  return remarks;
}

json ProblemToJson(const Problem& problem) {
  json value = {{"flaw", problem.word}, {"words", problem.words}};
  value["line"] = problem.line.has_value() ? json(*problem.line) : json();
  value["record"] = problem.record.has_value() ? json(*problem.record) : json();
  return value;
}

json TimeToJson(const std::optional<absl::Time>& time) {
  return time.has_value() ? json(ledger::FormatTime(*time)) : json();
}

}  // namespace

std::vector<Problem> Report::Problems() const {
  std::vector<Problem> problems = notes;
  for (const ledger::Finding& finding : journal.findings) {
    const auto line = finding.line == 0 ? std::nullopt : std::optional(finding.line);
    problems.push_back(
        Problem{std::string(FlawWord(finding.flaw)), finding.words, line, std::nullopt});
  }
  for (const Complaint& complaint : leases.complaints) {
    problems.push_back(Problem{std::string(DoubtWord(complaint.doubt)), complaint.words,
                               std::nullopt, complaint.record});
  }
  return problems;
}

void PrintText(const console::Sink& out, const Report& report) {
  const ledger::Verification& journal = report.journal;
  console::PrintFields(
      out,
      {{"journal", Visible(report.file)},
       {"key", Visible(report.key_text)},
       {"records", absl::StrCat(journal.records, " in ",
                                Count(journal.streams, "stream", "streams"), SpanWords(journal))},
       {"root", ledger::HexOf(journal.root)},
       {"checkpoints", CheckpointWords(report)},
       {"reviews",
        absl::StrCat(report.leases.reviews, " on ", Count(report.leases.leases, "lease", "leases"),
                     " and ", Count(report.leases.changes, "change", "changes"))}});
  for (const auto& [signer, count] : report.leases.signers) {
    *out.stream << "  signed by " << Visible(signer.person) << " with the certificate of "
                << Visible(signer.identity) << " (" << signer.fingerprint.substr(0, 16)
                << "…): " << Count(count, "review", "reviews") << "\n";
  }
  for (const std::string& remark : Remarks(report)) {
    *out.stream << "note: " << remark << "\n";
  }
  const std::vector<Problem> problems = report.Problems();
  if (problems.empty()) {
    *out.stream << console::Styled(out, console::Style::kGreen, "verified") << ": the first "
                << Count(journal.signed_records, "record is", "records are") << " what "
                << Visible(report.key_name) << " signed, and every review holds\n";
    return;
  }
  for (const Problem& problem : problems) {
    *out.stream << console::Styled(out, console::Style::kRed, problem.word) << ": "
                << Visible(problem.words) << "\n";
  }
  if (report.more() > 0) {
    *out.stream << "and " << report.more() << " more\n";
  }
  *out.stream << console::Styled(out, console::Style::kRed, "does not verify") << ": "
              << Count(problems.size() + report.more(), "finding", "findings") << "\n";
}

void PrintAsJson(const console::Sink& out, const Report& report) {
  const ledger::Verification& journal = report.journal;
  const std::vector<Problem> problems = report.Problems();
  json value = {{"file", report.file},
                {"verified", problems.empty()},
                {"key", report.key_text},
                {"records", journal.records},
                {"signed_records", journal.signed_records},
                {"streams", journal.streams},
                {"root", ledger::HexOf(journal.root)},
                {"first_time", TimeToJson(journal.first_time)},
                {"last_time", TimeToJson(journal.last_time)},
                {"checkpoints", report.checkpoints},
                {"leases", report.leases.leases},
                {"changes", report.leases.changes},
                {"reviews", report.leases.reviews},
                {"more_findings", report.more()}};
  value["findings"] = json::array();
  for (const Problem& problem : problems) {
    value["findings"].push_back(ProblemToJson(problem));
  }
  value["remarks"] = Remarks(report);
  value["signers"] = json::array();
  for (const auto& [signer, count] : report.leases.signers) {
    value["signers"].push_back({{"person", signer.person},
                                {"identity", signer.identity},
                                {"certificate", signer.fingerprint},
                                {"reviews", count}});
  }
  console::PrintJson(out, value);
}

}  // namespace jit::audit

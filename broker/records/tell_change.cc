#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/records/change_events.h"

namespace jit::records {
namespace {

using policy::Purpose;

// `: text` when there is a text.
std::string After(absl::string_view text) {
  return text.empty() ? std::string() : absl::StrCat(": ", text);
}

std::string Counted(std::size_t count, absl::string_view one, absl::string_view many) {
  return absl::StrCat(count, " ", count == 1 ? one : many);
}

std::string RowsWords(const std::optional<change::Report>& report) {
  if (!report.has_value()) {
    return "found so by looking";
  }
  std::int64_t rows = 0;
  for (const change::TableEffect& table : report->tables) {
    rows += table.sum().total();
  }
  return absl::StrCat(rows, rows == 1 ? " row in " : " rows in ",
                      Counted(report->tables.size(), "table", "tables"));
}

std::string WorkWords(const change::Plan& plan) {
  const change::Subject& subject = plan.subject;
  const std::string of =
      subject.change.has_value()  ? absl::StrCat("change ", subject.change->text())
      : subject.lease.has_value() ? absl::StrCat("what lease ", subject.lease->text(), " did")
                                  : std::string("nothing");
  switch (plan.purpose) {
    case Purpose::kScript:
      return absl::StrCat("a script of ", plan.script.size(), " bytes");
    case Purpose::kUnrehearsed:
      return absl::StrCat("a script of ", plan.script.size(), " bytes that cannot be rehearsed");
    case Purpose::kUndo:
      return absl::StrCat("to take back ", of);
    case Purpose::kDropForGood:
      return absl::StrCat("to destroy for good what ", of, " kept");
  }
  return "";
}

// One overload per event; an event without a sentence does not build.
struct Sentence {
  std::string operator()(const change::Planned& event) const {
    return absl::StrCat(event.plan.requester.text(), " planned ", WorkWords(event.plan), " as ",
                        event.plan.role.text(), " on ", event.plan.target.text(), ": ",
                        event.plan.reason);
  }
  std::string operator()(const change::Rehearsed& event) const {
    const std::size_t misses = event.rehearsal.misses.size();
    return absl::StrCat(
        "rehearsed and rolled back: ", RowsWords(event.rehearsal.report),
        misses == 0 ? std::string()
                    : absl::StrCat("; ", Counted(misses, "count", "counts"), " not as expected"));
  }
  std::string operator()(const change::NotRehearsed& event) const {
    return absl::StrCat("could not be rehearsed", After(event.why));
  }
  std::string operator()(const change::Submitted&) const { return "submitted for review"; }
  std::string operator()(const change::Reviewed& event) const {
    if (event.review.verdict == lease::Verdict::kNo) {
      return absl::StrCat(event.review.by.text(), " said no", After(event.review.note));
    }
    const std::string seats =
        absl::StrJoin(event.seats, ", ", [](std::string* out, const auto& filled) {
          absl::StrAppend(out, filled.first.text(), " by ", filled.second.text());
        });
    return absl::StrCat(event.review.by.text(), " said yes, seats filled: ", seats,
                        After(event.review.note));
  }
  std::string operator()(const change::Approved&) const {
    return "approved: every seat that the rule demands is filled";
  }
  std::string operator()(const change::SentBack& event) const {
    return absl::StrCat("sent back to review: ", event.why);
  }
  std::string operator()(const change::Denied& event) const {
    return absl::StrCat("denied by ", event.by.text(), After(event.note));
  }
  std::string operator()(const change::Withdrawn& event) const {
    return absl::StrCat("withdrawn by ", event.by.text());
  }
  std::string operator()(const change::Lapsed& event) const {
    return absl::StrCat("lapsed: ", event.why);
  }
  std::string operator()(const change::ApplyStarted& event) const {
    return absl::StrCat("being applied by ", event.by.text(), " with the login of lease ",
                        event.lease.text());
  }
  std::string operator()(const change::Applied& event) const {
    return absl::StrCat("applied: ", RowsWords(event.report));
  }
  std::string operator()(const change::RolledBack& event) const {
    return absl::StrCat("rolled back, nothing changed", After(event.why));
  }
  std::string operator()(const change::SubjectMarked&) const {
    return "the change that this one was about has been marked";
  }
  std::string operator()(const change::Undone& event) const {
    return absl::StrCat("taken back by change ", event.by.text());
  }
  std::string operator()(const change::DroppedForGood& event) const {
    return absl::StrCat("what it kept was destroyed for good by change ", event.by.text());
  }
};

}  // namespace

std::optional<std::string> TellChange(const ledger::Record& record) {
  const absl::StatusOr<change::Event> event = DecodeChange(record.type, record.body);
  return event.ok() ? std::optional(std::visit(Sentence{}, *event)) : std::nullopt;
}

}  // namespace jit::records

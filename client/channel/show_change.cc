#include "client/channel/show_change.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/channel/change_json.h"
#include "client/channel/proto_time.h"
#include "client/channel/show_lease.h"
#include "client/channel/show_report.h"
#include "client/console/duration.h"
#include "client/console/visible.h"

namespace jit::channel {
namespace {

using console::Sink;
using console::Style;
using console::Styled;
using console::Visible;

std::string InstantText(const google::protobuf::Timestamp& time, absl::Time now) {
  const absl::Duration left = ToTime(time) - now;
  const bool past = left < absl::ZeroDuration();
  return absl::StrCat(console::FormatInstant(ToTime(time)), past ? " (" : " (in ",
                      console::RoughDuration(past ? -left : left), past ? " ago)" : ")");
}

void AddTimes(console::Fields& fields, const v1::Change& change, absl::Time now) {
  const auto add = [&](const char* name, bool present, const google::protobuf::Timestamp& time) {
    if (present) fields.emplace_back(name, InstantText(time, now));
  };
  add("planned", change.has_plan_time(), change.plan_time());
  add("rehearsed", change.has_rehearse_time(), change.rehearse_time());
  add("submitted", change.has_submit_time(), change.submit_time());
  add("approved", change.has_approve_time(), change.approve_time());
  const v1::ChangeExecution& execution = change.execution();
  add("applied", execution.has_start_time(), execution.start_time());
  add("ended", execution.has_end_time(), execution.end_time());
  add("lapses", change.has_lapse_time(), change.lapse_time());
}

console::Fields ChangeFields(const v1::Change& change, absl::Time now) {
  console::Fields fields = {
      {"change", Visible(change.id())},     {"state", StateWord(change.state())},
      {"what", PurposeText(change)},        {"who", Visible(change.requester())},
      {"role", Visible(change.role())},     {"runs as", Visible(change.terms().owner())},
      {"target", Visible(change.target())}, {"rule", Visible(change.terms().rule())},
  };
  AddTimes(fields, change, now);
  for (const std::string& seat : SeatLines(change.seats())) fields.emplace_back("seat", seat);
  fields.emplace_back("applied by", Visible(change.execution().by()));
  fields.emplace_back("undone by", Visible(change.undone_by()));
  fields.emplace_back("dropped by", Visible(change.dropped_by()));
  fields.emplace_back("script", change.script_digest().empty()
                                    ? ""
                                    : absl::StrCat("SHA-256 ", Visible(change.script_digest())));
  return fields;
}

void PrintReviews(const Sink& sink, const v1::Change& change) {
  if (change.reviews().empty()) return;
  PrintHeading(sink, "Reviews");
  for (const v1::ChangeReview& review : change.reviews()) {
    *sink.stream << "  " << (review.approved() ? "yes" : "NO") << " of " << Visible(review.by())
                 << ", " << console::FormatInstant(ToTime(review.time())) << '\n';
    console::PrintQuoted(sink, review.note());
  }
}

void PrintExpectations(const Sink& sink, const v1::ChangeRehearsal& rehearsal) {
  if (!rehearsal.expected().empty()) {
    PrintHeading(sink, "Commits only if");
    for (const std::string& each : rehearsal.expected()) {
      *sink.stream << "  " << Visible(each) << '\n';
    }
  }
  if (rehearsal.misses().empty()) return;
  PrintHeading(sink, "Not as expected");
  for (const v1::ChangeMiss& miss : rehearsal.misses()) {
    *sink.stream << Styled(
                        sink, Style::kRed,
                        absl::StrCat("  x ", Visible(miss.subject()), ": expected ",
                                     Visible(miss.expected()), ", found ", CountText(miss.found())))
                 << '\n';
  }
}

void PrintWhy(const Sink& sink, const v1::Change& change) {
  if (change.why().empty()) return;
  PrintHeading(sink, "Why it is so");
  console::PrintQuoted(sink, change.why());
}

void PrintUndoPromise(const Sink& sink, const v1::Change& change) {
  const absl::Duration kept = ToDuration(change.terms().images_kept());
  if (kept <= absl::ZeroDuration()) return;
  if (change.purpose() == v1::Change::PURPOSE_DROP_FOR_GOOD) return;
  // Of what will not be applied as it is there is nothing to promise.
  if (!change.has_rehearsal() || !change.rehearsal().misses().empty() || TakesNothingBack(change)) {
    return;
  }
  *sink.stream << "\nCan be taken back for " << console::ExactDuration(kept)
               << " after it is applied"
               << (change.rehearsal().report().undo_cannot().empty() ? ".\n"
                                                                     : ", except as said above.\n");
}

std::string Shortened(absl::string_view text, int columns) {
  std::string visible = Visible(text);
  if (console::WidthOf(visible) <= columns) return visible;
  visible.resize(console::PrefixWithin(visible, columns - 3));
  return visible + "...";
}

}  // namespace

std::string StateWord(v1::Change::State state) {
  return EnumWord(*v1::Change::State_descriptor(), state);
}

std::string PurposeText(const v1::Change& change) {
  const v1::ChangeSubject& subject = change.subject();
  std::string text = EnumWord(*v1::Change::Purpose_descriptor(), change.purpose());
  if (change.purpose() == v1::Change::PURPOSE_DROP_FOR_GOOD) text = "DROP FOR GOOD";
  if (change.purpose() == v1::Change::PURPOSE_UNREHEARSED) text = "UNREHEARSED script";
  if (!subject.change_id().empty()) {
    absl::StrAppend(&text, " of change ", Visible(subject.change_id()));
  }
  if (!subject.lease_id().empty()) {
    absl::StrAppend(&text, " of lease ", Visible(subject.lease_id()));
  }
  if (subject.has_since()) {
    absl::StrAppend(&text, ", since ", console::FormatInstant(ToTime(subject.since())));
  }
  if (!subject.tables().empty()) {
    std::vector<std::string> tables;
    for (const std::string& table : subject.tables()) tables.push_back(Visible(table));
    absl::StrAppend(&text, ", tables ", absl::StrJoin(tables, ", "));
  }
  if (subject.on_conflict() == v1::ChangeSubject::ON_CONFLICT_SKIP) {
    absl::StrAppend(&text, "; skips rows that changed since");
  }
  if (subject.on_conflict() == v1::ChangeSubject::ON_CONFLICT_OVERWRITE) {
    absl::StrAppend(&text, "; OVERWRITES rows that changed since");
  }
  return text;
}

bool TakesNothingBack(const v1::Change& change) {
  const v1::ChangeReport& report = change.rehearsal().report();
  return change.purpose() == v1::Change::PURPOSE_UNDO && change.rehearsal().has_report() &&
         report.tables().empty() && report.objects().empty() && report.statements().empty();
}

console::ExitCode ExitCodeFor(const v1::Change& change) {
  switch (static_cast<int>(change.state())) {
    case v1::Change::STATE_REHEARSED:
      return change.rehearsal().misses().empty() && !TakesNothingBack(change)
                 ? console::ExitCode::kOk
                 : console::ExitCode::kRefused;
    case v1::Change::STATE_APPROVED:
    case v1::Change::STATE_APPLIED:
      return console::ExitCode::kOk;
    case v1::Change::STATE_PLANNED:
    case v1::Change::STATE_SUBMITTED:
    case v1::Change::STATE_APPLYING:
      return console::ExitCode::kPending;
    case v1::Change::STATE_DENIED:
      return console::ExitCode::kDenied;
    case v1::Change::STATE_FAILED:
    case v1::Change::STATE_ROLLED_BACK:
      return console::ExitCode::kRefused;
    case v1::Change::STATE_WITHDRAWN:
    case v1::Change::STATE_LAPSED:
    case v1::Change::STATE_UNDONE:
    case v1::Change::STATE_DROPPED:
      return console::ExitCode::kEnded;
    default:
      return console::ExitCode::kFault;  // a newer broker's state
  }
}

std::string OpenSeatsText(const v1::Change& change) {
  v1::Lease seats;  // the seats of both are alike
  *seats.mutable_seats() = change.seats();
  return OpenSeatsText(seats);
}

std::string ProgressText(const v1::Change& change) {
  const bool applies = change.state() == v1::Change::STATE_APPLYING;
  const std::string what = applies ? "Applying" : "Rehearsing";
  if (!change.has_progress()) return what;
  const v1::ChangeProgress& progress = change.progress();
  if (progress.run() == v1::ChangeProgress::RUN_WAITING) {
    return absl::StrCat(what, ": waits for a free place");
  }
  std::string text = what;
  if (progress.statement() > 0 && progress.statements() > 0) {
    absl::StrAppend(&text, ": statement ", progress.statement(), " of ", progress.statements(),
                    "; ", RowsText(progress.rows()));
  }
  if (progress.cancelling()) absl::StrAppend(&text, ", cancelling");
  return text;
}

void PrintRehearsal(const Sink& sink, const v1::Change& change) {
  PrintFindings(sink, change.findings());
  PrintReport(sink, change.rehearsal().report());
  PrintExpectations(sink, change.rehearsal());
  PrintUndoPromise(sink, change);
  PrintWhy(sink, change);
}

void PrintChange(const Sink& sink, const v1::Change& change, absl::Time now) {
  console::PrintFields(sink, ChangeFields(change, now));
  PrintHeading(sink, "Why, in their words");
  console::PrintQuoted(sink, change.reason());
  if (!change.script().empty()) {
    PrintHeading(sink, "Script");
    PrintScript(sink, change.script());
  }
  const bool ran = change.execution().has_report();
  if (ran) {
    *sink.stream << '\n' << Styled(sink, Style::kBold, "WHAT IT DID when it was applied") << '\n';
    PrintReport(sink, change.execution().report());
    PrintExpectations(sink, change.rehearsal());
    PrintUndoPromise(sink, change);
    PrintWhy(sink, change);
  } else {
    PrintRehearsal(sink, change);
  }
  PrintReviews(sink, change);
}

console::Table ChangeTable(const google::protobuf::RepeatedPtrField<v1::Change>& changes,
                           absl::Time now) {
  console::Table table({"CHANGE", "STATE", "WHAT", "WHO", "ROLE", "TARGET", "PLANNED", "REASON"});
  for (const v1::Change& change : changes) {
    table.Add({Visible(change.id()), StateWord(change.state()),
               EnumWord(*v1::Change::Purpose_descriptor(), change.purpose()),
               Visible(change.requester()), Visible(change.role()), Visible(change.target()),
               absl::StrCat(console::RoughDuration(now - ToTime(change.plan_time())), " ago"),
               Shortened(change.reason(), 48)});
  }
  return table;
}

}  // namespace jit::channel

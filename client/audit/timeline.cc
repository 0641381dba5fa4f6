#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/audit/answers.h"
#include "client/audit/commands.h"
#include "client/audit/reading.h"
#include "client/audit/tell.h"
#include "client/console/duration.h"
#include "client/console/printer.h"
#include "client/console/visible.h"

namespace jit::audit {
namespace {

using console::Visible;

struct Moment {
  std::int64_t sequence;
  absl::Time time;
  Told told;
};

// Streams in the order in which they began.
struct Timelines {
  std::vector<std::string> order;
  std::map<std::string, std::vector<Moment>> moments;
};

std::string Who(const Moment& moment) {
  return moment.told.who.empty() ? "-" : Visible(moment.told.who);
}

// `lease ID`, `change ID`, or the name of any other stream as it is.
std::string Heading(absl::string_view stream) {
  for (const absl::string_view kind : {"lease", "change"}) {
    const std::string prefix = absl::StrCat(kind, "/");
    if (absl::StartsWith(stream, prefix)) {
      return absl::StrCat(kind, " ", Visible(absl::StripPrefix(stream, prefix)));
    }
  }
  return Visible(stream);
}

void PrintText(const console::Sink& out, const Timelines& timelines) {
  bool first = true;
  for (const std::string& stream : timelines.order) {
    const std::vector<Moment>& moments = timelines.moments.at(stream);
    int width = 0;
    for (const Moment& moment : moments) {
      width = std::max(width, console::WidthOf(Who(moment)));
    }
    const std::string heading = Heading(stream);
    *out.stream << (first ? "" : "\n") << console::Styled(out, console::Style::kBold, heading)
                << "\n";
    first = false;
    for (const Moment& moment : moments) {
      const std::string who = Who(moment);
      const int missing = width - console::WidthOf(who);
      *out.stream << "  " << console::FormatInstant(moment.time) << "  " << who
                  << std::string(static_cast<std::size_t>(missing), ' ') << "  "
                  << Visible(moment.told.what) << "\n";
    }
  }
}

void PrintAsJson(const console::Sink& out, const Timelines& timelines) {
  nlohmann::json all = nlohmann::json::array();
  for (const std::string& stream : timelines.order) {
    nlohmann::json events = nlohmann::json::array();
    for (const Moment& moment : timelines.moments.at(stream)) {
      events.push_back({{"sequence", moment.sequence},
                        {"time", ledger::FormatTime(moment.time)},
                        {"who", moment.told.who},
                        {"what", moment.told.what}});
    }
    all.push_back({{"stream", stream}, {"events", std::move(events)}});
  }
  console::PrintJson(out, all);
}

}  // namespace

console::ExitCode RunTimeline(const Typed& typed, console::Console& console) {
  Timelines timelines;
  const absl::Status status =
      ReadRecords(typed, console, [&](const ledger::Record& record, absl::string_view) {
        std::vector<Moment>& moments = timelines.moments[record.stream];
        if (moments.empty()) {
          timelines.order.push_back(record.stream);
        }
        moments.push_back(Moment{record.sequence, record.time, Tell(record)});
        return absl::OkStatus();
      });
  if (!status.ok()) {
    return SayUnreadable(status, console);
  }
  if (typed.output == console::Output::kJson) {
    PrintAsJson(console.out, timelines);
  } else {
    PrintText(console.out, timelines);
  }
  if (timelines.order.empty() && (typed.lease.has_value() || typed.change.has_value())) {
    *console.err.stream << "jit-audit: there is no such "
                        << (typed.lease.has_value() ? "lease" : "change") << " in this journal\n";
    return kDoesNotVerify;
  }
  return kVerified;
}

}  // namespace jit::audit

#include "client/channel/show_lease.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "client/channel/proto_time.h"
#include "client/console/duration.h"
#include "client/console/visible.h"

namespace jit::channel {
namespace {

using console::Visible;
using nlohmann::json;

absl::string_view MayText(const v1::Lease& lease) {
  if (lease.defines()) return " (may change data and tables)";
  return lease.writes() ? " (may change data)" : "";
}

std::string Candidates(const v1::Seat& seat, const char* between) {
  if (seat.candidates().empty()) return "nobody";
  std::vector<std::string> names;
  for (const std::string& name : seat.candidates()) names.push_back(Visible(name));
  return absl::StrJoin(names, between);
}

json TextOrNull(const std::string& text) {
  return text.empty() ? json(nullptr) : json(text);
}

// When something happens to it next, seen from now.
std::string WhenText(const v1::Lease& lease, absl::Time now) {
  if (lease.state() == v1::Lease::STATE_OPEN && lease.has_expire_time()) {
    return absl::StrCat("ends in ", console::RoughDuration(ToTime(lease.expire_time()) - now));
  }
  const bool waits = ExitCodeFor(lease) == console::ExitCode::kPending;
  if (waits && lease.has_lapse_time()) {
    return absl::StrCat("lapses in ", console::RoughDuration(ToTime(lease.lapse_time()) - now));
  }
  return absl::StrCat(console::RoughDuration(now - ToTime(lease.request_time())), " ago");
}

std::string InstantText(const google::protobuf::Timestamp& time, absl::Time now) {
  const absl::Duration left = ToTime(time) - now;
  const bool past = left < absl::ZeroDuration();
  return absl::StrCat(console::FormatInstant(ToTime(time)), past ? " (" : " (in ",
                      console::RoughDuration(past ? -left : left), past ? " ago)" : ")");
}

void AddTimes(console::Fields& fields, const v1::Lease& lease, absl::Time now) {
  fields.emplace_back("asked", InstantText(lease.request_time(), now));
  if (lease.has_approve_time())
    fields.emplace_back("approved", InstantText(lease.approve_time(), now));
  if (lease.has_expire_time())
    fields.emplace_back("deadline", InstantText(lease.expire_time(), now));
  if (lease.has_lapse_time()) fields.emplace_back("lapses", InstantText(lease.lapse_time(), now));
  if (lease.review_owed()) {
    fields.emplace_back("review owed", InstantText(lease.review_due_time(), now));
  }
}

// Of a lease that acted as an owner: how much it left, and whose turn it is.
std::string ResidueText(const v1::Lease& lease) {
  if (!lease.has_residue()) return "";
  const std::int64_t differences =
      std::int64_t{lease.residue().lines_size()} + lease.residue().more();
  const std::string what = differences == 0 ? "nothing is different in the schema"
                           : differences == 1
                               ? "1 thing is different in the schema"
                               : absl::StrCat(differences, " things are different in the schema");
  if (lease.acceptance_owed()) {
    return absl::StrCat(what, "; waits for somebody else to accept it with `jit-approve accept ",
                        Visible(lease.id()), "`");
  }
  return absl::StrCat(what, "; accepted by ", Visible(lease.accepted_by()));
}

json ResidueJson(const v1::Lease& lease) {
  if (!lease.has_residue()) return nullptr;
  json lines = json::array();
  for (const v1::ResidueLine& line : lease.residue().lines()) {
    lines.push_back({{"what", line.what()}, {"kind", line.kind()}, {"object", line.object()}});
  }
  return {{"lines", std::move(lines)}, {"more", lease.residue().more()}};
}

std::string Shortened(absl::string_view text, int columns) {
  std::string visible = Visible(text);
  if (console::WidthOf(visible) <= columns) return visible;
  visible.resize(console::PrefixWithin(visible, columns - 3));
  return visible + "...";
}

}  // namespace

std::string StateWord(v1::Lease::State state) {
  const std::string& name = v1::Lease::State_Name(state);
  if (name.empty() || state == v1::Lease::STATE_UNSPECIFIED) return "unknown";
  return absl::AsciiStrToLower(absl::StripPrefix(name, "STATE_"));
}

console::ExitCode ExitCodeFor(const v1::Lease& lease) {
  switch (static_cast<int>(lease.state())) {
    case v1::Lease::STATE_OPEN:
      return console::ExitCode::kOk;
    case v1::Lease::STATE_REQUESTED:
    case v1::Lease::STATE_APPROVED:
    case v1::Lease::STATE_OPENING:
      return console::ExitCode::kPending;
    case v1::Lease::STATE_DENIED:
      return console::ExitCode::kDenied;
    case v1::Lease::STATE_WITHDRAWN:
    case v1::Lease::STATE_LAPSED:
    case v1::Lease::STATE_CLOSING:
    case v1::Lease::STATE_OFF:
    case v1::Lease::STATE_CLOSED:
      if (lease.close_cause() == "denied") return console::ExitCode::kDenied;
      if (lease.close_cause() == "fault") return console::ExitCode::kFault;  // it never opened
      return console::ExitCode::kEnded;
    default:
      return console::ExitCode::kFault;  // a newer broker's state
  }
}

std::string OpenSeatsText(const v1::Lease& lease) {
  std::vector<std::string> open;
  for (const v1::Seat& seat : lease.seats()) {
    if (!seat.filled_by().empty()) continue;
    open.push_back(absl::StrCat(Visible(seat.name()), " (", Candidates(seat, " or "), ")"));
  }
  return absl::StrJoin(open, ", ");
}

std::vector<std::string> SeatLines(const google::protobuf::RepeatedPtrField<v1::Seat>& seats) {
  std::vector<std::string> lines;
  for (const v1::Seat& seat : seats) {
    const std::string who = seat.filled_by().empty()
                                ? absl::StrCat("open; could be filled by ", Candidates(seat, ", "))
                                : absl::StrCat("filled by ", Visible(seat.filled_by()));
    lines.push_back(absl::StrCat(Visible(seat.name()), " (", Visible(seat.from()), "): ", who));
  }
  return lines;
}

console::Fields LeaseFields(const v1::Lease& lease, absl::Time now) {
  console::Fields fields = {
      {"lease", Visible(lease.id())},
      {"way", lease.break_glass() ? "BREAK-GLASS" : ""},
      {"who", Visible(lease.requester())},
      {"role", absl::StrCat(Visible(lease.role()), MayText(lease))},
      {"target", Visible(lease.target())},
      {"how long", console::ExactDuration(ToDuration(lease.ttl()))},
      {"rule", Visible(lease.rule())},
  };
  for (const std::string& table : lease.keyless()) {
    fields.emplace_back(
        "keyless", absl::StrCat(Visible(table), " (what is changed there cannot be put back)"));
  }
  AddTimes(fields, lease, now);
  for (const std::string& seat : SeatLines(lease.seats())) fields.emplace_back("seat", seat);
  if (lease.has_connection()) {
    const v1::Connection& at = lease.connection();
    fields.emplace_back("login", Visible(at.login()));
    fields.emplace_back(
        "where", absl::StrCat(Visible(at.host()), ":", at.port(), "/", Visible(at.database())));
  }
  fields.emplace_back("residue", ResidueText(lease));
  fields.emplace_back("closed by", Visible(lease.close_cause()));
  fields.emplace_back("note", console::VisibleOnce(lease.detail()));
  fields.emplace_back("incident", Visible(lease.incident()));
  fields.emplace_back("reason", Visible(lease.reason()));
  return fields;
}

json TimeJson(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", ToTime(time), absl::UTCTimeZone());
}

json SeatsJson(const google::protobuf::RepeatedPtrField<v1::Seat>& seats) {
  json list = json::array();
  for (const v1::Seat& seat : seats) {
    list.push_back({{"name", seat.name()},
                    {"from", seat.from()},
                    {"filled_by", TextOrNull(seat.filled_by())},
                    {"candidates", std::vector<std::string>(seat.candidates().begin(),
                                                            seat.candidates().end())}});
  }
  return list;
}

json LeaseJson(const v1::Lease& lease) {
  const auto time = [](bool present, const google::protobuf::Timestamp& value) {
    return present ? TimeJson(value) : json(nullptr);
  };
  const bool placed = lease.has_connection();
  const v1::Connection& at = lease.connection();
  return {
      {"lease", lease.id()},
      {"state", StateWord(lease.state())},
      {"break_glass", lease.break_glass()},
      {"requester", lease.requester()},
      {"target", lease.target()},
      {"role", lease.role()},
      {"writes", lease.writes()},
      {"defines", lease.defines()},
      {"reason", lease.reason()},
      {"incident", TextOrNull(lease.incident())},
      {"rule", TextOrNull(lease.rule())},
      {"keyless", std::vector<std::string>(lease.keyless().begin(), lease.keyless().end())},
      {"ttl_seconds", lease.ttl().seconds()},
      {"request_time", time(lease.has_request_time(), lease.request_time())},
      {"approve_time", time(lease.has_approve_time(), lease.approve_time())},
      {"expire_time", time(lease.has_expire_time(), lease.expire_time())},
      {"lapse_time", time(lease.has_lapse_time(), lease.lapse_time())},
      {"seats", SeatsJson(lease.seats())},
      {"login", placed ? json(at.login()) : json(nullptr)},
      {"host", placed ? json(at.host()) : json(nullptr)},
      {"port", placed ? json(at.port()) : json(nullptr)},
      {"database", placed ? json(at.database()) : json(nullptr)},
      {"close_cause", TextOrNull(lease.close_cause())},
      {"detail", TextOrNull(lease.detail())},
      {"review_owed", lease.review_owed()},
      {"review_due_time", time(lease.has_review_due_time(), lease.review_due_time())},
      {"residue", ResidueJson(lease)},
      {"acceptance_owed", lease.acceptance_owed()},
      {"accepted_by", TextOrNull(lease.accepted_by())},
      {"version", lease.version()},
  };
}

console::Table LeaseTable(const google::protobuf::RepeatedPtrField<v1::Lease>& leases,
                          absl::Time now) {
  console::Table table({"LEASE", "STATE", "WHO", "ROLE", "TARGET", "FOR", "WHEN", "REASON"});
  for (const v1::Lease& lease : leases) {
    table.Add({Visible(lease.id()),
               absl::StrCat(StateWord(lease.state()), lease.break_glass() ? " !" : ""),
               Visible(lease.requester()), Visible(lease.role()), Visible(lease.target()),
               console::ExactDuration(ToDuration(lease.ttl())), WhenText(lease, now),
               Shortened(lease.reason(), 48)});
  }
  return table;
}

}  // namespace jit::channel

#include "client/audit/tell.h"

#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/ledger/canonical_json.h"
#include "client/console/duration.h"

namespace jit::audit {
namespace {

using ledger::Json;

// Reads fields of a body without promising that they are there.
class Body {
 public:
  explicit Body(const Json& json) : json_(json) {}

  std::string Text(const char* key) const {
    const auto found = json_.find(key);
    return found != json_.end() && found->is_string() ? found->get<std::string>() : std::string();
  }
  // ": text" when there is one.
  std::string After(const char* key) const {
    const std::string text = Text(key);
    return text.empty() ? text : absl::StrCat(": ", text);
  }
  Body In(const char* key) const {
    static const Json& nothing = *new Json();
    const auto found = json_.find(key);
    return Body(found == json_.end() ? nothing : *found);
  }
  std::string Duration(const char* key) const {
    const auto found = json_.find(key);
    return found != json_.end() && found->is_number_integer()
               ? console::ExactDuration(absl::Seconds(found->get<std::int64_t>()))
               : std::string("an unknown time");
  }
  std::string Instant(const char* key) const {
    const absl::StatusOr<absl::Time> time = ledger::ParseTime(Text(key));
    return time.ok() ? console::FormatInstant(*time) : std::string("an unknown time");
  }
  // "changed function public.f()", one after the other, of a residue.
  std::string Differences() const {
    std::vector<std::string> differences;
    const auto lines = json_.find("lines");
    if (lines != json_.end() && lines->is_array()) {
      for (const Json& each : *lines) {
        const Body line(each);
        differences.push_back(
            absl::StrCat(line.Text("what"), " ", line.Text("kind"), " ", line.Text("object")));
      }
    }
    const auto more = json_.find("more");
    if (more != json_.end() && more->is_number_integer() && *more > 0) {
      differences.push_back(absl::StrCat(more->get<std::int64_t>(), " more"));
    }
    return differences.empty() ? "nothing" : absl::StrJoin(differences, ", ");
  }
  // "reviewer by peer, manager by boss"
  std::string Seats() const {
    std::vector<std::string> filled;
    for (const auto& [seat, person] : json_.items()) {
      filled.push_back(
          absl::StrCat(seat, " by ", person.is_string() ? person.get<std::string>() : "?"));
    }
    return absl::StrJoin(filled, ", ");
  }
  // " (tables without a key: shop.audit_log)" when some are named.
  std::string Tables() const {
    std::vector<std::string> tables;
    for (const auto& [position, table] : json_.items()) {
      tables.push_back(table.is_string() ? table.get<std::string>() : "?");
    }
    return tables.empty()
               ? std::string()
               : absl::StrCat(" (tables without a key: ", absl::StrJoin(tables, ", "), ")");
  }

 private:
  const Json& json_;
};

Told Asked(const Body& body) {
  const bool emergency = body.Text("path") == "break_glass";
  const std::string incident = body.Text("incident");
  return {body.Text("requester"),
          absl::StrCat(emergency ? "broke the glass for " : "asked for ", body.Text("role"), " on ",
                       body.Text("target"), " for ", body.In("terms").Duration("ttl_seconds"),
                       incident.empty() ? "" : absl::StrCat(" (incident ", incident, ")"),
                       body.In("keyless").Tables(), body.After("reason"))};
}

Told Reviewed(const Body& body) {
  const Body review = body.In("review");
  if (review.Text("verdict") != "yes") {
    return {review.Text("by"), absl::StrCat("said no", review.After("note"))};
  }
  return {review.Text("by"), absl::StrCat("said yes (seats filled: ", body.In("seats").Seats(), ")",
                                          review.After("note"))};
}

Told DebtReviewed(const Body& body) {
  const Body review = body.In("review");
  const bool accepts = review.Text("verdict") == "yes";
  return {review.Text("by"),
          absl::StrCat("reviewed the break-glass and ", accepts ? "accepts it" : "objects to it",
                       review.After("note"))};
}

Told RemovedWithResidue(const Body& body) {
  return {"", absl::StrCat("the role is gone; different in the schema: ",
                           body.In("residue").Differences(), "; somebody else has to accept it")};
}

Told ResidueAccepted(const Body& body) {
  const Body review = body.In("review");
  return {review.Text("by"),
          absl::StrCat("accepted what it left in the schema; closed", review.After("note"))};
}

Told SentBack(const Body& body) {
  return {"", absl::StrCat("sent back to review", body.After("why"))};
}

Told Planned(const Body& body) {
  const Body plan = body.In("plan");
  const std::string purpose = plan.Text("purpose");
  const std::string what = purpose == "undo"            ? "an undo"
                           : purpose == "drop_for_good" ? "a drop for good"
                           : purpose == "unrehearsed"   ? "a script that cannot be rehearsed"
                                                        : "a script";
  return {plan.Text("requester"), absl::StrCat("planned ", what, " as ", plan.Text("role"), " on ",
                                               plan.Text("target"), plan.After("reason"))};
}

std::string CauseWords(const std::string& cause) {
  static const auto& words = *new std::map<std::string, std::string>{
      {"deadline", "its deadline has come"}, {"ended", "it was given back"},
      {"revoked", "it was revoked"},         {"denied", "it was denied after all"},
      {"fault", "it could not be made"},     {"drift", "it was altered on the target"},
  };
  const auto found = words.find(cause);
  return found == words.end() ? cause : found->second;
}

using Teller = Told (*)(const Body&);

const std::map<std::string, Teller>& ChangeTellers() {
  static const auto& tellers = *new std::map<std::string, Teller>{
      {"change.planned.v1", Planned},
      {"change.rehearsed.v1",
       [](const Body&) {
         return Told{"", "rehearsed and rolled back"};
       }},
      {"change.not_rehearsed.v1",
       [](const Body& body) {
         return Told{"", absl::StrCat("could not be rehearsed", body.After("why"))};
       }},
      {"change.submitted.v1",
       [](const Body&) {
         return Told{"", "submitted for review"};
       }},
      {"change.reviewed.v1", Reviewed},
      {"change.approved.v1",
       [](const Body&) {
         return Told{"", "approved: no seat is left to fill"};
       }},
      {"change.sent_back.v1",
       [](const Body& body) {
         return Told{"", absl::StrCat("sent back to review", body.After("why"))};
       }},
      {"change.denied.v1",
       [](const Body& body) {
         return Told{body.Text("by"), absl::StrCat("denied it", body.After("note"))};
       }},
      {"change.withdrawn.v1",
       [](const Body& body) {
         return Told{body.Text("by"), "withdrew it"};
       }},
      {"change.lapsed.v1",
       [](const Body& body) {
         return Told{"", absl::StrCat("lapsed", body.After("why"))};
       }},
      {"change.apply_started.v1",
       [](const Body& body) {
         return Told{body.Text("by"),
                     absl::StrCat("applies it with the login of lease ", body.Text("lease"))};
       }},
      {"change.applied.v1",
       [](const Body&) {
         return Told{"", "applied: it is committed"};
       }},
      {"change.rolled_back.v1",
       [](const Body& body) {
         return Told{"", absl::StrCat("rolled back, nothing changed", body.After("why"))};
       }},
      {"change.subject_marked.v1",
       [](const Body&) {
         return Told{"", "the change that this one was about has been marked"};
       }},
      {"change.undone.v1",
       [](const Body& body) {
         return Told{"", absl::StrCat("taken back by change ", body.Text("by"))};
       }},
      {"change.dropped_for_good.v1",
       [](const Body& body) {
         return Told{
             "", absl::StrCat("what it kept was destroyed for good by change ", body.Text("by"))};
       }},
  };
  return tellers;
}

const std::map<std::string, Teller>& Tellers() {
  static const auto& tellers = *new std::map<std::string, Teller>{
      {"lease.asked.v1", Asked},
      {"lease.asked.v2", Asked},
      {"lease.asked.v3", Asked},
      {"lease.reviewed.v1", Reviewed},
      {"lease.debt_reviewed.v1", DebtReviewed},
      {"lease.approved.v1",
       [](const Body&) {
         return Told{"", "approved: no seat is left to fill"};
       }},
      {"lease.sent_back.v1", SentBack},
      {"lease.sent_back.v2", SentBack},
      {"lease.denied.v1",
       [](const Body& body) {
         return Told{body.Text("by"), absl::StrCat("denied it", body.After("note"))};
       }},
      {"lease.withdrawn.v1",
       [](const Body& body) {
         return Told{body.Text("by"), "withdrew it"};
       }},
      {"lease.lapsed.v1",
       [](const Body& body) {
         return Told{"", absl::StrCat("lapsed", body.After("why"))};
       }},
      {"lease.opening_started.v1",
       [](const Body& body) {
         return Told{
             "", absl::StrCat("making the login; its deadline is ", body.Instant("expire_time"))};
       }},
      {"lease.opened.v1",
       [](const Body&) {
         return Told{"", "the login works"};
       }},
      {"lease.verifier_replaced.v1",
       [](const Body&) {
         return Told{"", "a new password was set; the deadline stays"};
       }},
      {"lease.closing_started.v1",
       [](const Body& body) {
         return Told{body.Text("by"),
                     absl::StrCat("the login is being taken away: ", CauseWords(body.Text("cause")),
                                  body.After("note"))};
       }},
      {"lease.turned_off.v1",
       [](const Body&) {
         return Told{"", "off: no login, no privilege, no session"};
       }},
      {"lease.removed.v1",
       [](const Body&) {
         return Told{"", "closed: the role is gone, nothing is left behind"};
       }},
      {"lease.removed.v2", RemovedWithResidue},
      {"lease.residue_accepted.v1", ResidueAccepted},
      {"broker.policy_loaded.v1",
       [](const Body& body) {
         return Told{"",
                     absl::StrCat("a policy was put in force", body.After("policy_fingerprint"))};
       }},
      {"lease.debt_incurred.v1",
       [](const Body& body) {
         return Told{"",
                     absl::StrCat("a review of this break-glass is owed by ", body.Instant("due"))};
       }},
  };
  return tellers;
}

}  // namespace

Told Tell(const ledger::Record& record) {
  const absl::StatusOr<Json> body = ledger::ParseCanonical(record.body);
  const auto& tellers = absl::StartsWith(record.type, "change.") ? ChangeTellers() : Tellers();
  const auto teller = tellers.find(record.type);
  if (!body.ok() || teller == tellers.end()) {
    return {"", absl::StrCat("recorded ", record.type)};
  }
  return teller->second(Body(*body));
}

}  // namespace jit::audit

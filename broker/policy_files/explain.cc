#include "broker/policy_files/explain.h"

#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/core/policy/seats.h"
#include "broker/core/refusal.h"
#include "broker/policy_files/cases.h"
#include "broker/policy_files/duration.h"

namespace jit::policy_files {
namespace {

using Outcome = policy::Consideration::Outcome;

struct OutcomeWords {
  const char* text;  // as a column of the printed table
  const char* word;  // in JSON
};

OutcomeWords WordsFor(Outcome outcome) {
  switch (outcome) {
    case Outcome::kDecided:
      return {"decided", "decided"};
    case Outcome::kDoesNotNameYou:
      return {"not this person", "does_not_name_person"};
    case Outcome::kDoesNotNameRole:
      return {"not this role", "does_not_name_role"};
    case Outcome::kTimeTooLong:
      return {"not so long", "time_too_long"};
    case Outcome::kNotReached:
      return {"not reached", "not_reached"};
  }
  return {"", ""};
}

std::string FromInWords(const policy::SeatFrom& from) {
  if (const auto* group = std::get_if<core::GroupName>(&from)) {
    return absl::StrCat("group ", group->text());
  }
  return "manager of the requester";
}

struct SeatFacts {
  const char* what;  // "seat", or "reviewer afterwards"
  policy::Seat seat;
  std::vector<std::string> candidates;
};

std::vector<SeatFacts> SeatsOf(const policy::Policy& policy, const policy::Bid& bid,
                               const policy::Terms& terms) {
  std::vector<SeatFacts> facts;
  const auto add = [&](const char* what, const policy::Seat& seat) {
    std::vector<std::string> candidates;
    for (const core::PersonId& person : policy::WhoCanSit(policy.people, seat, bid.requester)) {
      candidates.push_back(person.text());
    }
    facts.push_back({what, seat, std::move(candidates)});
  };
  for (const policy::Seat& seat : terms.seats) add("seat", seat);
  if (terms.reviewer) add("reviewer", *terms.reviewer);
  return facts;
}

std::vector<std::string> GroupsOf(const policy::Terms& terms) {
  std::vector<std::string> groups;
  for (const core::PgGroup& group : terms.member_of) groups.push_back(group.text());
  return groups;
}

void AppendTerms(const policy::Policy& policy, const policy::Bid& bid, const policy::Terms& terms,
                 std::string& text) {
  for (const SeatFacts& facts : SeatsOf(policy, bid, terms)) {
    absl::StrAppend(&text, "\n", facts.what, " ", facts.seat.name.text(), ", ",
                    FromInWords(facts.seat.from), ": ",
                    facts.candidates.empty() ? "nobody" : absl::StrJoin(facts.candidates, ", "));
  }
  if (terms.reviewer) {
    absl::StrAppend(&text, "\nreview due within ", DurationText(terms.review_within));
  }
  absl::StrAppend(&text, "\nthe login lives for ", DurationText(terms.ttl), " and is member of ",
                  absl::StrJoin(GroupsOf(terms), ", "));
}

}  // namespace

std::string CanonicalText(const ledger::Json& value) {
  absl::StatusOr<std::string> bytes = ledger::CanonicalBytes(value);
  if (!bytes.ok()) std::abort();
  return *std::move(bytes);
}

std::string BidInWords(const policy::Bid& bid) {
  return absl::StrCat(
      bid.requester.text(),
      bid.path == policy::Path::kBreakGlass ? " breaks the glass for " : " asks for ",
      bid.role.text(), " on ", bid.target.text(),
      bid.ttl ? absl::StrCat(" for ", DurationText(*bid.ttl)) : std::string());
}

std::string ExplainText(const policy::Policy& policy, const policy::Bid& bid) {
  const absl::StatusOr<policy::Terms> terms = policy::Judge(policy, bid);
  std::string text = absl::StrCat(VerdictOf(terms), "\n", BidInWords(bid));
  if (!terms.ok()) absl::StrAppend(&text, "\nbecause ", terms.status().message());
  for (const policy::Consideration& each : policy::Explain(policy, bid)) {
    absl::StrAppend(&text, "\n", WordsFor(each.outcome).text, ": ", each.why);
  }
  if (terms.ok()) AppendTerms(policy, bid, *terms, text);
  absl::StrAppend(&text, "\npolicy ", policy.fingerprint);
  return text;
}

std::string ExplainJson(const policy::Policy& policy, const policy::Bid& bid) {
  const absl::StatusOr<policy::Terms> terms = policy::Judge(policy, bid);
  ledger::Json rules = ledger::Json::array();
  for (const policy::Consideration& each : policy::Explain(policy, bid)) {
    rules.push_back(
        {{"rule", each.rule.text()}, {"outcome", WordsFor(each.outcome).word}, {"why", each.why}});
  }
  ledger::Json json = {{"verdict", VerdictOf(terms)},
                       {"person", bid.requester.text()},
                       {"target", bid.target.text()},
                       {"role", bid.role.text()},
                       {"break_glass", bid.path == policy::Path::kBreakGlass},
                       {"rules", std::move(rules)},
                       {"policy_fingerprint", policy.fingerprint},
                       {"rule", nullptr},
                       {"seats", nullptr},
                       {"ttl_seconds", nullptr},
                       {"member_of", nullptr},
                       {"reason", nullptr},
                       {"detail", nullptr}};
  if (!terms.ok()) {
    const std::optional<core::Reason> reason = core::ReasonOf(terms.status());
    if (reason) json["reason"] = core::ReasonWord(*reason);
    json["detail"] = std::string(terms.status().message());
    return CanonicalText(json);
  }
  ledger::Json seats = ledger::Json::array();
  for (const SeatFacts& facts : SeatsOf(policy, bid, *terms)) {
    seats.push_back({{"what", facts.what},
                     {"name", facts.seat.name.text()},
                     {"from", FromInWords(facts.seat.from)},
                     {"candidates", facts.candidates}});
  }
  json["rule"] = terms->rule.text();
  json["seats"] = std::move(seats);
  json["ttl_seconds"] = absl::ToInt64Seconds(terms->ttl);
  json["member_of"] = GroupsOf(*terms);
  return CanonicalText(json);
}

}  // namespace jit::policy_files

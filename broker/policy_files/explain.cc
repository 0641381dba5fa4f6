#include "broker/policy_files/explain.h"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/core/change/lifecycle.h"
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

std::vector<SeatFacts> SeatsOf(const policy::Policy& policy, const core::PersonId& requester,
                               const std::vector<policy::Seat>& seats,
                               const std::optional<policy::Seat>& reviewer) {
  std::vector<SeatFacts> facts;
  const auto add = [&](const char* what, const policy::Seat& seat) {
    std::vector<std::string> candidates;
    for (const core::PersonId& person : policy::WhoCanSit(policy.people, seat, requester)) {
      candidates.push_back(person.text());
    }
    facts.push_back({what, seat, std::move(candidates)});
  };
  for (const policy::Seat& seat : seats) add("seat", seat);
  if (reviewer) add("reviewer", *reviewer);
  return facts;
}

std::vector<std::string> TextsOf(const std::vector<core::PgGroup>& groups) {
  std::vector<std::string> texts;
  for (const core::PgGroup& group : groups) texts.push_back(group.text());
  return texts;
}

void AppendSeats(const std::vector<SeatFacts>& seats, std::string& text) {
  for (const SeatFacts& facts : seats) {
    absl::StrAppend(&text, "\n", facts.what, " ", facts.seat.name.text(), ", ",
                    FromInWords(facts.seat.from), ": ",
                    facts.candidates.empty() ? "nobody" : absl::StrJoin(facts.candidates, ", "));
  }
}

ledger::Json AsJson(const std::vector<SeatFacts>& seats) {
  ledger::Json json = ledger::Json::array();
  for (const SeatFacts& facts : seats) {
    json.push_back({{"what", facts.what},
                    {"name", facts.seat.name.text()},
                    {"from", FromInWords(facts.seat.from)},
                    {"candidates", facts.candidates}});
  }
  return json;
}

const char* KeylessInWords(policy::GuardTerms::Keyless keyless) {
  switch (keyless) {
    case policy::GuardTerms::Keyless::kByName:
      return "refused unless they are named and accepted";
    case policy::GuardTerms::Keyless::kRefused:
      return "refused";
    case policy::GuardTerms::Keyless::kAllowed:
      return "allowed";
  }
  return "";
}

std::string GuardInWords(const std::optional<policy::GuardTerms>& guard) {
  using Guard = policy::GuardTerms;
  if (!guard) {
    return "NOT GUARDED: nothing limits how many rows it changes, and nothing puts them back";
  }
  return absl::StrCat("a guard lets it change ", guard->statement_rows, " rows in a statement, ",
                      guard->session_rows, " in all, and ", guard->share_percent,
                      "% of a table of which it changes ", "more than ", guard->share_floor,
                      " rows; tables without a key are ", KeylessInWords(guard->keyless),
                      guard->attached == Guard::Attached::kAlways ? "; it is always attached" : "");
}

const char* WhatFor(policy::Purpose purpose) {
  switch (purpose) {
    case policy::Purpose::kScript:
      return " runs a script";
    case policy::Purpose::kUnrehearsed:
      return " runs an unrehearsed script";
    case policy::Purpose::kUndo:
      return " undoes a change";
    case policy::Purpose::kDropForGood:
      return " drops for good what a change kept";
  }
  return "";
}

void AppendTerms(const policy::Policy& policy, const policy::Bid& bid, const policy::Terms& terms,
                 std::string& text) {
  AppendSeats(SeatsOf(policy, bid.requester, terms.seats, terms.reviewer), text);
  if (terms.reviewer) {
    absl::StrAppend(&text, "\nreview due within ", DurationText(terms.review_within));
  }
  absl::StrAppend(&text, "\nthe login lives for ", DurationText(terms.ttl), " and is member of ",
                  absl::StrJoin(TextsOf(terms.member_of), ", "));
  if (terms.access == policy::Access::kWrites) {
    absl::StrAppend(&text, "\n", GuardInWords(terms.guard));
  }
}

// Change rules are read in order; the first that names the person and the role decides.
std::vector<policy::Consideration> ExplainChange(const policy::Policy& policy,
                                                 const policy::ChangeBid& bid) {
  std::vector<policy::Consideration> walk;
  const auto target = policy.targets.find(bid.target);
  if (target == policy.targets.end()) return walk;
  const core::Person* person = policy.people.Find(bid.requester);
  const policy::ChangeRule* decided = nullptr;
  for (const policy::ChangeRule& rule : target->second.changes) {
    const std::string name = absl::StrCat("rule ", rule.name.text());
    const bool named =
        person != nullptr && std::any_of(rule.who.begin(), rule.who.end(), [&](const auto& group) {
          return person->groups.count(group) != 0;
        });
    if (decided != nullptr) {
      walk.push_back(
          {rule.name, Outcome::kNotReached,
           absl::StrCat(name, " was not reached: rule ", decided->name.text(), " decided")});
    } else if (!named) {
      const auto text = [](std::string* out, const auto& group) { out->append(group.text()); };
      walk.push_back(
          {rule.name, Outcome::kDoesNotNameYou,
           absl::StrCat(name, " is for other groups: ", absl::StrJoin(rule.who, ", ", text))});
    } else if (rule.roles.count(bid.role) == 0) {
      walk.push_back(
          {rule.name, Outcome::kDoesNotNameRole, absl::StrCat(name, " does not name the role")});
    } else {
      decided = &rule;
      walk.push_back(
          {rule.name, Outcome::kDecided, absl::StrCat(name, " names the requester and the role")});
    }
  }
  return walk;
}

ledger::Json AsJson(const std::vector<policy::Consideration>& walk) {
  ledger::Json rules = ledger::Json::array();
  for (const policy::Consideration& each : walk) {
    rules.push_back(
        {{"rule", each.rule.text()}, {"outcome", WordsFor(each.outcome).word}, {"why", each.why}});
  }
  return rules;
}

void AppendRefusal(const absl::Status& status, ledger::Json& json) {
  const std::optional<core::Reason> reason = core::ReasonOf(status);
  if (reason) json["reason"] = core::ReasonWord(*reason);
  json["detail"] = std::string(status.message());
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
  ledger::Json json = {{"verdict", VerdictOf(terms)},
                       {"person", bid.requester.text()},
                       {"target", bid.target.text()},
                       {"role", bid.role.text()},
                       {"break_glass", bid.path == policy::Path::kBreakGlass},
                       {"rules", AsJson(policy::Explain(policy, bid))},
                       {"policy_fingerprint", policy.fingerprint},
                       {"rule", nullptr},
                       {"seats", nullptr},
                       {"ttl_seconds", nullptr},
                       {"member_of", nullptr},
                       {"guarded", nullptr},
                       {"reason", nullptr},
                       {"detail", nullptr}};
  if (!terms.ok()) {
    AppendRefusal(terms.status(), json);
    return CanonicalText(json);
  }
  json["rule"] = terms->rule.text();
  json["seats"] = AsJson(SeatsOf(policy, bid.requester, terms->seats, terms->reviewer));
  json["ttl_seconds"] = absl::ToInt64Seconds(terms->ttl);
  json["member_of"] = TextsOf(terms->member_of);
  json["guarded"] = terms->guard.has_value();
  return CanonicalText(json);
}

std::string BidInWords(const policy::ChangeBid& bid) {
  return absl::StrCat(bid.requester.text(), WhatFor(bid.purpose), " as ", bid.role.text(), " on ",
                      bid.target.text());
}

std::string ExplainText(const policy::Policy& policy, const policy::ChangeBid& bid) {
  const absl::StatusOr<policy::ChangeTerms> terms = policy::JudgeChange(policy, bid);
  std::string text = absl::StrCat(VerdictOf(terms), "\n", BidInWords(bid));
  if (!terms.ok()) absl::StrAppend(&text, "\nbecause ", terms.status().message());
  for (const policy::Consideration& each : ExplainChange(policy, bid)) {
    absl::StrAppend(&text, "\n", WordsFor(each.outcome).text, ": ", each.why);
  }
  if (terms.ok()) {
    AppendSeats(SeatsOf(policy, bid.requester, terms->seats, std::nullopt), text);
    absl::StrAppend(&text, "\na run may take ", DurationText(terms->run_max), " and touch ",
                    terms->rows_max, " rows; its counts may differ from the rehearsed ones by ",
                    terms->tolerance_percent, "%\nits login is member of ",
                    absl::StrJoin(TextsOf(terms->member_of), ", "));
    if (terms->owner) absl::StrAppend(&text, " and works as ", terms->owner->text());
  }
  absl::StrAppend(&text, "\npolicy ", policy.fingerprint);
  return text;
}

std::string ExplainJson(const policy::Policy& policy, const policy::ChangeBid& bid) {
  const absl::StatusOr<policy::ChangeTerms> terms = policy::JudgeChange(policy, bid);
  ledger::Json json = {{"verdict", VerdictOf(terms)},
                       {"person", bid.requester.text()},
                       {"target", bid.target.text()},
                       {"role", bid.role.text()},
                       {"purpose", change::PurposeWord(bid.purpose)},
                       {"rules", AsJson(ExplainChange(policy, bid))},
                       {"policy_fingerprint", policy.fingerprint},
                       {"rule", nullptr},
                       {"seats", nullptr},
                       {"longest_seconds", nullptr},
                       {"rows_max", nullptr},
                       {"tolerance_percent", nullptr},
                       {"member_of", nullptr},
                       {"owner", nullptr},
                       {"reason", nullptr},
                       {"detail", nullptr}};
  if (!terms.ok()) {
    AppendRefusal(terms.status(), json);
    return CanonicalText(json);
  }
  json["rule"] = terms->rule.text();
  json["seats"] = AsJson(SeatsOf(policy, bid.requester, terms->seats, std::nullopt));
  json["longest_seconds"] = absl::ToInt64Seconds(terms->run_max);
  json["rows_max"] = terms->rows_max;
  json["tolerance_percent"] = terms->tolerance_percent;
  json["member_of"] = TextsOf(terms->member_of);
  if (terms->owner) json["owner"] = terms->owner->text();
  return CanonicalText(json);
}

}  // namespace jit::policy_files

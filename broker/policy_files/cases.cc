#include "broker/policy_files/cases.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "broker/core/policy/seats.h"
#include "broker/core/refusal.h"
#include "broker/policy_files/duration.h"
#include "broker/policy_files/explain.h"
#include "broker/policy_files/table_reader.h"

namespace jit::policy_files {
namespace {

constexpr char kAtOnce[] = "opens at once";
constexpr char kAppliesAtOnce[] = "applies at once";
constexpr char kNeeds[] = "needs ";
constexpr char kOwes[] = "opens at once, owes a review by ";
constexpr char kRefused[] = "refused: ";

struct Case {
  Place place;
  std::string expect;
  policy::Bid bid;
  std::optional<policy::Purpose> purpose;  // of a change; its bid has no time
  std::optional<core::RuleName> rule;
  std::set<core::PersonId> approved_by;
  std::optional<std::string> then;
};

// A verdict nobody could ever answer with would be a miss for ever; say at once what is possible.
bool IsVerdict(absl::string_view text) {
  if (text == kAtOnce || text == kAppliesAtOnce) return true;
  if (absl::ConsumePrefix(&text, kRefused)) return core::ReasonFromWord(text).has_value();
  return absl::ConsumePrefix(&text, kNeeds) || absl::ConsumePrefix(&text, kOwes);
}

constexpr std::array kPaths = {policy::Path::kOrdinary, policy::Path::kBreakGlass,
                               policy::Path::kChange};
constexpr std::array kPurposes = {policy::Purpose::kScript, policy::Purpose::kUnrehearsed,
                                  policy::Purpose::kUndo, policy::Purpose::kDropForGood};

void CheckExpect(const Placed<std::string>& expect, Mistakes& mistakes) {
  if (IsVerdict(expect.value)) return;
  mistakes.Add(expect.place,
               "a verdict is one of 'opens at once', 'applies at once', 'needs <seat>, <seat>', "
               "'opens at once, owes a review by <seat>' and 'refused: <reason>' with a reason of "
               "docs/reference/refusals.md");
}

// What goes together with which path.
void CheckPath(const TableReader& reader, policy::Path path, Mistakes& mistakes) {
  if (reader.Has("approved_by") != reader.Has("then")) {
    mistakes.Add(reader.place(),
                 "'approved_by' and 'then' go together: say who says yes and what "
                 "stands afterwards");
  }
  if (path == policy::Path::kChange && reader.Has("ttl")) {
    mistakes.Add(reader.PlaceOfKey("ttl"),
                 "nobody asks for a time with a change: its rule says how long a run may take");
  }
  if (path != policy::Path::kChange && reader.Has("purpose")) {
    mistakes.Add(reader.PlaceOfKey("purpose"), "only a change has a purpose: path = \"change\"");
  }
}

// Reads one case; nothing when it is mistaken.
std::optional<Case> ReadCase(const std::string& file, const toml::table& table,
                             const core::TargetName& target, Mistakes& mistakes) {
  const std::size_t before = mistakes.size();
  TableReader reader(file, table, schema::Case(), "this case", mistakes);
  const auto expect = reader.Text("expect");
  const auto who = reader.Name<core::PersonId>("who");
  const auto role = reader.Name<core::RoleName>("role");
  const auto ttl = reader.Time("ttl");
  const auto path = reader.Word("path", {"ordinary", "break-glass", "change"});
  const auto purpose = reader.Word("purpose", {"script", "unrehearsed", "undo", "drop_for_good"});
  const auto rule = reader.Name<core::RuleName>("rule");
  const auto other_target = reader.Name<core::TargetName>("target");
  const auto approved_by = reader.Names<core::PersonId>("approved_by");
  const policy::Path way = path ? kPaths[path->value] : policy::Path::kOrdinary;
  const std::vector<std::string> outcomes = way == policy::Path::kBreakGlass
                                                ? std::vector<std::string>{"reviewed", "owed"}
                                                : std::vector<std::string>{"approved", "waiting"};
  const auto then = reader.Word("then", outcomes);
  if (expect) CheckExpect(*expect, mistakes);
  CheckPath(reader, way, mistakes);
  if (mistakes.size() != before) return std::nullopt;
  Case read{
      reader.place(),
      expect->value,
      {who->value, other_target ? other_target->value : target, role->value, std::nullopt, way},
      std::nullopt,
      std::nullopt,
      {},
      std::nullopt};
  if (ttl) read.bid.ttl = ttl->value;
  if (way == policy::Path::kChange) read.purpose = kPurposes[purpose ? purpose->value : 0];
  if (rule) read.rule = rule->value;
  for (const Placed<core::PersonId>& person : approved_by) read.approved_by.insert(person.value);
  if (then) read.then = outcomes[then->value];
  return read;
}

std::vector<Case> ReadCases(const FileText& file, Mistakes& mistakes) {
  const auto target = core::TargetName::Parse(absl::StripSuffix(file.name, kCasesSuffix));
  if (!target.ok()) {
    mistakes.Add(
        Place{file.name},
        absl::StrCat("a cases file is named for its target: ", kNameGrammar, "; rename the file"));
    return {};
  }
  const std::optional<toml::table> document = ParseDocument(file.name, *file.text, mistakes);
  if (!document) return {};
  TableReader reader(file.name, *document, schema::CasesFile(), file.name, mistakes);
  std::vector<Case> cases;
  for (const toml::table* table : reader.Tables("cases")) {
    std::optional<Case> read = ReadCase(file.name, *table, *target, mistakes);
    if (read) cases.push_back(*std::move(read));
  }
  return cases;
}

std::string SeatsAfter(const policy::Policy& policy, const Case& wanted,
                       const std::vector<policy::Seat>& seats) {
  const policy::Assignment filled =
      policy::AssignSeats(policy.people, seats, wanted.bid.requester, wanted.approved_by);
  return filled.size() == seats.size() ? "approved" : "waiting";
}

// What stands after everybody in `approved_by` said yes.
std::string StandsAfter(const policy::Policy& policy, const Case& wanted,
                        const policy::ChangeTerms& terms) {
  return SeatsAfter(policy, wanted, terms.seats);
}
std::string StandsAfter(const policy::Policy& policy, const Case& wanted,
                        const policy::Terms& terms) {
  if (terms.reviewer) {
    const auto able = policy::WhoCanSit(policy.people, *terms.reviewer, wanted.bid.requester);
    const bool reviewed = std::any_of(able.begin(), able.end(), [&wanted](const auto& person) {
      return wanted.approved_by.count(person) != 0;
    });
    return reviewed ? "reviewed" : "owed";
  }
  return SeatsAfter(policy, wanted, terms.seats);
}

using Tried = std::set<std::pair<core::TargetName, core::RuleName>>;

template <class AnyTerms>
CaseResult Compare(const policy::Policy& policy, const Case& wanted, std::string about,
                   const absl::StatusOr<AnyTerms>& terms, Tried& tried) {
  CaseResult result{wanted.place, std::move(about), wanted.expect, VerdictOf(terms)};
  if (wanted.rule) {
    absl::StrAppend(&result.expected, " by rule ", wanted.rule->text());
    absl::StrAppend(
        &result.got, " by ",
        terms.ok() ? absl::StrCat("rule ", terms->rule.text()) : std::string("no rule"));
  }
  if (wanted.then) {
    absl::StrAppend(&result.expected, ", then ", *wanted.then);
    absl::StrAppend(&result.got, ", then ",
                    terms.ok() ? StandsAfter(policy, wanted, *terms) : std::string("nothing"));
  }
  if (terms.ok()) tried.insert({wanted.bid.target, terms->rule});
  return result;
}

CaseResult RunCase(const policy::Policy& policy, const Case& wanted, Tried& tried) {
  if (!wanted.purpose) {
    return Compare(policy, wanted, BidInWords(wanted.bid), policy::Judge(policy, wanted.bid),
                   tried);
  }
  const policy::ChangeBid bid{wanted.bid.requester, wanted.bid.target, wanted.bid.role,
                              *wanted.purpose};
  return Compare(policy, wanted, BidInWords(bid), policy::JudgeChange(policy, bid), tried);
}

std::vector<std::string> Untried(const policy::Policy& policy, const Tried& tried) {
  std::vector<std::string> untried;
  const auto look_at = [&](const core::TargetName& target, const core::RuleName& rule) {
    if (tried.count({target, rule}) == 0) {
      untried.push_back(absl::StrCat(target.text(), ": rule '", rule.text(), "'"));
    }
  };
  for (const auto& [name, target] : policy.targets) {
    for (const policy::Rule& rule : target.rules) look_at(name, rule.name);
    for (const policy::BreakGlassRule& rule : target.break_glass) look_at(name, rule.name);
    for (const policy::ChangeRule& rule : target.changes) look_at(name, rule.name);
  }
  return untried;
}

std::string RefusalIn(const absl::Status& status) {
  const std::optional<core::Reason> reason = core::ReasonOf(status);
  return absl::StrCat(kRefused, reason ? core::ReasonWord(*reason) : std::string("without reason"));
}

std::string NeedsIn(const std::vector<policy::Seat>& seats) {
  const auto name_of = [](std::string* out, const policy::Seat& seat) {
    absl::StrAppend(out, seat.name.text());
  };
  return absl::StrCat(kNeeds, absl::StrJoin(seats, ", ", name_of));
}

std::string Counted(std::size_t count, absl::string_view one, absl::string_view many) {
  return absl::StrCat(count, " ", count == 1 ? one : many);
}

}  // namespace

bool CasesReport::AllHit() const {
  return mistakes.empty() &&
         std::all_of(results.begin(), results.end(), [](const CaseResult& r) { return r.hit(); });
}

std::string VerdictOf(const absl::StatusOr<policy::Terms>& terms) {
  if (!terms.ok()) return RefusalIn(terms.status());
  if (terms->reviewer) return absl::StrCat(kOwes, terms->reviewer->name.text());
  return terms->seats.empty() ? kAtOnce : NeedsIn(terms->seats);
}

std::string VerdictOf(const absl::StatusOr<policy::ChangeTerms>& terms) {
  if (!terms.ok()) return RefusalIn(terms.status());
  return terms->seats.empty() ? kAppliesAtOnce : NeedsIn(terms->seats);
}

CasesReport RunCases(const policy::Policy& policy, const std::vector<FileText>& files) {
  CasesReport report;
  Mistakes mistakes;
  Tried tried;
  for (const FileText& file : files) {
    if (!file.text) continue;
    for (const Case& wanted : ReadCases(file, mistakes)) {
      report.results.push_back(RunCase(policy, wanted, tried));
    }
  }
  report.mistakes = mistakes.Sorted();
  report.untried = Untried(policy, tried);
  return report;
}

std::string TextOf(const CasesReport& report) {
  std::string text;
  std::size_t misses = 0;
  for (const CaseResult& result : report.results) {
    if (result.hit()) continue;
    ++misses;
    absl::StrAppend(&text, result.place.file, ":", result.place.line, ":", result.place.column,
                    ": ", result.about, "\n  expected  ", result.expected, "\n  got       ",
                    result.got, "\n");
  }
  if (!report.mistakes.empty()) absl::StrAppend(&text, TextOf(report.mistakes), "\n");
  for (const std::string& rule : report.untried) {
    absl::StrAppend(&text, rule, " decides no case; add one\n");
  }
  absl::StrAppend(&text, Counted(report.results.size(), "case", "cases"), ", ",
                  Counted(misses, "miss", "misses"), ", ",
                  Counted(report.mistakes.size(), "mistake", "mistakes"));
  return text;
}

std::string JsonOf(const CasesReport& report) {
  ledger::Json misses = ledger::Json::array();
  for (const CaseResult& result : report.results) {
    if (result.hit()) continue;
    misses.push_back({{"file", result.place.file},
                      {"line", result.place.line},
                      {"column", result.place.column},
                      {"about", result.about},
                      {"expected", result.expected},
                      {"got", result.got}});
  }
  ledger::Json mistakes = ledger::Json::array();
  for (const Mistake& mistake : report.mistakes) mistakes.push_back(TextOf({mistake}));
  return CanonicalText({{"cases", static_cast<std::int64_t>(report.results.size())},
                        {"misses", std::move(misses)},
                        {"mistakes", std::move(mistakes)},
                        {"untried_rules", report.untried}});
}

}  // namespace jit::policy_files

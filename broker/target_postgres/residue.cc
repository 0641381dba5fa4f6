#include "broker/target_postgres/residue.h"

#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/pq/sqlstate.h"
#include "broker/target_postgres/words.h"

namespace jit::target_postgres {
namespace {

using ports::RemoveState;
using What = lease::ResidueLine::What;

constexpr absl::Duration kDeadline = absl::Seconds(12);

// A kit that is older than logins which act as owners has none of them to tell about.
bool IsOldKit(const absl::Status& failed) {
  return pq::SqlStateOf(failed) == "42883";
}

void Postpone(ports::RemoveOutcome& outcome, absl::string_view why) {
  outcome.state = RemoveState::kNotYet;
  outcome.residue.reset();
  outcome.report =
      absl::StrCat("the role is gone; what is different in the schema is not known yet: ", why);
}

What WhatOf(absl::string_view word) {
  if (word == "added") return What::kAdded;
  return word == "removed" ? What::kRemoved : What::kChanged;
}

void Read(const pq::Result& answer, int row, ports::RemoveOutcome& outcome) {
  if (!answer.IsTrue(row, 1)) return Postpone(outcome, answer.Text(row, 2));
  if (!outcome.residue.has_value()) outcome.residue.emplace();
  outcome.residue->more = static_cast<int>(answer.Integer(row, 3).value_or(0));
  if (answer.IsNull(row, 4)) return;
  outcome.residue->lines.push_back({.what = WhatOf(answer.Text(row, 4)),
                                    .kind = std::string(answer.Text(row, 5)),
                                    .object = std::string(answer.Text(row, 6))});
}

}  // namespace

void AddResidues(pq::Connection& home, std::vector<ports::RemoveOutcome>& outcomes) {
  std::vector<std::string> logins;
  std::map<std::string, ports::RemoveOutcome*> by_login;
  for (ports::RemoveOutcome& outcome : outcomes) {
    if (outcome.state != RemoveState::kRemoved) continue;
    logins.push_back(outcome.login.text());
    by_login[logins.back()] = &outcome;
  }
  if (logins.empty()) return;
  auto answer =
      home.Run("select login, known, why, more, what, kind, id from jit.residue_of($1, $2)",
               pq::Parameters().TextArray(logins).Integer(lease::kResidueLinesMax), kDeadline);
  if (!answer.ok()) {
    if (IsOldKit(answer.status())) return;
    // Any of them may have acted as an owner.
    for (auto& [login, outcome] : by_login) Postpone(*outcome, Plain(InWords(answer.status())));
    return;
  }
  for (int row = 0; row < answer->rows(); ++row) {
    const auto found = by_login.find(std::string(answer->Text(row, 0)));
    if (found != by_login.end()) Read(*answer, row, *found->second);
  }
}

absl::Status ForgetResidues(pq::Connection& home) {
  auto forgotten = home.Run("select jit.forget_looks()", kDeadline);
  if (forgotten.ok() || IsOldKit(forgotten.status())) return absl::OkStatus();
  return InWords(forgotten.status());
}

}  // namespace jit::target_postgres

#include "broker/target_postgres/removing.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "broker/pq/sqlstate.h"
#include "broker/target_postgres/residue.h"
#include "broker/target_postgres/words.h"

namespace jit::target_postgres {
namespace {

using ports::RemoveState;

constexpr absl::Duration kDeadline = absl::Seconds(12);
// So many roles are dropped in one transaction: few enough that lock timeouts cannot add up to the
// statement timeout, many enough that commits do not.
constexpr std::size_t kDropAtOnce = 50;

std::vector<std::string> Texts(const std::vector<core::LoginName>& logins) {
  std::vector<std::string> texts;
  for (const core::LoginName& login : logins) texts.push_back(login.text());
  return texts;
}

}  // namespace

absl::StatusOr<std::vector<ports::RemoveOutcome>> Removing::Run(
    const std::vector<core::LoginName>& logins) {
  if (logins.empty()) return std::vector<ports::RemoveOutcome>();
  if (absl::Status looked = LookAt(logins); !looked.ok()) return InWords(looked);
  for (Patient& patient : patients_) {
    if (!patient.databases.empty() || patient.prepared) Clear(patient);
  }
  if (absl::Status dropped = Drop(); !dropped.ok()) return InWords(dropped);
  std::vector<ports::RemoveOutcome> outcomes;
  for (Patient& patient : patients_) outcomes.push_back(std::move(patient.outcome));
  AddResidues(home_, outcomes);
  return outcomes;
}

absl::Status Removing::LookAt(const std::vector<core::LoginName>& logins) {
  auto answer = home_.Run(
      "select l.login, b.standing, b.off, b.databases, b.prepared"
      " from unnest($1::text[]) with ordinality l(login, place)"
      " left join jit.belongings($1) b on b.login = l.login order by l.place",
      pq::Parameters().TextArray(Texts(logins)), kDeadline);
  if (!answer.ok()) return answer.status();
  if (answer->rows() != static_cast<int>(logins.size())) {
    return absl::InternalError("the kit answered for other logins than it was asked about");
  }
  for (int row = 0; row < answer->rows(); ++row) {
    const core::LoginName& login = logins[static_cast<std::size_t>(row)];
    Patient patient{.outcome = {login, RemoveState::kNotYet, ""}, .databases = {}};
    const absl::string_view standing = answer->Text(row, 1);
    if (standing == "absent") {
      patient.outcome = {login, RemoveState::kRemoved, "there is no such login"};
      patient.ready = true;  // what the kit remembers of it goes
    } else if (standing == "foreign") {
      patient.outcome = {login, RemoveState::kRemoved,
                         "a role of that name is not ours and was left alone"};
    } else if (standing != "ours") {
      patient.outcome = {
          login, RemoveState::kNeedsReview,
          "the role has lost its marker or its row in jit.issued and was left alone"};
    } else if (!answer->IsTrue(row, 2)) {
      patient.outcome.report = "the login is not off";
    } else {
      patient.databases = answer->TextArray(row, 3);
      patient.prepared = answer->Integer(row, 4).value_or(0) > 0;
      patient.ready = patient.databases.empty() && !patient.prepared;
      patient.outcome.report = "nothing was left behind";
    }
    patients_.push_back(std::move(patient));
  }
  return absl::OkStatus();
}

void Removing::Clear(Patient& patient) {
  const core::LoginName& login = patient.outcome.login;
  if (patient.prepared) {
    if (absl::Status ended = EndPrepared(home_, dial_, login); !ended.ok()) {
      patient.outcome = {login, RemoveState::kNotYet, std::string(ended.message())};
      return;
    }
  }
  std::string report;
  for (const std::string& database : patient.databases) {
    Cleared cleared = database == home_.database()
                          ? ReadClearance(home_.Run("select outcome, report from jit.clear($1)",
                                                    pq::Parameters().Text(login.text()), kDeadline))
                          : ClearElsewhere(home_, dial_, login, database);
    if (cleared.clearance != Clearance::kCleared) {
      patient.outcome = {login,
                         cleared.clearance == Clearance::kNeedsReview ? RemoveState::kNeedsReview
                                                                      : RemoveState::kNotYet,
                         cleared.report};
      return;
    }
    absl::StrAppend(&report, report.empty() ? "" : "; ", cleared.report);
  }
  patient.outcome.report = report.empty() ? "nothing was left behind" : report;
  patient.ready = true;
}

absl::Status Removing::Drop() {
  std::vector<Patient*> ready;
  for (Patient& patient : patients_) {
    if (patient.ready) ready.push_back(&patient);
  }
  for (std::size_t from = 0; from < ready.size(); from += kDropAtOnce) {
    std::vector<std::string> logins;
    std::map<std::string, Patient*> by_login;
    for (std::size_t i = from; i < std::min(from + kDropAtOnce, ready.size()); ++i) {
      logins.push_back(ready[i]->outcome.login.text());
      by_login[logins.back()] = ready[i];
    }
    auto answer = home_.Run("select login, outcome, why from jit.drop_logins($1)",
                            pq::Parameters().TextArray(logins), kDeadline);
    if (!answer.ok()) return answer.status();
    for (int row = 0; row < answer->rows(); ++row) {
      const auto found = by_login.find(std::string(answer->Text(row, 0)));
      if (found == by_login.end()) continue;
      ports::RemoveOutcome& outcome = found->second->outcome;
      const absl::string_view what = answer->Text(row, 1);
      if (what == "dropped" || what == "absent") {
        outcome.state = RemoveState::kRemoved;
      } else {
        outcome.state = RemoveState::kNotYet;
        outcome.report = std::string(answer->Text(row, 2));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace jit::target_postgres

#include "broker/target_postgres/ending.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "absl/strings/str_cat.h"
#include "broker/pq/sqlstate.h"
#include "broker/target_postgres/words.h"

namespace jit::target_postgres {
namespace {

using ports::OffState;

constexpr absl::Duration kDeadline = absl::Seconds(12);
// In all, for what holders put in the way. A sweep comes again with what is left.
constexpr absl::Duration kBudget = absl::Milliseconds(3500);
// Between the two empty looks: a session can be on its way from half-started to shown.
constexpr absl::Duration kBetweenLooks = absl::Milliseconds(250);
// What is still half-started after so long is ended, whoever it belongs to.
constexpr absl::Duration kGrace = absl::Milliseconds(1500);
// While somebody is being ended, and while nobody is.
constexpr absl::Duration kQuickPause = absl::Milliseconds(15);
constexpr absl::Duration kPause = absl::Milliseconds(50);
// How long barring waits for a locked row: hardly at all in the first round, which has everybody in
// it, and long enough to be in the queue when the holder's session ends in the later ones.
constexpr int kFirstWaitMs = 2;
constexpr int kLaterWaitMs = 300;
constexpr std::size_t kLaterAtOnce = 4;
constexpr absl::Duration kBetweenPrepared = absl::Milliseconds(300);
constexpr int kPreparedTries = 2;

}  // namespace

Ending::Ending(pq::Connection& barring, pq::Connection& ending, ports::Clock& clock,
               DialDatabase dial)
    : barring_(barring), ending_(ending), clock_(clock), dial_(std::move(dial)) {}

absl::StatusOr<std::vector<ports::OffOutcome>> Ending::Run(
    const std::vector<core::LoginName>& logins) {
  start_ = Now();
  if (logins.empty()) return std::vector<ports::OffOutcome>();
  if (absl::Status taken = TakeMemberships(logins); !taken.ok()) {
    if (pq::SqlStateOf(taken) != "25006") return InWords(taken);
    std::vector<ports::OffOutcome> outcomes;
    for (const core::LoginName& login : logins) {
      outcomes.push_back({login, OffState::kNotYet, "the target is read-only"});
    }
    return outcomes;
  }
  while (!IsOver(Now())) {
    if (absl::Status barred = Bar(Now()); !barred.ok()) return InWords(barred);
    if (absl::Status looked = Look(); !looked.ok()) return InWords(looked);
    EndOnePrepared(Now());
    if (!IsOver(Now())) Pause();
  }
  // Whoever waits for locks on our behalf is not left doing so.
  if (!being_barred_.empty()) {
    if (absl::Status collected = CollectBarred(); !collected.ok()) return InWords(collected);
  }
  std::vector<ports::OffOutcome> outcomes;
  for (const core::LoginName& login : logins) {
    Patient& patient = patients_.at(login.text());
    Conclude(patient);
    outcomes.push_back(patient.outcome);
  }
  return outcomes;
}

absl::Status Ending::TakeMemberships(const std::vector<core::LoginName>& logins) {
  std::vector<std::string> texts;
  for (const core::LoginName& login : logins) {
    texts.push_back(login.text());
    patients_.emplace(login.text(), Patient{.outcome = {login, OffState::kNotYet, ""}});
  }
  auto answer = ending_.Run("select login, standing, why from jit.take_memberships($1)",
                            pq::Parameters().TextArray(texts), kDeadline);
  if (!answer.ok()) return answer.status();
  for (int row = 0; row < answer->rows(); ++row) {
    const auto found = patients_.find(std::string(answer->Text(row, 0)));
    if (found == patients_.end()) continue;
    Patient& patient = found->second;
    const absl::string_view standing = answer->Text(row, 1);
    if (standing == "ours") {
      if (!answer->IsNull(row, 2)) patient.trouble = std::string(answer->Text(row, 2));
    } else if (standing == "absent" || standing == "foreign") {
      patient.stage = Patient::Stage::kOff;
      patient.outcome.report = standing == "absent"
                                   ? "there is no such login"
                                   : "a role of that name is not ours and was left alone";
    } else {
      patient.stage = Patient::Stage::kGivenUp;
      patient.trouble = "the role has lost its marker or its row in jit.issued and was left alone";
    }
  }
  return absl::OkStatus();
}

// Collects what barring has done, and gives it the next piece of work.
absl::Status Ending::Bar(absl::Duration now) {
  if (!being_barred_.empty()) {
    if (barring_.Ready(absl::ZeroDuration()) == pq::Connection::Progress::kWorking) {
      return absl::OkStatus();
    }
    if (absl::Status collected = CollectBarred(); !collected.ok()) return collected;
  }
  if (now - start_ >= kBudget) return absl::OkStatus();
  // Those that were tried most come last, so that each gets its turn.
  std::vector<std::pair<int, std::string>> open;
  for (const auto& [login, patient] : patients_) {
    if (patient.stage == Patient::Stage::kOpen) open.emplace_back(patient.barrings_tried, login);
  }
  if (open.empty()) return absl::OkStatus();
  std::sort(open.begin(), open.end());
  if (!first_round_) open.resize(std::min(open.size(), kLaterAtOnce));
  for (const auto& [tried, login] : open) {
    ++patients_.at(login).barrings_tried;
    being_barred_.push_back(login);
  }
  const int wait_ms = first_round_ ? kFirstWaitMs : kLaterWaitMs;
  first_round_ = false;
  return barring_.Send("select login, barred, why from jit.bar($1, $2)",
                       pq::Parameters().TextArray(being_barred_).Integer(wait_ms));
}

absl::Status Ending::CollectBarred() {
  being_barred_.clear();
  auto answer = barring_.Collect(kDeadline);
  if (!answer.ok()) return answer.status();
  for (int row = 0; row < answer->rows(); ++row) {
    const auto found = patients_.find(std::string(answer->Text(row, 0)));
    if (found == patients_.end()) continue;
    if (answer->IsTrue(row, 1)) {
      found->second.stage = Patient::Stage::kBarred;
    } else {
      found->second.trouble = std::string(answer->Text(row, 2));
    }
  }
  return absl::OkStatus();
}

// Ends what is there and learns what was there.
absl::Status Ending::Look() {
  const absl::Duration now = Now();
  std::vector<std::string> logins;
  for (const auto& [login, patient] : patients_) {
    if (patient.stage == Patient::Stage::kOpen || patient.stage == Patient::Stage::kBarred) {
      logins.push_back(login);
    }
  }
  std::set<std::string> overdue;
  for (const Cohort& cohort : cohorts_) {
    if (now - cohort.since >= kGrace) {
      overdue.insert(cohort.half_started.begin(), cohort.half_started.end());
    }
  }
  auto answer = ending_.Run("select kind, name, how_many from jit.end_sessions($1, $2)",
                            pq::Parameters().TextArray(logins).TextArray(
                                std::vector<std::string>(overdue.begin(), overdue.end())),
                            kDeadline);
  if (!answer.ok()) return answer.status();
  std::set<std::string> half_started;
  std::map<std::string, int> sessions;
  std::map<std::string, int> prepared;
  for (int row = 0; row < answer->rows(); ++row) {
    const absl::string_view kind = answer->Text(row, 0);
    const std::string name(answer->Text(row, 1));
    const int how_many = static_cast<int>(answer->Integer(row, 2).value_or(0));
    if (kind == "session") sessions[name] = how_many;
    if (kind == "prepared") prepared[name] = how_many;
    if (kind == "half_started") half_started.insert(name);
  }
  for (Cohort& cohort : cohorts_) {
    std::erase_if(cohort.half_started,
                  [&](const std::string& key) { return !half_started.contains(key); });
  }
  half_started_ended_ +=
      static_cast<int>(std::count_if(overdue.begin(), overdue.end(), [&](const std::string& key) {
        return half_started.contains(key);
      }));
  // Everybody barred before this look shares what it saw half-started.
  std::optional<std::size_t> fresh;
  for (auto& [login, patient] : patients_) {
    if (patient.stage == Patient::Stage::kBarred && !patient.cohort.has_value()) {
      if (!fresh.has_value()) {
        fresh = cohorts_.size();
        cohorts_.push_back({half_started, now});
      }
      patient.cohort = fresh;
    }
  }
  saw_sessions_ = !sessions.empty();
  for (const std::string& login : logins) {
    Patient& patient = patients_.at(login);
    patient.prepared = prepared.contains(login) ? prepared.at(login) : 0;
    Judge(patient, sessions.contains(login) ? sessions.at(login) : 0, now);
  }
  return absl::OkStatus();
}

void Ending::Judge(Patient& patient, int sessions, absl::Duration now) {
  // The same session is seen again until it is gone: the most that were there at once is what we
  // can say.
  patient.sessions_ended = std::max(patient.sessions_ended, sessions);
  if (sessions > 0 || patient.stage != Patient::Stage::kBarred ||
      !cohorts_[*patient.cohort].half_started.empty()) {
    patient.empty_since.reset();
    return;
  }
  if (!patient.empty_since.has_value()) {
    patient.empty_since = now;
    return;
  }
  // A prepared transaction that cannot be reached is no session and no login: only a superuser can
  // finish it now. It delays the removal, not off.
  const bool prepared_settled =
      patient.prepared == 0 || patient.prepared_failures >= kPreparedTries;
  if (now - *patient.empty_since >= kBetweenLooks && prepared_settled) {
    patient.stage = Patient::Stage::kOff;
  }
}

// One at a time, so that those without any are not held up by those with many.
void Ending::EndOnePrepared(absl::Duration now) {
  for (auto& [login, patient] : patients_) {
    const bool at_work =
        patient.stage == Patient::Stage::kOpen || patient.stage == Patient::Stage::kBarred;
    if (!at_work || patient.prepared == 0 || now - patient.prepared_tried < kBetweenPrepared) {
      continue;
    }
    patient.prepared_tried = now;
    if (absl::Status ended = EndPrepared(ending_, dial_, patient.outcome.login); ended.ok()) {
      patient.prepared_ended += patient.prepared;
    } else {
      ++patient.prepared_failures;
      patient.trouble = std::string(ended.message());
    }
    return;
  }
}

bool Ending::IsOver(absl::Duration now) const {
  if (now - start_ >= kBudget) return true;
  return std::none_of(patients_.begin(), patients_.end(), [](const auto& entry) {
    return entry.second.stage == Patient::Stage::kOpen ||
           entry.second.stage == Patient::Stage::kBarred;
  });
}

void Ending::Pause() {
  absl::Duration pause = saw_sessions_ || !being_barred_.empty() ? kQuickPause : kPause;
  const absl::Duration now = Now();
  for (const auto& [login, patient] : patients_) {
    if (patient.stage == Patient::Stage::kBarred && patient.empty_since.has_value()) {
      pause = std::min(pause, *patient.empty_since + kBetweenLooks - now);
    }
  }
  pause = std::max(pause, absl::Milliseconds(1));
  if (!being_barred_.empty()) {
    (void)barring_.Ready(pause);
  } else {
    std::this_thread::sleep_for(absl::ToChronoNanoseconds(pause));
  }
}

void Ending::Conclude(Patient& patient) {
  const bool known = patient.outcome.report.empty();
  if (patient.stage == Patient::Stage::kOff) {
    patient.outcome.state = OffState::kOff;
    if (known) {
      patient.outcome.report = absl::StrCat("ended ", patient.sessions_ended, " sessions and ",
                                            patient.prepared_ended, " prepared transactions",
                                            patient.trouble.empty() ? "" : "; ", patient.trouble);
    }
  } else {
    patient.outcome.state = OffState::kNotYet;
    if (patient.stage == Patient::Stage::kBarred) {
      patient.outcome.report = "the login is barred; its last sessions are not gone yet";
    } else if (patient.stage == Patient::Stage::kOpen && patient.trouble.empty()) {
      patient.outcome.report = "the login is not barred yet";
    }
    absl::StrAppend(&patient.outcome.report, patient.outcome.report.empty() ? "" : ": ",
                    patient.trouble);
  }
  if (half_started_ended_ > 0 && patient.cohort.has_value()) {
    absl::StrAppend(&patient.outcome.report, "; ", half_started_ended_,
                    " half-started connections took too long and were ended");
  }
}

}  // namespace jit::target_postgres

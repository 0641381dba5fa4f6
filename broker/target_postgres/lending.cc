#include "broker/target_postgres/lending.h"

#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/pq/sqlstate.h"
#include "broker/target_postgres/elsewhere_files.h"

namespace jit::target_postgres {
namespace {

constexpr absl::Duration kDeadline = absl::Seconds(12);

absl::string_view Statement(absl::string_view name) {
  for (const auto& [file, text] : kSqlFiles) {
    if (name == file) return text;
  }
  return "";
}

absl::Status Lend(pq::Connection& home, const core::LoginName& login) {
  return home.Run("select jit.lend($1)", pq::Parameters().Text(login.text()), kDeadline).status();
}

void TakeBack(pq::Connection& home, const core::LoginName& login) {
  // When this fails the role goes with its memberships as soon as it is dropped; until then it is
  // one that can do nothing.
  (void)home.Run("select jit.take_back($1)", pq::Parameters().Text(login.text()), kDeadline);
}

// From here on the connection acts as the login. It is closed afterwards and never used again.
absl::Status Become(pq::Connection& there, const core::LoginName& login) {
  return there
      .Run("select set_config('role', $1, false)", pq::Parameters().Text(login.text()), kDeadline)
      .status();
}

struct Belongings {
  std::vector<std::string> words;
  std::vector<std::string> kept;  // relations with data in them
};

absl::StatusOr<Belongings> TakeStock(pq::Connection& there, const core::LoginName& login) {
  auto answer = there.Run(Statement("inventory"), pq::Parameters().Text(login.text()), kDeadline);
  if (!answer.ok()) return answer.status();
  Belongings found;
  for (int row = 0; row < answer->rows(); ++row) {
    found.words.push_back(absl::StrCat(answer->Text(row, 0), " ", answer->Text(row, 1)));
    if (answer->IsTrue(row, 2)) found.kept.emplace_back(answer->Text(row, 1));
  }
  return found;
}

Cleared Fault(const absl::Status& status, const std::string& database) {
  return {Clearance::kNotYet, absl::StrCat("in database ", database, ": ", status.message())};
}

// Without the kit: the login drops what it owns itself. What others granted it stays.
Cleared DropOwned(pq::Connection& there, const core::LoginName& login,
                  const std::string& database) {
  absl::StatusOr<Belongings> before = TakeStock(there, login);
  if (!before.ok()) return Fault(before.status(), database);
  if (!before->kept.empty()) {
    return {Clearance::kNeedsReview,
            absl::StrCat("in database ", database, " it owns relations with data in them: ",
                         absl::StrJoin(before->kept, ", "))};
  }
  auto dropped = there.Run("drop owned by current_user restrict", kDeadline);
  if (pq::SqlStateOf(dropped.status()) == "2BP01") {
    return {Clearance::kNeedsReview,
            absl::StrCat("in database ", database, " what others own depends on what it owns: ",
                         absl::StrJoin(before->words, ", "))};
  }
  if (!dropped.ok()) return Fault(dropped.status(), database);
  absl::StatusOr<Belongings> after = TakeStock(there, login);
  if (!after.ok()) return Fault(after.status(), database);
  if (!after->words.empty()) {
    return {Clearance::kNeedsReview,
            absl::StrCat("in database ", database, " it still ", absl::StrJoin(after->words, ", "),
                         "; install the neighbour part of the kit there, or let a DBA run there: "
                         "drop owned by ",
                         login.text())};
  }
  return {Clearance::kCleared,
          absl::StrCat("in database ", database, " it ", absl::StrJoin(before->words, ", "))};
}

}  // namespace

absl::Status EndPrepared(pq::Connection& home, const DialDatabase& dial,
                         const core::LoginName& login) {
  auto prepared = home.Run("select database, statement from jit.prepared($1)",
                           pq::Parameters().Text(login.text()), kDeadline);
  if (!prepared.ok()) return prepared.status();
  if (prepared->rows() == 0) return absl::OkStatus();
  if (absl::Status lent = Lend(home, login); !lent.ok()) return lent;
  const absl::Cleanup give_back = [&] { TakeBack(home, login); };
  absl::Status failed;
  for (int row = 0; row < prepared->rows(); ++row) {
    const std::string database(prepared->Text(row, 0));
    absl::StatusOr<std::unique_ptr<pq::Connection>> there = dial(database);
    absl::Status done = there.status();
    if (done.ok()) done = Become(**there, login);
    // The kit has quoted the name of the transaction, which is the holder's text.
    if (done.ok()) done = (*there)->RunScript(std::string(prepared->Text(row, 1)), kDeadline);
    if (!done.ok() && pq::SqlStateOf(done) != "42704") {  // somebody else has finished it
      failed = absl::UnavailableError(absl::StrCat("a prepared transaction in database ", database,
                                                   " cannot be rolled back: ", done.message()));
    }
  }
  return failed;
}

Cleared ReadClearance(const absl::StatusOr<pq::Result>& answer) {
  if (!answer.ok()) return {Clearance::kNotYet, std::string(answer.status().message())};
  const absl::string_view outcome = answer->Text(0, 0);
  const std::string report(answer->Text(0, 1));
  if (outcome == "cleared") return {Clearance::kCleared, report};
  if (outcome == "review") return {Clearance::kNeedsReview, report};
  return {Clearance::kNotYet, report};
}

Cleared ClearElsewhere(pq::Connection& home, const DialDatabase& dial, const core::LoginName& login,
                       const std::string& database) {
  absl::StatusOr<std::unique_ptr<pq::Connection>> there = dial(database);
  if (!there.ok()) {
    return {Clearance::kNeedsReview,
            absl::StrCat("something of it is in database ", database,
                         ", which the broker cannot enter (", there.status().message(),
                         "): let a DBA run there: drop owned by ", login.text())};
  }
  auto what = (*there)->Run(Statement("what_is_here"), kDeadline);
  if (!what.ok()) return Fault(what.status(), database);
  if (what->IsTrue(0, 1)) {
    Cleared cleared = ReadClearance((*there)->Run("select outcome, report from jit.clear($1)",
                                                  pq::Parameters().Text(login.text()), kDeadline));
    cleared.report = absl::StrCat("in database ", database, " ", cleared.report);
    return cleared;
  }
  if (absl::Status lent = Lend(home, login); !lent.ok()) return Fault(lent, database);
  const absl::Cleanup give_back = [&] { TakeBack(home, login); };
  if (absl::Status become = Become(**there, login); !become.ok()) return Fault(become, database);
  return DropOwned(**there, login, database);
}

}  // namespace jit::target_postgres

// Where accidents happen: a database with its people, who work as the product lets them.
//
// Promises: what it answers was compared with the state before: every row of every table, every
// definition and whether sequences are ahead. After each case the database is as before, or the
// verdict is kLost. Thread-compatible.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/target_postgres/bench.h"
#include "tests/accidents/case_table.h"
#include "tests/target_postgres/bench_stage.h"

namespace jit::testing {

struct Outcome {
  Verdict verdict = Verdict::kLost;
  std::string said;  // by whoever refused, or what was found
};

class AccidentStage : public Stage {
 protected:
  // Makes the groups and the tables with psql, then installs the kit for them.
  void Furnish(const std::vector<std::string>& scripts);

  // What the accident came to.
  Outcome Suffer(const Case& row);
  // Nothing is undone: what was meant stays.
  Outcome Work(const Case& row);

  std::string Checksum();
  std::string Before();

 private:
  struct Login {
    Opened opened;
    core::ChangeId change;
  };

  Login Writer(std::int64_t session_rows);
  std::optional<Holder> Locker(const Case& row);
  std::string Type(const Login& login, const Case& row);
  Outcome SufferAtThePrompt(const Case& row);
  Outcome SufferInAChange(const Case& row);
  Outcome Change(const Case& row, std::optional<Login>& applied);
  Outcome Undone(const Login& done, const Case& row, const std::string& before, Verdict good,
                 const std::string& said);
  absl::Status TakeBack(const Login& done, Case::Who who, std::size_t& conflicts);
  absl::StatusOr<ports::RunOutcome> Run(ports::RunEnd end, Case::Who who, policy::Purpose purpose,
                                        const std::vector<sql::Statement>& statements,
                                        const std::optional<core::LoginName>& undo_of,
                                        std::optional<Login>& used);
  void Twist(const Case& row, const Login& login);
  int Psql(const std::string& conninfo, const std::string& sql, const std::string& before,
           std::string& output);

  std::unique_ptr<target_postgres::PostgresBench> bench_;
  std::string seen_;  // the checksum of now, when it is known
  std::optional<Login> day_;
  Watching watching_;
};

}  // namespace jit::testing

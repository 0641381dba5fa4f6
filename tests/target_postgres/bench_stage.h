// Where changes run: a small shop with cascades, triggers and a table that cannot be guarded, and a
// bench with its logins.
//
// Promises: app_writer writes everything in the schema shop but cannot define anything; app_owner
// owns it, except shop.foreign_owned, which belongs to the superuser. Thread-compatible.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "broker/target_postgres/bench.h"
#include "tests/target_postgres/stage.h"

namespace jit::testing {

// Answers what a test wants and keeps what it was told.
class Watching : public ports::RunWatcher {
 public:
  void Progress(const ports::RunProgress& progress) override {
    steps.push_back(progress);
    if (on_progress) on_progress(progress);
  }
  bool Cancelled() override { return cancelled && cancelled(); }
  absl::Status MayCommit(const change::Report& report, const std::string& fingerprint) override {
    asked = report;
    asked_fingerprint = fingerprint;
    return may_commit ? may_commit() : absl::OkStatus();
  }

  std::vector<ports::RunProgress> steps;
  std::function<void(const ports::RunProgress&)> on_progress;
  std::function<bool()> cancelled;
  std::function<absl::Status()> may_commit;
  std::optional<change::Report> asked;
  std::string asked_fingerprint;
};

// What a parser would have read.
sql::Statement Said(sql::Kind kind, const std::string& text, int line = 1);

class BenchStage : public Stage {
 protected:
  void SetUp() override;

  ports::Bench& bench() { return *bench_; }
  core::ChangeId NewChange();

  // A login for one run, prepared and opened.
  struct Entry {
    Opened opened;
    core::ChangeId change;
    ports::RunEnd end;
    std::optional<core::PgGroup> owner;
  };
  ports::Preparation PreparationFor(const Entry& entry);
  // Prepared and opened: ready to run.
  Entry Admit(ports::RunEnd end, const std::string& group = "app_writer",
              const std::function<void(ports::Preparation&)>& also = {});
  ports::RunOrder OrderOf(const Entry& entry, const std::vector<sql::Statement>& statements);
  absl::StatusOr<ports::RunOutcome> Go(const ports::RunOrder& order) {
    return bench().Run(order, watching_);
  }
  // The whole way of one script, with a login that is gone afterwards.
  ports::RunOutcome Rehearse(const std::vector<sql::Statement>& statements);
  ports::RunOutcome Apply(const std::vector<sql::Statement>& statements);

  // Of every row of the shop.
  std::string Checksum();

  std::unique_ptr<target_postgres::PostgresBench> bench_;
  Watching watching_;
  std::optional<core::LoginName> last_;  // who ran last
};

}  // namespace jit::testing

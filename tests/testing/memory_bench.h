// A bench in memory that keeps ports/bench.h: tables are maps, and what a statement does is told
// beforehand.
//
// Promises: passes the same contract suite as the real one (tests/contract/bench_contract.h).
// Whether a run may go on is asked of the memory target that its login is on. Keeps count of what
// was committed, so that a test can see that nothing was twice. Safe from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "broker/ports/bench.h"
#include "broker/ports/clock.h"
#include "broker/ports/script_reader.h"
#include "tests/testing/memory_target.h"

namespace jit::testing {

// One row as a statement leaves it; nothing: deleted.
struct RowEdit {
  std::string table;  // `shop.orders`
  std::string key;
  std::optional<std::string> value;
};

// What a statement does when it runs.
struct StatementEffect {
  std::vector<RowEdit> edits = {};
  absl::Status fails = absl::OkStatus();
  std::string alters = "";  // a word that changes the schema
  std::string keeps = "";   // one sentence: what is kept instead of destroyed
};

// Statements are the pieces between semicolons, each one what it was said to be, an UPDATE until
// then. `-- expect:` lines are expectations; a script that holds `syntax error` has one.
class CannedReader : public ports::ScriptReader {
 public:
  void Say(const std::string& text, sql::Statement statement) {
    statement.text = text;
    statements_.insert_or_assign(text, std::move(statement));
  }
  absl::StatusOr<sql::Script> Read(const std::string& script) override;

 private:
  std::map<std::string, sql::Statement> statements_;
};

class MemoryBench : public ports::Bench {
 public:
  using Tables = std::map<std::string, std::map<std::string, std::string>>;

  enum class Verb { kPrepare, kRun, kLook, kSchemaFingerprint };
  enum class Trouble {
    kFailsBefore,   // kUnavailable, and nothing happened
    kFailsAfter,    // kUnknown although it happened
    kCommitsLater,  // of a run: kUnknown; it is committed when FinishCommits finds its login on
  };

  // Both outlive the bench.
  MemoryBench(const MemoryTarget& target, ports::Clock& clock) : target_(target), clock_(clock) {}

  void Put(const std::string& table, const std::string& key, const std::string& value);
  void Say(const std::string& statement, StatementEffect effect);
  void AlterSchema(const std::string& word);  // somebody else does, behind our back
  void FailNext(Verb verb, Trouble trouble);
  // The server gets on with commits that were sent by a process that did not live to see them.
  void FinishCommits();

  Tables tables() const;
  int CommitsOf(const core::ChangeId& change) const;
  int commits() const;
  int runs() const;
  std::optional<ports::Preparation> PreparationOf(const core::LoginName& login) const;
  std::optional<absl::Time> images_forgotten_before() const;

  absl::Status Prepare(const ports::Preparation& preparation) override;
  absl::StatusOr<ports::RunOutcome> Run(const ports::RunOrder& order,
                                        ports::RunWatcher& watcher) override;
  absl::StatusOr<ports::ExecutionState> Look(const core::ChangeId& change) override;
  absl::StatusOr<std::string> SchemaFingerprint() override;
  absl::StatusOr<std::vector<ports::RowChange>> RowChanges(const core::LoginName& login,
                                                           std::int64_t after, int limit) override;
  absl::StatusOr<std::vector<change::Sample>> RowsOf(const core::LoginName& login,
                                                     std::int64_t sequence, int limit,
                                                     const std::set<std::string>& masked) override;
  absl::StatusOr<std::vector<ports::Kept>> KeptBy(const core::ChangeId& change) override;
  absl::StatusOr<std::int64_t> ForgetImages(absl::Time before) override;

 private:
  struct Image {  // one row, before and after
    std::int64_t sequence = 0;
    absl::Time time;
    std::string table;
    std::string key;
    std::optional<std::string> before;
    std::optional<std::string> after;
    std::string query;
  };
  // A transaction that is under way.
  struct Work {
    core::LoginName login;
    core::ChangeId change;
    Tables tables;
    std::vector<Image> images;
    std::vector<ports::Kept> kept;
    std::string schema;
    std::optional<core::ChangeId> drops;
    ports::RunOutcome outcome;
  };

  // What follows is called with mutex_ held.
  std::optional<Trouble> Enter(Verb verb);
  absl::Status CheckMayRun(const ports::RunOrder& order) const;
  absl::Status RunStatements(const ports::RunOrder& order, ports::RunWatcher& watcher, Work& work);
  absl::Status RunUndo(const ports::Preparation& preparation, Work& work);
  void Edit(const RowEdit& edit, const std::string& query, change::StatementReport& statement,
            Work& work);
  void Summarise(const ports::RunOrder& order, Work& work) const;
  void Commit(const Work& work);

  const MemoryTarget& target_;
  ports::Clock& clock_;
  mutable std::mutex mutex_;
  // Everything below is guarded by mutex_.
  std::map<std::string, StatementEffect> effects_;
  Tables tables_;
  std::string schema_ = "schema";
  std::map<core::LoginName, ports::Preparation> preparations_;
  std::map<core::LoginName, std::vector<Image>> images_;
  std::map<core::ChangeId, std::vector<ports::Kept>> kept_;
  std::map<core::ChangeId, int> commits_;
  std::vector<Work> in_flight_;
  std::map<Verb, Trouble> troubles_;
  std::int64_t last_sequence_ = 0;
  int runs_ = 0;
  std::optional<absl::Time> forgotten_before_;
};

}  // namespace jit::testing

// Keeps what statements of a change would destroy, and notes what they make, so that an undo can
// turn both round.
//
// Promises: a thing is kept by the kit in the change's own transaction or the statement fails; what
// was made is noted as far as it can be. One thread.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "broker/sql/script.h"
#include "broker/target_postgres/object_list.h"
#include "broker/target_postgres/run_session.h"

namespace jit::target_postgres {

class Keeping {
 public:
  // Both outlive it. `before`: the objects at the start of the run.
  Keeping(RunSession& session, const ObjectList& before) : session_(session), known_(before) {}

  // Keeps everything that the statement destroys; answers in a sentence what that is.
  absl::StatusOr<std::string> Keep(const sql::Statement& statement);
  // After the statement has run.
  absl::Status Note(const sql::Statement& statement);

 private:
  absl::StatusOr<std::string> KeepOne(const sql::Statement& statement, std::size_t which);
  absl::StatusOr<std::string> KeepRowsTogether(const sql::Statement& statement);
  absl::Status NoteTypes(const sql::Statement& statement);
  absl::Status NoteMade(const sql::Statement& statement);
  absl::Status NoteOne(const MadeObject& made);
  std::string Role() const;

  RunSession& session_;
  ObjectList known_;
};

}  // namespace jit::target_postgres

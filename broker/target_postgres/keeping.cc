#include "broker/target_postgres/keeping.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace jit::target_postgres {
namespace {

using Truth = pq::Parameters::Truth;

Truth Is(bool yes) {
  return yes ? Truth::kTrue : Truth::kFalse;
}

bool OnlyRows(const sql::Statement& statement) {
  return std::all_of(statement.destroys.begin(), statement.destroys.end(),
                     [](const sql::Destruction& one) { return one.loss == sql::Loss::kRows; });
}

// What has another name now was not made: an undo that took it away would hide what was there.
bool OnlyRenames(const sql::Statement& statement) {
  const std::string text = absl::AsciiStrToLower(statement.text);
  return statement.kind == sql::Kind::kAlter &&
         (absl::StrContains(text, "rename") || absl::StrContains(text, "schema"));
}

}  // namespace

std::string Keeping::Role() const {
  return session_.owner().has_value() ? session_.owner()->text() : "";
}

absl::StatusOr<std::string> Keeping::Keep(const sql::Statement& statement) {
  if (statement.destroys.size() > 1 && OnlyRows(statement)) return KeepRowsTogether(statement);
  std::string kept;
  for (std::size_t i = 0; i < statement.destroys.size(); ++i) {
    absl::StatusOr<std::string> one = KeepOne(statement, i);
    if (!one.ok()) return one.status();
    absl::StrAppend(&kept, kept.empty() ? "" : "; ", *one);
  }
  return kept;
}

absl::StatusOr<std::string> Keeping::KeepOne(const sql::Statement& statement, std::size_t which) {
  const sql::Destruction& lost = statement.destroys[which];
  if (lost.loss == sql::Loss::kUnkeepable) {
    return absl::FailedPreconditionError(
        "it destroys something that cannot be kept, so it is not run");
  }
  std::vector<std::string> beside_schemas;
  std::vector<std::string> beside_names;
  for (std::size_t i = 0; i < statement.destroys.size(); ++i) {
    if (i == which) continue;
    beside_schemas.push_back(statement.destroys[i].object.schema);
    beside_names.push_back(statement.destroys[i].object.name);
  }
  auto answer = session_.Ask(
      "select jit.keep($1, $2, $3, $4, $5, $6, $7, $8,"
      " pg_catalog.current_setting('search_path'), $9, $10, $11)",
      pq::Parameters()
          .Text(sql::LossWord(lost.loss))
          .Text(lost.object.schema)
          .Text(lost.object.name)
          .Text(lost.part)
          .Boolean(Is(lost.has_arguments))
          .Boolean(Is(lost.if_exists))
          .Boolean(Is(lost.cascade))
          .Boolean(Is(lost.restart_identity))
          .Text(Role())
          .TextArray(beside_schemas)
          .TextArray(beside_names));
  if (!answer.ok()) return answer.status();
  return std::string(answer->Text(0, 0));
}

// TRUNCATE of tables that may refer to each other.
absl::StatusOr<std::string> Keeping::KeepRowsTogether(const sql::Statement& statement) {
  std::vector<std::string> schemas;
  std::vector<std::string> names;
  for (const sql::Destruction& lost : statement.destroys) {
    schemas.push_back(lost.object.schema);
    names.push_back(lost.object.name);
  }
  const sql::Destruction& first = statement.destroys.front();
  auto answer = session_.Ask(
      "select jit.keep_rows_together($1, $2, $3, $4,"
      " pg_catalog.current_setting('search_path'), $5)",
      pq::Parameters()
          .TextArray(schemas)
          .TextArray(names)
          .Boolean(Is(first.cascade))
          .Boolean(Is(first.restart_identity))
          .Text(Role()));
  if (!answer.ok()) return answer.status();
  return std::string(answer->Text(0, 0));
}

absl::Status Keeping::Note(const sql::Statement& statement) {
  if (absl::Status noted = NoteTypes(statement); !noted.ok()) return noted;
  if (statement.kind == sql::Kind::kCreate || statement.kind == sql::Kind::kAlter) {
    return NoteMade(statement);
  }
  return absl::OkStatus();
}

absl::Status Keeping::NoteTypes(const sql::Statement& statement) {
  for (const sql::Destruction& lost : statement.destroys) {
    if (lost.loss != sql::Loss::kColumnType) continue;
    if (absl::Status noted =
            NoteOne({"column_type", lost.object.schema, lost.object.name, lost.part});
        !noted.ok()) {
      return noted;
    }
  }
  return absl::OkStatus();
}

absl::Status Keeping::NoteMade(const sql::Statement& statement) {
  auto answer = session_.Ask(ObjectList::kQuestion);
  if (!answer.ok()) return answer.status();
  ObjectList now = ObjectList::Read(*answer);
  if (OnlyRenames(statement)) {
    known_ = std::move(now);
    return absl::OkStatus();
  }
  for (const MadeObject& made : now.MadeSince(known_)) {
    if (absl::Status noted = NoteOne(made); !noted.ok()) return noted;
  }
  known_ = std::move(now);
  return absl::OkStatus();
}

// What cannot be noted stays where it is after an undo; that is no reason to fail.
absl::Status Keeping::NoteOne(const MadeObject& made) {
  auto saved = session_.Ask("savepoint jit_note");
  if (!saved.ok()) return saved.status();
  auto noted = session_.Ask(
      "select jit.note_created($1, $2, $3, $4, pg_catalog.current_setting('search_path'), $5)",
      pq::Parameters()
          .Text(made.kind)
          .Text(made.schema)
          .Text(made.name)
          .Text(made.part)
          .Text(Role()));
  if (!noted.ok()) {
    auto back = session_.Ask("rollback to savepoint jit_note");
    if (!back.ok()) return back.status();
  }
  return session_.Ask("release savepoint jit_note").status();
}

}  // namespace jit::target_postgres

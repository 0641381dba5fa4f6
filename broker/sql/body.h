// What stands in the body of a DO block or a function.
//
// Promises: SQL and plpgsql are read statement by statement with the same reader; COMMIT and
// dynamic SQL are found; a body in another language, or one that cannot be read, is told. The
// packaged parser of plpgsql follows neither bound cursors nor assignments to fields of a record:
// told as unread. So is a DO inside a DO inside a DO. Same limits as grammar.h.
#pragma once

#include "absl/strings/string_view.h"
#include "broker/sql/reader.h"
#include "broker/sql/remark.h"
#include "broker/sql/tree.h"

namespace jit::sql {

// `node` is a DoStmt or CreateFunctionStmt of `text`.
void ReadBody(const Node& node, absl::string_view text, const Surroundings& where,
              Standing standing, Findings& findings);

}  // namespace jit::sql

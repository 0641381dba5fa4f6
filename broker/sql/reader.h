// Reads one parse tree into what a Statement says: names, findings, destructions.
//
// Promises: walks the whole tree, into common table expressions, EXPLAIN, PREPARE, rules and the
// bodies of functions; a name that a WITH defines is no table. Knows no catalog. One reader per
// text; not for sharing.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "broker/sql/remark.h"
#include "broker/sql/script.h"
#include "broker/sql/tree.h"

namespace jit::sql {

// Where the text stands: the script itself, or the body of a function, at some depth.
struct Surroundings {
  int first_line = 1;
  int depth = 0;
};

class Reader {
 public:
  // Positions in the tree are those of `text`.
  Reader(absl::string_view text, Surroundings where, Statement& statement)
      : text_(text), where_(where), findings_(text, where.first_line, statement) {}

  // A statement's tree: adds to the statement what it says. Once per reader.
  void Read(const Json& tree, Standing standing);

 private:
  struct Visit {
    const Json* value;
    int scope;
    Standing standing;
  };
  struct Scope {  // a name that a WITH defines, and what is seen beside it
    int outer;
    absl::string_view name;
  };
  struct Named {
    std::int64_t location;
    ObjectName name;
  };

  void Walk(const Json& tree, Standing standing);
  void Look(const Node& node, const Visit& visit);
  void Claim(const Node& node, Standing standing);
  void LookAtRelation(const Json& fields, const Visit& visit);
  void LookAtCase(const Json& fields);
  void Destroy(const Node& node, Standing standing);
  int EnterWith(const Json& with, const Visit& visit, std::vector<Visit>& queries);
  Standing StandingBelow(const Node& node, absl::string_view field, Standing standing) const;
  bool IsDefinedByWith(absl::string_view name, int scope) const;
  void TellNames();

  absl::string_view text_;
  Surroundings where_;
  Findings findings_;
  std::vector<Scope> scopes_;
  std::set<const Json*> written_;  // relations that a statement writes
  std::set<const Json*> passed_;   // nodes that say nothing where they stand
  std::vector<Named> reads_;
  std::vector<Named> writes_;
  std::vector<Named> folded_;
};

}  // namespace jit::sql

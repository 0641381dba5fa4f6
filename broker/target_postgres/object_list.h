// Every object of a database with a hash of its definition: what a statement of DDL can change.
//
// Promises: two lists of the same objects have the same digest, in whatever order the server told
// them. Value.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "broker/core/change/report.h"
#include "broker/pq/result.h"

namespace jit::target_postgres {

// An object in the words of the kit's jit.note_created.
struct MadeObject {
  std::string kind;  // table, view, column …
  std::string schema;
  std::string name;
  std::string part;  // a column, constraint …; the argument types of a function
};

// Whether one of the identifiers in the id of an object, as a list has it, is this one.
bool HasIdentifier(const std::string& id, const std::string& identifier);

class ObjectList {
 public:
  // The statement that answers a list; both the broker's login and a runner may ask it.
  static constexpr const char* kQuestion = "select kind, id, hash from jit.schema_fingerprint()";
  static ObjectList Read(const pq::Result& answer);

  std::string Digest() const;  // SHA-256 hex over the sorted lines
  // What it takes to come from `before` to this one.
  std::vector<change::ObjectEffect> Since(const ObjectList& before) const;
  // What was made, without what came along with something else; what others rest on comes first.
  std::vector<MadeObject> MadeSince(const ObjectList& before) const;

 private:
  bool Has(const std::string& kind, const std::string& id) const {
    return objects_.contains({kind, id});
  }
  // Hashes of the objects of one kind and name; there may be several.
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> objects_;
};

}  // namespace jit::target_postgres

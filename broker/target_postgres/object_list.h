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

class ObjectList {
 public:
  // The statement that answers a list; both the broker's login and a runner may ask it.
  static constexpr const char* kQuestion = "select kind, id, hash from jit.schema_fingerprint()";
  static ObjectList Read(const pq::Result& answer);

  std::string Digest() const;  // SHA-256 hex over the sorted lines
  // What it takes to come from `before` to this one.
  std::vector<change::ObjectEffect> Since(const ObjectList& before) const;

 private:
  // Hashes of the objects of one kind and name; there may be several.
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> objects_;
};

}  // namespace jit::target_postgres

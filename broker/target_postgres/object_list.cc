#include "broker/target_postgres/object_list.h"

#include <algorithm>
#include <array>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "broker/ledger/merkle.h"

namespace jit::target_postgres {
namespace {

using Objects = std::set<std::pair<std::string, std::string>>;

// The identifiers of a qualified name, without their quotes; for a function the types of its
// arguments come last.
std::vector<std::string> Identifiers(const std::string& id) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (id[i] == '"') {
      for (++i; i < id.size(); ++i) {
        if (id[i] == '"' && (i + 1 == id.size() || id[i + 1] != '"')) break;
        if (id[i] == '"') ++i;
        parts.back().push_back(id[i]);
      }
    } else if (id[i] == '.') {
      parts.emplace_back();
    } else if (id[i] == '(') {
      const std::size_t end = id.rfind(')');
      parts.push_back(id.substr(i + 1, end == std::string::npos ? end : end - i - 1));
      break;
    } else {
      parts.back().push_back(id[i]);
    }
  }
  return parts;
}

// Something that belongs to a relation is named after it: relation.part.
bool BelongsToOneOf(const std::string& id, const Objects& made) {
  return std::any_of(made.begin(), made.end(), [&](const auto& object) {
    return object.first == "relation" && absl::StartsWith(id, absl::StrCat(object.second, "."));
  });
}

bool IsOfAConstraint(const std::string& index, const Objects& made) {
  const std::string name = Identifiers(index).back();
  return std::any_of(made.begin(), made.end(), [&](const auto& object) {
    return object.first == "constraint" && Identifiers(object.second).back() == name;
  });
}

// In the order in which one rests on another.
constexpr std::array kKinds = {"schema", "type",       "function", "sequence", "relation", "column",
                               "index",  "constraint", "trigger",  "rule",     "policy"};

MadeObject Described(const std::string& kind, const std::string& id) {
  std::vector<std::string> parts = Identifiers(id);
  const bool qualified = kind != "schema";
  parts.resize(3);
  if (!qualified) return {kind, "", parts[0], ""};
  return {kind, parts[0], parts[1], parts[2]};
}

}  // namespace

bool HasIdentifier(const std::string& id, const std::string& identifier) {
  const std::vector<std::string> parts = Identifiers(id);
  return std::find(parts.begin(), parts.end(), identifier) != parts.end();
}

ObjectList ObjectList::Read(const pq::Result& answer) {
  ObjectList list;
  for (int row = 0; row < answer.rows(); ++row) {
    list.objects_[{std::string(answer.Text(row, 0)), std::string(answer.Text(row, 1))}]
        .emplace_back(answer.Text(row, 2));
  }
  for (auto& [name, hashes] : list.objects_) std::sort(hashes.begin(), hashes.end());
  return list;
}

std::string ObjectList::Digest() const {
  std::string lines;
  for (const auto& [name, hashes] : objects_) {
    for (const std::string& hash : hashes) {
      absl::StrAppend(&lines, name.first, "\t", name.second, "\t", hash, "\n");
    }
  }
  return ledger::Sha256Hex(lines);
}

std::vector<change::ObjectEffect> ObjectList::Since(const ObjectList& before) const {
  using What = change::ObjectEffect::What;
  std::vector<change::ObjectEffect> effects;
  for (const auto& [name, hashes] : before.objects_) {
    const auto now = objects_.find(name);
    if (now == objects_.end()) {
      effects.push_back({What::kDestroyed, name.first, name.second});
    } else if (now->second != hashes) {
      effects.push_back({What::kAltered, name.first, name.second});
    }
  }
  for (const auto& [name, hashes] : objects_) {
    if (!before.objects_.contains(name)) {
      effects.push_back({What::kCreated, name.first, name.second});
    }
  }
  return effects;
}

std::vector<MadeObject> ObjectList::MadeSince(const ObjectList& before) const {
  Objects made;
  for (const auto& [name, hashes] : objects_) {
    if (!before.objects_.contains(name)) made.insert(name);
  }
  const bool with_columns = std::any_of(
      made.begin(), made.end(), [](const auto& object) { return object.first == "column"; });
  std::vector<MadeObject> told;
  for (const char* kind : kKinds) {
    for (const auto& [its_kind, id] : made) {
      if (its_kind != kind || BelongsToOneOf(id, made)) continue;
      std::string word = kind;
      if (word == "relation") {
        if (Has("index", id) || Has("sequence", id) || Has("type", id)) continue;
        if (Has("rule", absl::StrCat(id, ".\"_RETURN\""))) word = "view";
        if (word == "relation") word = "table";
      }
      if (word == "sequence" && with_columns) continue;  // it came with one of them
      if (word == "index" && IsOfAConstraint(id, made)) continue;
      told.push_back(Described(word, id));
    }
  }
  return told;
}

}  // namespace jit::target_postgres

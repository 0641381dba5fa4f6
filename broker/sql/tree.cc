#include "broker/sql/tree.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"

namespace jit::sql {
namespace {

const Json& Nothing() {
  static const Json nothing;
  return nothing;
}

// Fields that one kind of node has, and always has.
constexpr std::pair<absl::string_view, absl::string_view> kTellTales[] = {
    {"relname", "RangeVar"},  {"limitOption", "SelectStmt"}, {"ctes", "WithClause"},
    {"roletype", "RoleSpec"}, {"funcformat", "FuncCall"},    {"typemod", "TypeName"},
};

}  // namespace

const Json& At(const Json& object, absl::string_view key) {
  if (!object.is_object()) {
    return Nothing();
  }
  const auto found = object.find(key);
  return found == object.end() ? Nothing() : *found;
}

absl::string_view TextAt(const Json& object, absl::string_view key) {
  const Json& value = At(object, key);
  return value.is_string() ? absl::string_view(value.get_ref<const std::string&>())
                           : absl::string_view();
}

std::int64_t NumberAt(const Json& object, absl::string_view key) {
  const Json& value = At(object, key);
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

bool FlagAt(const Json& object, absl::string_view key) {
  const Json& value = At(object, key);
  return value.is_boolean() && value.get<bool>();
}

Node NodeOf(const Json& value) {
  if (!value.is_object()) {
    return {};
  }
  if (value.size() == 1 && value.begin()->is_object() &&
      absl::ascii_isupper(static_cast<unsigned char>(value.begin().key()[0]))) {
    return {value.begin().key(), &*value.begin()};
  }
  for (const auto& [field, type] : kTellTales) {
    if (value.contains(field)) {
      return {type, &value};
    }
  }
  return {};
}

const Json& FieldsOf(const Json& value, absl::string_view type) {
  const Node node = NodeOf(value);
  return node.fields != nullptr && node.type == type ? *node.fields : Nothing();
}

bool SameShape(const Json& left, const Json& right) {
  std::vector<std::pair<const Json*, const Json*>> pending = {{&left, &right}};
  while (!pending.empty()) {
    const auto [a, b] = pending.back();
    pending.pop_back();
    if (a->type() != b->type() || a->size() != b->size()) {
      return false;
    }
    if (a->is_object()) {
      for (auto field = a->begin(); field != a->end(); ++field) {
        const auto other = b->find(field.key());
        if (other == b->end()) {
          return false;
        }
        if (field.key() != "location") {
          pending.emplace_back(&*field, &*other);
        }
      }
    } else if (a->is_array()) {
      for (std::size_t i = 0; i < a->size(); ++i) {
        pending.emplace_back(&(*a)[i], &(*b)[i]);
      }
    } else if (*a != *b) {
      return false;
    }
  }
  return true;
}

std::vector<absl::string_view> WordsOf(const Json& list) {
  std::vector<absl::string_view> words;
  if (list.is_array()) {
    for (const Json& item : list) {
      const Json& fields = FieldsOf(item, "String");
      if (fields.is_object()) {
        words.push_back(TextAt(fields, "sval"));
      }
    }
  }
  return words;
}

}  // namespace jit::sql

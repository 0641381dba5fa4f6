#include "broker/sql/condition.h"

#include <algorithm>
#include <set>
#include <utility>

#include "broker/sql/name.h"

namespace jit::sql {
namespace {

// Deeper conditions are machine-made; what cannot be told is taken for a restriction.
constexpr int kDepthMax = 64;
// Every pair of the arms of an OR is looked at.
constexpr std::size_t kArmsMax = 64;

enum class Truth { kAlways, kNever, kDepends };

Truth Not(Truth truth) {
  if (truth == Truth::kDepends) {
    return truth;
  }
  return truth == Truth::kAlways ? Truth::kNever : Truth::kAlways;
}

absl::string_view OperatorOf(const Json& expression) {
  const std::vector<absl::string_view> words = WordsOf(At(expression, "name"));
  return words.empty() ? absl::string_view() : words.back();
}

bool IsNull(const Json& value) {
  return FlagAt(FieldsOf(value, "A_Const"), "isnull");
}

bool CallsAnything(const Json& value) {
  bool calls = false;
  EachNode(value, [&](const Node& node) {
    calls = calls || node.type == "FuncCall" || node.type == "SubLink" || node.type == "ParamRef";
  });
  return calls;
}

// `orders.id` and `id` are the same column when only one table is there.
bool SameColumn(const Json& left, const Json& right, const Scene& scene) {
  const std::vector<absl::string_view> a = WordsOf(At(FieldsOf(left, "ColumnRef"), "fields"));
  const std::vector<absl::string_view> b = WordsOf(At(FieldsOf(right, "ColumnRef"), "fields"));
  if (!scene.others.empty() || a.empty() || b.empty() || a.back() != b.back()) {
    return false;
  }
  const auto is_ours = [&](const std::vector<absl::string_view>& words) {
    return words.size() == 1 || words[words.size() - 2] == scene.table;
  };
  return is_ours(a) && is_ours(b);
}

bool Same(const Json& left, const Json& right, const Scene& scene) {
  return SameColumn(left, right, scene) || (SameShape(left, right) && !CallsAnything(left));
}

// Two integers or strings; nothing else has an order we would know.
Truth Compared(absl::string_view op, const Json& left, const Json& right) {
  const Json& a = FieldsOf(left, "A_Const");
  const Json& b = FieldsOf(right, "A_Const");
  int order = 0;
  if (a.contains("ival") && b.contains("ival")) {
    const std::int64_t x = NumberAt(At(a, "ival"), "ival");
    const std::int64_t y = NumberAt(At(b, "ival"), "ival");
    order = x == y ? 0 : (x < y ? -1 : 1);
  } else if (a.contains("sval") && b.contains("sval")) {
    order = TextAt(At(a, "sval"), "sval") == TextAt(At(b, "sval"), "sval") ? 0 : 1;
    if (order != 0 && op != "=" && op != "<>") {
      return Truth::kDepends;
    }
  } else {
    return Truth::kDepends;
  }
  static const std::set<absl::string_view> comparisons = {"=", "<>", "<", ">", "<=", ">="};
  if (!comparisons.contains(op)) {
    return Truth::kDepends;
  }
  const bool holds = (order == 0 && (op == "=" || op == "<=" || op == ">=")) ||
                     (order < 0 && (op == "<>" || op == "<" || op == "<=")) ||
                     (order > 0 && (op == "<>" || op == ">" || op == ">="));
  return holds ? Truth::kAlways : Truth::kNever;
}

bool MatchesAnything(absl::string_view kind, absl::string_view op, const Json& pattern) {
  const Json& fields = FieldsOf(pattern, "A_Const");
  if (!fields.contains("sval")) {
    return false;
  }
  const absl::string_view text = TextAt(At(fields, "sval"), "sval");
  if ((kind == "AEXPR_LIKE" && op == "~~") || (kind == "AEXPR_ILIKE" && op == "~~*")) {
    return !text.empty() && text.find_first_not_of('%') == absl::string_view::npos;
  }
  return kind == "AEXPR_OP" && (op == "~" || op == "~*") &&
         (text.empty() || text == ".*" || text == "^" || text == "^.*$");
}

Truth JudgeOperator(const Json& fields, const Scene& scene) {
  const absl::string_view kind = TextAt(fields, "kind");
  const absl::string_view op = OperatorOf(fields);
  const Json& left = At(fields, "lexpr");
  const Json& right = At(fields, "rexpr");
  if (MatchesAnything(kind, op, right)) {
    return Truth::kAlways;
  }
  if (kind == "AEXPR_NOT_DISTINCT" && Same(left, right, scene)) {
    return Truth::kAlways;
  }
  if (kind == "AEXPR_IN" && op == "=") {
    const Json& items = At(FieldsOf(right, "List"), "items");
    const bool in_it = std::any_of(items.begin(), items.end(), [&](const Json& item) {
      return Same(left, item, scene) && !IsNull(item);
    });
    return in_it ? Truth::kAlways : Truth::kDepends;
  }
  if (kind != "AEXPR_OP" || IsNull(left) || IsNull(right)) {
    return Truth::kDepends;
  }
  const Truth constant = Compared(op, left, right);
  if (constant != Truth::kDepends) {
    return constant;
  }
  if (!Same(left, right, scene)) {
    return Truth::kDepends;
  }
  if (op == "=" || op == "<=" || op == ">=") {
    return Truth::kAlways;
  }
  return op == "<>" || op == "<" || op == ">" ? Truth::kNever : Truth::kDepends;
}

Truth JudgeConstant(const Json& value) {
  if (const Json& cast = FieldsOf(value, "TypeCast"); cast.is_object()) {
    const Json& constant = FieldsOf(At(cast, "arg"), "A_Const");
    const absl::string_view text = TextAt(At(constant, "sval"), "sval");
    const std::vector<absl::string_view> type = WordsOf(At(At(cast, "typeName"), "names"));
    if (type.empty() || (type.back() != "bool" && type.back() != "boolean")) {
      return Truth::kDepends;
    }
    if (text == "t" || text == "true" || NumberAt(At(constant, "ival"), "ival") != 0) {
      return Truth::kAlways;
    }
    return text == "f" || text == "false" ? Truth::kNever : Truth::kDepends;
  }
  const Json& constant = FieldsOf(value, "A_Const");
  if (!constant.contains("boolval")) {
    const absl::string_view text = TextAt(At(constant, "sval"), "sval");
    return text == "t" || text == "true" ? Truth::kAlways : Truth::kDepends;
  }
  return FlagAt(At(constant, "boolval"), "boolval") ? Truth::kAlways : Truth::kNever;
}

// `x IS NULL OR x IS NOT NULL`, `a < 5 OR a >= 5`, `c OR NOT c`.
bool Complementary(const Json& left, const Json& right, const Scene& scene) {
  const Json& a = FieldsOf(left, "NullTest");
  const Json& b = FieldsOf(right, "NullTest");
  if (a.is_object() && b.is_object()) {
    return TextAt(a, "nulltesttype") != TextAt(b, "nulltesttype") &&
           Same(At(a, "arg"), At(b, "arg"), scene);
  }
  const Json& negated = FieldsOf(right, "BoolExpr");
  if (TextAt(negated, "boolop") == "NOT_EXPR" && At(negated, "args").size() == 1) {
    return Same(left, At(negated, "args")[0], scene);
  }
  static const std::set<std::pair<absl::string_view, absl::string_view>> pairs = {
      {"=", "<>"}, {"<", ">="}, {">", "<="}, {"~~", "!~~"}, {"~", "!~"}};
  const Json& x = FieldsOf(left, "A_Expr");
  const Json& y = FieldsOf(right, "A_Expr");
  return x.is_object() && y.is_object() && TextAt(x, "kind") == TextAt(y, "kind") &&
         pairs.contains({OperatorOf(x), OperatorOf(y)}) &&
         Same(At(x, "lexpr"), At(y, "lexpr"), scene) && Same(At(x, "rexpr"), At(y, "rexpr"), scene);
}

Truth Judge(const Json& value, const Scene& scene, int depth);

// Whether a sub-select can leave nothing out.
bool SelectsEverything(const Json& select, const Scene& scene, int depth) {
  for (const char* key : {"groupClause", "havingClause", "limitCount", "limitOffset", "withClause",
                          "larg", "valuesLists", "distinctClause"}) {
    if (!At(select, key).is_null()) {
      return false;
    }
  }
  const Json& where = At(select, "whereClause");
  return where.is_null() || Judge(where, scene, depth) == Truth::kAlways;
}

// `id IN (SELECT id FROM the same table)`, `EXISTS (SELECT 1)`.
Truth JudgeSubLink(const Json& link, const Scene& scene, int depth) {
  const Json& select = FieldsOf(At(link, "subselect"), "SelectStmt");
  const Json& from = At(select, "fromClause");
  if (!select.is_object() || !SelectsEverything(select, Scene{}, depth)) {
    return Truth::kDepends;
  }
  if (TextAt(link, "subLinkType") == "EXISTS_SUBLINK") {
    return from.is_null() ? Truth::kAlways : Truth::kDepends;
  }
  if (TextAt(link, "subLinkType") != "ANY_SUBLINK" || from.size() != 1 ||
      At(select, "targetList").size() != 1 ||
      (!At(link, "operName").is_null() && WordsOf(At(link, "operName")).back() != "=")) {
    return Truth::kDepends;
  }
  const Json& table = FieldsOf(from[0], "RangeVar");
  const Json& column = At(FieldsOf(At(select, "targetList")[0], "ResTarget"), "val");
  if (!table.is_object() || scene.target == nullptr ||
      !(NameOfRelation(table) == NameOfRelation(*scene.target))) {
    return Truth::kDepends;
  }
  const std::vector<absl::string_view> inner = WordsOf(At(FieldsOf(column, "ColumnRef"), "fields"));
  const std::vector<absl::string_view> outer =
      WordsOf(At(FieldsOf(At(link, "testexpr"), "ColumnRef"), "fields"));
  return !inner.empty() && !outer.empty() && inner.back() == outer.back() ? Truth::kAlways
                                                                          : Truth::kDepends;
}

Truth JudgeBoolean(const Json& fields, const Scene& scene, int depth) {
  const Json& args = At(fields, "args");
  const absl::string_view op = TextAt(fields, "boolop");
  if (op == "NOT_EXPR") {
    return args.size() == 1 ? Not(Judge(args[0], scene, depth)) : Truth::kDepends;
  }
  const Truth decides = op == "OR_EXPR" ? Truth::kAlways : Truth::kNever;
  bool undecided = false;
  for (const Json& arg : args) {
    const Truth truth = Judge(arg, scene, depth);
    if (truth == decides) {
      return decides;
    }
    undecided = undecided || truth == Truth::kDepends;
  }
  if (op == "OR_EXPR" && args.size() <= kArmsMax) {
    for (const Json& left : args) {
      for (const Json& right : args) {
        if (&left != &right && Complementary(left, right, scene)) {
          return Truth::kAlways;
        }
      }
    }
  }
  return undecided ? Truth::kDepends : Not(decides);
}

Truth Judge(const Json& value, const Scene& scene, int depth) {
  const Node node = NodeOf(value);
  if (depth > kDepthMax || node.fields == nullptr) {
    return Truth::kDepends;
  }
  if (node.type == "BoolExpr") {
    return JudgeBoolean(*node.fields, scene, depth + 1);
  }
  if (node.type == "A_Expr") {
    return JudgeOperator(*node.fields, scene);
  }
  if (node.type == "SubLink") {
    return JudgeSubLink(*node.fields, scene, depth + 1);
  }
  if (node.type == "BooleanTest") {
    const absl::string_view test = TextAt(*node.fields, "booltesttype");
    const Truth inner = Judge(At(*node.fields, "arg"), scene, depth + 1);
    if (test == "IS_TRUE" || test == "IS_NOT_FALSE") {
      return inner;
    }
    return test == "IS_FALSE" || test == "IS_NOT_TRUE" ? Not(inner) : Truth::kDepends;
  }
  return JudgeConstant(value);
}

// Every column the tree names: whether it is the target's, another's, or could be either's.
struct Mentions {
  bool target = false;
  bool other = false;
  int unqualified = 0;
  int all = 0;
};

Mentions MentionsOf(const Json& value, const Scene& scene) {
  Mentions mentions;
  EachNode(value, [&](const Node& node) {
    if (node.type != "ColumnRef") {
      return;
    }
    const std::vector<absl::string_view> words = WordsOf(At(*node.fields, "fields"));
    mentions.all += 1;
    if (words.size() < 2) {
      mentions.unqualified += 1;
      return;
    }
    const absl::string_view table = words[words.size() - 2];
    mentions.target = mentions.target || table == scene.table;
    mentions.other = mentions.other || std::find(scene.others.begin(), scene.others.end(), table) !=
                                           scene.others.end();
  });
  return mentions;
}

bool JoinsWithin(const Json& value, const Scene& scene, int depth) {
  const Json& fields = FieldsOf(value, "BoolExpr");
  const absl::string_view op = TextAt(fields, "boolop");
  if (depth > kDepthMax) {
    return true;
  }
  const auto joins = [&](const Json& arg) { return JoinsWithin(arg, scene, depth + 1); };
  const Json& args = At(fields, "args");
  if (op == "AND_EXPR") {
    return std::any_of(args.begin(), args.end(), joins);
  }
  if (op == "OR_EXPR") {
    return std::all_of(args.begin(), args.end(), joins);
  }
  const Mentions mentions = MentionsOf(value, scene);
  return (mentions.target && mentions.other) || (mentions.unqualified > 0 && mentions.all > 1) ||
         NodeOf(value).type == "CurrentOfExpr";
}

absl::string_view CalledThere(const Json& fields) {
  const absl::string_view alias = TextAt(At(fields, "alias"), "aliasname");
  return alias.empty() ? TextAt(fields, "relname") : alias;
}

}  // namespace

Scene SceneOf(const Json& target, const Json& others) {
  Scene scene{CalledThere(target), &target, {}};
  EachNode(others, [&](const Node& node) {
    const absl::string_view name = CalledThere(*node.fields);
    if (!name.empty()) {
      scene.others.push_back(name);
    }
  });
  return scene;
}

bool RestrictsNothing(const Json& where, const Scene& scene) {
  return Judge(where, scene, 0) == Truth::kAlways;
}

bool Joins(const Json& where, const Scene& scene) {
  return JoinsWithin(where, scene, 0);
}

bool ComparesWithNull(const Json& expression) {
  const absl::string_view kind = TextAt(expression, "kind");
  const absl::string_view op = OperatorOf(expression);
  const Json& right = At(expression, "rexpr");
  if (kind == "AEXPR_OP") {
    static const std::set<absl::string_view> comparisons = {"=", "<>", "<", ">", "<=", ">="};
    return comparisons.contains(op) && (IsNull(At(expression, "lexpr")) || IsNull(right));
  }
  if (kind == "AEXPR_IN" && op == "<>") {
    const Json& items = At(FieldsOf(right, "List"), "items");
    return std::any_of(items.begin(), items.end(), IsNull);
  }
  return false;
}

}  // namespace jit::sql

#include "broker/sql/wire.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

namespace jit::sql {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kErrorBytesMax = 1024;

std::string Dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json FromNames(const std::vector<ObjectName>& names) {
  Json list = Json::array();
  for (const ObjectName& name : names) {
    list.push_back({{"schema", name.schema}, {"name", name.name}});
  }
  return list;
}

Json FromFinding(const Finding& finding) {
  return {{"code", finding.code},
          {"severity", static_cast<int>(finding.severity)},
          {"line", finding.line},
          {"why", finding.why}};
}

Json FromDestruction(const Destruction& one) {
  return {{"loss", static_cast<int>(one.loss)},
          {"schema", one.object.schema},
          {"name", one.object.name},
          {"part", one.part},
          {"has_arguments", one.has_arguments},
          {"if_exists", one.if_exists},
          {"cascade", one.cascade},
          {"restart_identity", one.restart_identity}};
}

Json FromStatement(const Statement& statement) {
  Json findings = Json::array();
  for (const Finding& finding : statement.findings) {
    findings.push_back(FromFinding(finding));
  }
  Json destroys = Json::array();
  for (const Destruction& one : statement.destroys) {
    destroys.push_back(FromDestruction(one));
  }
  return {{"text", statement.text},
          {"line", statement.line},
          {"kind", static_cast<int>(statement.kind)},
          {"tag", statement.tag},
          {"writes", FromNames(statement.writes)},
          {"reads", FromNames(statement.reads)},
          {"runs_in_transaction", statement.runs_in_transaction},
          {"destroys", std::move(destroys)},
          {"only_destroys", statement.only_destroys},
          {"may_write_unseen", statement.may_write_unseen},
          {"findings", std::move(findings)}};
}

Json FromScript(const Script& script) {
  Json statements = Json::array();
  for (const Statement& statement : script.statements) {
    statements.push_back(FromStatement(statement));
  }
  return {{"statements", std::move(statements)}, {"expectations", script.expectations}};
}

// Takes values out of JSON of unknown make. What is not as it should be is remembered, and nothing
// that was taken counts.
class Taker {
 public:
  bool good() const { return good_; }

  const Json& Field(const Json& object, const char* key) {
    static const Json nothing;
    if (object.is_object()) {
      if (const auto found = object.find(key); found != object.end()) {
        return *found;
      }
    }
    good_ = false;
    return nothing;
  }

  std::string Text(const Json& object, const char* key) { return TextOf(Field(object, key)); }

  std::string TextOf(const Json& value) {
    good_ = good_ && value.is_string();
    return value.is_string() ? value.get<std::string>() : "";
  }

  bool Flag(const Json& object, const char* key) {
    const Json& value = Field(object, key);
    good_ = good_ && value.is_boolean();
    return value.is_boolean() && value.get<bool>();
  }

  int Number(const Json& object, const char* key, int least, int most) {
    const Json& value = Field(object, key);
    const bool whole = value.is_number_integer() &&
                       !(value.is_number_unsigned() && value.get<std::uint64_t>() > INT32_MAX);
    const std::int64_t number = whole ? value.get<std::int64_t>() : std::int64_t{least} - 1;
    if (number < least || number > most) {
      good_ = false;
      return least;
    }
    return static_cast<int>(number);
  }

  template <class T, class Take>
  std::vector<T> List(const Json& object, const char* key, Take take) {
    std::vector<T> list;
    const Json& value = Field(object, key);
    good_ = good_ && value.is_array();
    if (value.is_array()) {
      for (const Json& item : value) {
        list.push_back(take(item));
      }
    }
    return list;
  }

 private:
  bool good_ = true;
};

ObjectName TakeName(Taker& taker, const Json& json) {
  return {taker.Text(json, "schema"), taker.Text(json, "name")};
}

Finding TakeFinding(Taker& taker, const Json& json) {
  Finding finding;
  finding.code = taker.Text(json, "code");
  finding.severity = static_cast<Severity>(
      taker.Number(json, "severity", 0, static_cast<int>(Severity::kRefused)));
  finding.line = taker.Number(json, "line", 1, INT32_MAX);
  finding.why = taker.Text(json, "why");
  return finding;
}

Destruction TakeDestruction(Taker& taker, const Json& json) {
  Destruction one;
  one.loss = static_cast<Loss>(taker.Number(json, "loss", 0, static_cast<int>(Loss::kUnkeepable)));
  one.object = TakeName(taker, json);
  one.part = taker.Text(json, "part");
  one.has_arguments = taker.Flag(json, "has_arguments");
  one.if_exists = taker.Flag(json, "if_exists");
  one.cascade = taker.Flag(json, "cascade");
  one.restart_identity = taker.Flag(json, "restart_identity");
  return one;
}

Statement TakeStatement(Taker& taker, const Json& json) {
  const auto name = [&](const Json& each) { return TakeName(taker, each); };
  Statement statement;
  statement.text = taker.Text(json, "text");
  statement.line = taker.Number(json, "line", 1, INT32_MAX);
  statement.kind = static_cast<Kind>(taker.Number(json, "kind", 0, static_cast<int>(Kind::kOther)));
  statement.tag = taker.Text(json, "tag");
  statement.writes = taker.List<ObjectName>(json, "writes", name);
  statement.reads = taker.List<ObjectName>(json, "reads", name);
  statement.runs_in_transaction = taker.Flag(json, "runs_in_transaction");
  statement.destroys = taker.List<Destruction>(
      json, "destroys", [&](const Json& each) { return TakeDestruction(taker, each); });
  statement.only_destroys = taker.Flag(json, "only_destroys");
  statement.may_write_unseen = taker.Flag(json, "may_write_unseen");
  statement.findings = taker.List<Finding>(
      json, "findings", [&](const Json& each) { return TakeFinding(taker, each); });
  return statement;
}

std::optional<Script> TakeScript(const Json& json) {
  Taker taker;
  Script script;
  script.statements = taker.List<Statement>(
      json, "statements", [&](const Json& each) { return TakeStatement(taker, each); });
  script.expectations = taker.List<std::string>(
      json, "expectations", [&](const Json& each) { return taker.TextOf(each); });
  const bool sensible = !script.statements.empty() && script.statements.size() <= kStatementsMax;
  return taker.good() && sensible ? std::optional<Script>(std::move(script)) : std::nullopt;
}

Json Parsed(absl::string_view bytes) {
  if (bytes.size() > kAnswerBytesMax) {
    return Json(Json::value_t::discarded);
  }
  return Json::parse(bytes.begin(), bytes.end(), nullptr, false);
}

absl::Status Unreadable() {
  return absl::DataLossError("the parser's answer cannot be read");
}

}  // namespace

std::string ScriptToBytes(const Script& script) {
  return Dumped(FromScript(script));
}

absl::StatusOr<Script> ScriptFromBytes(absl::string_view bytes) {
  std::optional<Script> script = TakeScript(Parsed(bytes));
  if (!script.has_value()) {
    return Unreadable();
  }
  return *std::move(script);
}

std::string AnswerToBytes(const absl::StatusOr<Script>& answer) {
  return Dumped(answer.ok() ? Json{{"script", FromScript(*answer)}}
                            : Json{{"error", std::string(answer.status().message())}});
}

absl::StatusOr<Script> AnswerFromBytes(absl::string_view bytes) {
  const Json json = Parsed(bytes);
  if (!json.is_object() || json.size() != 1) {
    return Unreadable();
  }
  if (const auto error = json.find("error"); error != json.end() && error->is_string()) {
    return absl::InvalidArgumentError(error->get<std::string>().substr(0, kErrorBytesMax));
  }
  std::optional<Script> script =
      json.contains("script") ? TakeScript(json["script"]) : std::nullopt;
  if (!script.has_value()) {
    return Unreadable();
  }
  return *std::move(script);
}

std::string Framed(absl::string_view bytes) {
  std::string frame;
  for (int shift = 24; shift >= 0; shift -= 8) {
    frame += static_cast<char>(static_cast<unsigned char>(bytes.size() >> shift));
  }
  absl::StrAppend(&frame, bytes);
  return frame;
}

std::size_t FrameLength(absl::string_view head) {
  std::size_t length = 0;
  for (const char c : head.substr(0, kFrameHeadBytes)) {
    length = (length << 8) | static_cast<unsigned char>(c);
  }
  return length;
}

}  // namespace jit::sql

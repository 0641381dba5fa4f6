#include "client/channel/change_json.h"

#include <google/protobuf/descriptor.h>

#include <cstdint>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/channel/proto_time.h"
#include "client/channel/show_lease.h"

namespace jit::channel {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using nlohmann::json;

bool IsDuration(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field.message_type()->full_name() == "google.protobuf.Duration";
}

bool IsTime(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field.message_type()->full_name() == "google.protobuf.Timestamp";
}

// "STATE_" for STATE_UNSPECIFIED, STATE_PLANNED, …
std::size_t PrefixOf(const EnumDescriptor& enumeration) {
  const std::string& first = enumeration.value(0)->name();
  constexpr absl::string_view kNone = "UNSPECIFIED";
  return absl::EndsWith(first, kNone) ? first.size() - kNone.size() : 0;
}

json SubmessageJson(const FieldDescriptor& field, const Message& value) {
  if (IsDuration(field)) {
    google::protobuf::Duration duration;
    duration.CopyFrom(value);
    return absl::ToDoubleSeconds(ToDuration(duration));
  }
  if (IsTime(field)) {
    google::protobuf::Timestamp time;
    time.CopyFrom(value);
    return TimeJson(time);
  }
  return MessageJson(value);
}

json TextJson(const std::string& text) {
  return text.empty() ? json(nullptr) : json(text);
}

json EnumJson(const EnumDescriptor& enumeration, int value) {
  return value == 0 ? json(nullptr) : json(EnumWord(enumeration, value));
}

json ListJson(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  json list = json::array();
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      list.push_back(SubmessageJson(field, reflection.GetRepeatedMessage(message, &field, i)));
    } else {
      list.push_back(reflection.GetRepeatedString(message, &field, i));
    }
  }
  return list;
}

json ValueJson(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  if (field.is_repeated()) return ListJson(message, field);
  if (field.has_presence() && !reflection.HasField(message, &field)) return nullptr;
  switch (static_cast<int>(field.cpp_type())) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return SubmessageJson(field, reflection.GetMessage(message, &field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumJson(*field.enum_type(), reflection.GetEnumValue(message, &field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(message, &field);
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection.GetInt32(message, &field);
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection.GetInt64(message, &field);
    default: {
      const std::string text = reflection.GetString(message, &field);
      return field.has_presence() ? json(text) : TextJson(text);
    }
  }
}

absl::Status DoesNotFit(absl::string_view key) {
  return absl::InvalidArgumentError(absl::StrCat("does not say `", key, "` as it should"));
}

absl::Status SetEnum(Message& message, const FieldDescriptor& field, const json& value) {
  if (!value.is_string()) return DoesNotFit(field.name());
  const EnumDescriptor& enumeration = *field.enum_type();
  for (int i = 1; i < enumeration.value_count(); ++i) {
    const int number = enumeration.value(i)->number();
    if (EnumWord(enumeration, number) != value.get<std::string>()) continue;
    message.GetReflection()->SetEnumValue(&message, &field, number);
    return absl::OkStatus();
  }
  return DoesNotFit(field.name());
}

absl::Status SetNumber(Message& message, const FieldDescriptor& field, const json& value) {
  if (!value.is_number_integer()) return DoesNotFit(field.name());
  const auto number = value.get<std::int64_t>();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
    message.GetReflection()->SetInt64(&message, &field, number);
    return absl::OkStatus();
  }
  if (number < std::numeric_limits<std::int32_t>::min() ||
      number > std::numeric_limits<std::int32_t>::max()) {
    return DoesNotFit(field.name());
  }
  message.GetReflection()->SetInt32(&message, &field, static_cast<std::int32_t>(number));
  return absl::OkStatus();
}

absl::Status SetDuration(Message& message, const FieldDescriptor& field, const json& value) {
  if (!value.is_number_integer()) return DoesNotFit(field.name());
  constexpr std::int64_t kMicroseconds = 1'000'000;
  const auto number = value.get<std::int64_t>();
  google::protobuf::Duration duration;
  duration.set_seconds(number / kMicroseconds);
  duration.set_nanos(static_cast<std::int32_t>(number % kMicroseconds) * 1000);
  message.GetReflection()->MutableMessage(&message, &field)->CopyFrom(duration);
  return absl::OkStatus();
}

absl::Status SetList(Message& message, const FieldDescriptor& field, const json& value) {
  if (!value.is_array()) return DoesNotFit(field.name());
  const auto& reflection = *message.GetReflection();
  for (const json& item : value) {
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      absl::Status set = MessageFromJson(item, *reflection.AddMessage(&message, &field));
      if (!set.ok()) return set;
    } else if (item.is_string()) {
      reflection.AddString(&message, &field, item.get<std::string>());
    } else {
      return DoesNotFit(field.name());
    }
  }
  return absl::OkStatus();
}

absl::Status SetField(Message& message, const FieldDescriptor& field, const json& value) {
  const auto& reflection = *message.GetReflection();
  if (field.is_repeated()) return SetList(message, field, value);
  if (value.is_null() && field.has_presence()) return absl::OkStatus();
  switch (static_cast<int>(field.cpp_type())) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (IsDuration(field)) return SetDuration(message, field, value);
      return MessageFromJson(value, *reflection.MutableMessage(&message, &field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return SetEnum(message, field, value);
    case FieldDescriptor::CPPTYPE_BOOL:
      if (!value.is_boolean()) return DoesNotFit(field.name());
      reflection.SetBool(&message, &field, value.get<bool>());
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return SetNumber(message, field, value);
    default:
      if (!value.is_string()) return DoesNotFit(field.name());
      reflection.SetString(&message, &field, value.get<std::string>());
      return absl::OkStatus();
  }
}

}  // namespace

std::string EnumWord(const EnumDescriptor& enumeration, int value) {
  const auto* found = enumeration.FindValueByNumber(value);
  if (found == nullptr || value == 0) return "unknown";
  return absl::AsciiStrToLower(found->name().substr(PrefixOf(enumeration)));
}

json MessageJson(const Message& message) {
  json object = json::object();
  const auto& descriptor = *message.GetDescriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    const std::string name = field.name();
    object[IsDuration(field) ? absl::StrCat(name, "_seconds") : name] = ValueJson(message, field);
  }
  return object;
}

json ChangeJson(const v1::Change& change) {
  json object = MessageJson(change);
  object["change"] = object["id"];
  object.erase("id");
  return object;
}

absl::Status MessageFromJson(const json& value, Message& message) {
  const auto& descriptor = *message.GetDescriptor();
  if (!value.is_object()) return DoesNotFit(descriptor.name());
  int known = 0;
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    const std::string name = field.name();
    const std::string key = IsDuration(field) ? absl::StrCat(name, "_us") : name;
    const auto found = value.find(key);
    if (found == value.end()) return DoesNotFit(key);
    absl::Status set = SetField(message, field, *found);
    if (!set.ok()) return set;
    ++known;
  }
  if (static_cast<int>(value.size()) == known) return absl::OkStatus();
  return absl::InvalidArgumentError("says something that this program cannot show");
}

}  // namespace jit::channel

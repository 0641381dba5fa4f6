#include "broker/records/fields.h"

#include <limits>

#include "broker/ledger/record.h"

namespace jit::records {

Fields::Fields(const ledger::Json& object) : object_(object) {
  if (!object.is_object()) {
    throw Mismatch("an object was expected");
  }
}

const ledger::Json& Fields::Any(const std::string& key) {
  const auto found = object_.find(key);
  if (found == object_.end()) {
    throw Mismatch(absl::StrCat("field ", key, " is missing"));
  }
  read_.insert(key);
  return *found;
}

std::string Fields::Text(const std::string& key) {
  const std::string* text = Any(key).get_ptr<const std::string*>();
  if (text == nullptr) {
    throw Mismatch(absl::StrCat("field ", key, " is not a string"));
  }
  return *text;
}

std::int64_t Fields::Integer(const std::string& key) {
  const ledger::Json& value = Any(key);
  if (!value.is_number_integer()) {
    throw Mismatch(absl::StrCat("field ", key, " is not an integer"));
  }
  return value.get<std::int64_t>();
}

int Fields::Int(const std::string& key) {
  const std::int64_t value = Integer(key);
  if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max()) {
    throw Mismatch(absl::StrCat("field ", key, " is out of range"));
  }
  return static_cast<int>(value);
}

bool Fields::Flag(const std::string& key) {
  const ledger::Json& value = Any(key);
  if (!value.is_boolean()) {
    throw Mismatch(absl::StrCat("field ", key, " is neither true nor false"));
  }
  return value.get<bool>();
}

absl::Time Fields::Time(const std::string& key) {
  const absl::StatusOr<absl::Time> time = ledger::ParseTime(Text(key));
  if (!time.ok()) {
    throw Mismatch(absl::StrCat("field ", key, " is not a time"));
  }
  return *time;
}

void Fields::Finish() const {
  for (const auto& [key, value] : object_.items()) {
    if (read_.count(key) == 0) {
      // The key itself is content: it is not repeated.
      throw Mismatch("there is a field that does not belong there");
    }
  }
}

}  // namespace jit::records

// Reads the fields of one JSON object, each exactly once.
//
// Promises: a field that is missing, of another kind, out of its range or left over makes Mismatch,
// which never leaves this room: whoever decodes catches it and answers kDataLoss. The text of
// Mismatch names the field and never its content. Not shared between threads.
#pragma once

#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "broker/ledger/canonical_json.h"

namespace jit::records {

class Mismatch : public std::runtime_error {
 public:
  explicit Mismatch(const std::string& what) : std::runtime_error(what) {}
};

class Fields {
 public:
  // Throws Mismatch unless `object` is a JSON object. It must outlive the Fields.
  explicit Fields(const ledger::Json& object);

  const ledger::Json& Any(const std::string& key);
  std::string Text(const std::string& key);
  std::int64_t Integer(const std::string& key);
  int Int(const std::string& key);  // an Integer that fits
  bool Flag(const std::string& key);
  absl::Time Time(const std::string& key);
  absl::Duration Seconds(const std::string& key) { return absl::Seconds(Integer(key)); }
  absl::Duration Milliseconds(const std::string& key) { return absl::Milliseconds(Integer(key)); }
  absl::Duration Microseconds(const std::string& key) { return absl::Microseconds(Integer(key)); }

  // A value of a checked type: Name<PersonId>("by").
  template <class T>
  T Name(const std::string& key) {
    absl::StatusOr<T> parsed = T::Parse(Text(key));
    if (!parsed.ok()) {
      throw Mismatch(absl::StrCat("field ", key, " is malformed"));
    }
    return *std::move(parsed);
  }

  // One of a closed list of words.
  template <class Word>
  auto OneOf(const std::string& key, const Word& from_word) {
    auto value = from_word(Text(key));
    if (!value.has_value()) {
      throw Mismatch(absl::StrCat("field ", key, " has none of the values it may have"));
    }
    return *value;
  }

  // Throws Mismatch when a field was not read.
  void Finish() const;

 private:
  const ledger::Json& object_;
  std::set<std::string> read_;
};

}  // namespace jit::records

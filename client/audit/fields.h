// Fields of a record's body, read without promising that they are there.
//
// Promises: pure; what is answered lives as long as the object, or for ever.
#pragma once

#include <string>

#include "broker/ledger/canonical_json.h"

namespace jit::audit {

// The value at a key; null when it is not there or this is no object.
inline const ledger::Json& At(const ledger::Json& object, const char* key) {
  static const ledger::Json& nothing = *new ledger::Json();
  const auto found = object.find(key);
  return found == object.end() ? nothing : *found;
}

// The text at a key; empty when there is none.
inline const std::string& TextAt(const ledger::Json& object, const char* key) {
  static const std::string& nothing = *new std::string();
  const std::string* text = At(object, key).get_ptr<const std::string*>();
  return text == nullptr ? nothing : *text;
}

}  // namespace jit::audit

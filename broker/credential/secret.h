// A secret is a type without a formatter.
//
// Promises: it cannot be printed, streamed or compared by accident; comparison is constant time;
// the bytes are wiped when it goes. Does not protect against somebody who reads this process's
// memory. Movable, not copyable. Thread-compatible.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace jit::credential {

class Secret {
 public:
  explicit Secret(std::string bytes);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  // The one way in, named so that it can be searched for. Valid as long as the secret.
  absl::string_view RevealForUse() const;
  bool ConstantTimeEquals(const Secret& other) const;
  bool empty() const { return bytes_.empty(); }

 private:
  void Wipe();
  std::string bytes_;
};

}  // namespace jit::credential

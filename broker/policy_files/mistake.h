// What is wrong with a policy, and where.
//
// Promises: a mistake names a file, a line and a column, and its sentence says what to do. Nothing
// stops at the first one: a reader collects them. Values; thread-compatible.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace jit::policy_files {

// A position in a file; line and column count from 1, columns in characters.
struct Place {
  std::string file;
  int line = 1;
  int column = 1;
  friend auto operator<=>(const Place&, const Place&) = default;
};

// A value together with where it was written.
template <class T>
struct Placed {
  T value;
  Place place;
};

struct Mistake {
  Place place;
  std::string sentence;
  friend auto operator<=>(const Mistake&, const Mistake&) = default;
};

class Mistakes {
 public:
  void Add(const Place& place, absl::string_view sentence);
  bool empty() const { return list_.empty(); }
  std::size_t size() const { return list_.size(); }
  // In reading order: by file, line, column. The same mistake is told once.
  std::vector<Mistake> Sorted() const;

 private:
  std::vector<Mistake> list_;
};

// "shop.toml:12:3: sentence", one per line, without a newline at the end. After two hundred lines
// the rest is counted, not told.
std::string TextOf(const std::vector<Mistake>& mistakes);

// kInvalidArgument with TextOf as its message; OK when there is no mistake.
absl::Status StatusOf(const std::vector<Mistake>& mistakes);

// A text somebody wrote, fit to stand in a sentence of ours: quoted, anything but printable ASCII
// as a visible escape, cut after 64 characters.
std::string Shown(absl::string_view text);

}  // namespace jit::policy_files

// Reads one TOML table by its section of the schema.
//
// Promises: what it hands out has passed the schema's checks; whatever has not is missing from the
// answer and stands among the mistakes, with its place. Unknown and missing keys are found when the
// reader is made. Thread-compatible.
#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/core/names.h"
#include "broker/policy_files/mistake.h"
#include "broker/policy_files/schema.h"

namespace jit::policy_files {

// The document of a file's text; nothing when it is not TOML (mistaken at the place where the
// parser stopped). Refuses nesting so deep that taking the document apart would exhaust the stack.
std::optional<toml::table> ParseDocument(const std::string& file, absl::string_view text,
                                         Mistakes& mistakes);

Place PlaceOf(const std::string& file, const toml::source_region& region);

// What a name must look like, for a sentence.
extern const char kNameGrammar[];

class TableReader {
 public:
  // `what` names the table in sentences ("rule 'write'"). The table, the section and the mistakes
  // outlive the reader.
  TableReader(const std::string& file, const toml::table& table, const Section& section,
              absl::string_view what, Mistakes& mistakes);

  // Where the table stands; where `key` stands, or the table when the key is not there.
  const Place& place() const { return place_; }
  Place PlaceOfKey(absl::string_view key) const;
  bool Has(absl::string_view key) const;

  // Each answers nothing when the key is absent or mistaken. `key` must be of that kind in the
  // section; a time or number is checked against the section's range.
  std::optional<Placed<std::string>> Text(absl::string_view key);
  std::optional<Placed<absl::Duration>> Time(absl::string_view key);
  std::optional<Placed<int>> Whole(absl::string_view key);
  std::optional<Placed<bool>> YesNo(absl::string_view key);
  // One of `words`; answers its position.
  std::optional<Placed<std::size_t>> Word(absl::string_view key,
                                          const std::vector<std::string>& words);
  // An array of distinct strings; elements that are mistaken are left out.
  std::vector<Placed<std::string>> Texts(absl::string_view key);
  const toml::table* Table(absl::string_view key);
  std::vector<const toml::table*> Tables(absl::string_view key);

  template <class N>
  std::optional<Placed<N>> Name(absl::string_view key, absl::string_view grammar = kNameGrammar) {
    std::optional<Placed<std::string>> text = Text(key);
    if (!text) return std::nullopt;
    return ToName<N>(*text, grammar);
  }

  template <class N>
  std::vector<Placed<N>> Names(absl::string_view key, absl::string_view grammar = kNameGrammar) {
    std::vector<Placed<N>> names;
    for (const Placed<std::string>& text : Texts(key)) {
      std::optional<Placed<N>> name = ToName<N>(text, grammar);
      if (name) names.push_back(*std::move(name));
    }
    return names;
  }

  // The same for a key of a table whose keys the writer chose.
  template <class N>
  std::optional<Placed<N>> ToName(const Placed<std::string>& text, absl::string_view grammar) {
    absl::StatusOr<N> name = N::Parse(text.value);
    if (!name.ok()) {
      MistakeName(text, grammar);
      return std::nullopt;
    }
    return Placed<N>{*std::move(name), text.place};
  }

 private:
  const toml::node* Find(absl::string_view key) const;
  const Key& KeyNamed(absl::string_view key) const;
  void CheckKeys();
  void MistakeName(const Placed<std::string>& text, absl::string_view grammar);
  // "the key of the table": how a sentence begins.
  std::string Speak(absl::string_view key) const;

  const std::string& file_;
  const toml::table& table_;
  const Section& section_;
  const std::string what_;
  const Place place_;
  Mistakes& mistakes_;
};

// Tables and arrays under keys that the writer chose, in file order, each key with its place.
std::vector<std::pair<Placed<std::string>, const toml::node*>> Entries(const std::string& file,
                                                                       const toml::table& table);

}  // namespace jit::policy_files

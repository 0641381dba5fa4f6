#include "broker/policy_files/table_reader.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/policy_files/duration.h"

namespace jit::policy_files {
namespace {

// A dotted key nests one table per dot and the parser puts no bound on it; the tables are taken
// apart recursively. Keys cannot span lines, so a bound per line bounds each key.
constexpr int kDotsPerLineMax = 64;

std::string_view Std(absl::string_view text) {
  return {text.data(), text.size()};
}
absl::string_view Absl(std::string_view text) {
  return {text.data(), text.size()};
}

int OverfullLine(absl::string_view text) {
  int line = 1;
  int dots = 0;
  for (const char c : text) {
    if (c == '\n') {
      ++line;
      dots = 0;
    } else if (c == '.' && ++dots > kDotsPerLineMax) {
      return line;
    }
  }
  return 0;
}

bool IsNames(Kind kind) {
  return kind == Kind::kNames || kind == Kind::kNamesOrNone || kind == Kind::kPgGroups ||
         kind == Kind::kIdentities || kind == Kind::kColumns;
}

}  // namespace

const char kNameGrammar[] =
    "a name is 1 to 63 characters of a-z, 0-9, '.', '_' and '-', and begins with a letter or digit";

Place PlaceOf(const std::string& file, const toml::source_region& region) {
  // A node that the parser made up stands nowhere; its file's beginning is the nearest place.
  return Place{file, std::max(1, static_cast<int>(region.begin.line)),
               std::max(1, static_cast<int>(region.begin.column))};
}

std::optional<toml::table> ParseDocument(const std::string& file, absl::string_view text,
                                         Mistakes& mistakes) {
  if (const int line = OverfullLine(text); line > 0) {
    mistakes.Add(Place{file, line, 1}, absl::StrCat("this line has more than ", kDotsPerLineMax,
                                                    " dots; break it into several lines"));
    return std::nullopt;
  }
  try {
    return toml::parse(Std(text), std::string_view(file));
  } catch (const toml::parse_error& error) {
    mistakes.Add(PlaceOf(file, error.source()),
                 absl::StrCat("this is not TOML: ", Absl(error.description())));
    return std::nullopt;
  }
}

std::vector<std::pair<Placed<std::string>, const toml::node*>> Entries(const std::string& file,
                                                                       const toml::table& table) {
  std::vector<std::pair<Placed<std::string>, const toml::node*>> entries;
  for (auto&& [key, node] : table) {
    entries.emplace_back(Placed<std::string>{std::string(key.str()), PlaceOf(file, key.source())},
                         &node);
  }
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.first.place < b.first.place; });
  return entries;
}

TableReader::TableReader(const std::string& file, const toml::table& table, const Section& section,
                         absl::string_view what, Mistakes& mistakes)
    : file_(file),
      table_(table),
      section_(section),
      what_(what),
      place_(PlaceOf(file, table.source())),
      mistakes_(mistakes) {
  CheckKeys();
}

void TableReader::CheckKeys() {
  for (const auto& [key, node] : Entries(file_, table_)) {
    const bool known = std::any_of(section_.keys.begin(), section_.keys.end(),
                                   [&name = key.value](const Key& k) { return name == k.name; });
    if (known) continue;
    const auto name_of = [](std::string* out, const Key& k) { absl::StrAppend(out, k.name); };
    mistakes_.Add(key.place,
                  absl::StrCat(Shown(key.value), " is no key of ", section_.what, "; its keys are ",
                               absl::StrJoin(section_.keys, ", ", name_of)));
  }
  for (const Key& key : section_.keys) {
    if (key.presence == Presence::kRequired && !Has(key.name)) {
      mistakes_.Add(place_, absl::StrCat(what_, " needs '", key.name, "': ", key.meaning));
    }
  }
}

const toml::node* TableReader::Find(absl::string_view key) const {
  return table_.get(Std(key));
}

bool TableReader::Has(absl::string_view key) const {
  return Find(key) != nullptr;
}

Place TableReader::PlaceOfKey(absl::string_view key) const {
  const toml::node* node = Find(key);
  return node == nullptr ? place_ : PlaceOf(file_, node->source());
}

const Key& TableReader::KeyNamed(absl::string_view key) const {
  for (const Key& known : section_.keys) {
    if (known.name == key) return known;
  }
  std::abort();  // A reader that asks for a key outside its section is a bug.
}

std::string TableReader::Speak(absl::string_view key) const {
  return absl::StrCat("'", key, "' of ", what_);
}

void TableReader::MistakeName(const Placed<std::string>& text, absl::string_view grammar) {
  mistakes_.Add(text.place, absl::StrCat(Shown(text.value), " in ", what_, ": ", grammar));
}

std::optional<Placed<std::string>> TableReader::Text(absl::string_view key) {
  const toml::node* node = Find(key);
  if (node == nullptr) return std::nullopt;
  const auto* text = node->as_string();
  if (text == nullptr) {
    mistakes_.Add(PlaceOfKey(key), absl::StrCat(Speak(key), " must be a string in quotes"));
    return std::nullopt;
  }
  return Placed<std::string>{text->get(), PlaceOfKey(key)};
}

std::optional<Placed<absl::Duration>> TableReader::Time(absl::string_view key) {
  const std::optional<Placed<std::string>> text = Text(key);
  if (!text) return std::nullopt;
  const absl::StatusOr<absl::Duration> time = ParseDuration(text->value);
  if (!time.ok()) {
    mistakes_.Add(text->place, absl::StrCat(Speak(key), " ", time.status().message()));
    return std::nullopt;
  }
  const Key& range = KeyNamed(key);
  if (*time < *ParseDuration(range.lowest) || *time > *ParseDuration(range.highest)) {
    mistakes_.Add(text->place,
                  absl::StrCat(Speak(key), " must be from ", range.lowest, " to ", range.highest));
    return std::nullopt;
  }
  return Placed<absl::Duration>{*time, text->place};
}

std::optional<Placed<int>> TableReader::Whole(absl::string_view key) {
  const toml::node* node = Find(key);
  if (node == nullptr) return std::nullopt;
  const Key& range = KeyNamed(key);
  int lowest = 0;
  int highest = 0;
  if (!absl::SimpleAtoi(range.lowest, &lowest) || !absl::SimpleAtoi(range.highest, &highest)) {
    std::abort();  // The schema itself is wrong.
  }
  const auto* number = node->as_integer();
  if (number == nullptr || number->get() < lowest || number->get() > highest) {
    mistakes_.Add(PlaceOfKey(key), absl::StrCat(Speak(key), " must be a whole number from ", lowest,
                                                " to ", highest));
    return std::nullopt;
  }
  return Placed<int>{static_cast<int>(number->get()), PlaceOfKey(key)};
}

std::optional<Placed<bool>> TableReader::YesNo(absl::string_view key) {
  const toml::node* node = Find(key);
  if (node == nullptr) return std::nullopt;
  const auto* answer = node->as_boolean();
  if (answer == nullptr) {
    mistakes_.Add(PlaceOfKey(key), absl::StrCat(Speak(key), " must be true or false"));
    return std::nullopt;
  }
  return Placed<bool>{answer->get(), PlaceOfKey(key)};
}

std::optional<Placed<std::size_t>> TableReader::Word(absl::string_view key,
                                                     const std::vector<std::string>& words) {
  const std::optional<Placed<std::string>> text = Text(key);
  if (!text) return std::nullopt;
  const auto found = std::find(words.begin(), words.end(), text->value);
  if (found == words.end()) {
    mistakes_.Add(text->place,
                  absl::StrCat(Speak(key), " must be \"", absl::StrJoin(words, "\" or \""), "\""));
    return std::nullopt;
  }
  return Placed<std::size_t>{static_cast<std::size_t>(found - words.begin()), text->place};
}

std::vector<Placed<std::string>> TableReader::Texts(absl::string_view key) {
  const toml::node* node = Find(key);
  if (node == nullptr) return {};
  const Kind kind = KeyNamed(key).kind;
  if (!IsNames(kind)) std::abort();
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    mistakes_.Add(PlaceOfKey(key), absl::StrCat(Speak(key), " must be an array, [\"…\"]"));
    return {};
  }
  if (array->empty() && kind != Kind::kNamesOrNone && kind != Kind::kColumns) {
    mistakes_.Add(PlaceOfKey(key), absl::StrCat(Speak(key), " must not be empty"));
  }
  std::vector<Placed<std::string>> texts;
  std::set<std::string> seen;
  for (const toml::node& element : *array) {
    const Place place = PlaceOf(file_, element.source());
    const auto* text = element.as_string();
    if (text == nullptr) {
      mistakes_.Add(place, absl::StrCat(Speak(key), " must hold strings in quotes"));
    } else if (!seen.insert(text->get()).second) {
      mistakes_.Add(
          place, absl::StrCat(Shown(text->get()), " stands twice in ", Speak(key), "; remove one"));
    } else {
      texts.push_back(Placed<std::string>{text->get(), place});
    }
  }
  return texts;
}

const toml::table* TableReader::Table(absl::string_view key) {
  const toml::node* node = Find(key);
  if (node == nullptr) return nullptr;
  const toml::table* table = node->as_table();
  if (table == nullptr) {
    mistakes_.Add(PlaceOfKey(key), absl::StrCat(Speak(key), " must be a table"));
  }
  return table;
}

std::vector<const toml::table*> TableReader::Tables(absl::string_view key) {
  const toml::node* node = Find(key);
  if (node == nullptr) return {};
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    mistakes_.Add(PlaceOfKey(key), absl::StrCat(Speak(key), " must be an array of tables"));
    return {};
  }
  std::vector<const toml::table*> tables;
  for (const toml::node& element : *array) {
    if (const toml::table* table = element.as_table(); table != nullptr) {
      tables.push_back(table);
    } else {
      mistakes_.Add(PlaceOf(file_, element.source()),
                    absl::StrCat(Speak(key), " must hold tables only"));
    }
  }
  return tables;
}

}  // namespace jit::policy_files

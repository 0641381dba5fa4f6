#include "broker/core/change/expectation.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "broker/core/free_text.h"
#include "broker/core/refusal.h"

namespace jit::change {
namespace {

constexpr std::size_t kIdentifierBytesMax = 63;  // PostgreSQL would cut the rest off
constexpr std::array kCountedVerbs = {Verb::kInserted, Verb::kUpdated, Verb::kDeleted};

absl::string_view WordOf(Verb verb) {
  switch (verb) {
    case Verb::kAny:
      return "";
    case Verb::kInserted:
      return "inserted";
    case Verb::kUpdated:
      return "updated";
    case Verb::kDeleted:
      return "deleted";
  }
  return "";
}

std::optional<Verb> VerbFromWord(absl::string_view word) {
  for (const Verb verb : kCountedVerbs) {
    if (WordOf(verb) == word) {
      return verb;
    }
  }
  return std::nullopt;
}

bool StartsIdentifier(char c) {
  return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool ContinuesIdentifier(char c) {
  return StartsIdentifier(c) || absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '$';
}

struct Identifier {
  std::string text;
  bool quoted = false;
};

// Reads expectations from left to right. Every reader leaves the position behind what it read, or
// says what it met instead.
class Reader {
 public:
  explicit Reader(absl::string_view text) : text_(text) {}

  bool AtEnd() const { return at_ == text_.size(); }

  bool AtSeparator() const {
    return !AtEnd() &&
           (absl::ascii_isspace(static_cast<unsigned char>(text_[at_])) || text_[at_] == ',');
  }

  void SkipSeparators() {
    while (AtSeparator()) {
      ++at_;
    }
  }

  absl::StatusOr<Expectation> ReadExpectation() {
    Expectation expectation;
    const absl::Status subject = Skip('#') ? ReadStatement(expectation) : ReadTable(expectation);
    if (!subject.ok()) {
      return subject;
    }
    if (!Skip('=')) {
      return Wrong("`=` and a count were expected");
    }
    if (const absl::Status status = ReadAmount(expectation); !status.ok()) {
      return status;
    }
    return expectation;
  }

  absl::Status Wrong(absl::string_view what) const {
    return core::Refuse(core::Reason::kMalformedExpectation,
                        absl::StrCat("an expectation is malformed at byte ", at_ + 1, ": ", what));
  }

 private:
  bool Skip(char c) {
    if (AtEnd() || text_[at_] != c) {
      return false;
    }
    ++at_;
    return true;
  }

  bool Skip(absl::string_view word) {
    if (text_.substr(at_, word.size()) != word) {
      return false;
    }
    at_ += word.size();
    return true;
  }

  absl::StatusOr<std::int64_t> ReadNumber(std::int64_t most) {
    const std::size_t start = at_;
    std::int64_t number = 0;
    while (!AtEnd() && absl::ascii_isdigit(static_cast<unsigned char>(text_[at_]))) {
      number = number * 10 + (text_[at_] - '0');
      if (number > most) {
        return Wrong(absl::StrCat("the number is above ", most));
      }
      ++at_;
    }
    if (at_ == start) {
      return Wrong("a number was expected");
    }
    return number;
  }

  absl::Status ReadStatement(Expectation& expectation) {
    const absl::StatusOr<std::int64_t> number = ReadNumber(kStatementMax);
    if (!number.ok()) {
      return number.status();
    }
    if (*number == 0) {
      return Wrong("statements are counted from 1");
    }
    expectation.statement = static_cast<int>(*number);
    return absl::OkStatus();
  }

  absl::StatusOr<Identifier> ReadQuoted() {
    Identifier identifier{.text = "", .quoted = true};
    while (!AtEnd()) {
      const char c = text_[at_++];
      if (c != '"') {
        identifier.text += c;
      } else if (Skip('"')) {
        identifier.text += '"';
      } else {
        return identifier;
      }
    }
    return Wrong("a quoted name does not end");
  }

  absl::StatusOr<Identifier> ReadIdentifier() {
    absl::StatusOr<Identifier> identifier = Identifier{};
    if (Skip('"')) {
      identifier = ReadQuoted();
    } else if (!AtEnd() && StartsIdentifier(text_[at_])) {
      while (!AtEnd() && ContinuesIdentifier(text_[at_])) {
        identifier->text += absl::ascii_tolower(static_cast<unsigned char>(text_[at_++]));
      }
    }
    if (!identifier.ok()) {
      return identifier;
    }
    if (identifier->text.empty()) {
      return Wrong("the name of a table was expected");
    }
    if (identifier->text.size() > kIdentifierBytesMax) {
      return Wrong("a name is longer than 63 bytes");
    }
    if (!core::IsUtf8(identifier->text) || identifier->text.find('\0') != std::string::npos) {
      return Wrong("a name is not UTF-8, or holds a NUL byte");
    }
    return identifier;
  }

  absl::Status ReadTable(Expectation& expectation) {
    std::vector<Identifier> parts;
    do {
      absl::StatusOr<Identifier> part = ReadIdentifier();
      if (!part.ok()) {
        return part.status();
      }
      parts.push_back(*std::move(part));
    } while (parts.size() < 3 && Skip('.'));
    // A name that stands alone is a table, and one in quotes is never a verb.
    if (parts.size() > 1 && !parts.back().quoted) {
      if (const std::optional<Verb> verb = VerbFromWord(parts.back().text)) {
        expectation.verb = *verb;
        parts.pop_back();
      }
    }
    if (parts.size() > 2) {
      return Wrong("`inserted`, `updated` or `deleted` was expected after the table");
    }
    expectation.table = std::move(parts.back().text);
    if (parts.size() == 2) {
      expectation.schema = std::move(parts.front().text);
    }
    return absl::OkStatus();
  }

  absl::Status ReadAmount(Expectation& expectation);

  absl::string_view text_;
  std::size_t at_ = 0;
};

// `count` widened by a percentage, outwards. Counts are at most kRowsMax, so nothing overflows.
void Widen(Expectation& expectation, std::int64_t count, int percent) {
  const std::int64_t bounded = std::min(count, kRowsMax);
  expectation.least = bounded * (100 - percent) / 100;
  expectation.most = std::min((bounded * (100 + percent) + 99) / 100, kRowsMax);
}

absl::Status Reader::ReadAmount(Expectation& expectation) {
  const absl::StatusOr<std::int64_t> first = ReadNumber(kRowsMax);
  if (!first.ok()) {
    return first.status();
  }
  expectation.least = *first;
  expectation.most = *first;
  if (Skip("..")) {
    const absl::StatusOr<std::int64_t> last = ReadNumber(kRowsMax);
    if (!last.ok()) {
      return last.status();
    }
    if (*last < *first) {
      return Wrong("the range ends before it begins");
    }
    expectation.most = *last;
  } else if (Skip("+-")) {
    const absl::StatusOr<std::int64_t> percent = ReadNumber(100);
    if (!percent.ok()) {
      return percent.status();
    }
    if (!Skip('%')) {
      return Wrong("`%` was expected");
    }
    Widen(expectation, *first, static_cast<int>(*percent));
  }
  return absl::OkStatus();
}

// In quotes unless it would be read back as it is: a verb in the place of a table would not.
std::string Quoted(const std::string& name) {
  const bool plain =
      !name.empty() && StartsIdentifier(name.front()) && !VerbFromWord(name).has_value() &&
      std::all_of(name.begin(), name.end(), [](char c) {
        return ContinuesIdentifier(c) && !absl::ascii_isupper(static_cast<unsigned char>(c));
      });
  if (plain) {
    return name;
  }
  std::string quoted = "\"";
  for (const char c : name) {
    quoted += c;
    if (c == '"') {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::string SubjectText(const Expectation& expectation) {
  if (expectation.statement > 0) {
    return absl::StrCat("#", expectation.statement);
  }
  const std::string schema =
      expectation.schema.empty() ? std::string() : absl::StrCat(Quoted(expectation.schema), ".");
  const std::string verb =
      expectation.verb == Verb::kAny ? std::string() : absl::StrCat(".", WordOf(expectation.verb));
  return absl::StrCat(schema, Quoted(expectation.table), verb);
}

std::string AmountText(const Expectation& expectation) {
  return expectation.least == expectation.most
             ? absl::StrCat(expectation.least)
             : absl::StrCat(expectation.least, "..", expectation.most);
}

std::int64_t CountOf(const RowCounts& counts, Verb verb) {
  switch (verb) {
    case Verb::kAny:
      return counts.total();
    case Verb::kInserted:
      return counts.inserted;
    case Verb::kUpdated:
      return counts.updated;
    case Verb::kDeleted:
      return counts.deleted;
  }
  return 0;
}

bool SpeaksOf(const Expectation& expectation, absl::string_view schema, absl::string_view table) {
  return expectation.statement == 0 && expectation.table == table &&
         (expectation.schema.empty() || expectation.schema == schema);
}

bool SpeaksOf(const Expectation& expectation, const TableEffect& effect, Verb verb) {
  return SpeaksOf(expectation, effect.schema, effect.table) &&
         (expectation.verb == Verb::kAny || expectation.verb == verb);
}

// What `report` found where the expectation speaks; nothing when it has no such statement.
std::optional<std::int64_t> FoundBy(const Expectation& expectation, const Report& report) {
  if (expectation.statement > 0) {
    const auto index = static_cast<std::size_t>(expectation.statement - 1);
    return index < report.statements.size() ? std::optional(report.statements[index].rows)
                                            : std::nullopt;
  }
  std::int64_t found = 0;
  for (const TableEffect& effect : report.tables) {
    if (SpeaksOf(expectation, effect.schema, effect.table)) {
      found += CountOf(effect.sum(), expectation.verb);
    }
  }
  return found;
}

Expectation Counted(const TableEffect& effect, Verb verb) {
  Expectation expectation;
  expectation.schema = effect.schema;
  expectation.table = effect.table;
  expectation.verb = verb;
  return expectation;
}

// Whether a written expectation takes the place of a rehearsed one.
bool Replaces(const Expectation& written, const Expectation& rehearsed) {
  return rehearsed.statement > 0
             ? written.statement == rehearsed.statement
             : SpeaksOf(written, rehearsed.schema, rehearsed.table) &&
                   (written.verb == Verb::kAny || written.verb == rehearsed.verb);
}

}  // namespace

absl::StatusOr<Expectation> ParseExpectation(absl::string_view text) {
  Reader reader(text);
  absl::StatusOr<Expectation> expectation = reader.ReadExpectation();
  if (expectation.ok() && !reader.AtEnd()) {
    return reader.Wrong("something follows the count");
  }
  return expectation;
}

absl::StatusOr<std::vector<Expectation>> ParseExpectations(absl::string_view text) {
  Reader reader(text);
  std::vector<Expectation> expectations;
  reader.SkipSeparators();
  while (!reader.AtEnd()) {
    absl::StatusOr<Expectation> expectation = reader.ReadExpectation();
    if (!expectation.ok()) {
      return expectation.status();
    }
    if (expectations.size() == kExpectationsMax) {
      return reader.Wrong("there are too many expectations");
    }
    expectations.push_back(*std::move(expectation));
    if (!reader.AtEnd() && !reader.AtSeparator()) {
      return reader.Wrong("something follows the count");
    }
    reader.SkipSeparators();
  }
  return expectations;
}

std::string Text(const Expectation& expectation) {
  return absl::StrCat(SubjectText(expectation), "=", AmountText(expectation));
}

std::vector<Expectation> ExpectationsFrom(const Report& report, int tolerance_percent) {
  const int percent = std::clamp(tolerance_percent, 0, 100);
  std::vector<Expectation> expectations;
  for (const TableEffect& effect : report.tables) {
    for (const Verb verb : kCountedVerbs) {
      const std::int64_t count = CountOf(effect.sum(), verb);
      if (count > 0) {
        Expectation expectation = Counted(effect, verb);
        Widen(expectation, count, percent);
        expectations.push_back(std::move(expectation));
      }
    }
  }
  return expectations;
}

std::vector<Expectation> Joined(const std::vector<Expectation>& written,
                                const std::vector<Expectation>& rehearsed) {
  std::vector<Expectation> joined = written;
  for (const Expectation& each : rehearsed) {
    const bool replaced = std::any_of(written.begin(), written.end(), [&](const Expectation& said) {
      return Replaces(said, each);
    });
    if (!replaced) {
      joined.push_back(each);
    }
  }
  return joined;
}

std::vector<Miss> Misses(const std::vector<Expectation>& expected, const Report& report) {
  std::vector<Miss> misses;
  for (const Expectation& each : expected) {
    const std::optional<std::int64_t> found = FoundBy(each, report);
    if (!found.has_value() || *found < each.least || *found > each.most) {
      misses.push_back({SubjectText(each), AmountText(each), found.value_or(0)});
    }
  }
  for (const TableEffect& effect : report.tables) {
    for (const Verb verb : kCountedVerbs) {
      const std::int64_t count = CountOf(effect.sum(), verb);
      const bool spoken_of =
          std::any_of(expected.begin(), expected.end(),
                      [&](const Expectation& each) { return SpeaksOf(each, effect, verb); });
      if (count > 0 && !spoken_of) {
        misses.push_back({SubjectText(Counted(effect, verb)), "0", count});
      }
    }
  }
  return misses;
}

}  // namespace jit::change

#include "client/approve/residue_statement.h"

#include <algorithm>
#include <cstdint>
#include <set>

#include "absl/strings/str_cat.h"
#include "client/approve/statement_text.h"
#include "client/console/printer.h"
#include "client/console/visible.h"

namespace jit::approve {
namespace {

using console::Visible;
using ledger::Json;

constexpr int kColumns = 80;
constexpr int kBetweenColumns = 2;

bool IsLine(const Json& line) {
  if (!line.is_object() || line.size() != 3) return false;
  for (const char* key : {"kind", "object", "what"}) {
    if (!line.contains(key) || !line[key].is_string()) return false;
  }
  return true;
}

// One row per line; an object that is wider than the rest of the screen goes on in the next row.
console::Table LinesTable(const Json& lines) {
  int what_width = console::WidthOf("WHAT");
  int kind_width = console::WidthOf("KIND");
  for (const Json& line : lines) {
    what_width = std::max(what_width, console::WidthOf(Visible(TextAt(line, "what"))));
    kind_width = std::max(kind_width, console::WidthOf(Visible(TextAt(line, "kind"))));
  }
  const int left = std::max(20, kColumns - what_width - kind_width - 2 * kBetweenColumns);
  console::Table table({"WHAT", "KIND", "OBJECT"});
  for (const Json& line : lines) {
    std::string rest = Visible(TextAt(line, "object"));
    std::string what = Visible(TextAt(line, "what"));
    std::string kind = Visible(TextAt(line, "kind"));
    do {
      const std::size_t fits = console::PrefixWithin(rest, left);
      table.Add({what, kind, rest.substr(0, fits)});
      rest.erase(0, fits);
      what.clear();
      kind.clear();
    } while (!rest.empty());
  }
  return table;
}

// Whatever else is signed is shown as well, known to this program or not.
console::Fields OtherFields(const Json& fields) {
  static const std::set<std::string> shown = {"decision", "lease",     "owner",   "path",
                                              "reason",   "requester", "residue", "reviewer",
                                              "role",     "target",    "version"};
  console::Fields others;
  for (const auto& [key, value] : fields.items()) {
    if (!shown.contains(key)) others.emplace_back(Visible(key), Plain(value));
  }
  return others;
}

std::string Differences(const Json& residue) {
  const std::int64_t count =
      static_cast<std::int64_t>(residue["lines"].size()) + residue["more"].get<std::int64_t>();
  return count == 1 ? "1 difference" : absl::StrCat(count, " differences");
}

}  // namespace

bool IsAboutResidue(const Json& fields) {
  return TextAt(fields, "decision") == DecisionWord(v1::DECISION_ACCEPT_RESIDUE);
}

absl::Status CheckResidue(const Json& fields) {
  if (!fields.contains("residue") || !fields["residue"].is_object()) {
    return Broken("names no residue to accept");
  }
  const Json& residue = fields["residue"];
  const bool whole = residue.size() == 2 && residue.contains("lines") &&
                     residue["lines"].is_array() && residue.contains("more") &&
                     residue["more"].is_number_integer();
  if (!whole || !std::all_of(residue["lines"].begin(), residue["lines"].end(), IsLine)) {
    return Broken("has a residue that this program cannot show whole");
  }
  return absl::OkStatus();
}

void ShowResidueStatement(const Statement& statement, const console::Sink& sink) {
  const Json& fields = statement.fields;
  const Json& residue = fields["residue"];
  std::ostream& stream = *sink.stream;
  const std::string path = TextAt(fields, "path");
  console::PrintFields(
      sink, {
                {"decision", "ACCEPT what it left behind in the schema"},
                {"way", path == "ordinary"      ? "ordinary"
                        : path == "break_glass" ? "BREAK-GLASS: it was opened without approval"
                                                : Visible(path)},
                {"who", Visible(TextAt(fields, "requester"))},
                {"what", Visible(TextAt(fields, "role"))},
                {"acted as", Plain(fields["owner"])},
                {"where", Visible(TextAt(fields, "target"))},
                {"lease", Visible(TextAt(fields, "lease"))},
                {"reviewer", absl::StrCat(Visible(TextAt(fields, "reviewer")), " (you)")},
            });
  stream << "\nWhy, in their words:\n";
  console::PrintQuoted(sink, TextAt(fields, "reason"));
  stream << "\nDifferent in the schema since it was opened, whoever did it:\n";
  if (residue["lines"].empty()) stream << "nothing\n";
  LinesTable(residue["lines"]).Print(sink);
  if (residue["more"] != 0) stream << "and " << residue["more"] << " more that did not fit\n";
  stream << "\nSigned along with it:\n";
  console::PrintFields(sink, OtherFields(fields));
  const std::string summary = absl::StrCat(
      "ACCEPT: ", Differences(residue), " left by ", Visible(TextAt(fields, "requester")), " as ",
      Visible(TextAt(fields, "role")), " on ", Visible(TextAt(fields, "target")));
  stream << '\n'
         << console::Styled(sink, console::Style::kBold, summary) << '\n'
         << "digest " << statement.digest << '\n';
}

}  // namespace jit::approve

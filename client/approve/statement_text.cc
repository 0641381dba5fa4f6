#include "client/approve/statement_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/console/visible.h"

namespace jit::approve {

using console::Visible;
using ledger::Json;

namespace {

std::string SeatText(const Json& seat) {
  if (!seat.is_object() || !seat.contains("name") || !seat.contains("from")) return Plain(seat);
  const Json& from = seat["from"];
  std::vector<std::string> parts;
  if (from.is_object()) {
    for (const auto& [key, value] : from.items()) {
      parts.push_back(absl::StrCat(Visible(key), " ", Plain(value)));
    }
  } else {
    parts.push_back(Plain(from));
  }
  return absl::StrCat(Plain(seat["name"]), " (", absl::StrJoin(parts, ", "), ")");
}

}  // namespace

absl::Status Broken(absl::string_view what) {
  return absl::DataLossError(
      absl::StrCat("the broker's statement ", what, ", so nothing was signed; tell the operator"));
}

std::string TextAt(const Json& fields, const char* key) {
  const auto found = fields.find(key);
  return found != fields.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string Plain(const Json& value) {
  if (value.is_string()) return Visible(value.get<std::string>());
  if (value.is_array()) {
    std::vector<std::string> items;
    for (const Json& item : value) items.push_back(Plain(item));
    return absl::StrJoin(items, ", ");
  }
  return Visible(value.dump());
}

std::string SeatsText(const Json& fields) {
  if (!fields.contains("seats") || !fields["seats"].is_array()) return "";
  std::vector<std::string> seats;
  for (const Json& seat : fields["seats"]) seats.push_back(SeatText(seat));
  return absl::StrJoin(seats, ", ");
}

std::string RoleText(const Json& fields) {
  const std::string access = TextAt(fields, "access");
  const std::string may = access == "writes"    ? "MAY CHANGE DATA"
                          : access == "defines" ? "MAY CHANGE DATA AND TABLES"
                          : access == "reads"   ? "reads only"
                                                : Visible(access);
  return absl::StrCat(Visible(TextAt(fields, "role")), " (", may, ")");
}

}  // namespace jit::approve

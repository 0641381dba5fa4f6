#include "client/approve/confirm.h"

#include <optional>
#include <string>

namespace jit::approve {

bool TypesYes(absl::string_view question, absl::string_view declined, console::Console& console) {
  const std::optional<std::string> typed = console::Ask(console, std::string(question));
  if (typed == "yes") return true;
  if (typed.has_value()) {
    *console.err.stream << declined << " Nothing was signed.\n";
  } else {
    *console.err.stream
        << "There is nobody to ask here. Nothing was signed. In a script, say --yes "
           "--digest DIGEST with the digest that was looked at.\n";
  }
  return false;
}

}  // namespace jit::approve

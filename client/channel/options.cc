#include "client/channel/options.h"

#include <utility>

namespace jit::channel {

using console::Need;
using console::Option;

namespace {

Option IdOption(std::string help, std::string* into) {
  return {.name = "ID", .help = std::move(help), .into = into, .need = Need::kRequired};
}

}  // namespace

Option LeaseOption(std::string* into) {
  return IdOption("The lease.", into);
}

Option ChangeOption(std::string* into) {
  return IdOption("The change.", into);
}

Option LeaseOrChangeOption(std::string* into) {
  return IdOption("The lease or the change.", into);
}

Option TargetOption(std::string* into) {
  return {.name = "--target",
          .value = "NAME",
          .help = "The database.",
          .into = into,
          .need = Need::kRequired};
}

Option RoleOption(std::string* into) {
  return {.name = "--role",
          .value = "NAME",
          .help = "The role offered there.",
          .into = into,
          .need = Need::kRequired};
}

}  // namespace jit::channel

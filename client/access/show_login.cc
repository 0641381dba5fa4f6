#include "client/access/show_login.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "client/channel/proto_time.h"
#include "client/channel/show_lease.h"
#include "client/console/duration.h"
#include "client/console/printer.h"
#include "client/console/visible.h"

namespace jit::access {
namespace {

using console::Visible;

void ShowText(const v1::Lease& lease, const credential::Secret& password,
              console::Console& console) {
  const v1::Connection& at = lease.connection();
  const absl::Time deadline = channel::ToTime(lease.expire_time());
  console::PrintFields(
      console.out,
      {{"login", Visible(at.login())},
       {"password", std::string(password.RevealForUse())},
       {"host", Visible(at.host())},
       {"port", absl::StrCat(at.port())},
       {"database", Visible(at.database())},
       {"until", absl::StrCat(console::FormatInstant(deadline), " (in ",
                              console::RoughDuration(deadline - console.now()), ")")}});
  *console.err.stream
      << "The password is shown once and kept nowhere. Connect with any client, or:\n"
      << "  jit-access connect " << Visible(lease.id()) << '\n';
}

}  // namespace

void ShowAsked(const v1::Lease& lease, console::Output output, console::Console& console) {
  if (output == console::Output::kJson) return;
  // As wide as the fields that follow.
  *console.out.stream << "lease     " << Visible(lease.id()) << std::endl;
}

console::ExitCode ShowObtained(const Obtained& obtained, console::Output output,
                               console::Console& console) {
  if (output == console::Output::kJson) {
    if (obtained.lease.id().empty()) return obtained.code;
    nlohmann::json json = channel::LeaseJson(obtained.lease);
    json["password"] = nullptr;
    if (obtained.password.has_value()) {
      json["password"] = std::string(obtained.password->RevealForUse());
    }
    console::PrintJson(console.out, json);
    return obtained.code;
  }
  if (obtained.password.has_value()) ShowText(obtained.lease, *obtained.password, console);
  return obtained.code;
}

}  // namespace jit::access

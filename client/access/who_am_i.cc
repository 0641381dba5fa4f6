#include "client/access/who_am_i.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/channel/proto_time.h"
#include "client/channel/refusal_text.h"
#include "client/channel/show_lease.h"
#include "client/channel/with_broker.h"
#include "client/console/duration.h"
#include "client/console/printer.h"
#include "client/console/version.h"
#include "client/console/visible.h"

namespace jit::access {

console::Command WhoAmICommand(WhoAmIOptions& options, const channel::Connect& connect) {
  return {.name = "whoami",
          .summary = "show who the broker says you are",
          .description =
              "Shows the person your certificate stands for, their groups and manager, when the "
              "certificate ends, a break-glass review you owe, and both versions.",
          .options = {console::OutputOption(&options.output)},
          .examples = {"jit-access whoami"},
          .run = [&options, &connect](console::Console& console) {
            return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
              return WhoAmI(options, console, broker);
            });
          }};
}

console::ExitCode WhoAmI(const WhoAmIOptions& options, console::Console& console,
                         channel::Broker& broker) {
  using console::Visible;
  const auto answer = broker.Call(v1::WhoAmIRequest());
  if (!answer.ok()) return channel::Explain(answer.status(), console);
  const std::vector<std::string> groups(answer->groups().begin(), answer->groups().end());
  if (options.output == console::Output::kJson) {
    const auto text = [](const std::string& value) {
      return value.empty() ? nlohmann::json(nullptr) : nlohmann::json(value);
    };
    console::PrintJson(console.out, {{"person", answer->person()},
                                     {"identity", answer->identity()},
                                     {"groups", groups},
                                     {"manager", text(answer->manager())},
                                     {"certificate_expire_time",
                                      channel::TimeJson(answer->certificate_expire_time())},
                                     {"debt_lease", text(answer->debt_lease())},
                                     {"broker_version", answer->broker_version()},
                                     {"client_version", console::Version()}});
    return console::ExitCode::kOk;
  }
  const absl::Time until = channel::ToTime(answer->certificate_expire_time());
  const std::string debt =
      answer->debt_lease().empty()
          ? ""
          : absl::StrCat(Visible(answer->debt_lease()), ", not reviewed by anybody yet");
  console::PrintFields(
      console.out,
      {{"person", Visible(answer->person())},
       {"identity", Visible(answer->identity())},
       {"groups", Visible(absl::StrJoin(groups, ", "))},
       {"manager", Visible(answer->manager())},
       {"certificate", absl::StrCat("ends ", console::FormatInstant(until), " (in ",
                                    console::RoughDuration(until - console.now()), ")")},
       {"break-glass", debt},
       {"versions", absl::StrCat("client ", console::Version(), ", broker ",
                                 Visible(answer->broker_version()))}});
  return console::ExitCode::kOk;
}

}  // namespace jit::access

#include "client/channel/with_broker.h"

#include <string>

namespace jit::channel {

console::ExitCode WithBroker(const Connect& connect, console::Console& console,
                             const std::function<console::ExitCode(Broker&)>& command) {
  const auto broker = connect(console);
  if (broker.ok()) return command(**broker);
  *console.err.stream << std::string(broker.status().message()) << '\n';
  return absl::IsFailedPrecondition(broker.status()) ? console::ExitCode::kUnreachable
                                                     : console::ExitCode::kUsage;
}

Connect ConnectBy(const SettingFlags& flags) {
  return [&flags](console::Console& console) -> absl::StatusOr<std::unique_ptr<Broker>> {
    const absl::StatusOr<Settings> settings = FindSettings(flags, console);
    if (!settings.ok()) return settings.status();
    return Broker::Create(*settings, console);
  };
}

}  // namespace jit::channel

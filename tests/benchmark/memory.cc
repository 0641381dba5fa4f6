#include <fstream>
#include <iostream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/benchmark/measures.h"
#include "tests/benchmark/rounds.h"

namespace jit::benchmark {
namespace {

// Resident set in MiB, from the kernel; 0 when the process is gone.
double ResidentMiB(pid_t pid) {
  std::ifstream status(absl::StrCat("/proc/", pid, "/status"));
  std::string line;
  while (std::getline(status, line)) {
    if (line.rfind("VmRSS:", 0) != 0) continue;
    std::istringstream fields(line.substr(6));
    double kib = 0;
    fields >> kib;
    return kib / 1024;
  }
  return 0;
}

}  // namespace

Figures MeasureMemory(Stand& stand) {
  stand.KillBroker();
  if (absl::Status started = stand.StartBroker(); !started.ok()) return started;
  const double idle = ResidentMiB(stand.broker_pid());
  std::vector<std::unique_ptr<channel::Broker>> clients;
  for (int n = 0; n < 4; ++n) {
    auto client = stand.Client("engineer");
    if (!client.ok()) return client.status();
    clients.push_back(*std::move(client));
  }
  std::atomic<int> left = 2000;
  const Round opened = RunRound(4, absl::Minutes(2), [&](int caller) {
    if (left.fetch_sub(1) <= 0) return absl::CancelledError("enough");
    channel::Broker& broker = *clients[static_cast<std::size_t>(caller)];
    return broker.Call(ReaderOrder(broker, absl::Hours(2))).status();
  });
  if (opened.done < 2000) return opened.first_error;
  const double busy = ResidentMiB(stand.broker_pid());
  return std::vector<Figure>{
      {"resident memory, idle", absl::StrFormat("%.0f MiB", idle), "", Figure::Verdict::kNoAim},
      {"resident memory, 2,000 open leases", absl::StrFormat("%.0f MiB", busy), "",
       Figure::Verdict::kNoAim}};
}

}  // namespace jit::benchmark

// Measures the broker against the floor it stands on, in one run on one cluster.
//
// Usage: jit_benchmark PROGRAMS [OUT.md | --only PART]; PROGRAMS is the folder of jit-broker, PART
// begins the name of one part and writes no page.
#include <sys/utsname.h>

#include <fstream>
#include <iostream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "tests/benchmark/measures.h"

namespace {

std::string Machine() {
  std::ifstream cpus("/proc/cpuinfo");
  std::string line;
  std::string model = "unknown processor";
  while (std::getline(cpus, line)) {
    if (line.rfind("model name", 0) == 0) {
      model = line.substr(line.find(':') + 2);
      break;
    }
  }
  utsname name{};
  uname(&name);
  return absl::StrCat(std::thread::hardware_concurrency(), " cores, ", model, ", Linux ",
                      name.release, "; client, broker and PostgreSQL share the machine");
}

}  // namespace

int main(int argc, char** argv) {
  using jit::benchmark::Figure;
  if (argc < 2) {
    std::cerr << "usage: jit_benchmark PROGRAMS [OUT.md | --only PART]\n";
    return 2;
  }
  const std::string only = argc == 4 && std::string(argv[2]) == "--only" ? argv[3] : "";
  auto stand = jit::benchmark::Stand::Start(argv[1]);
  if (!stand.ok()) {
    std::cerr << stand.status() << "\n";
    return 1;
  }
  struct Part {
    const char* name;
    jit::benchmark::Figures (*measure)(jit::benchmark::Stand&);
  };
  std::vector<Figure> all;
  for (const Part& part : {Part{"guards", jit::benchmark::MeasureGuards},
                           Part{"changes", jit::benchmark::MeasureChanges},
                           Part{"opens per second", jit::benchmark::MeasureOpens},
                           Part{"latency of one open", jit::benchmark::MeasureLatency},
                           Part{"deadlines", jit::benchmark::MeasureDeadlines},
                           Part{"memory", jit::benchmark::MeasureMemory},
                           Part{"start with a long journal", jit::benchmark::MeasureStart}}) {
    if (std::string(part.name).rfind(only, 0) != 0) continue;
    std::cerr << part.name << " …\n";
    auto figures = part.measure(**stand);
    if (!figures.ok()) {
      std::cerr << part.name << ": " << figures.status() << "\n";
      return 1;
    }
    for (const Figure& figure : *figures) {
      std::cout << absl::StreamFormat("%-95s %-45s %s\n", figure.what, figure.value, figure.aim);
      all.push_back(figure);
    }
    std::cout.flush();
  }
  if (argc == 3) {
    std::ofstream out(argv[2]);
    out << jit::benchmark::AsMarkdown(
        all, Machine(), absl::FormatTime("%Y-%m-%d", absl::Now(), absl::UTCTimeZone()));
    if (!out) return 1;
  }
  return 0;
}

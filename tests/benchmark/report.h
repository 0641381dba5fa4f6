// The figures of one run, for the terminal and for docs/reference/performance.md.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace jit::benchmark {

struct Figure {
  std::string what;   // "opens per second, 8 callers, against the kit's function"
  std::string value;  // "0.91 (395/s of 434/s)"
  std::string aim;    // "≥ 0.85", or empty
  enum class Verdict { kNoAim, kMet, kMissed } verdict = Verdict::kNoAim;
};

std::string AsMarkdown(const std::vector<Figure>& figures, absl::string_view machine,
                       absl::string_view date);

// The quantile of unsorted values by nearest rank; `values` is not empty, 0 < q ≤ 1.
double Quantile(std::vector<double> values, double q);

}  // namespace jit::benchmark

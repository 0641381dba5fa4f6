#include "tests/benchmark/report.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

namespace jit::benchmark {
namespace {

const char* Word(Figure::Verdict verdict) {
  switch (verdict) {
    case Figure::Verdict::kNoAim:
      return "";
    case Figure::Verdict::kMet:
      return "met";
    case Figure::Verdict::kMissed:
      return "**missed**";
  }
  return "";
}

}  // namespace

std::string AsMarkdown(const std::vector<Figure>& figures, absl::string_view machine,
                       absl::string_view date) {
  std::string text = absl::StrCat(
      "# Performance\n\n"
      "Written by `tests/benchmark/run`; do not edit. Every ratio compares two things measured in\n"
      "the same run on the same cluster, with durable commits on both sides, so it says more than\n"
      "the absolute figures beside it. The costs of a guard are measured without waiting for the\n"
      "disk, on both sides, since the disk would hide them.\n\n"
      "Measured on ",
      date, ", ", machine,
      ".\n\n"
      "| what | measured | aim | |\n|---|---|---|---|\n");
  int missed = 0;
  for (const Figure& figure : figures) {
    absl::StrAppend(&text, "| ", figure.what, " | ", figure.value, " | ", figure.aim, " | ",
                    Word(figure.verdict), " |\n");
    if (figure.verdict == Figure::Verdict::kMissed) ++missed;
  }
  absl::StrAppend(&text, "\n");
  if (missed == 0) {
    absl::StrAppend(&text, "Every aim was met in this run.\n");
  } else {
    absl::StrAppend(&text, missed, " of the aims above ", missed == 1 ? "was" : "were",
                    " missed in this run.\n");
  }
  return text;
}

double Quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(values.size())));
  return values[std::min(values.size(), std::max<std::size_t>(rank, 1)) - 1];
}

}  // namespace jit::benchmark

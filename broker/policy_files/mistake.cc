#include "broker/policy_files/mistake.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace jit::policy_files {
namespace {

constexpr std::size_t kToldMax = 200;
constexpr std::size_t kShownMax = 64;

}  // namespace

void Mistakes::Add(const Place& place, absl::string_view sentence) {
  list_.push_back(Mistake{place, std::string(sentence)});
}

std::vector<Mistake> Mistakes::Sorted() const {
  std::vector<Mistake> sorted = list_;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  return sorted;
}

std::string TextOf(const std::vector<Mistake>& mistakes) {
  std::string text;
  for (std::size_t i = 0; i < mistakes.size(); ++i) {
    if (i > 0) text += '\n';
    if (i == kToldMax) {
      absl::StrAppend(&text, "and ", mistakes.size() - kToldMax, " more");
      break;
    }
    const Place& place = mistakes[i].place;
    absl::StrAppend(&text, place.file, ":", place.line, ":", place.column, ": ",
                    mistakes[i].sentence);
  }
  return text;
}

absl::Status StatusOf(const std::vector<Mistake>& mistakes) {
  if (mistakes.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(TextOf(mistakes));
}

std::string Shown(absl::string_view text) {
  const bool cut = text.size() > kShownMax;
  return absl::StrCat("'", absl::CHexEscape(text.substr(0, kShownMax)), cut ? "…" : "", "'");
}

}  // namespace jit::policy_files

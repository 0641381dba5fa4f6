#include "tests/policy_files/reference_page.h"

#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"

namespace jit::policy_files {
namespace {

std::string RangeOf(const Key& key) {
  return key.lowest[0] == '\0' ? "" : absl::StrCat(key.lowest, " to ", key.highest);
}

// The section of the reference, word for word as it has to stand there.
std::string TextOf(const Section& section) {
  std::string text = absl::StrCat("## ", section.title,
                                  "\n\n| key | needed | kind | range | left out | meaning |\n"
                                  "|---|---|---|---|---|---|\n");
  for (const Key& key : section.keys) {
    absl::StrAppend(&text, "| `", key.name, "` | ",
                    key.presence == Presence::kRequired ? "yes" : "no", " | ", WordFor(key.kind),
                    " | ", RangeOf(key), " | ", key.otherwise, " | ", key.meaning, " |\n");
  }
  return text;
}

}  // namespace

std::string ReadPage(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string MissingIn(const std::string& page, const std::vector<const Section*>& sections) {
  std::string missing;
  std::size_t at = 0;
  for (const Section* section : sections) {
    const std::string text = TextOf(*section);
    const std::size_t found = page.find(text, at);
    if (found == std::string::npos) {
      absl::StrAppend(&missing, text, "\n");
    } else {
      at = found + text.size();
    }
  }
  return missing;
}

std::size_t KeysListedIn(const std::string& page) {
  std::size_t rows = 0;
  for (std::size_t at = page.find("\n| `"); at != std::string::npos;
       at = page.find("\n| `", at + 1)) {
    ++rows;
  }
  return rows;
}

std::size_t KeysOf(const std::vector<const Section*>& sections) {
  std::size_t keys = 0;
  for (const Section* section : sections) {
    keys += section->keys.size();
  }
  return keys;
}

}  // namespace jit::policy_files

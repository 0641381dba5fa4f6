#include "tests/accidents/case_table.h"

#include <fstream>
#include <map>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace jit::testing {
namespace {

const std::map<std::string, Verdict, std::less<>> kVerdicts = {
    {"prevented", Verdict::kPrevented}, {"stopped", Verdict::kStopped},
    {"counted", Verdict::kCounted},     {"failed", Verdict::kFailed},
    {"undone", Verdict::kUndone},       {"told", Verdict::kTold},
    {"passes", Verdict::kPassed}};

const std::map<std::string, Case::Who, std::less<>> kWho = {
    {"writer", Case::Who::kWriter}, {"change", Case::Who::kChange}, {"owner", Case::Who::kOwner}};

absl::Status ReadWord(absl::string_view line, Case& row) {
  const std::pair<std::string, std::string> words = absl::StrSplit(line, absl::MaxSplits(' ', 1));
  const auto& [word, rest] = words;
  if (const auto who = kWho.find(word); who != kWho.end()) {
    const auto verdict = kVerdicts.find(rest);
    if (verdict == kVerdicts.end()) return absl::InvalidArgumentError(line);
    row.who = who->second;
    row.verdict = verdict->second;
    return absl::OkStatus();
  }
  if (word == "errors") {
    return absl::SimpleAtoi(rest, &row.errors) ? absl::OkStatus()
                                               : absl::InvalidArgumentError(line);
  }
  const std::map<std::string, std::string*, std::less<>> texts = {{"expect", &row.expect},
                                                                  {"meanwhile", &row.meanwhile},
                                                                  {"since", &row.since},
                                                                  {"settle", &row.settle},
                                                                  {"twist", &row.twist}};
  const auto text = texts.find(word);
  if (text == texts.end()) return absl::InvalidArgumentError(line);
  absl::StrAppend(text->second, text->second->empty() ? "" : "\n", rest);
  return absl::OkStatus();
}

}  // namespace

std::string VerdictWords(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPrevented:
      return "prevented";
    case Verdict::kStopped:
      return "stopped at the ceiling";
    case Verdict::kCounted:
      return "rolled back on count";
    case Verdict::kFailed:
      return "failed and left nothing";
    case Verdict::kUndone:
      return "undone exactly";
    case Verdict::kTold:
      return "told beforehand";
    case Verdict::kPassed:
      return "passed";
    case Verdict::kLost:
      return "LOST";
  }
  return "";
}

absl::StatusOr<std::vector<Case>> ReadCases(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(path);
  std::vector<Case> rows;
  std::string line;
  while (std::getline(file, line)) {
    if (absl::StartsWith(line, "# ")) {
      rows.emplace_back().title = line.substr(2);
    } else if (rows.empty()) {
      continue;  // what stands before the first row is for readers
    } else if (absl::StartsWith(line, "@ ")) {
      if (absl::Status read = ReadWord(line.substr(2), rows.back()); !read.ok()) return read;
    } else {
      absl::StrAppend(&rows.back().sql, line, "\n");
    }
  }
  for (Case& row : rows) row.sql = std::string(absl::StripAsciiWhitespace(row.sql)) + "\n";
  return rows;
}

}  // namespace jit::testing

#include "tests/house/source_file.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>

namespace jit::house {
namespace {

namespace fs = std::filesystem;

bool IsText(const fs::path& path) {
  static const std::set<std::string> kExtensions = {".h",    ".cc",  ".proto", ".sql", ".md",
                                                    ".toml", ".txt", ".cmake", ".sh",  ".json"};
  return kExtensions.contains(path.extension().string()) || !path.has_extension();
}

bool IsSkipped(const fs::path& path) {
  const std::string name = path.filename().string();
  return name == "node_modules" || name == "corpus" || name == "package-lock.json" ||
         (name.size() > 1 && name[0] == '.');
}

SourceFile ReadOne(const fs::path& path, std::string relative) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return FileOf(std::move(relative), text.str());
}

bool IsWordByte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Walks a C++ text once and blanks what is not code.
class Blanker {
 public:
  explicit Blanker(std::string text) : text_(std::move(text)) {}

  std::string Run() {
    while (at_ < text_.size()) {
      Step();
    }
    return std::move(text_);
  }

 private:
  bool Sees(const std::string& what) const { return text_.compare(at_, what.size(), what) == 0; }

  void BlankTo(std::size_t end) {
    for (; at_ < std::min(end, text_.size()); ++at_) {
      if (text_[at_] != '\n') {
        text_[at_] = ' ';
      }
    }
  }

  void Step() {
    const bool after_word = at_ > 0 && IsWordByte(text_[at_ - 1]);
    if (Sees("//")) {
      BlankTo(text_.find('\n', at_));
    } else if (Sees("/*")) {
      const std::size_t end = text_.find("*/", at_ + 2);
      BlankTo(end == std::string::npos ? end : end + 2);
    } else if (Sees("R\"") && !after_word) {
      BlankRawString();
    } else if (text_[at_] == '"' || (text_[at_] == '\'' && !after_word)) {
      BlankQuoted(text_[at_]);
    } else {
      ++at_;
    }
  }

  void BlankRawString() {
    const std::size_t open = text_.find('(', at_);
    if (open == std::string::npos) {
      BlankTo(open);
      return;
    }
    const std::string close = ")" + text_.substr(at_ + 2, open - at_ - 2) + "\"";
    const std::size_t end = text_.find(close, open);
    at_ += 2;  // the quotes stay, so that the place still reads as a literal
    BlankTo(end == std::string::npos ? end : end + close.size() - 1);
    ++at_;
  }

  void BlankQuoted(char quote) {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
      end += text_[end] == '\\' ? 2 : 1;
    }
    ++at_;
    BlankTo(end);
    ++at_;
  }

  std::string text_;
  std::size_t at_ = 0;
};

}  // namespace

std::string Print(const std::vector<Finding>& findings) {
  std::ostringstream out;
  for (const Finding& finding : findings) {
    out << finding.path << ":" << finding.line << ": " << finding.sentence << "\n";
  }
  return out.str();
}

SourceFile FileOf(std::string path, const std::string& text) {
  SourceFile file{.path = std::move(path), .lines = {}, .ends_with_newline = true};
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    file.lines.push_back(line);
  }
  file.ends_with_newline = text.empty() || text.back() == '\n';
  return file;
}

std::vector<SourceFile> ReadTree(const std::string& root, const std::vector<std::string>& folders) {
  std::vector<SourceFile> files;
  for (const std::string& folder : folders) {
    const fs::path top = fs::path(root) / folder;
    if (!fs::is_directory(top)) {
      continue;
    }
    for (auto entry = fs::recursive_directory_iterator(top);
         entry != fs::recursive_directory_iterator(); ++entry) {
      if (IsSkipped(entry->path()) || (folder == "." && entry->is_directory())) {
        entry.disable_recursion_pending();
        continue;
      }
      if (entry->is_regular_file() && IsText(entry->path())) {
        files.push_back(ReadOne(entry->path(), fs::relative(entry->path(), root).string()));
      }
    }
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

bool EndsWith(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

bool StartsWith(const std::string& text, const std::string& start) {
  return text.compare(0, start.size(), start) == 0;
}

bool IsCpp(const SourceFile& file) {
  return EndsWith(file.path, ".h") || EndsWith(file.path, ".cc");
}

std::vector<std::string> CodeOf(const SourceFile& file) {
  std::string text;
  for (const std::string& line : file.lines) {
    text += line + "\n";
  }
  return FileOf(file.path, Blanker(std::move(text)).Run()).lines;
}

bool HasWord(const std::string& line, const std::string& word) {
  for (std::size_t at = line.find(word); at != std::string::npos; at = line.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool starts = at == 0 || !IsWordByte(line[at - 1]) || !IsWordByte(word.front());
    const bool ends = end == line.size() || !IsWordByte(line[end]) || !IsWordByte(word.back());
    if (starts && ends) {
      return true;
    }
  }
  return false;
}

}  // namespace jit::house

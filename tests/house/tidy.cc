#include "tests/house/tidy.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

#include "tests/house/functions.h"

namespace jit::house {
namespace {

// A name with one of these words in it has no job yet: name the promise instead.
const std::set<std::string>& EmptyWords() {
  static const std::set<std::string> words = {
      "manager", "util", "utils", "utility",   "helper", "helpers", "common",  "misc",
      "base",    "data", "info",  "processor", "impl",   "handler", "handlers"};
  return words;
}

// Type names where one of those words is a word of ours: a person's manager is a person.
const std::set<std::string>& MeantNames() {
  static const std::set<std::string> names = {"ManagerOfRequester"};
  return names;
}

// Something that code may not contain, where, and what to write instead.
struct Ban {
  std::string word;
  std::string instead;
};

const std::vector<Ban>& MachineBans() {
  static const std::vector<Ban> bans = {
      {"absl::Now", "take `now` as an argument or ask ports/clock.h"},
      {"_clock::now", "take `now` as an argument or ask ports/clock.h"},
      {"clock_gettime", "take `now` as an argument or ask ports/clock.h"},
      {"gettimeofday", "take `now` as an argument or ask ports/clock.h"},
      {"time(nullptr)", "take `now` as an argument or ask ports/clock.h"},
      {"time(NULL)", "take `now` as an argument or ask ports/clock.h"},
      {"rand", "ask ports/entropy.h"},
      {"srand", "ask ports/entropy.h"},
      {"getrandom", "ask ports/entropy.h"},
      {"getentropy", "ask ports/entropy.h"},
      {"random_device", "ask ports/entropy.h"},
      {"RAND_bytes", "ask ports/entropy.h"},
  };
  return bans;
}

const std::vector<Ban>& ProductBans() {
  static const std::vector<Ban> bans = {
      {"absl::Mutex", "broker/sync/mutex.h: the packaged one blinds the thread checker"},
      {"detach()", "keep the thread and join it"},
      {"using namespace", "name what you use"},
  };
  return bans;
}

const std::vector<Ban>& TestBans() {
  static const std::vector<Ban> bans = {
      {"DISABLED_", "a disabled test is deleted or mended"},
  };
  return bans;
}

const std::vector<Ban>& LockBans() {
  static const std::vector<Ban> bans = {
      {"std::mutex", "broker/sync/mutex.h: the standard's own carries no annotations to prove"},
      {"std::lock_guard", "sync::Lock of broker/sync/mutex.h, which clang can follow"},
      {"std::unique_lock", "sync::Lock of broker/sync/mutex.h, which clang can follow"},
  };
  return bans;
}

const std::vector<Ban>& SleepBans() {
  static const std::vector<Ban> bans = {
      {"sleep_for", "unit tests do not sleep: move the simulated clock"},
      {"SleepFor", "unit tests do not sleep: move the simulated clock"},
      {"usleep", "unit tests do not sleep: move the simulated clock"},
  };
  return bans;
}

bool IsUnder(const SourceFile& file, const std::vector<std::string>& folders) {
  return std::any_of(folders.begin(), folders.end(), [&](const std::string& folder) {
    return StartsWith(file.path, folder + "/");
  });
}

// Splits "SessionBase", "session_base" and "session-base.h" into lower-case words.
std::vector<std::string> WordsOf(const std::string& name) {
  std::vector<std::string> words(1);
  for (std::size_t i = 0; i < name.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(name[i]);
    const bool starts =
        std::isupper(c) != 0 && i > 0 && std::islower(static_cast<unsigned char>(name[i - 1])) != 0;
    if (std::isalnum(c) == 0 || starts) {
      words.emplace_back();
    }
    if (std::isalnum(c) != 0) {
      words.back() += static_cast<char>(std::tolower(c));
    }
  }
  return words;
}

int ColumnsOf(const std::string& line) {
  return static_cast<int>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;  // continuation bytes take no column
  }));
}

class Checker {
 public:
  explicit Checker(const SourceFile& file) : file_(file) {}

  TidyReport Run() {
    CheckName();
    CheckEveryLine();
    if (IsCpp(file_)) {
      CheckSize();
      CheckHeader();
      CheckCode();
      CheckFunctions();
    }
    if (EndsWith(file_.path, ".md")) {
      CheckTitle();
    }
    return std::move(report_);
  }

 private:
  void Find(std::size_t index, std::string sentence) {
    report_.findings.push_back({file_.path, static_cast<int>(index) + 1, std::move(sentence)});
  }
  void FindInFile(std::string sentence) {
    report_.findings.push_back({file_.path, 0, std::move(sentence)});
  }

  void CheckName() {
    for (const std::string& word : WordsOf(file_.path)) {
      if (EmptyWords().contains(word)) {
        FindInFile("the word `" + word + "` in a file name says nothing: name the promise");
      }
    }
  }

  void CheckEveryLine() {
    const bool measured =
        IsCpp(file_) || EndsWith(file_.path, ".proto") || EndsWith(file_.path, ".sql");
    for (std::size_t i = 0; i < file_.lines.size(); ++i) {
      const std::string& line = file_.lines[i];
      if (measured && ColumnsOf(line) > kLineColumnsMax) {
        Find(i, "longer than 100 columns");
      }
      if (measured && line.find('\t') != std::string::npos) {
        Find(i, "a tab: indent with spaces");
      }
      if (!line.empty() && (line.back() == ' ' || line.back() == '\r')) {
        Find(i, "space at the end of the line");
      }
      for (const char* note : {"TO"
                               "DO",
                               "FIX"
                               "ME",
                               "XX"
                               "X"}) {
        if (HasWord(line, note)) {
          Find(i, "a leftover note: do it, or write it where it will be read");
        }
      }
      for (const char* path : {"/wo"
                               "rk/",
                               "/ro"
                               "ot/"}) {
        if (line.find(path) != std::string::npos) {
          Find(i, "a path of one machine");
        }
      }
    }
    if (!file_.ends_with_newline) {
      FindInFile("the last line has no newline");
    }
  }

  void CheckSize() {
    const int lines = static_cast<int>(file_.lines.size());
    if (EndsWith(file_.path, ".h") && lines > kHeaderLinesMax) {
      FindInFile("a header of more than 200 lines: split it by promise");
    }
    if (EndsWith(file_.path, ".cc") && lines > kSourceLinesMax) {
      FindInFile("a source of more than 500 lines: split it by promise");
    }
  }

  void CheckHeader() {
    if (!EndsWith(file_.path, ".h")) {
      return;
    }
    if (file_.lines.empty() || !StartsWith(file_.lines[0], "// ")) {
      FindInFile("a header opens with a comment that says what it promises");
    }
    if (std::find(file_.lines.begin(), file_.lines.end(), "#pragma once") == file_.lines.end()) {
      FindInFile("a header says #pragma once after its opening comment");
    }
  }

  void CheckBans(std::size_t index, const std::string& code, const std::vector<Ban>& bans) {
    for (const Ban& ban : bans) {
      const bool suffix = ban.word[0] == '_' || ban.word.back() == '_';
      if (suffix ? code.find(ban.word) != std::string::npos : HasWord(code, ban.word)) {
        Find(index, "`" + ban.word + "`: " + ban.instead);
      }
    }
  }

  void CheckTypeName(std::size_t index, const std::string& code) {
    for (const std::string keyword : {"class ", "struct ", "enum ", "using "}) {
      const std::size_t indent = code.find_first_not_of(' ');
      if (indent == std::string::npos || code.compare(indent, keyword.size(), keyword) != 0) {
        continue;
      }
      std::string rest = code.substr(indent + keyword.size());
      if (StartsWith(rest, "class ")) {
        rest = rest.substr(6);
      }
      const std::string name = rest.substr(0, rest.find_first_of(" :;{<=("));
      for (const std::string& word : WordsOf(name)) {
        if (EmptyWords().contains(word) && !MeantNames().contains(name)) {
          Find(index, "the word `" + word + "` in a type's name says nothing: name the promise");
        }
      }
    }
  }

  void CheckCode() {
    const std::vector<std::string> code = CodeOf(file_);
    const bool product = IsUnder(file_, {"broker", "client"});
    const bool asks_machine = IsUnder(file_, {"broker/host", "client/console"});
    const bool unit_test =
        IsUnder(file_, {"tests/core", "tests/ledger", "tests/credential", "tests/records",
                        "tests/use_cases", "tests/policy_files", "tests/house"});
    for (std::size_t i = 0; i < code.size(); ++i) {
      CheckTypeName(i, code[i]);
      if (product) {
        CheckBans(i, code[i], ProductBans());
        if (!asks_machine) {
          CheckBans(i, code[i], MachineBans());
        }
        if (IsUnder(file_, {"broker"}) && !IsUnder(file_, {"broker/sync"})) {
          CheckBans(i, code[i], LockBans());
        }
        if (StartsWith(code[i], "#define")) {
          Find(i, "a macro of ours: write a function, a constant or a list");
        }
      } else {
        CheckBans(i, code[i], TestBans());
      }
      if (unit_test) {
        CheckBans(i, code[i], SleepBans());
      }
    }
  }

  void CheckFunctions() {
    for (const FunctionSpan& span : FunctionsOf(file_)) {
      if (span.lines > kFunctionLinesWanted) {
        const std::string sentence = "a function of " + std::to_string(span.lines) + " lines";
        auto& list = span.lines > kFunctionLinesMax ? report_.findings : report_.advice;
        list.push_back({file_.path, span.first_line, sentence + ": split it"});
      }
    }
  }

  void CheckTitle() {
    int titles = 0;
    bool fenced = false;
    for (const std::string& line : file_.lines) {
      if (StartsWith(line, "```")) {
        fenced = !fenced;
      }
      titles += !fenced && StartsWith(line, "# ") ? 1 : 0;
    }
    if (titles != 1) {
      FindInFile("a page has exactly one title, this one has " + std::to_string(titles));
    }
  }

  const SourceFile& file_;
  TidyReport report_;
};

}  // namespace

TidyReport CheckTidy(const SourceFile& file) {
  return Checker(file).Run();
}

}  // namespace jit::house

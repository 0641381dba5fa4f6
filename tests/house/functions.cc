#include "tests/house/functions.h"

#include <string>

namespace jit::house {
namespace {

// Whether the text between the last statement and an opening brace announces a function body.
bool AnnouncesFunction(const std::string& head) {
  const std::size_t open = head.find('(');
  if (open == std::string::npos) {
    return false;
  }
  const std::size_t equals = head.find('=');
  const bool is_value = equals < open && !HasWord(head.substr(0, open), "operator");
  return !is_value && head.find(" operator") != 0;
}

enum class Scope { kOther, kFunction };

class Reader {
 public:
  std::vector<FunctionSpan> Run(const std::vector<std::string>& code) {
    for (std::size_t i = 0; i < code.size(); ++i) {
      line_ = static_cast<int>(i) + 1;
      if (code[i].find_first_not_of(" \t") != std::string::npos &&
          code[i][code[i].find_first_not_of(" \t")] == '#') {
        continue;
      }
      for (const char c : code[i]) {
        Take(c);
      }
      head_ += ' ';
    }
    return std::move(spans_);
  }

 private:
  void Take(char c) {
    if (c == '{') {
      Open();
    } else if (c == '}') {
      Close();
    } else if (c == ';' && !InFunction()) {
      head_.clear();
    } else {
      head_ += c;
    }
  }

  bool InFunction() const { return function_depth_ > 0; }

  void Open() {
    const bool function = !InFunction() && AnnouncesFunction(head_);
    scopes_.push_back(function ? Scope::kFunction : Scope::kOther);
    if (function) {
      function_depth_ = scopes_.size();
      first_line_ = line_;
    }
    head_.clear();
  }

  void Close() {
    if (!scopes_.empty()) {
      if (scopes_.size() == function_depth_) {
        spans_.push_back({first_line_, line_ - first_line_ + 1});
        function_depth_ = 0;
      }
      scopes_.pop_back();
    }
    head_.clear();
  }

  std::vector<Scope> scopes_;
  std::size_t function_depth_ = 0;  // size of scopes_ with the function on top; 0: in none
  std::string head_;
  int line_ = 0;
  int first_line_ = 0;
  std::vector<FunctionSpan> spans_;
};

}  // namespace

std::vector<FunctionSpan> FunctionsOf(const SourceFile& file) {
  return Reader().Run(CodeOf(file));
}

}  // namespace jit::house

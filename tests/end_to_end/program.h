// The shipped programs, run as a person or a service manager would run them.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace jit::end_to_end {

// What a program left behind. A program that was ended by a signal has 128 and its number.
struct Said {
  int status = -1;
  std::string out;
  std::string err;
};

using Words = std::vector<std::string>;
using Environment = std::map<std::string, std::string>;

// A program that runs until it ends or is ended. Output goes into files of `folder`.
class Program {
 public:
  // The first word is a path. The environment is exactly the one given, and PATH.
  Program(const Words& command, const Environment& environment, const std::string& folder);
  ~Program();  // kills what still runs
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  pid_t pid() const { return pid_; }
  bool Running();
  void Signal(int signal);
  // Everything it left; nothing when it still runs after `patience`.
  std::optional<Said> Wait(std::chrono::seconds patience);
  std::string out() const;
  std::string err() const;

 private:
  pid_t pid_ = 0;
  std::optional<int> status_;
  std::string out_path_;
  std::string err_path_;
};

// Runs it to its end; a status of -1 when it took longer.
Said RunProgram(const Words& command, const Environment& environment, const std::string& folder,
                std::chrono::seconds patience = std::chrono::seconds(60));

// Whether `holds` comes true in time; looks every 50 ms.
template <class Holds>
bool Comes(Holds holds, std::chrono::seconds patience = std::chrono::seconds(30));

void Pause(std::chrono::milliseconds span);

template <class Holds>
bool Comes(Holds holds, std::chrono::seconds patience) {
  for (std::chrono::milliseconds waited{0}; waited < patience;
       waited += std::chrono::milliseconds(50)) {
    if (holds()) return true;
    Pause(std::chrono::milliseconds(50));
  }
  return holds();
}

}  // namespace jit::end_to_end

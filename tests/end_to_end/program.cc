#include "tests/end_to_end/program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>

namespace jit::end_to_end {
namespace {

std::string Content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<char*> Pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

void Pause(std::chrono::milliseconds span) {
  std::this_thread::sleep_for(span);
}

Program::Program(const Words& command, const Environment& environment, const std::string& folder) {
  static std::atomic<int> number = 0;
  const std::string stem = folder + "/program-" + std::to_string(++number);
  out_path_ = stem + ".out";
  err_path_ = stem + ".err";
  Words words = command;
  std::vector<std::string> settings = {"PATH=/usr/local/bin:/usr/bin:/bin"};
  // How a sanitizer reports is of the build, not of the person whose environment this is.
  for (const char* name : {"ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS"}) {
    if (const char* value = getenv(name)) settings.push_back(std::string(name) + "=" + value);
  }
  for (const auto& [name, value] : environment) settings.push_back(name + "=" + value);
  const std::vector<char*> argv = Pointers(words);
  const std::vector<char*> envp = Pointers(settings);
  pid_ = fork();
  if (pid_ == 0) {
    // Whatever becomes of the test, nothing of it goes on running.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int nothing = open("/dev/null", O_RDONLY);
    const int out = open(out_path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    const int err = open(err_path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    dup2(nothing, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
}

Program::~Program() {
  if (Running()) {
    kill(pid_, SIGKILL);
    int status = 0;
    waitpid(pid_, &status, 0);
  }
}

bool Program::Running() {
  if (status_.has_value() || pid_ <= 0) return false;
  int status = 0;
  const pid_t ended = waitpid(pid_, &status, WNOHANG);
  if (ended == 0) return true;
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return false;
}

void Program::Signal(int signal) {
  if (Running()) kill(pid_, signal);
}

std::optional<Said> Program::Wait(std::chrono::seconds patience) {
  for (std::chrono::milliseconds waited{0}; Running(); waited += std::chrono::milliseconds(5)) {
    if (waited >= patience) return std::nullopt;
    Pause(std::chrono::milliseconds(5));
  }
  return Said{status_.value_or(-1), out(), err()};
}

std::string Program::out() const {
  return Content(out_path_);
}
std::string Program::err() const {
  return Content(err_path_);
}

Said RunProgram(const Words& command, const Environment& environment, const std::string& folder,
                std::chrono::seconds patience) {
  Program program(command, environment, folder);
  return program.Wait(patience).value_or(Said{-1, program.out(), program.err()});
}

}  // namespace jit::end_to_end

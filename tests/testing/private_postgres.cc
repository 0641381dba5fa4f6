#include "tests/testing/private_postgres.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "broker/development/free_port.h"

namespace jit::testing {
namespace {

namespace fs = std::filesystem;

// The account that the server runs under when we are root, which PostgreSQL refuses to be.
struct Account {
  uid_t uid = 0;
  gid_t gid = 0;
};

std::optional<Account> AccountToBecome() {
  if (geteuid() != 0) {
    return std::nullopt;
  }
  for (const char* name : {"postgres", "nobody"}) {
    if (const passwd* entry = getpwnam(name); entry != nullptr) {
      return Account{entry->pw_uid, entry->pw_gid};
    }
  }
  return Account{65534, 65534};
}

// Where initdb and postgres live: PG_BINDIR, or the newest of Debian's folders, or the path.
std::string ProgramFolder() {
  if (const char* chosen = std::getenv("PG_BINDIR"); chosen != nullptr) {
    return chosen;
  }
  std::string best;
  int best_version = 0;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
    const int version = std::atoi(entry.path().filename().c_str());
    if (version > best_version && fs::exists(entry.path() / "bin" / "initdb")) {
      best_version = version;
      best = entry.path() / "bin";
    }
  }
  if (best.empty() && fs::exists("/usr/bin/initdb")) {
    best = "/usr/bin";
  }
  return best;
}

enum class OutlivesParent { kYes, kNo };

// What only async-signal-safe calls may do between fork and exec.
[[noreturn]] void BecomeAndExec(const std::optional<Account>& account, char* const* arguments,
                                int input, int output, OutlivesParent outlives) {
  if (account.has_value() &&
      (setgroups(0, nullptr) != 0 || setgid(account->gid) != 0 || setuid(account->uid) != 0)) {
    _exit(126);
  }
  // After setuid: the kernel forgets this wish when the account changes.
  if (outlives == OutlivesParent::kNo && prctl(PR_SET_PDEATHSIG, SIGQUIT) != 0) {
    _exit(126);
  }
  if (dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
      dup2(output, STDERR_FILENO) < 0 || chdir("/") != 0) {
    _exit(126);
  }
  setsid();
  execv(arguments[0], arguments);
  _exit(127);
}

std::vector<char*> Pointers(std::vector<std::string>& arguments) {
  std::vector<char*> pointers;
  for (std::string& argument : arguments) {
    pointers.push_back(argument.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

// Runs a program to its end and answers what it printed; its input is `input`.
absl::StatusOr<std::string> Run(std::vector<std::string> arguments, absl::string_view input,
                                const std::optional<Account>& account) {
  char in_name[] = "/tmp/jit-input-XXXXXX";
  const int in = mkostemp(in_name, O_CLOEXEC);
  if (in < 0) {
    return absl::InternalError("cannot make a file in /tmp");
  }
  unlink(in_name);
  std::size_t written = 0;
  while (written < input.size()) {
    const ssize_t n = write(in, input.data() + written, input.size() - written);
    if (n < 0) {
      close(in);
      return absl::InternalError("cannot write to /tmp");
    }
    written += static_cast<std::size_t>(n);
  }
  lseek(in, 0, SEEK_SET);
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) {
    close(in);
    return absl::InternalError("cannot make a pipe");
  }
  std::vector<char*> pointers = Pointers(arguments);
  const pid_t child = fork();
  if (child == 0) {
    BecomeAndExec(account, pointers.data(), in, pipe_ends[1], OutlivesParent::kYes);
  }
  close(in);
  close(pipe_ends[1]);
  std::string output;
  char buffer[4096];
  ssize_t n = 0;
  while ((n = read(pipe_ends[0], buffer, sizeof buffer)) != 0) {
    if (n > 0) {
      output.append(buffer, static_cast<std::size_t>(n));
    } else if (errno != EINTR) {
      break;
    }
  }
  close(pipe_ends[0]);
  int status = 0;
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (child < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return absl::InternalError(absl::StrCat(arguments[0], " failed: ", output));
  }
  return output;
}

// A port nobody listens on now. Somebody may take it before we do; Launch() then fails.
absl::StatusOr<std::string> MakeFolder(const std::optional<Account>& account) {
  char name[] = "/tmp/jit-pg-XXXXXX";
  if (mkdtemp(name) == nullptr) {
    return absl::InternalError("cannot make a folder in /tmp");
  }
  if (account.has_value() && chown(name, account->uid, account->gid) != 0) {
    return absl::InternalError("cannot give the folder away");
  }
  return std::string(name);
}

void Append(const fs::path& file, absl::string_view text) {
  std::ofstream(file, std::ios::app) << std::string(text.data(), text.size());
}

std::string Hba(const std::vector<std::string>& first) {
  std::string text;
  for (const std::string& line : first) {
    absl::StrAppend(&text, line, "\n");
  }
  return absl::StrCat(text,
                      "local all postgres trust\n"
                      "local all all scram-sha-256\n"
                      "host all all 127.0.0.1/32 scram-sha-256\n"
                      "host all all ::1/128 scram-sha-256\n"
                      "local replication postgres trust\n"
                      "host replication all 127.0.0.1/32 scram-sha-256\n");
}

}  // namespace

absl::StatusOr<std::unique_ptr<PrivatePostgres>> PrivatePostgres::Start(const Options& options) {
  const std::string programs = ProgramFolder();
  if (programs.empty()) {
    return absl::NotFoundError("PostgreSQL is not installed: install the package postgresql-15");
  }
  const std::optional<Account> account = AccountToBecome();
  absl::StatusOr<std::string> folder = MakeFolder(account);
  if (!folder.ok()) {
    return folder.status();
  }
  std::unique_ptr<PrivatePostgres> cluster(new PrivatePostgres);
  cluster->folder_ = *folder;
  const fs::path data = fs::path(*folder) / "cluster";
  absl::StatusOr<std::string> made =
      Run({programs + "/initdb", "--no-sync", "--no-instructions", "--username=postgres",
           "--encoding=UTF8", "--locale=C", "--pgdata=" + data.string()},
          "", account);
  if (!made.ok()) {
    return made.status();
  }
  std::string settings =
      absl::StrCat("listen_addresses = '127.0.0.1'\nunix_socket_directories = '", *folder,
                   "'\nunix_socket_permissions = 0700\npassword_encryption = 'scram-sha-256'\n"
                   "log_timezone = 'UTC'\ntimezone = 'UTC'\n");
  if (options.durability == Durability::kOff) {
    absl::StrAppend(&settings, "fsync = off\nfull_page_writes = off\n");
  }
  for (const auto& [name, value] : options.settings) {
    absl::StrAppend(&settings, name, " = '", value, "'\n");
  }
  Append(data / "postgresql.conf", settings);
  std::ofstream(data / "pg_hba.conf") << Hba(options.hba_first);
  // Three tries: another program may take the port between our look and our start.
  absl::Status started;
  for (int attempt = 0; attempt < 3; ++attempt) {
    absl::StatusOr<int> port = development::FreePort();
    if (!port.ok()) {
      return port.status();
    }
    cluster->port_ = *port;
    started = cluster->Launch();
    if (started.ok()) {
      return cluster;
    }
  }
  return started;
}

PrivatePostgres::~PrivatePostgres() {
  // Fast, not immediate, so that the sanitizers' and the server's own shutdown complaints show up.
  (void)Stop(StopMode::kFast);
  std::error_code ignored;
  if (!folder_.empty() && std::getenv("JIT_KEEP_CLUSTERS") == nullptr) {
    fs::remove_all(folder_, ignored);
  }
}

std::string PrivatePostgres::SuperuserConninfo(absl::string_view database) const {
  return absl::StrCat("host=", folder_, " port=", port_, " user=postgres dbname=", database);
}

std::string PrivatePostgres::ConninfoFor(absl::string_view user, absl::string_view password,
                                         absl::string_view database) const {
  return absl::StrCat("host=127.0.0.1 port=", port_, " user=", user, " password=", password,
                      " dbname=", database);
}

absl::StatusOr<std::string> PrivatePostgres::FreshDatabase(absl::string_view from) {
  std::string name = absl::StrCat("db_", ++databases_);
  absl::StatusOr<std::string> made =
      Psql("postgres", absl::StrCat("create database ", name, " template ", from));
  if (!made.ok()) {
    return made.status();
  }
  return name;
}

absl::StatusOr<std::string> PrivatePostgres::Psql(absl::string_view database,
                                                  absl::string_view sql) const {
  absl::StatusOr<std::string> output = Run({ProgramFolder() + "/psql", "-XAtq", "-v",
                                            "ON_ERROR_STOP=1", "-d", SuperuserConninfo(database)},
                                           sql, std::nullopt);
  if (!output.ok()) {
    return output.status();
  }
  return std::string(absl::StripTrailingAsciiWhitespace(*output));
}

absl::Status PrivatePostgres::Launch() {
  std::vector<std::string> arguments = {ProgramFolder() + "/postgres", "-D", folder_ + "/cluster",
                                        "-p", absl::StrCat(port_)};
  std::vector<char*> pointers = Pointers(arguments);
  const int log =
      open((folder_ + "/server.log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const std::optional<Account> account = AccountToBecome();
  server_ = fork();
  if (server_ == 0) {
    BecomeAndExec(account, pointers.data(), nothing, log, OutlivesParent::kNo);
  }
  close(log);
  close(nothing);
  if (server_ < 0) {
    return absl::InternalError("cannot fork");
  }
  return WaitUntilReady();
}

absl::Status PrivatePostgres::WaitUntilReady() {
  // The eighth line of postmaster.pid says when connections are taken; the first whose file it is.
  for (int tries = 0; tries < 3000; ++tries) {
    std::ifstream file(folder_ + "/cluster/postmaster.pid");
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
      lines.push_back(line);
    }
    if (lines.size() >= 8 && lines[0] == absl::StrCat(server_) &&
        absl::StartsWith(lines[7], "ready")) {
      return absl::OkStatus();
    }
    int status = 0;
    if (waitpid(server_, &status, WNOHANG) == server_) {
      server_ = -1;
      return absl::InternalError(absl::StrCat("the server did not start:\n", ServerLog()));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  (void)Stop(StopMode::kImmediate);
  return absl::DeadlineExceededError(absl::StrCat("the server never became ready:\n", ServerLog()));
}

absl::Status PrivatePostgres::Stop(StopMode mode) {
  if (server_ <= 0) {
    return absl::OkStatus();
  }
  kill(server_, mode == StopMode::kFast ? SIGINT : SIGQUIT);
  // A minute for a fast shutdown, then a harder word, then the hardest.
  for (int tries = 0; tries < 9000; ++tries) {
    int status = 0;
    if (waitpid(server_, &status, WNOHANG) == server_) {
      server_ = -1;
      return absl::OkStatus();
    }
    if (tries == 6000) {
      kill(server_, SIGQUIT);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  kill(server_, SIGKILL);
  waitpid(server_, nullptr, 0);
  server_ = -1;
  return absl::DeadlineExceededError("the server had to be killed");
}

absl::Status PrivatePostgres::Resume() {
  if (server_ > 0) {
    return absl::OkStatus();
  }
  return Launch();
}

absl::Status PrivatePostgres::Restart() {
  if (absl::Status stopped = Stop(); !stopped.ok()) {
    return stopped;
  }
  return Resume();
}

absl::StatusOr<std::unique_ptr<PrivatePostgres>> PrivatePostgres::Clone() {
  if (absl::Status stopped = Stop(); !stopped.ok()) {
    return stopped;
  }
  const std::optional<Account> account = AccountToBecome();
  absl::StatusOr<std::string> folder = MakeFolder(account);
  if (!folder.ok()) {
    return folder.status();
  }
  std::unique_ptr<PrivatePostgres> copy(new PrivatePostgres);
  copy->folder_ = *folder;
  copy->databases_ = databases_;
  absl::StatusOr<std::string> copied =
      Run({"/bin/cp", "-a", folder_ + "/cluster", *folder + "/cluster"}, "", account);
  if (!copied.ok()) {
    return copied.status();
  }
  Append(*folder + "/cluster/postgresql.conf",
         absl::StrCat("unix_socket_directories = '", *folder, "'\n"));
  absl::StatusOr<int> port = development::FreePort();
  if (!port.ok()) {
    return port.status();
  }
  copy->port_ = *port;
  if (absl::Status started = copy->Launch(); !started.ok()) {
    return started;
  }
  if (absl::Status resumed = Resume(); !resumed.ok()) {
    return resumed;
  }
  return copy;
}

std::string PrivatePostgres::ServerLog() const {
  std::ifstream file(folder_ + "/server.log");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace jit::testing

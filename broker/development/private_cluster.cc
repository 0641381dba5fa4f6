#include "broker/development/private_cluster.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "broker/development/free_port.h"

namespace jit::development {
namespace {

constexpr absl::Duration kStartPatience = absl::Seconds(60);
constexpr std::chrono::milliseconds kPoll(20);
constexpr std::size_t kSocketPathMax = 107;  // sun_path, unix(7), less its NUL
constexpr int kStartAttempts = 5;
// Written after the first successful start: a cluster without it was never used and is made again.
constexpr absl::string_view kPortFile = "postgres.port";
constexpr absl::string_view kPasswordFile = "initdb.password";

struct Places {
  std::string cluster;   // D/postgres: the server's own, like the next
  std::string sockets;   // D/socket
  std::string log;       // D/postgres.log: ours, like the next
  std::string password;  // D/initdb.password, only while initdb runs
  Account account;
  std::string bin;
};

std::string EndOfLog(const std::string& path) {
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::vector<std::string> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
  std::string end;
  for (std::size_t i = lines.size() > 8 ? lines.size() - 8 : 0; i < lines.size(); ++i) {
    absl::StrAppend(&end, "\n    ", lines[i]);
  }
  return end;
}

absl::Status Give(const std::string& path, const Account& account, mode_t mode) {
  if (chmod(path.c_str(), mode) != 0 ||
      (geteuid() == 0 && chown(path.c_str(), account.uid, account.gid) != 0)) {
    return absl::UnavailableError(
        absl::StrCat("cannot give ", path, " to ", account.name, ": ", strerror(errno)));
  }
  return absl::OkStatus();
}

// Whether `account` can get through every folder above `path`: what decides, long before PostgreSQL
// says "could not access directory", whether the place is any good.
absl::Status CheckPassage(const std::string& path, const Account& account) {
  const std::filesystem::path whole(path);
  for (std::filesystem::path at = whole; at != at.root_path(); at = at.parent_path()) {
    struct stat status {};
    if (stat(at.c_str(), &status) != 0) {
      continue;
    }
    const bool passes = (status.st_mode & S_IXOTH) != 0 ||
                        (status.st_uid == account.uid && (status.st_mode & S_IXUSR) != 0) ||
                        (status.st_gid == account.gid && (status.st_mode & S_IXGRP) != 0);
    if (!passes) {
      return absl::FailedPreconditionError(
          absl::StrCat("PostgreSQL runs as ", account.name, ", which may not pass through ",
                       at.string(), ": choose another --dir, or chmod o+x that folder"));
    }
  }
  return absl::OkStatus();
}

absl::Status MakeCluster(const Places& places, const Folder& folder,
                         const credential::Secret& password) {
  // What an interrupted first start left half-made goes first; initdb wants an empty folder.
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(places.cluster, ignored)) {
    std::filesystem::remove_all(entry.path(), ignored);
  }
  if (absl::Status written =
          folder.Write(kPasswordFile, password.RevealForUse(), Privacy::kPrivate);
      !written.ok()) {
    return written;
  }
  absl::Status made = Give(places.password, places.account, 0600);
  if (made.ok()) {
    absl::StatusOr<Child> child = Child::Start(
        {.command = {places.bin + "/initdb", "--pgdata=" + places.cluster, "--auth=scram-sha-256",
                     absl::StrCat("--username=", PrivateCluster::kAdministrator),
                     "--pwfile=" + places.password, "--encoding=UTF8", "--locale=C.UTF-8",
                     "--no-instructions", "--no-sync"},
         .account = places.account,
         .folder = "/",
         .log_path = places.log});
    made = child.ok() ? child->Wait(kStartPatience) : child.status();
  }
  unlink(places.password.c_str());
  if (!made.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("initdb did not make a cluster:", EndOfLog(places.log)));
  }
  return absl::OkStatus();
}

// The eighth line of postmaster.pid is the server's own word on itself ("ready").
bool IsReady(const std::string& cluster, pid_t pid) {
  std::ifstream file(cluster + "/postmaster.pid");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    lines.push_back(std::string(absl::StripAsciiWhitespace(line)));
  }
  return lines.size() >= 8 && lines[0] == absl::StrCat(pid) && lines[7] == "ready";
}

absl::Status AwaitReady(Child& server, const std::string& cluster) {
  for (absl::Duration waited; waited < kStartPatience; waited += absl::FromChrono(kPoll)) {
    if (!server.Running()) {
      return absl::FailedPreconditionError("PostgreSQL ended while it was starting");
    }
    if (IsReady(cluster, server.pid())) {
      return absl::OkStatus();
    }
    std::this_thread::sleep_for(kPoll);
  }
  return absl::DeadlineExceededError("PostgreSQL did not get ready within a minute");
}

std::vector<std::string> ServerCommand(const Places& places, int port) {
  const std::string socket = absl::StrCat(places.sockets, "/.s.PGSQL.", port);
  return {
      places.bin + "/postgres", "-D", places.cluster,
      // Everything on the command line, so that the cluster's own files stay as initdb made them.
      "-c", "listen_addresses=127.0.0.1", "-c", absl::StrCat("port=", port), "-c",
      "unix_socket_directories=" + (socket.size() <= kSocketPathMax ? places.sockets : ""), "-c",
      "unix_socket_permissions=0777", "-c", "max_connections=250", "-c", "shared_buffers=64MB",
      "-c", "timezone=UTC", "-c", "log_timezone=UTC", "-c", "cluster_name=jit-development"};
}

// A server that a previous owner of this folder left behind (only possible when the parent-death
// signal was lost) must not be joined: nobody would stop it.
absl::Status CheckNobodyRuns(const Places& places) {
  std::ifstream file(places.cluster + "/postmaster.pid");
  pid_t pid = 0;
  if (!(file >> pid) || pid <= 0) {
    return absl::OkStatus();
  }
  std::error_code error;
  const std::filesystem::path runs =
      std::filesystem::read_symlink(absl::StrCat("/proc/", pid, "/cwd"), error);
  if (!error && runs == places.cluster) {
    return absl::FailedPreconditionError(
        absl::StrCat("a PostgreSQL server (process ", pid, ") already runs in ", places.cluster,
                     ": is another jit-broker dev using this folder?"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Places> Prepare(const PrivateCluster::Order& order) {
  Places places;
  places.cluster = order.folder.PathOf("postgres");
  places.sockets = order.folder.PathOf("socket");
  places.log = order.folder.PathOf("postgres.log");
  places.password = order.folder.PathOf(kPasswordFile);
  absl::StatusOr<Account> account = UnprivilegedAccount();
  if (!account.ok()) {
    return account.status();
  }
  places.account = *account;
  places.bin = order.bin;
  if (places.bin.empty()) {
    absl::StatusOr<std::string> found = FindServerPrograms();
    if (!found.ok()) {
      return found.status();
    }
    places.bin = *found;
  }
  std::error_code error;
  for (const std::string& folder : {places.cluster, places.sockets}) {
    std::filesystem::create_directory(folder, error);
    const mode_t mode = folder == places.cluster ? 0700 : 0711;
    if (absl::Status given = Give(folder, places.account, mode); !given.ok()) {
      return given;
    }
  }
  if (absl::Status passage = CheckPassage(places.cluster, places.account); !passage.ok()) {
    return passage;
  }
  return places;
}

}  // namespace

absl::StatusOr<std::string> FindServerPrograms() {
  std::string best;
  int best_major = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", error)) {
    int major = 0;
    if (absl::SimpleAtoi(entry.path().filename().string(), &major) && major > best_major &&
        std::filesystem::exists(entry.path() / "bin" / "initdb", error)) {
      best_major = major;
      best = (entry.path() / "bin").string();
    }
  }
  if (best.empty()) {
    return absl::NotFoundError(
        "no PostgreSQL server in /usr/lib/postgresql: install the package postgresql-15, or name a "
        "database with --target");
  }
  return best;
}

absl::StatusOr<PrivateCluster> PrivateCluster::Start(const Order& order) {
  absl::StatusOr<Places> places = Prepare(order);
  if (!places.ok()) {
    return places.status();
  }
  if (absl::Status alone = CheckNobodyRuns(*places); !alone.ok()) {
    return alone;
  }
  std::optional<int> wanted;
  if (absl::StatusOr<std::string> kept = order.folder.Read(kPortFile); kept.ok()) {
    int port = 0;
    if (absl::SimpleAtoi(absl::StripAsciiWhitespace(*kept), &port) && port > 0 && port < 65'536) {
      wanted = port;
    }
  } else if (absl::Status made = MakeCluster(*places, order.folder, order.administrator);
             !made.ok()) {
    return made;
  }
  for (int attempt = 1;; ++attempt) {
    absl::StatusOr<int> port = FreePort(attempt == 1 ? wanted : std::nullopt);
    if (!port.ok()) {
      return port.status();
    }
    absl::StatusOr<Child> server = Child::Start({.command = ServerCommand(*places, *port),
                                                 .account = places->account,
                                                 .folder = "/",
                                                 .log_path = places->log});
    if (!server.ok()) {
      return server.status();
    }
    const absl::Status ready = AwaitReady(*server, places->cluster);
    if (ready.ok()) {
      if (absl::Status kept =
              order.folder.Write(kPortFile, absl::StrCat(*port, "\n"), Privacy::kReadable);
          !kept.ok()) {
        return kept;
      }
      return PrivateCluster(*std::move(server), *port);
    }
    if (attempt == kStartAttempts) {
      return absl::FailedPreconditionError(
          absl::StrCat(ready.message(), ":", EndOfLog(places->log)));
    }
  }
}

}  // namespace jit::development

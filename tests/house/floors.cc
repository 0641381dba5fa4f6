#include "tests/house/floors.h"

#include <map>
#include <optional>
#include <set>

namespace jit::house {
namespace {

// A room of the broker may include the rooms of lower floors and itself. Rooms on one floor are
// blind to each other, which is what makes circles impossible.
const std::map<std::string, int>& Floors() {
  static const std::map<std::string, int> floors = {
      {"broker/core", 0},            //
      {"broker/ledger", 0},          //
      {"broker/credential", 0},      //
      {"broker/pq", 0},              //
      {"broker/sql", 0},             //
      {"broker/sync", 0},            //
      {"broker/records", 1},         //
      {"broker/ports", 1},           //
      {"broker/use_cases", 2},       //
      {"broker/journal_sqlite", 2},  //
      {"broker/target_postgres", 2},
      {"broker/policy_files", 2},  //
      {"broker/host", 2},          //
      {"broker/development", 2},   //
      {"broker/rpc", 3},           //
      {"broker/daemon", 4},        //
      {"broker/commands", 5},      //
      {"broker", 6},
  };
  return floors;
}

// A client room may include itself and these rooms.
const std::map<std::string, std::set<std::string>>& ClientRooms() {
  static const std::set<std::string> core = {"broker/ledger", "broker/credential"};
  static const std::set<std::string> channel = {"broker/ledger", "broker/credential",
                                                "client/console"};
  static const std::set<std::string> program = {"broker/ledger", "broker/credential",
                                                "client/console", "client/channel"};
  static const std::map<std::string, std::set<std::string>> rooms = {
      {"client/console", core},    {"client/channel", channel}, {"client/access", program},
      {"client/approve", program}, {"client/audit", program},
  };
  return rooms;
}

// Headers from outside that only some rooms may include, by how the include begins.
struct Library {
  std::string prefix;
  std::set<std::string> rooms;
  std::string instead;
};

const std::vector<Library>& Libraries() {
  static const std::vector<Library> libraries = {
      {"grpcpp/", {"broker/rpc", "client/channel"}, "gRPC is the business of rpc and channel"},
      {"grpc/", {"broker/rpc", "client/channel"}, "gRPC is the business of rpc and channel"},
      {"jit/v1/",
       {"broker/rpc", "client/channel", "client/access", "client/approve", "client/audit"},
       "generated messages stop at the room rpc"},
      {"google/protobuf/",
       {"broker/rpc", "client/channel", "client/access", "client/approve", "client/audit"},
       "generated messages stop at the room rpc"},
      {"libpq-fe.h", {"broker/pq"}, "talk to PostgreSQL through the room pq"},
      {"libpq/", {"broker/pq"}, "talk to PostgreSQL through the room pq"},
      {"pg_query.h", {"broker/sql"}, "SQL is understood in the room sql"},
      {"sqlite3.h", {"broker/journal_sqlite", "client/audit"}, "SQLite is the embedded journal's"},
      {"toml++/",
       {"broker/policy_files", "broker/daemon", "client/channel"},
       "configuration files are read at the border"},
      {"sys/random.h", {"broker/host", "client/console"}, "ask ports/entropy.h"},
      {"openssl/rand.h", {"broker/host", "client/console"}, "ask ports/entropy.h"},
      {"random", {"broker/host", "client/console"}, "ask ports/entropy.h"},
      {"gtest/", {}, "tests live in tests/"},
      {"gmock/", {}, "tests live in tests/"},
      {"rapidcheck", {}, "tests live in tests/"},
      {"tests/", {}, "tests live in tests/, and nothing looks back at them"},
  };
  return libraries;
}

// What the pure rooms may not see at all.
const std::set<std::string>& ImpureHeaders() {
  static const std::set<std::string> headers = {"thread",  "mutex",      "condition_variable",
                                                "fstream", "filesystem", "chrono",
                                                "future",  "unistd.h",   "fcntl.h"};
  return headers;
}

const std::set<std::string>& PureRooms() {
  static const std::set<std::string> rooms = {"broker/core", "broker/ledger", "broker/records"};
  return rooms;
}

struct Include {
  std::string what;
  bool quoted = false;
};

std::optional<Include> IncludeOf(const std::string& line) {
  const std::size_t hash = line.find_first_not_of(" \t");
  if (hash == std::string::npos || line[hash] != '#') {
    return std::nullopt;
  }
  const std::size_t word = line.find_first_not_of(" \t", hash + 1);
  if (word == std::string::npos || line.compare(word, 7, "include") != 0) {
    return std::nullopt;
  }
  const std::size_t open = line.find_first_of("<\"", word);
  if (open == std::string::npos) {
    return std::nullopt;
  }
  const std::size_t close = line.find(line[open] == '<' ? '>' : '"', open + 1);
  return Include{line.substr(open + 1, close - open - 1), line[open] == '"'};
}

std::optional<std::string> WhyNotRoom(const std::string& room, const std::string& other) {
  if (room == other) {
    return std::nullopt;
  }
  if (const auto client = ClientRooms().find(room); client != ClientRooms().end()) {
    return client->second.contains(other)
               ? std::nullopt
               : std::optional<std::string>(room + " may not look at " + other);
  }
  const auto mine = Floors().find(room);
  const auto theirs = Floors().find(other);
  if (mine == Floors().end() || theirs == Floors().end()) {
    return room + " may not look at " + other + ", which is no room of the broker's floors";
  }
  if (mine->second <= theirs->second) {
    return room + " (floor " + std::to_string(mine->second) + ") may not look at " + other +
           " (floor " + std::to_string(theirs->second) + ")";
  }
  return std::nullopt;
}

bool Begins(const std::string& include, const std::string& prefix) {
  if (prefix.back() == '/' || prefix == "rapidcheck") {
    return StartsWith(include, prefix);
  }
  return include == prefix;
}

std::optional<std::string> WhyNotLibrary(const std::string& room, const Include& include) {
  for (const Library& library : Libraries()) {
    if (Begins(include.what, library.prefix) && !library.rooms.contains(room)) {
      return room + " may not include " + include.what + ": " + library.instead;
    }
  }
  if (PureRooms().contains(room) && ImpureHeaders().contains(include.what)) {
    return room + " is pure and may not include " + include.what;
  }
  return std::nullopt;
}

}  // namespace

std::string RoomOf(const std::string& path) {
  const std::size_t first = path.find('/');
  const std::string top = path.substr(0, first);
  if (first == std::string::npos || (top != "broker" && top != "client")) {
    return "";
  }
  const std::size_t second = path.find('/', first + 1);
  return second == std::string::npos ? top : path.substr(0, second);
}

std::vector<Finding> CheckFloors(const SourceFile& file) {
  const std::string room = RoomOf(file.path);
  if (room.empty() || !IsCpp(file)) {
    return {};
  }
  if (!Floors().contains(room) && !ClientRooms().contains(room)) {
    return {{file.path, 0, room + " is not in the table of rooms in tests/house/floors.cc"}};
  }
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    const std::optional<Include> include = IncludeOf(file.lines[i]);
    if (!include.has_value()) {
      continue;
    }
    const std::string other = RoomOf(include->what);
    std::optional<std::string> why =
        other.empty() ? WhyNotLibrary(room, *include) : WhyNotRoom(room, other);
    if (include->quoted && include->what.find('/') == std::string::npos) {
      why = "includes are written from the root of the project: \"" + room + "/…\"";
    }
    if (why.has_value()) {
      findings.push_back({file.path, static_cast<int>(i) + 1, *why});
    }
  }
  return findings;
}

}  // namespace jit::house

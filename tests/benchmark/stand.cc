#include "tests/benchmark/stand.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "broker/development/free_port.h"
#include "client/console/machine.h"

namespace jit::benchmark {
namespace {

constexpr char kDatabase[] = "shop";
constexpr absl::string_view kShop = R"sql(
  create role app_reader nologin;
  create role app_writer nologin;
  create role app_owner nologin;
  create role shop_app nologin;
  create table orders (id bigint primary key, amount numeric not null);
  insert into orders select n, n from generate_series(1, 100000) n;
  create table bare (id bigint primary key, amount numeric not null);
  insert into bare select n, n from generate_series(1, 100000) n;
  alter table orders owner to app_owner;
  alter table bare owner to app_owner;
  analyze orders, bare;
  grant select on orders to app_reader;
  grant select, insert, update, delete on orders to app_writer;
  grant select, insert, update, delete on orders, bare to shop_app;
  revoke all on database shop from public;
  grant connect on database shop to app_reader, app_writer;
)sql";

// Nobody is asked, and the ceilings of the guard are out of the way: what is measured is work.
constexpr absl::string_view kPolicy = R"(
[roles.reader]
access = "reads"
member_of = ["app_reader"]
default = "30m"
longest = "4h"

[roles.writer]
access = "writes"
member_of = ["app_writer"]
default = "15m"
longest = "2h"

[roles.writer.guard]
statement_rows = 200000
session_rows = 100000000
share_percent = 100

[roles.schema]
access = "defines"
member_of = ["app_owner"]
owner = "app_owner"
default = "10m"
longest = "1h"

[[rules]]
name = "anything"
who = ["engineers", "oncall", "reviewers"]
roles = ["reader", "writer"]
longest = "2h"
seats = []

[[changes]]
name = "repair"
who = ["engineers"]
roles = ["writer", "schema"]
seats = []
)";

}  // namespace

absl::StatusOr<std::unique_ptr<Stand>> Stand::Start(const std::string& programs) {
  auto stand = std::unique_ptr<Stand>(new Stand);
  stand->programs_ = programs;
  stand->console_ = console::MachineConsole();
  std::string pattern = (std::filesystem::temp_directory_path() / "jit_benchmark_XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) return absl::InternalError("no temporary folder");
  stand->folder_ = pattern;
  auto cluster = testing::PrivatePostgres::Start(
      {.durability = testing::PrivatePostgres::Durability::kOn,
       .settings = {{"max_connections", "400"}, {"shared_buffers", "256MB"}}});
  if (!cluster.ok()) return cluster.status();
  stand->cluster_ = *std::move(cluster);
  if (auto made = stand->cluster_->Psql("postgres", "create database shop"); !made.ok()) {
    return made.status();
  }
  if (auto filled = stand->cluster_->Psql(kDatabase, kShop); !filled.ok()) return filled.status();
  // The rest of the house is made by the broker, which leaves alone what is there.
  const std::string policy = stand->folder_ + "/house/policy";
  std::filesystem::create_directories(policy);

  std::ofstream(policy + "/dev.toml") << kPolicy;
  stand->port_ = *development::FreePort();
  if (absl::Status started = stand->StartBroker(); !started.ok()) return started;
  // The DBA's cap on logins is for accidents; here thousands are opened on purpose.
  if (auto lifted = stand->cluster_->Psql(kDatabase, "update jit.limits set logins_max = 100000");
      !lifted.ok()) {
    return lifted.status();
  }
  return stand;
}

Stand::~Stand() {
  KillBroker();
  cluster_.reset();
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

absl::Status Stand::StartBroker() {
  const std::string program = programs_ + "/jit-broker";
  const std::string house = folder_ + "/house";
  const std::string listen = absl::StrCat("127.0.0.1:", port_);
  const std::string target = cluster_->SuperuserConninfo(kDatabase);
  const std::string log = folder_ + "/broker.log";
  broker_ = fork();
  if (broker_ == 0) {
    const int fd = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    dup2(fd, 1);
    dup2(fd, 2);
    execl(program.c_str(), program.c_str(), "dev", "--dir", house.c_str(), "--target",
          target.c_str(), "--listen", listen.c_str(), nullptr);
    _exit(127);
  }
  const absl::Time give_up = absl::Now() + absl::Seconds(60);
  while (absl::Now() < give_up) {
    if (waitpid(broker_, nullptr, WNOHANG) == broker_) break;
    if (auto client = Client("engineer");
        client.ok() && (*client)->Call(v1::WhoAmIRequest()).ok()) {
      return absl::OkStatus();
    }
    absl::SleepFor(absl::Milliseconds(10));
  }
  return absl::InternalError(absl::StrCat("the broker did not start; see ", log));
}

void Stand::KillBroker() {
  if (broker_ <= 0) return;
  kill(broker_, SIGKILL);
  waitpid(broker_, nullptr, 0);
  broker_ = 0;
}

absl::StatusOr<std::unique_ptr<channel::Broker>> Stand::Client(const std::string& identity) {
  const std::string stem = absl::StrCat(folder_, "/house/", identity);
  return channel::Broker::Create({.broker = absl::StrCat("localhost:", port_),
                                  .certificate = stem + ".pem",
                                  .key = stem + ".key",
                                  .authorities = folder_ + "/house/authority.pem"},
                                 console_);
}

absl::StatusOr<std::unique_ptr<pq::Connection>> Stand::Direct() {
  return pq::Connection::Open(cluster_->SuperuserConninfo(kDatabase), pq::StartUp());
}

}  // namespace jit::benchmark

#include "tests/end_to_end/scene.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "broker/development/free_port.h"

namespace jit::end_to_end {
namespace {

using nlohmann::json;

constexpr char kShop[] = R"(
  create role shop_reader nologin;
  create role shop_writer nologin;
  create role shop_owner nologin;
  create schema shop authorization shop_owner;
  set role shop_owner;
  create table shop.orders (id integer primary key, status text not null);
  insert into shop.orders select n, 'placed' from generate_series(1, 1000) n;
  reset role;
  grant usage on schema shop to shop_reader, shop_writer;
  grant select on all tables in schema shop to shop_reader, shop_writer;
  grant insert, update, delete on all tables in schema shop to shop_writer;
)";

}  // namespace

std::string BootFile(int broker_port, int target_port, const std::string& database,
                     const std::string& more) {
  std::ostringstream text;
  text << "listen = \"127.0.0.1:" << broker_port << "\"\n"
       << "journal = \"journal.db\"\npolicy = \"policies\"\n\n"
       << "[tls]\ncertificate = \"broker.pem\"\nkey = \"broker.key\"\n"
       << "client_authorities = \"authority.pem\"\ndeny_list = \"denied.txt\"\n\n"
       << "[checkpoints]\nname = \"jit-access/dev\"\nkey = \"checkpoint.key\"\nevery = \"1s\"\n\n"
       << "[log]\nformat = \"json\"\n\n"
       << "[[targets]]\nname = \"shop\"\nhost = \"127.0.0.1\"\nport = " << target_port
       << "\ndatabase = \"" << database << "\"\nuser = \"jit_broker\"\n"
       << "password_file = \"target.password\"\nsslmode = \"disable\"\n"
       << more;
  return text.str();
}

std::string Scene::ProgramPath(const std::string& name) {
  return std::string(JIT_BINARY_DIR) + "/bin/" + name;
}

std::unique_ptr<Scene> Scene::Make() {
  std::unique_ptr<Scene> scene(new Scene());
  std::string pattern = "/tmp/jit-scene-XXXXXX";
  scene->folder_ = mkdtemp(pattern.data());
  if (!scene->Furnish()) return nullptr;
  return scene;
}

Scene::~Scene() {
  if (::testing::Test::HasFailure()) {
    std::istringstream log(BrokerLog());
    std::vector<std::string> lines;
    for (std::string line; std::getline(log, line);) lines.push_back(line);
    std::printf("the end of the broker's log:\n");
    for (std::size_t i = lines.size() > 30 ? lines.size() - 30 : 0; i < lines.size(); ++i) {
      std::printf("  %s\n", lines[i].c_str());
    }
  }
  broker_.reset();
  postgres_.reset();
  std::filesystem::remove_all(folder_);
}

bool Scene::Furnish() {
  auto postgres = testing::PrivatePostgres::Start();
  EXPECT_TRUE(postgres.ok()) << postgres.status();
  if (!postgres.ok()) return false;
  postgres_ = *std::move(postgres);
  const auto database = postgres_->FreshDatabase();
  EXPECT_TRUE(database.ok()) << database.status();
  if (!database.ok()) return false;
  database_ = *database;
  const auto shop = postgres_->Psql(database_, kShop);
  EXPECT_TRUE(shop.ok()) << shop.status();
  std::filesystem::copy(std::string(JIT_SOURCE_DIR) + "/policies", folder_ + "/policies");
  port_ = *development::FreePort();
  WriteFile("broker.toml", BootFile(port_, postgres_->port(), database_));
  WriteFile("denied.txt", "");
  // The development broker makes keys, papers and the kit; what is served later is made from them.
  if (!Start(As::kDev)) return false;
  return Terminate().status == 0;
}

std::string Scene::ConninfoOfAdministrator() const {
  return postgres_->SuperuserConninfo(database_);
}

bool Scene::Start(As as) {
  Words command = {ProgramPath("jit-broker")};
  if (as == As::kServe) {
    command.insert(command.end(), {"serve", "--config", boot_file()});
  } else {
    command.insert(command.end(),
                   {"dev", "--dir", folder_, "--target", ConninfoOfAdministrator(), "--policy",
                    folder_ + "/policies", "--listen", "127.0.0.1:" + std::to_string(port_)});
  }
  broker_ = std::make_unique<Program>(command, Environment(), folder_);
  const bool serves = Comes([&] {
    return !broker_->Running() || broker_->out().find("Serving on") != std::string::npos ||
           broker_->err().find("\"message\":\"serving\"") != std::string::npos;
  });
  EXPECT_TRUE(serves && broker_->Running()) << broker_->out() << broker_->err();
  return serves && broker_->Running();
}

void Scene::Kill() {
  broker_->Signal(SIGKILL);
  broker_->Wait(std::chrono::seconds(10));
}

Said Scene::Terminate() {
  broker_->Signal(SIGTERM);
  return broker_->Wait(std::chrono::seconds(20)).value_or(Said());
}

Environment Scene::PapersOf(const std::string& person) const {
  return {{"JIT_BROKER", "localhost:" + std::to_string(port_)},
          {"JIT_CA", folder_ + "/authority.pem"},
          {"JIT_CERT", folder_ + "/" + person + ".pem"},
          {"JIT_KEY", folder_ + "/" + person + ".key"},
          {"HOME", folder_}};
}

Said Scene::By(const std::string& person, const Words& command) {
  Words whole = command;
  whole[0] = ProgramPath(whole[0]);
  return RunProgram(whole, PapersOf(person), folder_);
}

json Scene::JsonBy(const std::string& person, const Words& command) {
  Words whole = command;
  whole.insert(whole.end(), {"--output", "json"});
  const Said said = By(person, whole);
  return json::parse(said.out, nullptr, false);
}

std::unique_ptr<Program> Scene::Begin(const std::string& person, const Words& command) {
  Words whole = command;
  whole[0] = ProgramPath(whole[0]);
  return std::make_unique<Program>(whole, PapersOf(person), folder_);
}

json Scene::Reader(const std::string& ttl) {
  return JsonBy("engineer", {"jit-access", "request", "--target", "shop", "--role", "reader",
                             "--ttl", ttl, "--reason", "an end-to-end test"});
}

bool Scene::Approve(const std::string& person, const std::string& lease) {
  const json shown = JsonBy(person, {"jit-approve", "show", lease});
  if (!shown.is_object() || !shown.contains("digest")) return false;
  const Said said = By(person, {"jit-approve", "approve", lease, "--yes", "--digest",
                                shown["digest"].get<std::string>()});
  if (said.status != 0) std::cout << "approve ended with " << said.status << ": " << said.err;
  return said.status == 0;
}

std::string Scene::StateOf(const std::string& lease) {
  const Said said = By("engineer", {"jit-access", "status", lease});
  std::istringstream words(said.out);
  std::string state;
  words >> state;
  return state;
}

std::string Scene::Sql(const std::string& statement) {
  const auto answer = postgres_->Psql(database_, statement);
  EXPECT_TRUE(answer.ok()) << answer.status();
  std::string text = answer.ok() ? *answer : "";
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::set<std::string> Scene::Logins() {
  std::istringstream rows(
      Sql("select rolname from pg_roles where rolname ~ '^jit_[a-z2-7]{26}$' and rolcanlogin"));
  return {std::istream_iterator<std::string>(rows), std::istream_iterator<std::string>()};
}

namespace {

Environment HolderOf(const json& lease) {
  return {
      {"PGHOST", lease.value("host", "")},
      {"PGPORT", std::to_string(lease.value("port", 0))},
      {"PGDATABASE", lease.value("database", "")},
      {"PGUSER", lease.value("login", "")},
      {"PGPASSWORD", lease["password"].is_string() ? lease["password"].get<std::string>() : ""}};
}

}  // namespace

Said Scene::Psql(const json& lease, const std::string& statement) {
  return RunProgram({"/usr/bin/psql", "-XAtc", statement}, HolderOf(lease), folder_);
}

std::unique_ptr<Program> Scene::BeginPsql(const json& lease, const std::string& statement) {
  return std::make_unique<Program>(Words{"/usr/bin/psql", "-XAtc", statement}, HolderOf(lease),
                                   folder_);
}

bool Scene::CanLogIn(const json& lease) {
  return Psql(lease, "select 1").out == "1\n";
}

std::vector<json> Scene::ExportedJournal() {
  const std::string file = folder_ + "/export.jsonl";
  const Said exported = By("manager", {"jit-broker", "journal", "export", "--out", file});
  EXPECT_EQ(exported.status, 0) << exported.err;
  const Said verified =
      By("manager", {"jit-audit", "verify", file, "--key", "@" + folder_ + "/broker.vkey",
                     "--authorities", folder_ + "/authority.pem"});
  EXPECT_EQ(verified.status, 0) << verified.out << verified.err;
  std::vector<json> records;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) records.push_back(json::parse(line));
  return records;
}

void Scene::WriteFile(const std::string& name, const std::string& text) const {
  std::ofstream(folder_ + "/" + name, std::ios::trunc) << text;
}

std::string Scene::ReadFile(const std::string& name) const {
  std::ifstream file(folder_ + "/" + name);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace jit::end_to_end

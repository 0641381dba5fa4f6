// A whole installation in one folder: PostgreSQL with a small shop, the broker, everybody's papers.
//
// Nothing is faked: the programs are the ones that are shipped, spoken to over their command lines.
// What is asserted about a login is asked of PostgreSQL itself, as its superuser or by logging in.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/end_to_end/program.h"
#include "tests/testing/private_postgres.h"

namespace jit::end_to_end {

class Scene {
 public:
  // Fails the test, and answers nothing, when it cannot be set up.
  static std::unique_ptr<Scene> Make();
  ~Scene();

  // The daemon. `dev` allows leases of ten seconds; `serve` is what is shipped, and reads
  // broker.toml.
  enum class As { kDev, kServe };
  bool Start(As as = As::kServe);
  void Kill();       // SIGKILL
  Said Terminate();  // SIGTERM, to its end
  Program& broker() { return *broker_; }
  std::string BrokerLog() const { return broker_ == nullptr ? "" : broker_->err(); }

  // Runs a program of ours with that person's papers. JSON where the program prints some.
  Said By(const std::string& person, const Words& command);
  nlohmann::json JsonBy(const std::string& person, const Words& command);
  std::unique_ptr<Program> Begin(const std::string& person, const Words& command);
  Environment PapersOf(const std::string& person) const;

  // The usual ways to a lease. The answer is the JSON object of `jit-access`, empty on failure.
  nlohmann::json Reader(const std::string& ttl = "10m");
  bool Approve(const std::string& person, const std::string& lease);
  std::string StateOf(const std::string& lease);

  // What the target itself says.
  std::string Sql(const std::string& statement);
  std::set<std::string> Logins();  // every jit_ role that may log in
  bool CanLogIn(const nlohmann::json& lease);
  // psql with the lease's login and password.
  Said Psql(const nlohmann::json& lease, const std::string& statement);
  std::unique_ptr<Program> BeginPsql(const nlohmann::json& lease, const std::string& statement);

  // The journal as exported by the running broker; checked by jit-audit first.
  std::vector<nlohmann::json> ExportedJournal();

  testing::PrivatePostgres& postgres() { return *postgres_; }
  const std::string& folder() const { return folder_; }
  std::string boot_file() const { return folder_ + "/broker.toml"; }
  void WriteFile(const std::string& name, const std::string& text) const;
  std::string ReadFile(const std::string& name) const;
  static std::string ProgramPath(const std::string& name);

 private:
  Scene() = default;
  bool Furnish();
  std::string ConninfoOfAdministrator() const;

  std::string folder_;
  std::string database_;
  int port_ = 0;
  std::unique_ptr<testing::PrivatePostgres> postgres_;
  std::unique_ptr<Program> broker_;
};

// The text of broker.toml for a target somewhere, with more lines for its [[targets]].
std::string BootFile(int broker_port, int target_port, const std::string& database,
                     const std::string& more = "");

}  // namespace jit::end_to_end

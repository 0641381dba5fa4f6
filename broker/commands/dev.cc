#include "broker/commands/dev.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "broker/credential/scram_verifier.h"
#include "broker/daemon/broker.h"
#include "broker/daemon/config.h"
#include "broker/daemon/log.h"
#include "broker/daemon/signals.h"
#include "broker/development/groups.h"
#include "broker/development/house.h"
#include "broker/development/private_cluster.h"
#include "broker/host/system_clock.h"
#include "broker/host/system_entropy.h"
#include "broker/policy_files/parse.h"
#include "broker/policy_files/policy_source.h"
#include "broker/pq/connection.h"
#include "broker/pq/conninfo.h"
#include "broker/target_postgres/kit.h"

namespace jit::commands {
namespace {

constexpr absl::string_view kBrokerLogin = "jit_broker";
constexpr absl::string_view kBrokerPasswordFile = "target.password";
constexpr absl::string_view kAdministratorPasswordFile = "administrator.password";
constexpr absl::string_view kPassFile = "administrator.pgpass";
constexpr absl::string_view kVerifierFile = "broker.vkey";

void Say(const std::string& line) {
  std::printf("%s\n", line.c_str());
}

ExitCode Fail(const absl::Status& status) {
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return ExitCode::kFailed;
}

// What the development broker is made of, step by step.
class Scene {
 public:
  explicit Scene(const DevOptions& options, development::Folder folder)
      : options_(options), folder_(std::move(folder)) {}

  // Each step needs the ones before it.
  absl::Status MakePolicyAndKeys();
  absl::Status FindTarget();
  absl::Status InstallKit();
  absl::StatusOr<daemon::Config> MakeConfig();
  // What an auditor trusts: the public half of the key that signs checkpoints.
  absl::Status KeepVerifier(const std::string& verifier) const;
  absl::Status WriteEnvironments(int port);
  void TellWhatToType(int port) const;

 private:
  const core::TargetName& target() const { return policy_->targets.begin()->first; }

  const DevOptions& options_;
  const development::Folder folder_;
  std::string policy_folder_;
  std::shared_ptr<const policy::Policy> policy_;
  std::optional<development::PrivateCluster> cluster_;
  std::string administrator_;  // conninfo
  std::string host_;
  int port_ = 0;
  std::string database_;
  bool stays_here_ = true;  // the target is on this machine
  host::SystemClock clock_;
  host::SystemEntropy entropy_;
};

absl::Status Scene::MakePolicyAndKeys() {
  policy_folder_ = options_.policy;
  if (policy_folder_.empty()) {
    if (absl::Status written = development::WritePolicy(folder_); !written.ok()) {
      return written;
    }
    policy_folder_ = folder_.PathOf(development::kPolicyFolder);
  }
  absl::StatusOr<std::unique_ptr<policy_files::FilePolicySource>> policy =
      policy_files::FilePolicySource::Create(policy_folder_, policy_files::kTtlFloorInDevelopment);
  if (!policy.ok()) {
    return policy.status();
  }
  policy_ = (*policy)->Current();
  if (policy_->targets.size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(policy_folder_, " speaks of ", policy_->targets.size(),
                     " targets, and the development broker looks after one: leave one file there"));
  }
  return development::MakeKeys(folder_, policy_->people, clock_.Now().wall);
}

absl::Status Scene::FindTarget() {
  administrator_ = options_.target;
  if (administrator_.empty()) {
    const absl::StatusOr<credential::Secret> password =
        development::KeptPassword(folder_, kAdministratorPasswordFile, entropy_);
    if (!password.ok()) {
      return password.status();
    }
    Say("Starting a private PostgreSQL …");
    absl::StatusOr<development::PrivateCluster> cluster = development::PrivateCluster::Start(
        {.folder = folder_, .administrator = *password, .bin = ""});
    if (!cluster.ok()) {
      return cluster.status();
    }
    cluster_ = *std::move(cluster);
    if (absl::Status written =
            folder_.Write(kPassFile,
                          absl::StrCat("127.0.0.1:", cluster_->port(),
                                       ":*:", development::PrivateCluster::kAdministrator, ":",
                                       password->RevealForUse(), "\n"),
                          development::Privacy::kPrivate);
        !written.ok()) {
      return written;
    }
    administrator_ =
        absl::StrCat("host=127.0.0.1 port=", cluster_->port(),
                     " dbname=postgres user=", development::PrivateCluster::kAdministrator,
                     " passfile=", folder_.PathOf(kPassFile));
  }
  const absl::StatusOr<std::unique_ptr<pq::Connection>> connection =
      pq::Connection::Open(administrator_, {});
  if (!connection.ok()) {
    return absl::Status(connection.status().code(),
                        absl::StrCat("the administrator cannot connect to the target: ",
                                     connection.status().message()));
  }
  host_ = (*connection)->host();
  database_ = (*connection)->database();
  // People and broker come over the network also where the administrator comes through a socket.
  if (host_.empty() || absl::StartsWith(host_, "/")) host_ = "127.0.0.1";
  stays_here_ = host_ == "127.0.0.1" || host_ == "localhost" || host_ == "::1";
  if (!absl::SimpleAtoi((*connection)->port(), &port_)) port_ = 5432;
  return absl::OkStatus();
}

absl::Status Scene::InstallKit() {
  if (options_.policy.empty()) {
    if (absl::Status made = development::MakeGroups(administrator_); !made.ok()) {
      return made;
    }
  }
  const absl::StatusOr<credential::Secret> password =
      development::KeptPassword(folder_, kBrokerPasswordFile, entropy_);
  if (!password.ok()) {
    return password.status();
  }
  std::array<std::uint8_t, 16> salt{};
  entropy_.Fill(salt);
  absl::StatusOr<credential::ScramVerifier> verifier =
      credential::ScramVerifier::Make(*password, salt);
  if (!verifier.ok()) {
    return verifier.status();
  }
  target_postgres::KitOptions kit;
  kit.broker = std::string(kBrokerLogin);
  kit.broker_verifier = *std::move(verifier);
  absl::Duration longest;
  std::set<core::PgGroup> groups;
  std::set<core::PgGroup> owners;
  for (const auto& [name, role] : policy_->targets.at(target()).roles) {
    groups.insert(role.member_of.begin(), role.member_of.end());
    if (role.owner) owners.insert(*role.owner);
    longest = std::max(longest, role.ttl_max);
  }
  kit.groups.assign(groups.begin(), groups.end());
  kit.owners.assign(owners.begin(), owners.end());
  kit.ttl_max = longest;
  return target_postgres::Install(administrator_, kit);
}

absl::StatusOr<daemon::Config> Scene::MakeConfig() {
  daemon::Config config;
  config.file = folder_.path();
  config.listen = options_.listen;
  config.tls.certificate = folder_.PathOf(development::kServerCertificateFile);
  config.tls.key = folder_.PathOf(development::kServerKeyFile);
  config.tls.client_authorities = folder_.PathOf(development::kAuthorityFile);
  config.journal = folder_.PathOf(development::kJournalFile);
  config.policy = policy_folder_;
  config.checkpoint_name = "jit-access/dev";
  config.checkpoint_key = folder_.PathOf(development::kCheckpointKeyFile);
  config.checkpoint_every = absl::Seconds(5);
  config.log_format = daemon::FormatForStderr();
  config.ttl_floor = policy_files::kTtlFloorInDevelopment;
  daemon::TargetConfig target(this->target());
  target.host = host_;
  target.port = port_;
  target.database = database_;
  target.user = std::string(kBrokerLogin);
  target.password_file = folder_.PathOf(kBrokerPasswordFile);
  target.sslmode = stays_here_ ? "disable" : "verify-full";
  if (!stays_here_) {
    absl::StatusOr<std::string> root = pq::ConninfoValue(administrator_, "sslrootcert");
    if (root.ok()) target.root_certificate = *root;
  }
  target.advertised_host = host_;
  target.advertised_port = port_;
  config.targets.push_back(std::move(target));
  return config;
}

absl::Status Scene::KeepVerifier(const std::string& verifier) const {
  return folder_.Write(kVerifierFile, verifier + "\n", development::Privacy::kReadable);
}

absl::Status Scene::WriteEnvironments(int port) {
  return development::WriteEnvironments(folder_, policy_->people, absl::StrCat("localhost:", port));
}

void Scene::TellWhatToType(int port) const {
  const std::string& dir = folder_.path();
  const policy::TargetPolicy& offered = policy_->targets.begin()->second;
  Say(absl::StrCat("\nServing on localhost:", port, ". Everything lies in ", dir, "."));
  if (cluster_) {
    Say(absl::StrCat("The private PostgreSQL listens on 127.0.0.1:", port_,
                     "; its administrator:"));
    Say(absl::StrCat("  PGPASSFILE=", folder_.PathOf(kPassFile), " psql -h 127.0.0.1 -p ", port_,
                     " -U ", development::PrivateCluster::kAdministrator, " ", database_));
  }
  const bool guards = std::any_of(offered.roles.begin(), offered.roles.end(),
                                  [](const auto& each) { return each.second.guard.has_value(); });
  if (guards && options_.policy.empty()) {
    Say(absl::StrCat("Leases that write are guarded, which takes tables of ",
                     development::kOwnerGroup, ": make them after `set role ",
                     development::kOwnerGroup, "`."));
  }
  Say("Be somebody, in another terminal:");
  for (const auto& [id, person] : policy_->people.people) {
    Say(absl::StrCat("  . ", folder_.PathOf(id.text()), ".env"));
  }
  Say("Then, for example:");
  for (const auto& [name, role] : offered.roles) {
    if (role.offered == policy::OfferedRole::Offered::kAsChangeOnly) continue;
    Say(absl::StrCat("  jit-access request --target ", target().text(), " --role ", name.text(),
                     " --ttl 10m --reason 'Trying it out'"));
  }
  Say("  jit-approve inbox");
  Say(
      absl::StrCat("  jit-broker journal export --out journal.jsonl && jit-audit verify "
                   "journal.jsonl --key @",
                   folder_.PathOf(kVerifierFile)));
  Say("Ctrl-C stops it.");
  std::fflush(stdout);
}

}  // namespace

ExitCode Develop(const DevOptions& options) {
  daemon::HoldSignals();
  absl::StatusOr<development::Folder> folder = development::Folder::Open(options.folder);
  if (!folder.ok()) {
    return Fail(folder.status());
  }
  Scene scene(options, *std::move(folder));
  for (const auto& step : {&Scene::MakePolicyAndKeys, &Scene::FindTarget, &Scene::InstallKit}) {
    if (const absl::Status done = (scene.*step)(); !done.ok()) {
      return Fail(done);
    }
  }
  const absl::StatusOr<daemon::Config> config = scene.MakeConfig();
  if (!config.ok()) {
    return Fail(config.status());
  }
  daemon::Log log(config->log_format, config->log_level);
  absl::StatusOr<std::unique_ptr<daemon::Broker>> broker = daemon::Broker::Start(*config, log);
  if (!broker.ok()) {
    return Fail(broker.status());
  }
  const int port = (*broker)->port();
  if (const absl::Status written = scene.KeepVerifier((*broker)->checkpoint_verifier());
      !written.ok()) {
    return Fail(written);
  }
  if (const absl::Status written = scene.WriteEnvironments(port); !written.ok()) {
    return Fail(written);
  }
  scene.TellWhatToType(port);
  while (daemon::AwaitWish() == daemon::Wish::kReload) {
    (*broker)->Reload();
  }
  Say("Stopping …");
  (*broker)->Stop();
  return ExitCode::kOk;
}

}  // namespace jit::commands

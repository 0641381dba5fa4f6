#include "broker/daemon/broker.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "broker/daemon/adapters.h"
#include "broker/daemon/version.h"
#include "broker/use_cases/reload_policy.h"

namespace jit::daemon {
namespace {

constexpr int kCountedMax = 10'000;

// Time must not stand before what the journal says has happened.
absl::StatusOr<absl::Time> LastEventOf(ports::Journal& journal) {
  absl::Time last = absl::InfinitePast();
  const std::int64_t size = journal.Size();
  if (size == 0) {
    return last;
  }
  const absl::Status read = journal.Export(size - 1, [&last](const ledger::Record& record) {
    last = std::max(last, record.time);
    return absl::OkStatus();
  });
  if (!read.ok()) {
    return read;
  }
  return last;
}

// Where gRPC is shown the certificates: a folder that only we write.
std::string RuntimeFolder(const Config& config) {
  const char* folder = std::getenv("RUNTIME_DIRECTORY");
  return folder == nullptr ? config.journal + ".tls" : absl::StrCat(folder, "/tls");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Broker>> Broker::Start(const Config& config, Log& log) {
  std::unique_ptr<Broker> broker(new Broker(log));
  if (absl::Status opened = broker->Open(config); !opened.ok()) {
    return opened;
  }
  if (absl::Status serving = broker->ServeAll(config); !serving.ok()) {
    return serving;
  }
  return broker;
}

Broker::~Broker() {
  Stop();
}

absl::Status Broker::Open(const Config& config) {
  absl::StatusOr<std::unique_ptr<policy_files::FilePolicySource>> policy =
      policy_files::FilePolicySource::Create(config.policy, config.ttl_floor);
  if (!policy.ok()) {
    return policy.status();
  }
  policy_ = *std::move(policy);
  const absl::StatusOr<ledger::CheckpointSigner> signer = ReadSigner(config);
  if (!signer.ok()) {
    return signer.status();
  }
  verifier_ = signer->Verifier().text();
  absl::StatusOr<std::unique_ptr<ports::Journal>> journal = OpenJournal(config);
  if (!journal.ok()) {
    return journal.status();
  }
  journal_ = *std::move(journal);
  const absl::StatusOr<absl::Time> last = LastEventOf(*journal_);
  if (!last.ok()) {
    return last.status();
  }
  time_ = std::make_unique<use_cases::Timekeeper>(clock_, *last);
  std::map<core::TargetName, ports::Target*> by_name;
  std::map<core::TargetName, ports::Bench*> benches;
  for (const TargetConfig& target : config.targets) {
    absl::StatusOr<std::unique_ptr<ports::Target>> made = MakeTarget(target, clock_);
    if (!made.ok()) {
      return made.status();
    }
    absl::StatusOr<std::unique_ptr<ports::Bench>> bench = MakeBench(target, clock_);
    if (!bench.ok()) {
      return bench.status();
    }
    benches[target.name] = bench->get();
    benches_.push_back(*std::move(bench));
    names_.push_back(target.name);
    by_name[target.name] = made->get();
    targets_.push_back(*std::move(made));
  }
  if (absl::StatusOr<std::string> worker = host::WorkerBesideUs(); worker.ok()) {
    reader_ = std::make_unique<host::WorkerReader>(*std::move(worker));
  } else {
    log_.Warning("scripts cannot be read, so no change can be planned",
                 {{"fault", std::string(worker.status().message())}});
  }
  ports_ = std::make_unique<use_cases::Ports>(use_cases::Ports{entropy_, *journal_, *policy_,
                                                               std::move(by_name), *time_,
                                                               std::move(benches), reader_.get()});
  return absl::OkStatus();
}

absl::Status Broker::ServeAll(const Config& config) {
  if (!time_->Settled()) {
    log_.Warning(
        "the clock stands before the journal's last event: no lease opens until it is past");
  }
  if (absl::Status recorded = use_cases::RecordPolicy(*ports_); !recorded.ok()) {
    // No lease will open; what is open must still be closed.
    log_.Error("the policy in force could not be recorded: no lease opens",
               {{"fault", std::string(recorded.message())}});
  }
  sweeper_ = std::make_unique<Sweeper>(*ports_, log_, config.checkpoint_every);
  runner_ = std::make_unique<Runner>(
      *ports_, log_, [this](const core::TargetName& target) { sweeper_->Wake(target); });
  rpc::Settings settings;
  settings.listen = {config.listen};
  settings.tls = {.certificate_file = config.tls.certificate,
                  .key_file = config.tls.key,
                  .authorities_file = config.tls.client_authorities};
  settings.runtime_folder = RuntimeFolder(config);
  if (!config.tls.deny_list.empty()) {
    settings.deny_list_file = config.tls.deny_list;
  }
  settings.reflection = config.reflection ? rpc::Reflection::kOn : rpc::Reflection::kOff;
  rpc::Hooks hooks;
  hooks.version = kVersion;
  hooks.start_time = clock_.Now().wall;
  hooks.journal_verifier_key = verifier_;
  hooks.wake = [this](const core::TargetName& target) { sweeper_->Wake(target); };
  hooks.room = [this](const core::TargetName& target) { return runner_->Room(target); };
  hooks.run = [this](const core::TargetName& target, const core::ChangeId& change) {
    runner_->Run(target, change);
  };
  hooks.cancel = [this](const core::ChangeId& change) { runner_->Cancel(change); };
  hooks.stand = [this](const core::ChangeId& change) { return StandOf(change); };
  hooks.status = [this] { return Status(); };
  hooks.fault = [this](const rpc::Fault& fault) {
    log_.Error("a call failed", {{"id", fault.id},
                                 {"method", fault.method},
                                 {"person", fault.person},
                                 {"fault", fault.detail}});
  };
  hooks.tell = [this](absl::string_view sentence) { log_.Warning(sentence); };
  absl::StatusOr<std::unique_ptr<rpc::Server>> server =
      rpc::Server::Start(settings, *ports_, std::move(hooks));
  if (!server.ok()) {
    return server.status();
  }
  server_ = *std::move(server);
  return absl::OkStatus();
}

std::optional<rpc::RunStand> Broker::StandOf(const core::ChangeId& change) {
  const std::optional<RunState> state = runner_->StateOf(change);
  if (!state.has_value()) {
    return std::nullopt;
  }
  rpc::RunStand stand{.statement = state->progress.statement,
                      .statements = state->progress.statements,
                      .rows = state->progress.rows,
                      .elapsed = std::max(time_->Now() - state->since, absl::ZeroDuration()),
                      .tick = state->tick};
  switch (state->phase) {
    case RunState::Phase::kWaiting:
      stand.run = rpc::RunStand::Run::kWaiting;
      break;
    case RunState::Phase::kRehearsal:
      stand.run = rpc::RunStand::Run::kRehearsal;
      break;
    case RunState::Phase::kExecution:
      stand.run = rpc::RunStand::Run::kExecution;
      break;
  }
  if (state->wish == RunState::Wish::kStop) {
    stand.wish = rpc::RunStand::Wish::kStop;
  }
  return stand;
}

rpc::BrokerStatus Broker::Status() {
  rpc::BrokerStatus status;
  status.journal_fault = sweeper_->JournalFault();
  const absl::Time now = time_->Now();
  for (const core::TargetName& name : names_) {
    const std::optional<TargetView> view = sweeper_->ViewOf(name);
    rpc::TargetHealth health{.target = name};
    if (view) {
      health.reach = view->reachable ? rpc::TargetHealth::Reach::kReached
                                     : rpc::TargetHealth::Reach::kNotReached;
      health.detail = view->detail;
      health.last_sweep_time = view->last_sweep;
      health.clock_skew = view->clock_skew;
    }
    ports::SummaryFilter filter;
    filter.target = name;
    filter.states = {lease::State::kOpening, lease::State::kOpen, lease::State::kClosing};
    filter.limit = kCountedMax;
    if (const auto rows = journal_->Summaries(filter); rows.ok()) {
      for (const ports::LeaseSummary& row : *rows) {
        if (row.state != lease::State::kClosing) {
          ++health.open_leases;
          continue;
        }
        ++health.closing_leases;
        const absl::Duration age = now - row.expire_time.value_or(now);
        health.oldest_closing = std::max(health.oldest_closing, age);
      }
    }
    status.targets.push_back(std::move(health));
  }
  return status;
}

void Broker::Reload() {
  if (const absl::Status read = use_cases::ReloadPolicy(*ports_); read.ok()) {
    log_.Info("the policy was read again", {{"fingerprint", policy_->Current()->fingerprint}});
  } else {
    log_.Error("the policy was not taken, the old one stays in force",
               {{"fingerprint", policy_->Current()->fingerprint}});
    for (const absl::string_view mistake : absl::StrSplit(read.message(), '\n')) {
      log_.Error(mistake);
    }
  }
  if (const absl::Status looked = server_->LookAtFiles(); looked.ok()) {
    log_.Info("certificates and deny list were read again");
  }
}

void Broker::Stop() {
  if (runner_ != nullptr) {
    runner_->BeginStop();
  }
  if (server_ != nullptr) {
    server_->Stop();
  }
  if (runner_ != nullptr) {
    runner_->Stop();
  }
  sweeper_.reset();
}

}  // namespace jit::daemon

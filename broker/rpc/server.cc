#include "broker/rpc/server.h"

#include <grpc/grpc.h>
#include <grpc/support/time.h>
#include <grpcpp/ext/health_check_service_server_builder_option.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/rpc/services.h"
#include "broker/rpc/watched_files.h"

namespace jit::rpc {
namespace {

// A script has 1 MiB; one that is larger should be told so in words. Everything else is held to
// much less: kRequestBytesMax.
constexpr int kReceivedBytesMax = 2 * 1024 * 1024;
// A change carries its script, two reports and the statement about them.
constexpr int kSentBytesMax = 16 * 1024 * 1024;
constexpr int kStreamsMax = 128;  // per connection
constexpr int kMemoryBytesMax = 256 * 1024 * 1024;
constexpr unsigned kWatchSeconds = 1;  // how soon gRPC sees a published certificate

// A call that waits for news lasts 30 s: an old connection is given a little more than that.
constexpr absl::Duration kConnectionGrace = absl::Seconds(35);
constexpr absl::Duration kHandshakeMax = absl::Seconds(10);
constexpr absl::Duration kIdleMax = absl::Minutes(15);
constexpr absl::Duration kPingAfter = absl::Minutes(1);
constexpr absl::Duration kPingAnswerMax = absl::Seconds(20);
constexpr absl::Duration kPingsNotMoreOftenThan = absl::Seconds(10);

int Milliseconds(absl::Duration span) {
  return static_cast<int>(absl::ToInt64Milliseconds(span));
}

// Reflection as chosen for this server. To link the library is enough for gRPC to add its plugin to
// every server of the process, asked or not; so whatever is there is taken away first.
class ReflectionAsChosen final : public grpc::ServerBuilderOption {
 public:
  explicit ReflectionAsChosen(Reflection chosen) : chosen_(chosen) {}
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    auto ours = std::make_unique<grpc::reflection::ProtoServerReflectionPlugin>();
    std::erase_if(*plugins, [&](const auto& plugin) { return plugin->name() == ours->name(); });
    if (chosen_ == Reflection::kOn) {
      plugins->push_back(std::move(ours));
    }
  }

 private:
  const Reflection chosen_;
};

std::shared_ptr<grpc::ServerCredentials> CredentialsFrom(const TlsFiles& files) {
  namespace tls = grpc::experimental;
  tls::TlsServerCredentialsOptions options(std::make_shared<tls::FileWatcherCertificateProvider>(
      files.key_path(), files.certificate_path(), files.authorities_path(), kWatchSeconds));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return tls::TlsServerCredentials(options);
}

void SetLimits(const Settings& settings, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kReceivedBytesMax);
  builder.SetMaxSendMessageSize(kSentBytesMax);
  for (const grpc_compression_algorithm algorithm : {GRPC_COMPRESS_DEFLATE, GRPC_COMPRESS_GZIP}) {
    builder.SetCompressionAlgorithmSupportStatus(algorithm, false);
  }
  grpc::ResourceQuota quota("jit-broker");
  quota.Resize(kMemoryBytesMax);
  builder.SetResourceQuota(quota);
  const std::pair<const char*, int> arguments[] = {
      {GRPC_ARG_ALLOW_REUSEPORT,
       0},  // a second broker on the same port is an error, not a surprise
      {GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsMax},
      {GRPC_ARG_MAX_CONNECTION_AGE_MS, Milliseconds(settings.connection_age_max)},
      {GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, Milliseconds(kConnectionGrace)},
      {GRPC_ARG_MAX_CONNECTION_IDLE_MS, Milliseconds(kIdleMax)},
      {GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, Milliseconds(kHandshakeMax)},
      {GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(kPingAfter)},
      {GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(kPingAnswerMax)},
      {GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1},
      {GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, Milliseconds(kPingsNotMoreOftenThan)},
      {GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2},
  };
  for (const auto& [name, value] : arguments) {
    builder.AddChannelArgument(name, value);
  }
}

}  // namespace

struct Server::Parts {
  Parts(use_cases::Ports& ports, Hooks hooks, const Settings& chosen)
      : settings(chosen), reception(ports, std::move(hooks), chosen.crew) {}

  const Settings settings;
  Reception reception;
  std::vector<ServiceOwner> services;
  std::vector<int> listening;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<WatchedFiles> files;  // goes first: it speaks to the reception
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Settings& settings,
                                                      use_cases::Ports& ports, Hooks hooks) {
  auto parts = std::make_unique<Parts>(ports, std::move(hooks), settings);
  absl::StatusOr<TlsFiles> tls =
      TlsFiles::Create(settings.tls, settings.runtime_folder, ports.time.Now());
  if (!tls.ok()) {
    return tls.status();
  }
  const std::shared_ptr<grpc::ServerCredentials> credentials = CredentialsFrom(*tls);
  absl::StatusOr<std::unique_ptr<WatchedFiles>> files = WatchedFiles::Start(
      *std::move(tls), settings.deny_list_file, settings.look_at_files_every, parts->reception);
  if (!files.ok()) {
    return files.status();
  }
  parts->files = *std::move(files);

  parts->services.push_back(MakeLeaseService(parts->reception));
  parts->services.push_back(MakeReviewService(parts->reception));
  parts->services.push_back(MakeChangeService(parts->reception));
  parts->services.push_back(MakeAuditService(parts->reception));
  parts->services.push_back(MakeOperatorService(parts->reception));

  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  SetLimits(settings, builder);
  parts->listening.resize(settings.listen.size(), 0);
  for (std::size_t i = 0; i < settings.listen.size(); ++i) {
    builder.AddListeningPort(settings.listen[i], credentials, &parts->listening[i]);
  }
  for (const ServiceOwner& service : parts->services) {
    builder.RegisterService(service.get());
  }
  builder.SetOption(std::make_unique<ReflectionAsChosen>(settings.reflection));
  parts->server = builder.BuildAndStart();
  if (parts->server == nullptr) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ",
                                               absl::StrJoin(settings.listen, ", "),
                                               ": is another program there already?"));
  }
  std::unique_ptr<Server> server(new Server(std::move(parts)));
  server->SetHealth(Health::kServing);
  return server;
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() {
  Stop();
}

std::vector<int> Server::ports() const {
  return parts_->listening;
}

void Server::SetHealth(Health health) {
  parts_->server->GetHealthCheckService()->SetServingStatus(health == Health::kServing);
}

absl::Status Server::LookAtFiles() {
  return parts_->files->LookNow();
}

void Server::Stop() {
  parts_->reception.Drain();
  SetHealth(Health::kNotServing);
  parts_->server->Shutdown(
      gpr_time_from_millis(absl::ToInt64Milliseconds(parts_->settings.drain_max), GPR_TIMESPAN));
  parts_->reception.StopWork();
  parts_->files->Stop();
}

}  // namespace jit::rpc

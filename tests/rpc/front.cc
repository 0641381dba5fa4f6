#include "tests/rpc/front.h"

#include <grpc/support/time.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace jit::rpc {
namespace {

constexpr int kCallSecondsMax = 40;

// The answer of something that a test takes for granted.
template <class T>
T Must(absl::StatusOr<T> value) {
  if (!value.ok()) {
    fprintf(stderr, "the test's own set-up failed: %s\n", value.status().ToString().c_str());
    std::abort();
  }
  return *std::move(value);
}

void Put(const std::string& path, const std::string& text) {
  const std::string beside = path + ".new";
  std::ofstream(beside, std::ios::binary) << text;
  std::filesystem::rename(beside, path);
}

std::string MakeFolder() {
  std::string folder = std::filesystem::temp_directory_path() / "jit-front-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    std::abort();
  }
  return folder;
}

template <class Message>
std::optional<Message> Trailer(const grpc::ClientContext& context, const char* name) {
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto found = trailers.find(name);
  Message message;
  if (found == trailers.end() ||
      !message.ParseFromArray(found->second.data(), static_cast<int>(found->second.size()))) {
    return std::nullopt;
  }
  return message;
}

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (buffer.Dump(&slices).ok()) {
    for (const grpc::Slice& slice : slices) {
      bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
  }
  return bytes;
}

bool Next(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  return queue.Next(&tag, &ok) && ok;
}

}  // namespace

void PutPolicy::Put(policy::Policy policy) {
  auto fresh = std::make_shared<const policy::Policy>(std::move(policy));
  const std::lock_guard lock(mutex_);
  policy_ = std::move(fresh);
}

void PutPolicy::RefuseReload(absl::Status status) {
  const std::lock_guard lock(mutex_);
  reload_ = std::move(status);
}

std::shared_ptr<const policy::Policy> PutPolicy::Current() {
  const std::lock_guard lock(mutex_);
  return policy_;
}

absl::Status PutPolicy::Reload() {
  const std::lock_guard lock(mutex_);
  return reload_;
}

absl::Status GatedTarget::OpenLogin(const ports::LoginOrder& order,
                                    const credential::ScramVerifier& verifier) {
  {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !closed_; });
    --waiting_;
  }
  return MemoryTarget::OpenLogin(order, verifier);
}

void GatedTarget::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

void GatedTarget::Open() {
  const std::lock_guard lock(mutex_);
  closed_ = false;
  changed_.notify_all();
}

void GatedTarget::WaitUntilSomebodyWaits() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_ > 0; });
}

absl::StatusOr<std::int64_t> WatchedJournal::VersionOf(const std::string& stream) {
  {
    const std::lock_guard lock(mutex_);
    looked_at_.insert(stream);
  }
  changed_.notify_all();
  return MemoryJournal::VersionOf(stream);
}

void WatchedJournal::WaitUntilLookedAt(const std::string& lease) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return looked_at_.contains("lease/" + lease); });
}

RawAnswer CallRaw(grpc::Channel& channel, const std::string& method, const std::string& request) {
  const std::size_t dot = method.rfind('.');
  const std::string path = absl::StrCat("/", method.substr(0, dot), "/", method.substr(dot + 1));
  const std::shared_ptr<grpc::Channel> unowned(&channel, [](grpc::Channel*) {});
  grpc::GenericStub stub(unowned);
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  context.set_deadline(gpr_time_from_seconds(kCallSecondsMax, GPR_TIMESPAN));
  const auto call = stub.PrepareCall(&context, path, &queue);
  RawAnswer answer;
  call->StartCall(nullptr);
  if (Next(queue)) {
    const grpc::Slice slice(request);
    call->WriteLast(grpc::ByteBuffer(&slice, 1), {}, nullptr);
    Next(queue);
    for (;;) {
      grpc::ByteBuffer message;
      call->Read(&message, nullptr);
      if (!Next(queue)) {
        break;
      }
      answer.messages.push_back(BytesOf(message));
    }
  }
  call->Finish(&answer.status, nullptr);
  Next(queue);
  answer.refusal = Trailer<v1::Refusal>(context, kRefusalTrailer);
  answer.notices = Trailer<v1::Notices>(context, kNoticesTrailer);
  return answer;
}

Front::Front(const Options& options)
    : target(testing::Target("shop"), clock),
      policy(testing::ShopPolicy()),
      time(clock, absl::InfinitePast()),
      ports{entropy, journal, policy, {{testing::Target("shop"), &target}}, time},
      authority(
          Must(development::Authority::Make("test authority", clock.Now().wall - absl::Hours(1),
                                            clock.Now().wall + absl::Hours(24)))),
      folder(MakeFolder()) {
  const development::KeyPair pair = ServerPair(authority, clock.Now().wall + absl::Hours(12));
  PutServerFiles(pair.certificate_pem, std::string(pair.key_pem.RevealForUse()));
  Put(folder + "/authorities.pem", authority.certificate_pem());
  Settings settings;
  settings.listen = {"127.0.0.1:0"};
  settings.tls = {folder + "/certificate.pem", folder + "/key.pem", folder + "/authorities.pem"};
  settings.runtime_folder = folder + "/runtime";
  settings.reflection = options.reflection;
  settings.crew = options.crew;
  settings.look_at_files_every = absl::Hours(1);  // tests look when they want to
  settings.drain_max = absl::Milliseconds(500);
  if (options.deny_list.has_value()) {
    settings.deny_list_file = folder + "/denied";
    PutDenyList(*options.deny_list);
  }
  Hooks hooks;
  hooks.version = "1.2.3";
  hooks.start_time = clock.Now().wall;
  hooks.journal_verifier_key = "jit-access/test+verifier";
  hooks.wake = [this](const core::TargetName& name) {
    const std::lock_guard lock(mutex_);
    woken_.push_back(name.text());
  };
  hooks.tell = [this](absl::string_view sentence) {
    const std::lock_guard lock(mutex_);
    told_.emplace_back(sentence);
  };
  hooks.fault = [this](const Fault& fault) {
    const std::lock_guard lock(mutex_);
    faults_.push_back(fault);
  };
  options.dress(hooks);
  server = Must(Server::Start(settings, ports, std::move(hooks)));
}

Front::~Front() {
  target.Open();
  server.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

std::string Front::address() const {
  return absl::StrCat("127.0.0.1:", server->ports().front());
}

std::shared_ptr<grpc::Channel> Front::With(const development::KeyPair& pair) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = authority.certificate_pem();
  options.pem_cert_chain = pair.certificate_pem;
  options.pem_private_key = std::string(pair.key_pem.RevealForUse());
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxSendMessageSize(-1);
  return grpc::CreateCustomChannel(address(), grpc::SslCredentials(options), arguments);
}

std::shared_ptr<grpc::Channel> Front::Bare() {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = authority.certificate_pem();
  return grpc::CreateChannel(address(), grpc::SslCredentials(options));
}

std::shared_ptr<grpc::Channel> Front::As(const std::string& person) {
  return With(Issue(OrderFor(person)));
}

development::CertificateOrder Front::OrderFor(const std::string& person) {
  const absl::Time now = clock.Now().wall;
  return {.common_name = person,
          .uris = {absl::StrCat("jit://test/", person)},
          .dns_names = {},
          .addresses = {},
          .use = development::Use::kClient,
          .not_before = now - absl::Minutes(5),
          .not_after = now + absl::Hours(1)};
}

development::KeyPair Front::Issue(const development::CertificateOrder& order) {
  return Must(authority.Issue(order));
}

development::KeyPair Front::ServerPair(const development::Authority& issuer, absl::Time not_after) {
  development::CertificateOrder order = OrderFor("broker");
  order.dns_names = {"localhost"};
  order.addresses = {"127.0.0.1"};
  order.use = development::Use::kServer;
  order.not_after = not_after;
  return Must(issuer.Issue(order));
}

void Front::PutServerFiles(const std::string& certificate, const std::string& key) {
  Put(folder + "/certificate.pem", certificate);
  Put(folder + "/key.pem", key);
}

void Front::PutAuthorities(const std::string& pem) {
  Put(folder + "/authorities.pem", pem);
}

void Front::PutDenyList(const std::string& text) {
  Put(folder + "/denied", text);
}

void Front::Change(const std::function<void(policy::Policy&)>& change) {
  policy::Policy changed = *policy.Current();
  change(changed);
  policy.Put(std::move(changed));
}

std::vector<std::string> Front::told() {
  const std::lock_guard lock(mutex_);
  return told_;
}

std::vector<Fault> Front::faults() {
  const std::lock_guard lock(mutex_);
  return faults_;
}

std::vector<std::string> Front::woken() {
  const std::lock_guard lock(mutex_);
  return woken_;
}

std::string SomeVerifier() {
  const std::array<std::uint8_t, 16> salt{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  const credential::Secret password("correct-horse-battery-staple-1234567890abcd");
  return Must(credential::ScramVerifier::Make(password, salt)).RevealForTarget();
}

std::string NextIdempotencyId() {
  static std::atomic<int> next = 0;
  return absl::StrCat("test-idempotency-", next++);
}

}  // namespace jit::rpc

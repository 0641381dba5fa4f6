// The real way to a broker: mTLS on the loopback, with certificates good and bad.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/time/clock.h"
#include "client/channel/broker.h"
#include "client/channel/refusal_text.h"
#include "client/channel/with_broker.h"
#include "tests/client/fake_broker.h"
#include "tests/client/test_console.h"
#include "tests/credential/made_certificate.h"

namespace jit::channel {
namespace {

// c-ares 1.18 keeps 10 bytes per lookup to itself, which LeakSanitizer reports; gRPC reads this
// before it is used for the first time.
const bool kNativeResolver = ::setenv("GRPC_DNS_RESOLVER", "native", 1) == 0;

using credential::CertificateOrder;
using credential::KeyAndCertificate;
using credential::SanShape;
using ::jit::console::ExitCode;
using ::jit::testing::FakeBroker;
using ::jit::testing::TestConsole;
using ::testing::HasSubstr;

KeyAndCertificate Authority(const std::string& name) {
  CertificateOrder order;
  order.common_name = name;
  order.authority = CertificateOrder::Authority::kYes;
  return MakeCertificate(order);
}

KeyAndCertificate Person(const KeyAndCertificate& issuer,
                         absl::Time not_after = absl::FromUnixSeconds(1'900'000'000)) {
  CertificateOrder order;
  order.sans = {{SanShape::kUri, "spiffe://example/engineer"}};
  order.not_after = not_after;
  return MakeCertificate(order, &issuer);
}

KeyAndCertificate Server(const KeyAndCertificate& issuer, const std::string& name) {
  CertificateOrder order;
  order.common_name = name;
  order.sans = {{SanShape::kDns, name}};
  return MakeCertificate(order, &issuer);
}

// A broker under `authority`, and a person's files.
struct Scene {
  Scene(const KeyAndCertificate& authority, const KeyAndCertificate& server,
        const KeyAndCertificate& person, const std::string& trusted_pem)
      : fake({server.certificate_pem, server.key_pem, authority.certificate_pem}) {
    std::string pattern = std::filesystem::temp_directory_path() / "jit_mutual_tls_XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    folder = pattern;
    EXPECT_TRUE(kNativeResolver);
    flags.broker = fake.address();
    flags.certificate = Write("cert.pem", person.certificate_pem);
    flags.key = Write("key.pem", person.key_pem);
    flags.authorities = Write("ca.pem", trusted_pem);
    console.SetNow(absl::Now());
    fake.who_am_i = [](const auto&, v1::WhoAmIResponse* response) {
      response->set_person("engineer");
      return absl::OkStatus();
    };
  }
  ~Scene() {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(folder / name) << text;
    return folder / name;
  }
  ExitCode Call() {
    return WithBroker(ConnectBy(flags), console.get(), [&](Broker& broker) {
      const auto answer = broker.Call(v1::WhoAmIRequest());
      return answer.ok() ? ExitCode::kOk : Explain(answer.status(), console.get());
    });
  }

  FakeBroker fake;
  std::filesystem::path folder;
  SettingFlags flags;
  TestConsole console;
};

TEST(MutualTls, TheRightCertificatesOnBothSidesGetThrough) {
  const KeyAndCertificate authority = Authority("ours");
  Scene scene(authority, Server(authority, "localhost"), Person(authority),
              authority.certificate_pem);
  EXPECT_EQ(scene.Call(), ExitCode::kOk) << scene.console.err();
}

TEST(MutualTls, AProxyInTheEnvironmentIsNotFollowed) {
  const KeyAndCertificate authority = Authority("ours");
  Scene scene(authority, Server(authority, "localhost"), Person(authority),
              authority.certificate_pem);
  for (const char* name : {"http_proxy", "https_proxy", "grpc_proxy"}) {
    ::setenv(name, "http://127.0.0.1:1", 1);
  }
  EXPECT_EQ(scene.Call(), ExitCode::kOk) << scene.console.err();
  for (const char* name : {"http_proxy", "https_proxy", "grpc_proxy"}) ::unsetenv(name);
}

TEST(MutualTls, ABrokerOfAnotherAuthorityIsNotTalkedTo) {
  const KeyAndCertificate authority = Authority("ours");
  const KeyAndCertificate other = Authority("theirs");
  Scene scene(authority, Server(other, "localhost"), Person(authority), authority.certificate_pem);
  EXPECT_EQ(scene.Call(), ExitCode::kUnreachable);
  EXPECT_THAT(scene.console.err(), HasSubstr("ask the operator which authority is right"));
  EXPECT_THAT(scene.fake.calls(), ::testing::IsEmpty());
}

TEST(MutualTls, ABrokerOfAnotherNameIsNotTalkedTo) {
  const KeyAndCertificate authority = Authority("ours");
  Scene scene(authority, Server(authority, "elsewhere.example"), Person(authority),
              authority.certificate_pem);
  EXPECT_EQ(scene.Call(), ExitCode::kUnreachable);
  EXPECT_THAT(scene.console.err(), HasSubstr("answered with a certificate for another name"));
}

TEST(MutualTls, ACertificateOfAnotherAuthorityIsSaidToBeTheLikelyCause) {
  const KeyAndCertificate authority = Authority("ours");
  const KeyAndCertificate other = Authority("theirs");
  Scene scene(authority, Server(authority, "localhost"), Person(other), authority.certificate_pem);
  EXPECT_EQ(scene.Call(), ExitCode::kUnreachable);
  EXPECT_THAT(scene.console.err(), HasSubstr("does not accept your certificate"));
}

TEST(MutualTls, AKeyOfAnotherCertificateIsSaidBeforeAnybodyIsAsked) {
  const KeyAndCertificate authority = Authority("ours");
  Scene scene(authority, Server(authority, "localhost"), Person(authority),
              authority.certificate_pem);
  scene.flags.key = scene.Write("other.pem", Person(authority).key_pem);
  EXPECT_NE(scene.Call(), ExitCode::kOk);
  EXPECT_THAT(scene.console.err(), HasSubstr("the key does not belong to the certificate"));
  EXPECT_THAT(scene.console.err(), HasSubstr("other.pem"));
}

TEST(MutualTls, AnEndedCertificateIsSaidBeforeAnybodyIsAsked) {
  const KeyAndCertificate authority = Authority("ours");
  Scene scene(authority, Server(authority, "localhost"),
              Person(authority, absl::Now() - absl::Hours(50)), authority.certificate_pem);
  EXPECT_EQ(scene.Call(), ExitCode::kUnreachable);
  EXPECT_THAT(scene.console.err(), HasSubstr("ended 2d 2h ago"));
}

TEST(MutualTls, ACertificateWithTwoNamesIsRefusedHere) {
  const KeyAndCertificate authority = Authority("ours");
  CertificateOrder order;
  order.sans = {{SanShape::kUri, "spiffe://example/a"}, {SanShape::kUri, "spiffe://example/b"}};
  Scene scene(authority, Server(authority, "localhost"), MakeCertificate(order, &authority),
              authority.certificate_pem);
  EXPECT_EQ(scene.Call(), ExitCode::kUsage);
  EXPECT_THAT(scene.console.err(), HasSubstr("cannot be your certificate"));
}

TEST(MutualTls, AMissingSettingIsAUsageError) {
  TestConsole console;
  const SettingFlags none;
  EXPECT_EQ(WithBroker(ConnectBy(none), console.get(), [](Broker&) { return ExitCode::kOk; }),
            ExitCode::kUsage);
  EXPECT_THAT(console.err(), HasSubstr("JIT_BROKER"));
}

}  // namespace
}  // namespace jit::channel

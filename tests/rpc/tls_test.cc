// Certificates and their files, over real handshakes: rotation, bad pairs, the deny list, limits.
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <future>

#include "absl/strings/match.h"
#include "jit/v1/lease_service.pb.h"
#include "tests/rpc/front.h"
#include "tests/testing/status_matchers.h"

namespace jit::rpc {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

constexpr char kWhoAmI[] = "jit.v1.LeaseService.WhoAmI";
constexpr char kHealth[] = "grpc.health.v1.Health.Check";

bool Serves(grpc::Channel& channel) {
  return CallRaw(channel, kWhoAmI, "").status.ok();
}

std::string KeyOf(const development::KeyPair& pair) {
  return std::string(pair.key_pem.RevealForUse());
}

// Whether a fresh connection that trusts only `authority` gets through: which certificate the
// server shows now. gRPC sees a published one within a second, so this asks for at most ten.
bool SoonShowsOneOf(Front& front, const development::Authority& authority) {
  const development::KeyPair pair = front.Issue(front.OrderFor("engineer"));
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = authority.certificate_pem();
  options.pem_cert_chain = pair.certificate_pem;
  options.pem_private_key = KeyOf(pair);
  for (int i = 0; i < 100; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    const auto channel =
        grpc::CreateCustomChannel(front.address(), grpc::SslCredentials(options), arguments);
    if (Serves(*channel)) {
      return true;
    }
    std::promise<void>().get_future().wait_for(std::chrono::milliseconds(100));
  }
  return false;
}

TEST(Tls, HealthIsOpenToAnybodyWithACertificateAndToNobodyElse) {
  Front front;
  EXPECT_TRUE(CallRaw(*front.As("stranger"), kHealth, "").status.ok());
  EXPECT_FALSE(CallRaw(*front.Bare(), kHealth, "").status.ok());
}

TEST(Tls, HealthSaysWhetherTheBrokerServes) {
  Front front;
  const auto channel = front.As("engineer");
  EXPECT_EQ(CallRaw(*channel, kHealth, "").messages, std::vector<std::string>{"\x08\x01"});
  front.server->SetHealth(Server::Health::kNotServing);
  EXPECT_EQ(CallRaw(*channel, kHealth, "").messages, std::vector<std::string>{"\x08\x02"});
}

TEST(Tls, ReflectionIsThereOnlyWhenItIsAskedFor) {
  constexpr char kReflection[] = "grpc.reflection.v1alpha.ServerReflection.ServerReflectionInfo";
  {
    Front front;
    EXPECT_EQ(CallRaw(*front.As("engineer"), kReflection, "").status.error_code(),
              grpc::StatusCode::UNIMPLEMENTED);
  }
  {
    Front front({.reflection = Reflection::kOn, .crew = {}, .deny_list = std::nullopt});
    EXPECT_TRUE(CallRaw(*front.As("engineer"), kReflection, "").status.ok());
  }
  Front after;
  EXPECT_EQ(CallRaw(*after.As("engineer"), kReflection, "").status.error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
}

TEST(Tls, ANewCertificateIsServedWithoutARestartAndOldConnectionsGoOn) {
  Front front;
  const auto old_connection = front.As("engineer");
  ASSERT_TRUE(Serves(*old_connection));
  const absl::Time now = front.clock.Now().wall;
  const auto fresh =
      development::Authority::Make("fresh authority", now - absl::Hours(1), now + absl::Hours(24));
  ASSERT_TRUE(fresh.ok());
  const development::KeyPair pair = front.ServerPair(*fresh, now + absl::Hours(1));
  front.PutAuthorities(front.authority.certificate_pem() + fresh->certificate_pem());
  front.PutServerFiles(pair.certificate_pem, KeyOf(pair));
  EXPECT_THAT(front.server->LookAtFiles(), IsOk());
  EXPECT_THAT(front.told(), Contains(HasSubstr("in force")));
  EXPECT_TRUE(SoonShowsOneOf(front, *fresh));
  EXPECT_TRUE(Serves(*old_connection));
}

TEST(Tls, ABadPairLeavesTheLastGoodOneInForceAndTheBrokerAlive) {
  Front front;
  const absl::Time now = front.clock.Now().wall;
  const development::KeyPair one = front.ServerPair(front.authority, now + absl::Hours(1));
  const development::KeyPair two = front.ServerPair(front.authority, now + absl::Hours(1));
  development::CertificateOrder old_order = front.OrderFor("broker");
  old_order.use = development::Use::kServer;
  old_order.not_before = now - absl::Hours(1);
  old_order.not_after = now - absl::Minutes(1);
  const development::KeyPair expired = front.Issue(old_order);
  const auto other =
      development::Authority::Make("other authority", now - absl::Hours(1), now + absl::Hours(24));
  ASSERT_TRUE(other.ok());
  const development::KeyPair foreign = front.ServerPair(*other, now + absl::Hours(1));
  const std::vector<std::pair<std::string, std::string>> bad_pairs = {
      {one.certificate_pem, KeyOf(two)},
      {"", ""},
      {one.certificate_pem, ""},
      {"", KeyOf(one)},
      {"not a certificate", "not a key"},
      {expired.certificate_pem, KeyOf(expired)},
      {foreign.certificate_pem, KeyOf(foreign)},
      {one.certificate_pem.substr(0, one.certificate_pem.size() / 2), KeyOf(one)}};
  for (const auto& [certificate, key] : bad_pairs) {
    front.PutServerFiles(certificate, key);
    EXPECT_THAT(front.server->LookAtFiles(), StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_TRUE(Serves(*front.As("engineer")));
  }
  EXPECT_THAT(front.told(), Contains(HasSubstr("the new ones are bad")));
  EXPECT_THAT(front.told(), ::testing::Each(::testing::Not(HasSubstr("BEGIN"))));
  std::filesystem::remove(front.folder + "/key.pem");
  EXPECT_FALSE(front.server->LookAtFiles().ok());
  EXPECT_TRUE(Serves(*front.As("engineer")));
  front.PutServerFiles(one.certificate_pem, KeyOf(one));
  EXPECT_THAT(front.server->LookAtFiles(), IsOk());
  EXPECT_TRUE(Serves(*front.As("engineer")));
}

TEST(Tls, TheSameTroubleIsToldOnce) {
  Front front;
  front.PutServerFiles("", "");
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(front.server->LookAtFiles().ok());
  }
  const std::vector<std::string> told = front.told();
  EXPECT_EQ(std::count_if(told.begin(), told.end(),
                          [](const std::string& line) { return absl::StrContains(line, "bad"); }),
            1);
}

TEST(Tls, WhatIsPublishedIsForNobodyElsesEyes) {
  namespace fs = std::filesystem;
  Front front;
  EXPECT_EQ(fs::status(front.folder + "/runtime").permissions(), fs::perms::owner_all);
  for (const char* name : {"key.pem", "certificate.pem", "authorities.pem"}) {
    EXPECT_EQ(fs::status(front.folder + "/runtime/current/" + name).permissions(),
              fs::perms::owner_read | fs::perms::owner_write);
  }
}

TEST(Tls, ACertificateThatEndsWhileItsConnectionLastsIsRefused) {
  Front front;
  const auto channel = front.As("engineer");
  ASSERT_TRUE(Serves(*channel));
  front.clock.Advance(absl::Hours(2));
  EXPECT_EQ(CallRaw(*channel, kWhoAmI, "").reason(), v1::REFUSAL_REASON_UNKNOWN_CALLER);
}

TEST(Tls, TheDenyListTakesEffectOnAConnectionThatIsOpen) {
  Front front({.reflection = Reflection::kOff, .crew = {}, .deny_list = ""});
  const auto engineer = front.As("engineer");
  const auto peer = front.As("peer");
  ASSERT_TRUE(Serves(*engineer));
  front.PutDenyList("identity jit://test/engineer\n");
  ASSERT_THAT(front.server->LookAtFiles(), IsOk());
  EXPECT_EQ(CallRaw(*engineer, kWhoAmI, "").reason(), v1::REFUSAL_REASON_REVOKED_CERTIFICATE);
  EXPECT_TRUE(Serves(*peer));
  front.PutDenyList("");
  ASSERT_THAT(front.server->LookAtFiles(), IsOk());
  EXPECT_TRUE(Serves(*engineer));
}

TEST(Tls, ADenyListWithATypingErrorLetsNobodyBackIn) {
  Front front(
      {.reflection = Reflection::kOff, .crew = {}, .deny_list = "identity jit://test/engineer\n"});
  const auto engineer = front.As("engineer");
  const auto peer = front.As("peer");
  ASSERT_FALSE(Serves(*engineer));
  front.PutDenyList("identiti jit://test/engineer\nidentity jit://test/peer\n");
  EXPECT_FALSE(front.server->LookAtFiles().ok());
  EXPECT_FALSE(Serves(*engineer));
  EXPECT_FALSE(Serves(*peer));
  std::filesystem::remove(front.folder + "/denied");
  EXPECT_FALSE(front.server->LookAtFiles().ok());
  EXPECT_FALSE(Serves(*engineer));
}

TEST(Tls, AMessageThatIsTooLargeIsRefusedAndTheConnectionGoesOn) {
  Front front;
  const auto channel = front.As("engineer");
  v1::CreateLeaseRequest request;
  request.set_reason(std::string(10 * 1024 * 1024, 'a'));
  const RawAnswer answer =
      CallRaw(*channel, "jit.v1.LeaseService.CreateLease", request.SerializeAsString());
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(Serves(*channel));
}

TEST(Tls, TextThatIsNotUtf8AndBytesThatAreNoMessageAreRefusedInWords) {
  Front front;
  const auto engineer = front.As("engineer");
  const auto reviewer = front.As("reviewer");
  struct Row {
    const std::shared_ptr<grpc::Channel>& channel;
    const char* method;
    std::string not_utf8;
  };
  for (const Row& row :
       std::vector<Row>{{engineer, "jit.v1.LeaseService.CreateLease", "\x22\x02\xff\xfe"},
                        {engineer, "jit.v1.LeaseService.BreakGlass", "\x2a\x02\xff\xfe"},
                        {reviewer, "jit.v1.ReviewService.ApproveLease", "\x2a\x02\xff\xfe"},
                        {reviewer, "jit.v1.ReviewService.DenyLease", "\x2a\x02\xff\xfe"},
                        {reviewer, "jit.v1.ReviewService.RevokeLease", "\x1a\x02\xff\xfe"},
                        {reviewer, "jit.v1.ReviewService.ReviewBreakGlass", "\x22\x02\xff\xfe"}}) {
    EXPECT_EQ(CallRaw(*row.channel, row.method, row.not_utf8).reason(),
              v1::REFUSAL_REASON_REASON_NOT_UTF8)
        << row.method;
    EXPECT_EQ(CallRaw(*row.channel, row.method, "\x22\x7f").reason(),
              v1::REFUSAL_REASON_MALFORMED_NAME)
        << row.method;
    EXPECT_TRUE(Serves(*row.channel));
  }
}

TEST(Tls, ASecondBrokerOnTheSameAddressDoesNotStart) {
  Front front;
  Settings settings;
  settings.listen = {front.address()};
  settings.tls = {front.folder + "/certificate.pem", front.folder + "/key.pem",
                  front.folder + "/authorities.pem"};
  settings.runtime_folder = front.folder + "/second";
  EXPECT_THAT(Server::Start(settings, front.ports, Hooks()),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST(Tls, ABrokerWithABadPairOrNoDenyListDoesNotStart) {
  Front front;
  Settings settings;
  settings.listen = {"127.0.0.1:0"};
  settings.tls = {front.folder + "/certificate.pem", front.folder + "/key.pem",
                  front.folder + "/authorities.pem"};
  settings.runtime_folder = front.folder + "/second";
  settings.deny_list_file = front.folder + "/there-is-none";
  EXPECT_THAT(Server::Start(settings, front.ports, Hooks()),
              StatusIs(absl::StatusCode::kInvalidArgument));
  settings.deny_list_file.reset();
  settings.tls.key_file = front.folder + "/certificate.pem";
  EXPECT_THAT(Server::Start(settings, front.ports, Hooks()),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(Tls, AUnixSocketServesToo) {
  Front front;
  Settings settings;
  settings.listen = {"unix:" + front.folder + "/socket"};
  settings.tls = {front.folder + "/certificate.pem", front.folder + "/key.pem",
                  front.folder + "/authorities.pem"};
  settings.runtime_folder = front.folder + "/second";
  const auto second = Server::Start(settings, front.ports, Hooks());
  ASSERT_THAT(second, IsOk());
  const development::KeyPair pair = front.Issue(front.OrderFor("engineer"));
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = front.authority.certificate_pem();
  options.pem_cert_chain = pair.certificate_pem;
  options.pem_private_key = KeyOf(pair);
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride("localhost");
  const auto channel = grpc::CreateCustomChannel("unix:" + front.folder + "/socket",
                                                 grpc::SslCredentials(options), arguments);
  EXPECT_TRUE(Serves(*channel));
}

}  // namespace
}  // namespace jit::rpc

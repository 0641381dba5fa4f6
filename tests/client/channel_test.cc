#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "client/channel/broker.h"
#include "client/channel/refusal_text.h"
#include "client/channel/settings.h"
#include "client/channel/unreachable_text.h"
#include "tests/client/fake_broker.h"
#include "tests/client/test_console.h"

namespace jit::channel {
namespace {

using ::jit::console::ExitCode;
using ::jit::testing::FakeBroker;
using ::jit::testing::RefuseWith;
using ::jit::testing::TestConsole;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

v1::UnreviewedBreakGlass Emergency(const std::string& reason) {
  v1::UnreviewedBreakGlass emergency;
  emergency.set_lease_id("aaaaaaaaaaaaaaaaaaaaaaaaaa");
  emergency.set_requester("oncall");
  emergency.set_target("shop");
  emergency.set_role("writer");
  emergency.set_reason(reason);
  emergency.mutable_request_time()->set_seconds(1'800'000'000 - 60);
  emergency.mutable_due_time()->set_seconds(1'800'000'000 + 7200);
  emergency.set_open(true);
  return emergency;
}

TEST(Broker, AnUnreviewedBreakGlassIsOnTheScreenBeforeTheAnswer) {
  FakeBroker fake;
  TestConsole console;
  *fake.notices.add_unreviewed() = Emergency("db is \x1b[8mdown");
  fake.who_am_i = [](const auto&, v1::WhoAmIResponse* response) {
    response->set_person("reviewer");
    return absl::OkStatus();
  };
  const auto broker = *fake.connect()(console.get());
  ASSERT_EQ(broker->Call(v1::WhoAmIRequest())->person(), "reviewer");
  EXPECT_THAT(console.err(), HasSubstr("BREAK-GLASS NOT REVIEWED"));
  EXPECT_THAT(console.err(), HasSubstr("THE LOGIN IS STILL OPEN"));
  EXPECT_THAT(console.err(), HasSubstr("jit-approve review aaaaaaaaaaaaaaaaaaaaaaaaaa"));
  EXPECT_THAT(console.err(), HasSubstr("db is \\x1b[8mdown"));
  const std::string once = console.err();
  ASSERT_TRUE(broker->Call(v1::WhoAmIRequest()).ok());
  EXPECT_EQ(console.err(), once) << "the same one is not shown twice by one command";
}

TEST(Broker, ANoticeComesWithARefusalToo) {
  FakeBroker fake;
  TestConsole console;
  *fake.notices.add_unreviewed() = Emergency("x");
  fake.get_lease = [](const auto&, auto*) {
    return RefuseWith(v1::REFUSAL_REASON_UNKNOWN_LEASE, "there is no such lease");
  };
  const auto broker = *fake.connect()(console.get());
  const absl::Status status = broker->Call(v1::GetLeaseRequest()).status();
  EXPECT_TRUE(IsRefused(status, v1::REFUSAL_REASON_UNKNOWN_LEASE));
  EXPECT_THAT(console.err(), HasSubstr("BREAK-GLASS NOT REVIEWED"));
  EXPECT_EQ(Explain(status, console.get()), ExitCode::kRefused);
  EXPECT_THAT(console.err(), HasSubstr("Why: There is no such lease.\n"));
}

TEST(Broker, AFaultOfTheBrokerIsNotMistakenForItsAbsence) {
  FakeBroker fake;
  TestConsole console;
  fake.who_am_i = [](const auto&, auto*) {
    return absl::UnavailableError("something cannot be reached right now (fault 4f2a)");
  };
  const auto broker = *fake.connect()(console.get());
  const absl::Status status = broker->Call(v1::WhoAmIRequest()).status();
  EXPECT_FALSE(IsUnreachable(status));
  EXPECT_EQ(Explain(status, console.get()), ExitCode::kFault);
  EXPECT_THAT(console.err(), HasSubstr("(fault 4f2a)"));
  EXPECT_THAT(fake.calls(), ElementsAre("WhoAmI")) << "it is not asked again";
}

TEST(Broker, AMessageThatIsTooLargeIsARefusal) {
  FakeBroker fake;
  TestConsole console;
  const auto broker = *fake.connect()(console.get());
  v1::CreateLeaseRequest request;
  request.set_reason(std::string(10'000'000, 'x'));
  const absl::Status status = broker->Call(request).status();
  EXPECT_TRUE(IsRefused(status, v1::REFUSAL_REASON_MESSAGE_TOO_LARGE)) << status;
}

TEST(Broker, AFaultWithoutWordsIsStillNamed) {
  TestConsole console;
  EXPECT_EQ(Explain(absl::InternalError(""), console.get()), ExitCode::kFault);
  EXPECT_THAT(console.err(), HasSubstr("INTERNAL"));
}

TEST(Broker, ABrokenConnectionIsTriedAgainWithTheSameContent) {
  FakeBroker fake;
  TestConsole console;
  std::vector<std::string> ids;
  fake.end_lease = [&](const v1::EndLeaseRequest& request, auto*) {
    ids.push_back(request.idempotency_id());
    return ids.size() < 2 ? absl::UnavailableError("Socket closed") : absl::OkStatus();
  };
  const auto broker = *fake.connect()(console.get());
  v1::EndLeaseRequest request;
  request.set_idempotency_id(broker->NewIdempotencyId());
  EXPECT_TRUE(broker->Call(request).ok());
  ASSERT_EQ(ids.size(), 2u);
  EXPECT_EQ(ids[0], ids[1]);
  EXPECT_EQ(ids[0].size(), 32u);
}

TEST(Broker, ADeadBrokerIsUnreachableAndTheTextSaysWhatToCheck) {
  FakeBroker fake;
  TestConsole console;
  fake.Kill();
  const auto broker = *fake.connect()(console.get());
  const absl::Status status = broker->Call(v1::WhoAmIRequest()).status();
  EXPECT_TRUE(IsUnreachable(status)) << status;
  EXPECT_EQ(Explain(status, console.get()), ExitCode::kUnreachable);
  EXPECT_THAT(console.err(), HasSubstr("JIT_BROKER"));
}

TEST(Broker, AStoppedWaitIsTakenBack) {
  FakeBroker fake;
  TestConsole console;
  fake.wait_lease = [](const auto&, auto*) { return absl::OkStatus(); };
  const auto broker = *fake.connect()(console.get());
  EXPECT_TRUE(broker->Wait(v1::WaitLeaseRequest(), [] { return Broker::Tick::kGoOn; }).ok());
  EXPECT_TRUE(absl::IsCancelled(
      broker->Wait(v1::WaitLeaseRequest(), [] { return Broker::Tick::kStop; }).status()));
}

TEST(RefusalText, EveryReasonHasASentenceAndSomethingToDo) {
  const auto* reasons = v1::RefusalReason_descriptor();
  for (int i = 0; i < reasons->value_count(); ++i) {
    const auto reason = static_cast<v1::RefusalReason>(reasons->value(i)->number());
    if (reason == v1::REFUSAL_REASON_UNSPECIFIED) continue;
    const RefusalText text = TextOf(reason);
    EXPECT_NE(text.word, "unknown") << reasons->value(i)->name();
    EXPECT_GT(text.sentence.size(), 10u);
    EXPECT_GT(text.next.size(), 10u);
    TestConsole console;
    EXPECT_NE(Explain(RefuseWith(reason), console.get()), ExitCode::kFault);
    EXPECT_THAT(console.err(), HasSubstr(text.word));
  }
  EXPECT_EQ(TextOf(static_cast<v1::RefusalReason>(999)).word, "unknown");
}

TEST(UnreachableText, TellsAddressFromCertificates) {
  EXPECT_THAT(UnreachableText("b:1", "... Connection refused"), HasSubstr("no broker listens"));
  EXPECT_THAT(UnreachableText("b:1", "Socket closed"),
              HasSubstr("does not accept your certificate"));
  EXPECT_THAT(UnreachableText("b:1", "SSL routines:...:CERTIFICATE_VERIFY_FAILED"),
              HasSubstr("ask the operator which authority"));
  EXPECT_THAT(UnreachableText("b:1", "a new \x1b text"), HasSubstr("a new \\x1b text"));
}

// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "jit_settings_XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

TEST(Settings, AFlagBeatsTheEnvironmentAndThatBeatsTheSystemsFile) {
  const Folder folder;
  const std::string file = folder.Write("client.toml",
                                        "broker = \"file:1\"\ncert = \"/file/cert\"\n"
                                        "key = \"/file/key\"\nca = \"/file/ca\"\n");
  TestConsole console;
  console.SetEnvironment("JIT_BROKER", "environment:1");
  console.SetEnvironment("JIT_CERT", "/environment/cert");
  SettingFlags flags;
  flags.broker = "flag:1";
  const auto settings = FindSettings(flags, console.get(), file);
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->broker, "flag:1");
  EXPECT_EQ(settings->certificate, "/environment/cert");
  EXPECT_EQ(settings->key, "/file/key");
  EXPECT_EQ(settings->authorities, "/file/ca");
}

TEST(Settings, WhatIsMissingIsNamedWithTheThreeWaysToGiveIt) {
  TestConsole console;
  const auto settings = FindSettings({}, console.get(), "/nowhere/client.toml");
  ASSERT_FALSE(settings.ok());
  const std::string said(settings.status().message());
  EXPECT_THAT(said, HasSubstr("--broker"));
  EXPECT_THAT(said, HasSubstr("JIT_BROKER"));
  EXPECT_THAT(said, HasSubstr("/nowhere/client.toml"));
}

TEST(Settings, NothingDependsOnTheWorkingDirectory) {
  TestConsole console;
  console.SetEnvironment("JIT_BROKER", "b:1");
  console.SetEnvironment("JIT_CERT", "cert.pem");
  const auto settings = FindSettings({}, console.get(), "/nowhere/client.toml");
  ASSERT_FALSE(settings.ok());
  EXPECT_THAT(std::string(settings.status().message()), HasSubstr("relative path"));
}

TEST(Settings, AnUnknownKeyOrBrokenFileIsRefusedWithItsLine) {
  const Folder folder;
  TestConsole console;
  const std::string unknown = folder.Write("a.toml", "broker = \"b:1\"\nproxy = \"evil:1\"\n");
  EXPECT_THAT(std::string(FindSettings({}, console.get(), unknown).status().message()),
              HasSubstr("a.toml:2"));
  const std::string broken = folder.Write("b.toml", "broker = \"b:1\n");
  EXPECT_THAT(std::string(FindSettings({}, console.get(), broken).status().message()),
              HasSubstr("b.toml:1"));
}

TEST(Settings, AFileThatIsNoCertificateIsNamed) {
  const Folder folder;
  const std::string file = folder.Write("x.pem", "hello");
  const Settings settings{"b:1", file, file, file};
  const absl::Status status = LoadIdentity(settings, absl::Now()).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("x.pem"));
  const Settings missing{"b:1", "/nowhere/cert.pem", file, file};
  EXPECT_THAT(std::string(LoadIdentity(missing, absl::Now()).status().message()),
              HasSubstr("Cannot read /nowhere/cert.pem"));
}

}  // namespace
}  // namespace jit::channel

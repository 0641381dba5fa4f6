// connect and run with a real child: what it is given, what is left behind, what is said when.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/client/leases.h"

namespace jit::testing {
namespace {

using console::ExitCode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Words = std::vector<std::string>;

// A private folder for pass files and for what the child writes down.
class Place {
 public:
  Place() {
    std::string pattern = std::filesystem::temp_directory_path() / "jit_use_login_XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~Place() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  std::string path(const std::string& name) const { return path_ / name; }
  std::string Read(const std::string& name) const {
    std::ifstream file(path_ / name);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  std::size_t Entries() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path_), {}));
  }

 private:
  std::filesystem::path path_;
};

// A broker with one open lease, and a console that really waits for children.
struct Scene {
  explicit Scene(v1::Lease lease = Open()) {
    fake.get_lease = Answering<v1::GetLeaseRequest, v1::GetLeaseResponse>(lease);
    fake.open_lease = Answering<v1::OpenLeaseRequest, v1::OpenLeaseResponse>(lease);
    fake.end_lease =
        Answering<v1::EndLeaseRequest, v1::EndLeaseResponse>(LeaseIn(v1::Lease::STATE_CLOSING));
    console.SetEnvironment("XDG_RUNTIME_DIR", place.path(""));
    console.get().wait_readable = [](int fd, absl::Duration) {
      pollfd wanted = {.fd = fd, .events = POLLIN, .revents = 0};
      return ::poll(&wanted, 1, 10'000) > 0;
    };
  }
  FakeBroker fake;
  TestConsole console;
  Place place;
};

TEST(Run, TheProgramGetsTheLoginThroughItsVariablesAndAPrivateFile) {
  Scene scene;
  const std::string report = scene.place.path("report");
  const std::string script =
      "{ echo $PGHOST $PGPORT $PGDATABASE $PGUSER; echo $PGAPPNAME; echo ${PGPASSWORD-none} "
      "${PGSERVICE-none}; stat -c %a $PGPASSFILE $(dirname $PGPASSFILE); cat $PGPASSFILE; "
      "echo \"$0 $*\"; } > " +
      report + "; exit 7";
  ::setenv("PGPASSWORD", "stale", 1);
  ::setenv("PGSERVICE", "stale", 1);
  const ExitCode code =
      RunAccess(scene.fake, scene.console, {"run", kLeaseId, "--", "sh", "-c", script});
  ::unsetenv("PGPASSWORD");
  ::unsetenv("PGSERVICE");
  EXPECT_EQ(console::Number(code), 7) << "the program's own exit status";
  const std::string login = std::string("jit_") + kLeaseId;
  const std::string told = scene.place.Read("report");
  EXPECT_THAT(told, HasSubstr("db.example 5432 shop " + login + "\n"));
  EXPECT_THAT(told, HasSubstr(std::string("jit-access ") + kLeaseId + "\n"));
  EXPECT_THAT(told, HasSubstr("none none\n600\n700\n"));
  EXPECT_THAT(told, HasSubstr("db.example:5432:*:" + login + ":"));
  EXPECT_EQ(scene.place.Entries(), 1u) << "only the report: the private file is gone";
  EXPECT_THAT(scene.fake.calls(), ElementsAre("GetLease", "OpenLease", "EndLease"));
  EXPECT_THAT(scene.console.err(), HasSubstr("is given back"));
  EXPECT_EQ(scene.console.out(), "") << "standard output belongs to the program";
}

TEST(Run, KeepLeavesTheLeaseOpen) {
  Scene scene;
  EXPECT_EQ(RunAccess(scene.fake, scene.console, {"run", kLeaseId, "--keep", "--", "true"}),
            ExitCode::kOk);
  EXPECT_THAT(scene.fake.calls(), ElementsAre("GetLease", "OpenLease"));
  EXPECT_THAT(scene.console.err(), HasSubstr("stays open until 2027-01-15 08:30:00 UTC"));
}

TEST(Run, AProgramThatCannotBeStartedIsAFaultAndTheLeaseIsGivenBack) {
  Scene scene;
  EXPECT_EQ(RunAccess(scene.fake, scene.console, {"run", kLeaseId, "--", "/nowhere/at/all"}),
            ExitCode::kFault);
  EXPECT_THAT(scene.console.err(), HasSubstr("Cannot start /nowhere/at/all"));
  EXPECT_THAT(scene.fake.calls(), ElementsAre("GetLease", "OpenLease", "EndLease"));
  EXPECT_EQ(scene.place.Entries(), 0u);
}

TEST(Run, AProgramKilledBySignalNAnswers128PlusN) {
  Scene scene;
  const ExitCode code =
      RunAccess(scene.fake, scene.console, {"run", kLeaseId, "--", "sh", "-c", "kill -9 $$"});
  EXPECT_EQ(console::Number(code), 137);
}

TEST(Run, ALeaseThatEndedMeanwhileNeedsNoGivingBack) {
  Scene scene;
  scene.fake.end_lease = [](const auto&, auto*) {
    return RefuseWith(v1::REFUSAL_REASON_ALREADY_ENDED, "the lease has ended");
  };
  EXPECT_EQ(RunAccess(scene.fake, scene.console, {"run", kLeaseId, "--", "true"}), ExitCode::kOk);
  EXPECT_THAT(scene.console.err(), Not(HasSubstr("Refused")));
}

TEST(Run, AFailedGivingBackNamesTheDeadline) {
  Scene scene;
  scene.fake.end_lease = [](const auto&, auto*) {
    return absl::InternalError("the broker failed (fault 9)");
  };
  EXPECT_EQ(RunAccess(scene.fake, scene.console, {"run", kLeaseId, "--", "true"}), ExitCode::kOk);
  EXPECT_THAT(scene.console.err(), HasSubstr("it ends at its deadline, 2027-01-15 08:30:00 UTC"));
}

TEST(Connect, WarnsBeforeTheDeadlineAndAtIt) {
  Scene scene(Open(3, 330));
  const std::string fifo = scene.place.path("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  // Time passes only here: each wait for the child takes as long as it was allowed to, and once the
  // deadline has been told the child is let go.
  absl::Time now = absl::FromUnixSeconds(kTestNow);
  scene.console.get().now = [&] { return now; };
  scene.console.get().wait_readable = [&](int fd, absl::Duration time) {
    now += time;
    if (scene.console.err().find("has reached its deadline") == std::string::npos) return false;
    std::ofstream(fifo) << "go\n";
    pollfd wanted = {.fd = fd, .events = POLLIN, .revents = 0};
    return ::poll(&wanted, 1, 10'000) > 0;
  };
  const std::string psql = scene.place.path("psql");
  std::ofstream(psql) << "#!/bin/sh\nread line < " << fifo << "\necho \"$@\" > "
                      << scene.place.path("arguments") << "\n";
  std::filesystem::permissions(psql, std::filesystem::perms::owner_all);
  EXPECT_EQ(RunAccess(scene.fake, scene.console,
                      {"connect", kLeaseId, "--psql", psql, "--", "-c", "select 1"}),
            ExitCode::kOk);
  const std::string said = scene.console.err();
  EXPECT_THAT(said, HasSubstr("is open for 5m 30s"));
  const std::size_t five = said.find("ends in 5m 0s");
  const std::size_t one = said.find("ends in 1m 0s");
  const std::size_t cut = said.find("has reached its deadline");
  EXPECT_LT(five, one);
  EXPECT_LT(one, cut);
  EXPECT_NE(cut, std::string::npos);
  EXPECT_EQ(scene.place.Read("arguments"), "-c select 1\n") << "no password, nothing of ours";
}

TEST(Connect, ByRoleAsksFirst) {
  Scene scene;
  scene.fake.create_lease = Answering<v1::CreateLeaseRequest, v1::CreateLeaseResponse>(Open());
  EXPECT_EQ(RunAccess(scene.fake, scene.console,
                      {"connect", "--target", "shop", "--role", "reader", "--reason", "look",
                       "--psql", "true"}),
            ExitCode::kOk);
  EXPECT_THAT(scene.fake.calls(), ElementsAre("CreateLease", "EndLease"));
  EXPECT_THAT(scene.console.err(), HasSubstr(std::string("Lease ") + kLeaseId));
}

TEST(Connect, WithoutAnIdMeansTheOnlyLeaseThereIs) {
  Scene scene;
  int leases = 1;
  scene.fake.list_leases = [&](const v1::ListLeasesRequest& request, auto* response) {
    EXPECT_TRUE(request.mine());
    for (int i = 0; i < leases; ++i) *response->add_leases() = Open();
    return absl::OkStatus();
  };
  EXPECT_EQ(RunAccess(scene.fake, scene.console, {"connect", "--psql", "true"}), ExitCode::kOk);
  leases = 2;
  EXPECT_EQ(RunAccess(scene.fake, scene.console, {"connect", "--psql", "true"}), ExitCode::kUsage);
  EXPECT_THAT(scene.console.err(), HasSubstr("Name the lease"));
}

TEST(Run, ARequestToStopIsPassedOnAndTheLeaseIsStillGivenBack) {
  Scene scene;
  scene.console.Interrupt();
  const ExitCode code =
      RunAccess(scene.fake, scene.console, {"run", kLeaseId, "--", "sleep", "60"});
  EXPECT_EQ(console::Number(code), 128 + 15);
  EXPECT_THAT(scene.fake.calls(), ElementsAre("GetLease", "OpenLease", "EndLease"));
  EXPECT_EQ(scene.place.Entries(), 0u);
}

}  // namespace
}  // namespace jit::testing

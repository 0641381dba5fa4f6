#include "tests/house/floors.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace jit::house {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<int> LinesOf(const std::vector<Finding>& findings) {
  std::vector<int> lines;
  for (const Finding& finding : findings) {
    lines.push_back(finding.line);
  }
  return lines;
}

std::vector<int> Offences(const std::string& path, const std::string& text) {
  return LinesOf(CheckFloors(FileOf(path, text)));
}

TEST(Floors, EveryIncludeOfTheProjectKeepsToItsFloor) {
  const std::vector<SourceFile> files = ReadTree(JIT_SOURCE_DIR, {"broker", "client"});
  ASSERT_GT(files.size(), 20u);
  std::vector<Finding> findings;
  for (const SourceFile& file : files) {
    for (const Finding& finding : CheckFloors(file)) {
      findings.push_back(finding);
    }
  }
  EXPECT_EQ(Print(findings), "");
}

TEST(FloorsChecker, LetsARoomLookDownAndAtItself) {
  EXPECT_THAT(Offences("broker/use_cases/ask.cc",
                       "#include \"broker/use_cases/ask.h\"\n"
                       "#include \"broker/ports/journal.h\"\n"
                       "#include \"broker/core/names.h\"\n"
                       "#include <vector>\n"),
              IsEmpty());
}

TEST(FloorsChecker, RefusesToLookUp) {
  EXPECT_THAT(Offences("broker/core/names.h", "\n#include \"broker/ports/clock.h\"\n"),
              ElementsAre(2));
}

TEST(FloorsChecker, KeepsRoomsOnOneFloorBlindToEachOther) {
  EXPECT_THAT(Offences("broker/use_cases/ask.cc", "#include \"broker/journal_sqlite/journal.h\"\n"),
              ElementsAre(1));
  EXPECT_THAT(Offences("broker/core/lease/lease.h", "#include \"broker/ledger/merkle.h\"\n"),
              ElementsAre(1));
}

TEST(FloorsChecker, TreatsSubfoldersAsOneRoom) {
  EXPECT_THAT(Offences("broker/core/lease/lease.h", "#include \"broker/core/policy/judge.h\"\n"),
              IsEmpty());
}

TEST(FloorsChecker, KeepsClientsToTheLedgerAndTheCredentials) {
  EXPECT_THAT(Offences("client/audit/verify.cc",
                       "#include \"broker/ledger/verify.h\"\n"
                       "#include \"client/console/console.h\"\n"
                       "#include \"broker/core/names.h\"\n"
                       "#include \"client/access/main.h\"\n"),
              ElementsAre(3, 4));
  EXPECT_THAT(Offences("client/console/console.cc", "#include \"client/channel/channel.h\"\n"),
              ElementsAre(1));
}

TEST(FloorsChecker, KeepsLibrariesInTheirRooms) {
  EXPECT_THAT(Offences("broker/use_cases/ask.cc",
                       "#include <grpcpp/grpcpp.h>\n"
                       "#include \"jit/v1/lease.pb.h\"\n"
                       "#include <libpq-fe.h>\n"
                       "#include <sqlite3.h>\n"
                       "#include <random>\n"
                       "#include <sys/random.h>\n"
                       "#include \"tests/testing/memory_journal.h\"\n"),
              ElementsAre(1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(Offences("broker/rpc/server.cc", "#include <grpcpp/grpcpp.h>\n"), IsEmpty());
  EXPECT_THAT(Offences("broker/pq/connection.cc", "#include <libpq-fe.h>\n"), IsEmpty());
}

TEST(FloorsChecker, KeepsThePureRoomsPure) {
  EXPECT_THAT(Offences("broker/core/names.cc", "#include <mutex>\n#include <string>\n"),
              ElementsAre(1));
}

TEST(FloorsChecker, RefusesIncludesThatAreNotWrittenFromTheRoot) {
  EXPECT_THAT(Offences("broker/core/names.cc", "#include \"names.h\"\n"), ElementsAre(1));
}

TEST(FloorsChecker, RefusesARoomThatNobodyPutIntoTheTable) {
  EXPECT_THAT(Offences("broker/attic/box.h", "#include <string>\n"), ElementsAre(0));
}

TEST(FloorsChecker, LetsTheTopOfTheHouseJoinEverythingButLibraries) {
  EXPECT_THAT(Offences("broker/main.cc",
                       "#include \"broker/rpc/server.h\"\n"
                       "#include \"broker/journal_sqlite/journal.h\"\n"
                       "#include <grpcpp/grpcpp.h>\n"),
              ElementsAre(3));
}

}  // namespace
}  // namespace jit::house

// Every row of the tables, on a real server, with real clients: each accident has the verdict that
// its row says, none is lost, and nothing legitimate is refused.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "tests/accidents/accident_stage.h"

namespace jit::testing {
namespace {

const std::string kHere = absl::StrCat(JIT_SOURCE_DIR, "/tests/accidents/");

std::string TextOf(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// As README.md shows them.
constexpr absl::string_view kTotals =
    "| database | accidents | prevented | stopped at the ceiling | rolled back on count"
    " | failed and left nothing | undone exactly | told beforehand | lost | legitimate | refused "
    "|\n";

std::string TotalsOf(const std::string& name, std::size_t accidents,
                     std::map<Verdict, int> verdicts, std::size_t legitimate, int refused) {
  return absl::StrFormat("| %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d |", name,
                         accidents, verdicts[Verdict::kPrevented], verdicts[Verdict::kStopped],
                         verdicts[Verdict::kCounted], verdicts[Verdict::kFailed],
                         verdicts[Verdict::kUndone], verdicts[Verdict::kTold],
                         verdicts[Verdict::kLost], legitimate, refused);
}

// The demonstration's shop, a fiftieth of it.
std::string Smaller(const std::string& script) {
  return absl::StrReplaceAll(script, {{"generate_series(1, 20000)", "generate_series(1, 400)"},
                                      {"1 + n * 7919 % 20000,", "1 + n * 7919 % 400,"},
                                      {"generate_series(1, 100000)", "generate_series(1, 2000)"},
                                      {"generate_series(1, 1000)", "generate_series(1, 100)"},
                                      {"337) % 1000", "337) % 100"},
                                      {"interval '5 minutes'", "interval '4 hours'"}});
}

class Accidents : public AccidentStage {
 protected:
  // Runs both tables of one database and prints them.
  void Tell(const std::string& name) {
    const std::string only = Wanted();
    auto accidents = ReadCases(absl::StrCat(kHere, name, "_accidents.txt"));
    auto legitimate = ReadCases(absl::StrCat(kHere, name, "_legitimate.txt"));
    ASSERT_THAT(accidents, IsOk());
    ASSERT_THAT(legitimate, IsOk());
    std::map<Verdict, int> verdicts;
    for (const Case& row : *accidents) {
      if (absl::StrContains(row.title, only)) {
        ++verdicts[Judge(row, [&] { return Suffer(row); })];
      }
    }
    int refused = 0;
    for (const Case& row : *legitimate) {
      if (!absl::StrContains(row.title, only)) continue;
      if (Judge(row, [&] { return Work(row); }) != Verdict::kPassed) ++refused;
    }
    std::cout << kTotals << TotalsOf(name, accidents->size(), verdicts, legitimate->size(), refused)
              << "\n";
    EXPECT_EQ(verdicts[Verdict::kLost], 0);
    EXPECT_EQ(refused, 0);
  }

 private:
  // Some rows only, by a part of their titles; for whoever writes them.
  static std::string Wanted() {
    const char* wanted = std::getenv("JIT_ACCIDENT");
    return wanted == nullptr ? "" : wanted;
  }

  Verdict Judge(const Case& row, const std::function<Outcome()>& run) {
    const absl::Time start = absl::Now();
    const Outcome outcome = run();
    EXPECT_EQ(VerdictWords(outcome.verdict), VerdictWords(row.verdict))
        << row.title << ": " << outcome.said;
    std::cout << absl::StrFormat(
                     "%-62s %-24s %6d ms  %s\n", row.title, VerdictWords(outcome.verdict),
                     absl::ToInt64Milliseconds(absl::Now() - start), outcome.said.substr(0, 120))
              << std::flush;
    return outcome.verdict;
  }
};

TEST_F(Accidents, OfTheDemonstrationsShop) {
  const std::string shop = absl::StrCat(JIT_SOURCE_DIR, "/deploy/demo/shop/");
  Furnish({"drop table public.orders;", TextOf(shop + "1_tables.sql"),
           Smaller(TextOf(shop + "2_rows.sql")), TextOf(shop + "3_rights.sql"),
           TextOf(kHere + "shop_more.sql")});
  if (HasFatalFailure()) return;
  Tell("shop");
}

TEST_F(Accidents, OfPagila) {
  const std::string pagila = absl::StrCat(JIT_SOURCE_DIR, "/../shared/data/pagila.sql");
  if (!std::filesystem::exists(pagila)) GTEST_SKIP() << "shared/data/pagila.sql is not there";
  Furnish({"drop table public.orders;", TextOf(pagila), TextOf(kHere + "pagila_more.sql")});
  if (HasFatalFailure()) return;
  Tell("pagila");
}

// Each row that was run came to what its table says, so the tables alone say the totals.
TEST(AccidentTotals, AreThoseThatTheReadmeShows) {
  const std::string readme = TextOf(absl::StrCat(JIT_SOURCE_DIR, "/README.md"));
  EXPECT_THAT(readme, ::testing::HasSubstr(kTotals));
  for (const std::string name : {"shop", "pagila"}) {
    auto accidents = ReadCases(absl::StrCat(kHere, name, "_accidents.txt"));
    auto legitimate = ReadCases(absl::StrCat(kHere, name, "_legitimate.txt"));
    ASSERT_THAT(accidents, IsOk());
    ASSERT_THAT(legitimate, IsOk());
    EXPECT_GE(accidents->size(), 60u);
    EXPECT_GE(legitimate->size(), accidents->size());
    std::map<Verdict, int> verdicts;
    for (const Case& row : *accidents) ++verdicts[row.verdict];
    EXPECT_EQ(verdicts[Verdict::kPassed], 0);
    EXPECT_THAT(readme, ::testing::HasSubstr(
                            TotalsOf(name, accidents->size(), verdicts, legitimate->size(), 0)));
  }
}

}  // namespace
}  // namespace jit::testing

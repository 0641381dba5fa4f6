#include "broker/core/refusal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/testing/pages.h"

namespace jit::core {
namespace {

TEST(Refusals, CarryTheirReasonAndTheirSentence) {
  const absl::Status status = Refuse(Reason::kOwnLease, "somebody else has to");
  EXPECT_EQ(ReasonOf(status), Reason::kOwnLease);
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(status.message(), "somebody else has to");
}

TEST(Refusals, FaultsAndBugsAreNotOnes) {
  EXPECT_EQ(ReasonOf(absl::OkStatus()), std::nullopt);
  EXPECT_EQ(ReasonOf(absl::UnavailableError("the target is down")), std::nullopt);
  EXPECT_EQ(ReasonOf(absl::PermissionDeniedError("own_lease")), std::nullopt);
}

TEST(Refusals, EveryReasonHasAWordOfItsOwnAndACodeThatIsNotOk) {
  std::set<std::string> words;
  for (const Reason reason : AllReasons()) {
    EXPECT_TRUE(words.insert(ReasonWord(reason)).second) << ReasonWord(reason);
    EXPECT_EQ(ReasonFromWord(ReasonWord(reason)), reason);
    EXPECT_NE(CodeOf(reason), absl::StatusCode::kOk);
    EXPECT_EQ(ReasonOf(Refuse(reason, "")), reason);
  }
  EXPECT_EQ(ReasonFromWord("no_such_reason"), std::nullopt);
}

TEST(Refusals, TheReferencePageListsThemAllInOrderOfPrecedence) {
  const auto rows = testing::TableIn("docs/reference/refusals.md", "| Word | Code |");
  ASSERT_EQ(rows.size(), AllReasons().size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Reason reason = AllReasons()[i];
    ASSERT_EQ(rows[i].size(), 4U) << ReasonWord(reason);
    EXPECT_EQ(rows[i][0], ReasonWord(reason));
    EXPECT_EQ(rows[i][1], absl::StatusCodeToString(CodeOf(reason))) << ReasonWord(reason);
    EXPECT_FALSE(rows[i][2].empty()) << ReasonWord(reason);
    EXPECT_FALSE(rows[i][3].empty()) << ReasonWord(reason);
  }
}

// The wire keeps its numbers for ever, so a reason that came later has a later number than its
// place in the order of precedence.
TEST(Refusals, TheWireNumbersEachOfThemOnceWithoutAGap) {
  std::vector<std::string> on_the_wire;
  for (const std::string& line : testing::LinesOf("proto/jit/v1/refusal.proto")) {
    const absl::string_view text = absl::StripAsciiWhitespace(line);
    if (absl::StartsWith(text, "REFUSAL_REASON_")) {
      const std::size_t number = on_the_wire.size();
      const std::vector<absl::string_view> halves = absl::StrSplit(text, " = ");
      ASSERT_EQ(halves.size(), 2U) << text;
      EXPECT_EQ(halves[1], absl::StrCat(number, ";")) << text;
      on_the_wire.emplace_back(halves[0]);
    }
  }
  std::vector<std::string> expected = {"REFUSAL_REASON_UNSPECIFIED"};
  for (const Reason reason : AllReasons()) {
    expected.push_back(absl::StrCat("REFUSAL_REASON_", absl::AsciiStrToUpper(ReasonWord(reason))));
  }
  EXPECT_THAT(on_the_wire, ::testing::UnorderedElementsAreArray(expected));
}

}  // namespace
}  // namespace jit::core

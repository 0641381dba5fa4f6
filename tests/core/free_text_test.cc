#include "broker/core/free_text.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "tests/testing/status_matchers.h"

namespace jit::core {
namespace {

using testing::IsOk;
using testing::RefusedWith;

TEST(FreeText, UpTo1024BytesOfUtf8Pass) {
  EXPECT_THAT(CheckFreeText("x", {"the reason"}), IsOk());
  EXPECT_THAT(CheckFreeText(std::string(1024, 'x'), {"the reason"}), IsOk());
  EXPECT_THAT(CheckFreeText("Bestellung hängt \xF0\x9F\x94\xA5 \x1b[31m", {"the reason"}), IsOk());
}

TEST(FreeText, EmptyTextPassesOnlyWhereItIsOptional) {
  EXPECT_THAT(CheckFreeText("", {"the reason"}), RefusedWith(Reason::kReasonEmpty));
  EXPECT_THAT(CheckFreeText("", {"the note", Needed::kOptional}), IsOk());
}

TEST(FreeText, OneByteTooManyIsRefused) {
  EXPECT_THAT(CheckFreeText(std::string(1025, 'x'), {"the reason"}),
              RefusedWith(Reason::kReasonTooLong));
}

TEST(FreeText, WhatIsNotUtf8OrHasNulIsRefused) {
  using std::string_literals::operator""s;
  for (const std::string& text :
       std::vector<std::string>{"\xFF"s, "\x80"s, "caf\xE9"s, "\xC0\xAF"s, "\xE0\x80\x80"s,
                                "\xED\xA0\x80"s, "\xF0\x80\x80\x80"s, "\xF4\x90\x80\x80"s,
                                "\xF5\x80\x80\x80"s, "cut \xE2\x82"s, "a\0b"s}) {
    EXPECT_THAT(CheckFreeText(text, {"the reason"}), RefusedWith(Reason::kReasonNotUtf8));
  }
}

TEST(FreeText, TheEdgesOfUtf8Pass) {
  for (const char* text : {"\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                           "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(IsUtf8(text));
  }
}

TEST(OutsideText, IsKeptAsItIsWhereItCanBe) {
  EXPECT_EQ(AsFreeText("role \"jit_x\" does not exist"), "role \"jit_x\" does not exist");
}

TEST(OutsideText, BytesThatCannotBeKeptAreReplaced) {
  EXPECT_EQ(AsFreeText(absl::string_view("a\0b\xFF", 4)),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
}

TEST(OutsideText, IsCutBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 2000; ++i) {
    text += "\xE2\x82\xAC";
  }
  EXPECT_EQ(AsFreeText(text).size(), 4095U);
}

RC_GTEST_PROP(OutsideText, WhateverComesCanBeKept, (const std::string& said)) {
  const std::string kept = AsFreeText(said);
  RC_ASSERT(IsUtf8(kept));
  RC_ASSERT(kept.find('\0') == std::string::npos);
  RC_ASSERT(AsFreeText(kept) == kept);
}

}  // namespace
}  // namespace jit::core

#include "client/console/visible.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace jit::console {
namespace {

TEST(Visible, OrdinaryTextStaysAsItIs) {
  for (const std::string text :
       {"", "INC-4711: orphaned invoices", "Größe, naïve, 東京, смена, ✓"}) {
    EXPECT_EQ(Visible(text), text);
  }
}

struct Escape {
  std::string text;
  std::string shown;
};

TEST(Visible, WhatMovesHidesOrReordersIsShownAsAnEscape) {
  const std::vector<Escape> escapes = {
      {"\x1b[31mred", "\\x1b[31mred"},
      {"a\nb\rc\td", "a\\nb\\rc\\td"},
      {std::string("\0", 1), "\\x00"},
      {"\x7f\b", "\\x7f\\x08"},
      {"\xc2\x9b"
       "31m",
       "\\u{9b}31m"},                             // C1 control sequence introducer
      {"\xe2\x80\xaereader", "\\u{202e}reader"},  // right-to-left override
      {"\xe2\x81\xa6x\xe2\x81\xa9", "\\u{2066}x\\u{2069}"},
      {"wri\xe2\x80\x8bter", "wri\\u{200b}ter"},  // zero width space
      {"\xef\xbb\xbf", "\\u{feff}"},
      {"\xe2\x80\xa8", "\\u{2028}"},       // line separator
      {"\xf3\xa0\x81\x81", "\\u{e0041}"},  // tag letter A
      {"\xf3\xa0\x84\x80", "\\u{e0100}"},  // variation selector 17
      {"a\xc2\xad"
       "b\xc2\xa0"
       "c",
       "a\\u{ad}b\\u{a0}c"},
      {"\xee\x80\x80", "\\u{e000}"},  // private use
      {"\xe3\x85\xa4", "\\u{3164}"},  // Hangul filler
  };
  for (const Escape& escape : escapes) EXPECT_EQ(Visible(escape.text), escape.shown);
}

TEST(Visible, BytesThatAreNoUtf8AreShownOneByOne) {
  EXPECT_EQ(Visible("\xff\xfe"), "\\xff\\xfe");
  EXPECT_EQ(Visible("\xc0\x9b"), "\\xc0\\x9b");                    // overlong escape character
  EXPECT_EQ(Visible("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // surrogate
  EXPECT_EQ(Visible("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // above U+10FFFF
  EXPECT_EQ(Visible("ok\xe2\x82"), "ok\\xe2\\x82");                // cut in the middle
}

TEST(Visible, NobodyCanTypeWhatLooksLikeAnEscape) {
  EXPECT_EQ(Visible("\\x1b"), "\\\\x1b");
  EXPECT_NE(Visible("\\x1b"), Visible("\x1b"));
}

RC_GTEST_PROP(Visible, WhatComesOutIsOneCleanLineAndStaysSo, (const std::string& text)) {
  const std::string shown = Visible(text);
  for (const char byte : shown) {
    const auto value = static_cast<unsigned char>(byte);
    RC_ASSERT(value >= 0x20 && value != 0x7F);
  }
  // Only the backslashes are new to a second look.
  std::string doubled;
  for (const char byte : shown)
    doubled += byte == '\\' ? std::string("\\\\") : std::string(1, byte);
  RC_ASSERT(Visible(shown) == doubled);
}

RC_GTEST_PROP(Visible, DifferentTextsLookDifferent, (const std::string& a, const std::string& b)) {
  RC_PRE(a != b);
  RC_ASSERT(Visible(a) != Visible(b));
}

TEST(WidthOf, CountsColumnsNotBytes) {
  EXPECT_EQ(WidthOf("abc"), 3);
  EXPECT_EQ(WidthOf("Größe"), 5);
  EXPECT_EQ(WidthOf("東京"), 4);
  EXPECT_EQ(WidthOf("e\xcc\x81"), 1);
}

TEST(PrefixWithin, NeverCutsACharacterAndAlwaysMakesProgress) {
  EXPECT_EQ(PrefixWithin("東京", 3), 3u);
  EXPECT_EQ(PrefixWithin("東京", 1), 3u);
  EXPECT_EQ(PrefixWithin("abc", 9), 3u);
}

}  // namespace
}  // namespace jit::console

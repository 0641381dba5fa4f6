#include "broker/ledger/canonical_json.h"

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"
// rapidcheck's glue needs gtest first.
#include "absl/status/status.h"
#include "rapidcheck/gtest.h"
#include "tests/testing/thoroughness.h"

namespace jit::ledger {
namespace {

std::string Nested(int depth) {
  const auto brackets = static_cast<std::size_t>(depth);
  return std::string(brackets, '[') + std::string(brackets, ']');
}

TEST(CanonicalJson, HasOneSpelling) {
  const Json value = {{"b", {1, -2, nullptr, true, false}}, {"a", "ä✓\x7f/\"\\\n\x01"}, {"", 0}};
  EXPECT_EQ(CanonicalBytes(value).value(),
            "{\"\":0,\"a\":\"ä✓\x7f/\\\"\\\\\\n\\u0001\",\"b\":[1,-2,null,true,false]}");
}

TEST(CanonicalJson, ReadsWhatItWrites) {
  for (const std::string text :
       {"{}", "[]", "null", "0", "-1", "9223372036854775807", "-9223372036854775808", "\"\"",
        "\"\xf0\x9f\x98\x80\"", R"({"a":{"b":[]},"c":"\b\f\t\r\u001f"})"}) {
    const absl::StatusOr<Json> value = ParseCanonical(text);
    ASSERT_TRUE(value.ok()) << text << " " << value.status();
    EXPECT_EQ(CanonicalBytes(*value).value(), text);
  }
}

TEST(CanonicalJson, RefusesEveryOtherSpelling) {
  const std::vector<std::string> others = {
      "",                      // nothing
      " {}",                   // space before, after, inside
      "{} ",                   //
      "{}\n",                  //
      R"({"a": 1})",           //
      R"({"b":1,"a":2})",      // keys not sorted
      R"({"a":1,"a":1})",      // a key twice
      R"({"a":1,"a":2})",      //
      "1.0",                   // floats
      "1e3",                   //
      "-0",                    //
      "01",                    // not JSON
      "+1",                    //
      "9223372036854775808",   // beyond 64 signed bits
      "-9223372036854775809",  //
      "NaN",                   //
      R"("\u0041")",           // escapes that are not needed
      R"("\/")",               //
      R"("\u000a")",           // escapes with a shorter form
      R"("\u001F")",           // upper-case hex
      R"("\ud83d\ude00")",     //
      R"("\ud83d")",           // half a surrogate pair
      "\"\xff\"",              // not UTF-8
      "\"\xc0\x80\"",          // overlong
      "\"\xed\xa0\x80\"",      // a surrogate in UTF-8
      "\"\n\"",                // control characters as they are
      "[1,]",                  //
      "[1]x",                  //
      "[1][2]",                //
      "/**/1",                 //
      "\xef\xbb\xbf{}",        // byte order mark
      std::string("1\0", 2),   //
  };
  for (const std::string& text : others) {
    EXPECT_EQ(ParseCanonical(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(CanonicalJson, NestsSoDeepAndNoDeeper) {
  EXPECT_TRUE(ParseCanonical(Nested(kJsonDepthMax)).ok());
  EXPECT_FALSE(ParseCanonical(Nested(kJsonDepthMax + 1)).ok());
  EXPECT_FALSE(ParseCanonical(Nested(100'000)).ok());
  EXPECT_FALSE(ParseCanonical(std::string(1'000'000, '[')).ok());
  EXPECT_TRUE(ParseCanonical("\"" + std::string(100, '[') + "\"").ok());
  Json value = Json::parse(Nested(kJsonDepthMax));
  EXPECT_TRUE(CanonicalBytes(value).ok());
  EXPECT_FALSE(CanonicalBytes(Json::array({value})).ok());
}

TEST(CanonicalJson, RefusesValuesWithoutACanonicalForm) {
  EXPECT_FALSE(CanonicalBytes(Json(1.5)).ok());
  EXPECT_FALSE(CanonicalBytes(Json(1.0)).ok());
  EXPECT_FALSE(CanonicalBytes(Json(std::numeric_limits<std::uint64_t>::max())).ok());
  EXPECT_FALSE(CanonicalBytes(Json("\xff")).ok());
  EXPECT_FALSE(CanonicalBytes(Json{{"\xff", 1}}).ok());
  EXPECT_FALSE(CanonicalBytes(Json::binary({1, 2})).ok());
  EXPECT_FALSE(CanonicalBytes(Json(Json::value_t::discarded)).ok());
}

TEST(CanonicalJson, NeverRepeatsWhatItRefuses) {
  const absl::Status status = ParseCanonical(R"({"password": "hunter2"})").status();
  EXPECT_EQ(status.message().find("hunter2"), absl::string_view::npos);
}

// What canonical means, said in another way: parsed by the library and written again, the bytes are
// the same. (Depth and floats apart, which the library would let through.)
bool IsCanonicalByWritingAgain(const std::string& text) {
  const Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded()) {
    return false;
  }
  const absl::StatusOr<std::string> bytes = CanonicalBytes(value);
  return bytes.ok() && *bytes == text;
}

TEST(CanonicalJson, OneEditAwayFromItTheScanAgreesWithWritingAgain) {
  const std::string text = R"({"":-10,"a\n\u001f":[true,false,null,"ä✓😀\""],"b":{"c":0}})";
  ASSERT_TRUE(IsCanonicalByWritingAgain(text));
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string replaced = text;
      replaced[at] = static_cast<char>(byte);
      std::string inserted = text;
      inserted.insert(at, 1, static_cast<char>(byte));
      for (const std::string& edited : {replaced, inserted}) {
        ASSERT_EQ(ParseCanonical(edited).ok(), IsCanonicalByWritingAgain(edited)) << edited;
      }
    }
    std::string deleted = text;
    deleted.erase(at, 1);
    ASSERT_EQ(ParseCanonical(deleted).ok(), IsCanonicalByWritingAgain(deleted)) << deleted;
  }
}

TEST(CanonicalJson, ForEveryPairOfBytesInAStringTheScanAgreesWithWritingAgain) {
  const auto stride = static_cast<int>(jit::testing::EveryNth());
  for (int first = 0; first < 256; ++first) {
    // Another start in each row, so that with a stride the columns take turns.
    for (int second = first % stride; second < 256; second += stride) {
      const std::string pair = {static_cast<char>(first), static_cast<char>(second)};
      for (const std::string& text :
           {"\"" + pair + "\"", "\"" + pair + "\x80\"", "\"" + pair + "\x80\x80\"",
            "\"\\u00" + pair + "\"", "[" + pair + "]"}) {
        ASSERT_EQ(ParseCanonical(text).ok(), IsCanonicalByWritingAgain(text)) << text;
      }
    }
  }
}

RC_GTEST_PROP(CanonicalJson, AnyTextIsEitherRefusedOrReadToTheByte, (const std::string& text)) {
  const absl::StatusOr<Json> value = ParseCanonical(text);
  if (value.ok()) {
    RC_ASSERT(CanonicalBytes(*value).value() == text);
  }
}

RC_GTEST_PROP(CanonicalJson, AnyMapOfTextSurvives, ()) {
  const auto content = *rc::gen::arbitrary<std::map<std::string, std::vector<std::int64_t>>>();
  Json value = Json::object();
  for (const auto& [key, numbers] : content) {
    value[key] = numbers;
  }
  const absl::StatusOr<std::string> bytes = CanonicalBytes(value);
  if (bytes.ok()) {  // not OK: a key was not UTF-8
    RC_ASSERT(ParseCanonical(*bytes).value() == value);
  }
}

}  // namespace
}  // namespace jit::ledger

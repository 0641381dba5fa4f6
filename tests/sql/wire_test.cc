#include "broker/sql/wire.h"

#include <gtest/gtest.h>

#include <string>

#include "broker/sql/analyse.h"
#include "broker/sql/spacing.h"
#include "tests/testing/status_matchers.h"

namespace jit::sql {
namespace {

using ::jit::testing::IsOk;
using ::jit::testing::StatusIs;

Script Sample() {
  return *Analyse(
      "-- expect: a=1\nDELETE FROM s.a; DROP FUNCTION f(int) CASCADE; TRUNCATE b RESTART IDENTITY;"
      "VACUUM; SELECT tidy('\"\\ \x01 é') FROM c");
}

TEST(Wire, AScriptComesBackTheSame) {
  const absl::StatusOr<Script> back = ScriptFromBytes(ScriptToBytes(Sample()));
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(*back, Sample());
  EXPECT_EQ(*AnswerFromBytes(AnswerToBytes(Sample())), Sample());
}

TEST(Wire, AnErrorComesBackAsThePersonsToMend) {
  const absl::StatusOr<Script> back =
      AnswerFromBytes(AnswerToBytes(absl::InvalidArgumentError("line 1: no")));
  EXPECT_EQ(back.status(), absl::InvalidArgumentError("line 1: no"));
}

TEST(Wire, HostileBytesAreDataLoss) {
  const std::string good = AnswerToBytes(Sample());
  for (std::size_t i = 0; i < good.size(); ++i) {
    const absl::StatusOr<Script> cut = AnswerFromBytes(good.substr(0, i));
    EXPECT_THAT(cut, StatusIs(absl::StatusCode::kDataLoss)) << i;
    std::string bent = good;
    bent[i] = static_cast<char>(bent[i] ^ 0x21);
    AnswerFromBytes(bent).IgnoreError();
  }
  for (const std::string& bytes :
       {std::string(), std::string("null"), std::string("{}"), std::string("[]"),
        std::string("{\"error\":1}"), std::string("{\"script\":{}}"),
        std::string("{\"script\":{\"statements\":[],\"expectations\":[]}}"),
        std::string("{\"script\":{\"statements\":[1],\"expectations\":[]}}"),
        std::string("\xff\xfe"), std::string(1000000, '['), std::string(3, '\0')}) {
    EXPECT_THAT(AnswerFromBytes(bytes), StatusIs(absl::StatusCode::kDataLoss)) << bytes.size();
  }
}

TEST(Wire, NumbersOutsideTheirEnumerationAreDataLoss) {
  const std::string good = AnswerToBytes(*Analyse("SELECT 1"));
  for (const char* kind : {"17", "-1", "18446744073709551615", "4294967296", "1.5", "\"0\""}) {
    std::string bent = good;
    bent.replace(bent.find("\"kind\":0") + 7, 1, kind);
    EXPECT_THAT(AnswerFromBytes(bent), StatusIs(absl::StatusCode::kDataLoss)) << kind;
  }
}

TEST(Wire, AFrameSaysItsLength) {
  EXPECT_EQ(Framed("abc"), std::string("\0\0\0\3abc", 7));
  EXPECT_EQ(FrameLength(Framed(std::string(70000, 'x'))), 70000U);
}

TEST(Spacing, OnlyTheWholeScriptCoversIt) {
  const std::string text = "-- a\nSELECT 1; /* ; */ DELETE FROM b ; ";
  Script script = *Analyse(text);
  EXPECT_TRUE(Covers(script, text));
  EXPECT_FALSE(Covers(script, text + "DROP TABLE c"));
  EXPECT_FALSE(Covers(script, "x " + text));
  Script shorter = script;
  shorter.statements.pop_back();
  EXPECT_FALSE(Covers(shorter, text));
  Script other = script;
  other.statements[1].text = "DELETE FROM b WHERE true";
  EXPECT_FALSE(Covers(other, text));
  Script torn = script;
  torn.statements[0].text = "SELECT";
  torn.statements.insert(torn.statements.begin() + 1, script.statements[0]);
  torn.statements[1].text = "1";
  EXPECT_FALSE(Covers(torn, text));
}

}  // namespace
}  // namespace jit::sql

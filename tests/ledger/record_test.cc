#include "broker/ledger/record.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
// rapidcheck's glue needs gtest first.
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "broker/ledger/canonical_json.h"
#include "broker/ledger/merkle.h"
#include "rapidcheck/gtest.h"

namespace jit::ledger {
namespace {

Record Example() {
  return Record{7,
                "lease/abc",
                1,
                absl::FromUnixMicros(1795170396'000001),
                "lease.asked.v1",
                R"({"reason":"fix \"ä\" ✓\n","seats":[1,-2,null,true]})"};
}

std::string ExampleLine() {
  return R"({"body":{"reason":"fix \"ä\" ✓\n","seats":[1,-2,null,true]},"sequence":7,)"
         R"("stream":"lease/abc","time":"2026-11-20T10:26:36.000001Z",)"
         R"("type":"lease.asked.v1","version":1})";
}

Record With(void (*change)(Record&)) {
  Record record = Example();
  change(record);
  return record;
}

TEST(RecordLine, ItsBytesNeverChange) {
  EXPECT_EQ(Encode(Example()).value(), ExampleLine());
}

TEST(RecordLine, ItsLeafHashNeverChanges) {
  EXPECT_EQ(HexOf(LeafHash(ExampleLine())),
            "d4fe5a80a3053a61268b21cc9d3233cc18ab0e9fb40e41fc0fdca817e1474537");
}

TEST(RecordLine, WhatIsEncodedIsDecodedAsItWas) {
  EXPECT_EQ(Decode(ExampleLine()).value(), Example());
}

TEST(RecordLine, EverySingleBitThatFlipsGivesAnotherRecordOrNone) {
  const std::string line = ExampleLine();
  for (std::size_t bit = 0; bit < line.size() * 8; ++bit) {
    std::string flipped = line;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    const absl::StatusOr<Record> record = Decode(flipped);
    if (record.ok()) {
      EXPECT_NE(*record, Example()) << "bit " << bit;
      EXPECT_EQ(Encode(*record).value(), flipped) << "bit " << bit;
    } else {
      EXPECT_EQ(record.status().code(), absl::StatusCode::kDataLoss);
    }
  }
}

TEST(RecordLine, IsRefusedWhenAFieldIsOutsideItsLimits) {
  const std::vector<Record> records = {
      With([](Record& r) { r.sequence = -1; }),
      With([](Record& r) { r.version = 0; }),
      With([](Record& r) { r.stream = ""; }),
      With([](Record& r) { r.stream = "lease/a b"; }),
      With([](Record& r) { r.stream = "lease/ä"; }),
      With([](Record& r) { r.stream = "lease/\""; }),
      With([](Record& r) { r.stream = "lease\\"; }),
      With([](Record& r) { r.stream = std::string(201, 'a'); }),
      With([](Record& r) { r.type = ""; }),
      With([](Record& r) { r.type = "lease.asked\n"; }),
      With([](Record& r) { r.time = absl::InfiniteFuture(); }),
      With([](Record& r) { r.time = absl::InfinitePast(); }),
      With([](Record& r) { r.time = absl::FromUnixSeconds(253402300800); }),
      With([](Record& r) { r.time = absl::FromUnixSeconds(-62135596801); }),
      With([](Record& r) { r.body = ""; }),
      With([](Record& r) { r.body = "[]"; }),
      With([](Record& r) { r.body = "1"; }),
      With([](Record& r) { r.body = "{ }"; }),
      With([](Record& r) { r.body = R"({"a":1.5})"; }),
      With([](Record& r) { r.body = R"({},"more":{})"; }),
      With([](Record& r) { r.body = std::string(32, '[') + std::string(32, ']'); }),
      With([](Record& r) { r.body = R"({"a":")" + std::string(kRecordBytesMax, 'a') + "\"}"; }),
  };
  for (const Record& record : records) {
    EXPECT_EQ(Encode(record).status().code(), absl::StatusCode::kInvalidArgument)
        << record.stream << " " << record.type << " " << record.body.substr(0, 80);
  }
}

TEST(RecordLine, IsNotReadWhenItsFormIsAnother) {
  const std::string line = ExampleLine();
  const std::vector<std::string> lines = {
      "",
      "{}",
      "[]",
      line + "\n",
      " " + line,
      line + line,
      line.substr(0, line.size() - 1),
      absl::StrReplaceAll(line, {{"\"sequence\":7,", ""}}),
      absl::StrReplaceAll(line, {{"\"sequence\":7", "\"sequence\":\"7\""}}),
      absl::StrReplaceAll(line, {{"\"sequence\":7", "\"sequence\":-7"}}),
      absl::StrReplaceAll(line, {{"\"sequence\":7", "\"sequence\":7.0"}}),
      absl::StrReplaceAll(line, {{"\"version\":1", "\"version\":0"}}),
      absl::StrReplaceAll(line, {{"\"version\":1", "\"version\":1,\"x\":1"}}),
      absl::StrReplaceAll(line, {{"\"version\":1", "\"versioN\":1"}}),
      absl::StrReplaceAll(line, {{"10:26:36.000001Z", "10:26:36.000001+"}}),
      absl::StrReplaceAll(line, {{"10:26:36.000001Z", "10:26:36.00001Z"}}),
      absl::StrReplaceAll(line, {{"11-20", "02-30"}}),
      absl::StrReplaceAll(line, {{"lease/abc", "lease/ä"}}),
      R"({"body":[],"sequence":7,"stream":"a","time":"2026-11-20T10:26:36.000001Z",)"
      R"("type":"a","version":1})",
      std::string(kRecordBytesMax + 1, ' '),
  };
  for (const std::string& text : lines) {
    EXPECT_EQ(Decode(text).status().code(), absl::StatusCode::kDataLoss) << text.substr(0, 200);
  }
}

TEST(RecordLine, TheLongestOneIsWrittenAndRead) {
  Record record = Example();
  record.body = R"({"a":""})";
  const std::size_t room = kRecordBytesMax - Encode(record)->size();
  record.body = R"({"a":")" + std::string(room, 'a') + "\"}";
  EXPECT_EQ(Decode(Encode(record).value()).value(), record);
  record.body = R"({"a":")" + std::string(room + 1, 'a') + "\"}";
  EXPECT_FALSE(Encode(record).ok());
}

TEST(RecordTime, IsOfFixedWidthAndReadBack) {
  for (const char* text : {"1970-01-01T00:00:00.000000Z", "0001-01-01T00:00:00.000000Z",
                           "9999-12-31T23:59:59.999999Z", "2024-02-29T12:00:00.500000Z"}) {
    EXPECT_EQ(ledger::FormatTime(ledger::ParseTime(text).value()), text);
  }
}

TEST(RecordTime, IsCutToMicrosecondsNeverRoundedUp) {
  EXPECT_EQ(ledger::FormatTime(absl::FromUnixNanos(1'999)), "1970-01-01T00:00:00.000001Z");
  EXPECT_EQ(ledger::FormatTime(absl::FromUnixNanos(-1)), "1969-12-31T23:59:59.999999Z");
}

TEST(RecordTime, IsNotReadInAnyOtherForm) {
  for (const char* text :
       {"", "2026-11-20", "2026-11-20T10:26:36Z", "2026-11-20t10:26:36.000000z",
        "2026-11-20 10:26:36.000000Z", "2026-11-20T10:26:36.000000+00:00",
        "2026-11-20T24:00:00.000000Z", "2026-11-20T10:60:00.000000Z", "2026-11-20T10:26:60.000000Z",
        "2026-13-01T00:00:00.000000Z", "2026-00-01T00:00:00.000000Z", "2026-01-00T00:00:00.000000Z",
        "2026-02-29T00:00:00.000000Z", "0000-01-01T00:00:00.000000Z", "+026-01-01T00:00:00.000000Z",
        "2026-01-01T00:00:00.00000-Z"}) {
    EXPECT_EQ(ledger::ParseTime(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(RecordTimeDeathTest, OfNoInstantIsABug) {
  EXPECT_DEATH(ledger::FormatTime(absl::InfiniteFuture()), "");
}

RC_GTEST_PROP(RecordLine, AnyRecordSurvives, ()) {
  Record record = Example();
  record.sequence = *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 62);
  record.version = *rc::gen::inRange<std::int64_t>(1, std::int64_t{1} << 62);
  record.time = absl::FromUnixMicros(
      *rc::gen::inRange<std::int64_t>(-1'000'000'000'000'000, 200'000'000'000'000'000));
  record.stream = *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('#', '[')));
  RC_PRE(record.stream.size() <= 200);
  record.body =
      CanonicalBytes(Json{{"n", *rc::gen::arbitrary<std::vector<std::int64_t>>()}}).value();
  RC_ASSERT(Decode(Encode(record).value()).value() == record);
}

}  // namespace
}  // namespace jit::ledger

#include "broker/records/change_events.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "broker/core/free_text.h"
#include "broker/ledger/canonical_json.h"
#include "tests/records/sample_change_events.h"
#include "tests/testing/change_stories.h"
#include "tests/testing/pages.h"
#include "tests/testing/status_matchers.h"

namespace jit::records {
namespace {

using testing::IsOk;
using testing::StatusIs;

constexpr char kGolden[] = "tests/records/golden_change_events.txt";

// The journal of every installation is made of these bytes. When this test fails, the change needs
// a new version beside the old one; the golden file is never edited, only added to.
TEST(ChangeEvents, TheBytesOfAVersionNeverChange) {
  std::vector<std::string> lines;
  for (const change::Event& event : SampleChangeEvents()) {
    const auto encoded = Encode(event);
    ASSERT_THAT(encoded, IsOk());
    lines.push_back(absl::StrCat(encoded->type, " ", encoded->body));
  }
  EXPECT_EQ(lines, testing::LinesOf(kGolden));
}

TEST(ChangeEvents, TheGoldenBytesAreStillRead) {
  const std::vector<change::Event> events = SampleChangeEvents();
  const std::vector<std::string> lines = testing::LinesOf(kGolden);
  ASSERT_EQ(lines.size(), events.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::vector<std::string> parts = absl::StrSplit(lines[i], absl::MaxSplits(' ', 1));
    const auto event = DecodeChange(parts[0], parts[1]);
    ASSERT_THAT(event, IsOk()) << lines[i];
    EXPECT_TRUE(*event == events[i]) << lines[i];
  }
}

TEST(ChangeEvents, EveryTypeOfEventHasASample) {
  std::set<std::size_t> kinds;
  for (const change::Event& event : SampleChangeEvents()) {
    kinds.insert(event.index());
  }
  EXPECT_EQ(kinds.size(), std::variant_size_v<change::Event>);
}

TEST(ChangeEvents, AnUnknownTypeOrVersionIsNotGuessed) {
  for (const char* type : {"change.approved.v2", "change.blessed.v1", "lease.approved.v1", ""}) {
    EXPECT_THAT(DecodeChange(type, "{}"), StatusIs(absl::StatusCode::kUnimplemented)) << type;
  }
}

TEST(ChangeEvents, ABodyThatIsNotAsPromisedIsDataLossAndNotEchoed) {
  const std::string time = R"("time":"2026-11-20T10:26:36.000007Z")";
  for (const std::string& body : std::vector<std::string>{
           "", "null", "[]", "{}", "secret", R"({"time":"2026-11-20"})",
           absl::StrCat("{\"secret\":1,", time, "}"), absl::StrCat("{", time, ",", time, "}")}) {
    const auto event = DecodeChange("change.approved.v1", body);
    EXPECT_THAT(event, StatusIs(absl::StatusCode::kDataLoss)) << body;
    EXPECT_EQ(std::string(event.status().message()).find("secret"), std::string::npos);
  }
}

// Every body with one field less, or of another kind, wherever in it the field is.
void ExpectEveryFieldIsNeeded(const std::string& type, const ledger::Json& whole,
                              const ledger::Json::json_pointer& at) {
  const ledger::Json here = whole.at(at);
  if (here.is_array() && !here.empty()) {
    ExpectEveryFieldIsNeeded(type, whole, at / 0);
  }
  if (!here.is_object()) {
    return;
  }
  // The seats of a review are a map from any seat to a person: none of them has to be there.
  const bool is_map = at.to_string() == "/seats";
  for (const auto& [key, value] : here.items()) {
    ledger::Json less = whole;
    less.at(at).erase(key);
    if (!is_map) {
      EXPECT_THAT(DecodeChange(type, less.dump()), StatusIs(absl::StatusCode::kDataLoss))
          << type << " without " << at.to_string() << "/" << key;
    }
    ledger::Json other = whole;
    other.at(at)[key] = value.is_boolean() ? ledger::Json(7) : ledger::Json(true);
    EXPECT_THAT(DecodeChange(type, other.dump()), StatusIs(absl::StatusCode::kDataLoss))
        << type << " with another " << at.to_string() << "/" << key;
    ExpectEveryFieldIsNeeded(type, whole, at / key);
  }
}

TEST(ChangeEvents, EveryFieldOfEveryBodyIsNeeded) {
  for (const change::Event& event : SampleChangeEvents()) {
    const auto encoded = Encode(event);
    ExpectEveryFieldIsNeeded(encoded->type, ledger::ParseCanonical(encoded->body).value(),
                             ledger::Json::json_pointer());
  }
}

TEST(ChangeEvents, WhatWouldLoseSomethingIsNotEncoded) {
  EXPECT_THAT(Encode(change::Submitted{SampleTime() + absl::Nanoseconds(1)}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Encode(change::Lapsed{"caf\xE9", SampleTime()}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  policy::ChangeTerms terms = SampleChangeTerms();
  terms.run_max += absl::Milliseconds(1);
  EXPECT_THAT(Encode(change::SentBack{"", terms, SampleTime()}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  change::Report report = SampleReport();
  report.elapsed += absl::Nanoseconds(1);
  EXPECT_THAT(Encode(change::Applied{report, SampleTime()}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

// Whatever the lifecycle decides can be kept, and the kept is the same change again.
TEST(ChangeEvents, AStreamFoldsToTheChangeThatItsEventsMade) {
  for (int state = 0; state <= static_cast<int>(change::State::kDropped); ++state) {
    const testing::ChangeStory story = testing::ScriptIn(static_cast<change::State>(state));
    std::vector<ledger::Record> records;
    for (const change::Event& event : story.events) {
      const auto encoded = Encode(event);
      ASSERT_THAT(encoded, IsOk());
      records.push_back(ledger::Record{.type = encoded->type, .body = encoded->body});
    }
    const auto folded = FoldChange(records);
    ASSERT_THAT(folded, IsOk());
    EXPECT_TRUE(*folded == story.change);
  }
}

TEST(ChangeEvents, AStreamWithADamagedRecordDoesNotFold) {
  EXPECT_THAT(FoldChange({ledger::Record{.type = "change.submitted.v1", .body = "{}"}}),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(ChangeEvents, TheStreamIsNamedAfterTheChange) {
  EXPECT_EQ(StreamOf(testing::ChangeIdNumbered(0)), "change/aaaaaaaaaaaaaaaaaaaaaaaaaa");
}

// Text and numbers of any kind where the target and the author put them.
std::string AnyText() {
  return core::AsFreeText(*rc::gen::arbitrary<std::string>());
}

RC_GTEST_PROP(ChangeEvents, WhatIsEncodedIsDecoded, ()) {
  change::Report report = SampleReport();
  report.statements.at(0).text = AnyText();
  report.statements.at(0).kept = AnyText();
  report.statements.at(0).line = *rc::gen::arbitrary<int>();
  report.statements.at(0).findings.at(0).why = AnyText();
  report.tables.at(0).table = AnyText();
  report.samples.at(0).cells.at(0).before =
      *rc::gen::element<std::optional<std::string>>(std::nullopt, AnyText());
  report.conflicts.at(0).key = AnyText();
  report.not_rehearsed.push_back(AnyText());
  report.locks.at(0).held = absl::Microseconds(*rc::gen::arbitrary<int>());
  change::MakePlan plan = testing::PlanBy("engineer", policy::Purpose::kScript);
  plan.plan.script = AnyText();
  plan.plan.reason = AnyText();
  plan.plan.subject.tables = {AnyText()};
  change::Rehearsal rehearsal = SampleRehearsal();
  rehearsal.report = report;
  rehearsal.misses.at(0).subject = AnyText();
  for (const change::Event& event : std::vector<change::Event>{
           change::Planned{plan.id, plan.plan, SampleChangeTerms(), SampleTime()},
           change::Rehearsed{rehearsal, SampleTime()}, change::Applied{report, SampleTime()},
           change::RolledBack{AnyText(), report, SampleTime()}}) {
    const auto encoded = Encode(event);
    RC_ASSERT(encoded.ok());
    const auto decoded = DecodeChange(encoded->type, encoded->body);
    RC_ASSERT(decoded.ok());
    RC_ASSERT(*decoded == event);
  }
}

}  // namespace
}  // namespace jit::records

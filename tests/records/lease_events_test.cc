#include "broker/records/lease_events.h"

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
#include "tests/records/sample_events.h"
#include "tests/testing/pages.h"
#include "tests/testing/status_matchers.h"

namespace jit::records {
namespace {

using testing::IsOk;
using testing::StatusIs;

// The journal of every installation is made of these bytes. When this test fails, the change needs
// a new version beside the old one; golden_events.txt is never edited, only added to.
TEST(LeaseEvents, TheBytesOfAVersionNeverChange) {
  std::vector<std::string> lines;
  for (const lease::Event& event : SampleEvents()) {
    const auto encoded = Encode(event);
    ASSERT_THAT(encoded, IsOk());
    lines.push_back(absl::StrCat(encoded->type, " ", encoded->body));
  }
  EXPECT_EQ(lines, testing::LinesOf("tests/records/golden_events.txt"));
}

TEST(LeaseEvents, TheGoldenBytesAreStillRead) {
  const std::vector<lease::Event> events = SampleEvents();
  const std::vector<std::string> lines = testing::LinesOf("tests/records/golden_events.txt");
  ASSERT_EQ(lines.size(), events.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::vector<std::string> parts = absl::StrSplit(lines[i], absl::MaxSplits(' ', 1));
    const auto event = Decode(parts[0], parts[1]);
    ASSERT_THAT(event, IsOk()) << lines[i];
    EXPECT_TRUE(*event == events[i]) << lines[i];
  }
}

TEST(LeaseEvents, EveryTypeOfEventHasASample) {
  std::set<std::size_t> kinds;
  for (const lease::Event& event : SampleEvents()) {
    kinds.insert(event.index());
  }
  EXPECT_EQ(kinds.size(), std::variant_size_v<lease::Event>);
}

TEST(LeaseEvents, AskingForTablesByNameIsTheThirdVersionAndNamesSome) {
  const auto named = Encode(SampleEvents()[3]);
  ASSERT_THAT(named, IsOk());
  EXPECT_EQ(named->type, "lease.asked.v3");
  std::string none = named->body;
  const std::string tables = R"(["shop.audit_log","shop.imports"])";
  none.replace(none.find(tables), tables.size(), "[]");
  EXPECT_THAT(Decode("lease.asked.v3", none), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(Decode("lease.asked.v1", named->body), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(LeaseEvents, AnUnknownTypeOrVersionIsNotGuessed) {
  EXPECT_THAT(Decode("lease.approved.v2", "{}"), StatusIs(absl::StatusCode::kUnimplemented));
  EXPECT_THAT(Decode("lease.blessed.v1", "{}"), StatusIs(absl::StatusCode::kUnimplemented));
  EXPECT_THAT(Decode("", "{}"), StatusIs(absl::StatusCode::kUnimplemented));
}

TEST(LeaseEvents, ABodyThatIsNotAsPromisedIsDataLossAndNotEchoed) {
  const std::string time = R"("time":"2026-11-20T10:26:36.000007Z")";
  for (const std::string& body : std::vector<std::string>{
           "", "null", "[]", "{}", "secret", "{ }", R"({"time":"2026-11-20"})", R"({"time":7})",
           absl::StrCat("{\"secret\":1,", time, "}"), absl::StrCat("{", time, ",", time, "}"),
           absl::StrCat("{", time, "} ")}) {
    const auto event = Decode("lease.approved.v1", body);
    EXPECT_THAT(event, StatusIs(absl::StatusCode::kDataLoss)) << body;
    EXPECT_EQ(std::string(event.status().message()).find("secret"), std::string::npos);
  }
  EXPECT_THAT(Decode("lease.approved.v1", absl::StrCat("{", time, "}")), IsOk());
}

TEST(LeaseEvents, EveryFieldOfEveryBodyIsNeeded) {
  for (const lease::Event& event : SampleEvents()) {
    const auto encoded = Encode(event);
    const ledger::Json whole = ledger::ParseCanonical(encoded->body).value();
    for (const auto& [key, value] : whole.items()) {
      ledger::Json less = whole;
      less.erase(key);
      EXPECT_THAT(Decode(encoded->type, less.dump()), StatusIs(absl::StatusCode::kDataLoss))
          << encoded->type << " without " << key;
      ledger::Json other = whole;
      other[key] = true;
      EXPECT_THAT(Decode(encoded->type, other.dump()), StatusIs(absl::StatusCode::kDataLoss))
          << encoded->type << " with another " << key;
    }
  }
}

TEST(LeaseEvents, WhatWouldLoseSomethingIsNotEncoded) {
  EXPECT_THAT(Encode(lease::Approved{SampleTime() + absl::Nanoseconds(1)}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Encode(lease::Approved{absl::InfiniteFuture()}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Encode(lease::Lapsed{"caf\xE9", SampleTime()}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  policy::Terms terms = SampleTerms("writer", policy::Path::kOrdinary);
  terms.ttl += absl::Milliseconds(1);
  EXPECT_THAT(Encode(lease::SentBack{"", terms, SampleTime()}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(LeaseEvents, AStreamFoldsToTheLeaseThatItsEventsMade) {
  const testing::Story story = *testing::StoryIn(lease::State::kOpen, policy::Path::kOrdinary);
  std::vector<ledger::Record> records;
  for (const lease::Event& event : story.events) {
    const auto encoded = Encode(event);
    ASSERT_THAT(encoded, IsOk());
    records.push_back(ledger::Record{.type = encoded->type, .body = encoded->body});
  }
  const auto folded = Fold(records);
  ASSERT_THAT(folded, IsOk());
  EXPECT_TRUE(*folded == story.lease);
}

TEST(LeaseEvents, AStreamWithADamagedRecordDoesNotFold) {
  EXPECT_THAT(Fold({ledger::Record{.type = "lease.opened.v1", .body = "{}"}}),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(LeaseEvents, TheStreamIsNamedAfterTheLease) {
  EXPECT_EQ(StreamOf(testing::LeaseIdNumbered(0)), "lease/aaaaaaaaaaaaaaaaaaaaaaaaaa");
}

// Any event at all: the samples with every field made random.
std::string AnyText() {
  return core::AsFreeText(*rc::gen::arbitrary<std::string>());
}

absl::Time AnyTime() {
  return absl::FromUnixMicros(*rc::gen::resize(
      rc::kNominalSize,
      rc::gen::inRange<std::int64_t>(-60'000'000'000'000'000, 250'000'000'000'000'000)));
}

core::PersonId AnyPersonId() {
  return testing::Person(*rc::gen::element<std::string>("engineer", "a", "x.y-z_0"));
}

policy::Seat AnySeat() {
  return *rc::gen::element(testing::SeatForManager("boss"),
                           testing::SeatFromGroup("review", "reviewers"),
                           testing::SeatFromGroup("second", "managers"));
}

absl::Duration AnySeconds() {
  return absl::Seconds(*rc::gen::arbitrary<int>());
}
absl::Duration AnyMilliseconds() {
  return absl::Milliseconds(*rc::gen::arbitrary<int>());
}

policy::Terms AnyTerms() {
  policy::Terms terms = SampleTerms("writer", policy::Path::kOrdinary);
  terms.access = *rc::gen::element(policy::Access::kReads, policy::Access::kWrites);
  terms.rule_fingerprint = AnyText();
  terms.policy_fingerprint = AnyText();
  terms.member_of.resize(*rc::gen::inRange<std::size_t>(0, 2), terms.member_of.at(0));
  terms.ttl = AnySeconds();
  terms.connection_limit = *rc::gen::arbitrary<int>();
  terms.statement_timeout = AnyMilliseconds();
  terms.lock_timeout = AnyMilliseconds();
  terms.idle_in_transaction_timeout = AnyMilliseconds();
  terms.seats = std::vector<policy::Seat>(*rc::gen::inRange<std::size_t>(0, 4), AnySeat());
  terms.reviewer = *rc::gen::element<std::optional<policy::Seat>>(std::nullopt, AnySeat());
  terms.review_within = AnySeconds();
  terms.owner = *rc::gen::element<std::optional<core::PgGroup>>(
      std::nullopt, core::PgGroup::Parse("shop_owner").value());
  terms.review_window = AnySeconds();
  terms.approved_window = AnySeconds();
  return terms;
}

lease::SignedReview AnyReview() {
  return {AnyPersonId(), *rc::gen::element(lease::Verdict::kYes, lease::Verdict::kNo),
          AnyText(),     AnyText(),
          AnyText(),     AnyText(),
          AnyText(),     AnyTime()};
}

lease::CloseCause AnyCause() {
  using lease::CloseCause;
  return *rc::gen::element(CloseCause::kDeadline, CloseCause::kEnded, CloseCause::kRevoked,
                           CloseCause::kDenied, CloseCause::kFault, CloseCause::kDrift);
}

// Makes every field of an event random; an event without an overload does not build.
struct Shake {
  void operator()(lease::Asked& event) const {
    event.path = *rc::gen::element(policy::Path::kOrdinary, policy::Path::kBreakGlass);
    event.requester = AnyPersonId();
    event.reason = AnyText();
    event.incident = AnyText();
    event.terms = AnyTerms();
    event.time = AnyTime();
    event.keyless = *rc::gen::element(std::vector<std::string>(),
                                      std::vector<std::string>{AnyText(), AnyText()});
    // Tables are named for a role that writes, and no such role has an owner to act as.
    if (!event.keyless.empty()) event.terms.owner.reset();
  }
  void operator()(lease::Reviewed& event) const {
    event.review = AnyReview();
    event.seats = *rc::gen::element(policy::Assignment{}, SampleSeats());
  }
  void operator()(lease::SentBack& event) const { event = {AnyText(), AnyTerms(), AnyTime()}; }
  void operator()(lease::Denied& event) const { event = {AnyPersonId(), AnyTime(), AnyText()}; }
  void operator()(lease::Withdrawn& event) const { event = {AnyPersonId(), AnyTime()}; }
  void operator()(lease::Lapsed& event) const { event = {AnyText(), AnyTime()}; }
  void operator()(lease::OpeningStarted& event) const {
    event = {AnyText(), AnyText(), AnyTime(), AnyTime()};
  }
  void operator()(lease::VerifierReplaced& event) const { event = {AnyText(), AnyTime()}; }
  void operator()(lease::ClosingStarted& event) const {
    const auto by = *rc::gen::element<std::optional<core::PersonId>>(std::nullopt, AnyPersonId());
    event = {AnyCause(), AnyText(), by, AnyTime()};
  }
  void operator()(lease::TurnedOff& event) const { event = {AnyText(), AnyTime()}; }
  void operator()(lease::Removed& event) const {
    event = {AnyText(), AnyTime()};
    event.residue = *rc::gen::element<std::optional<lease::Residue>>(std::nullopt, lease::Residue(),
                                                                     SampleResidue());
    if (event.residue.has_value()) event.residue->more = *rc::gen::arbitrary<int>();
  }
  void operator()(lease::DebtIncurred& event) const { event = {AnyTime(), AnyTime()}; }
  void operator()(lease::DebtReviewed& event) const { event = {AnyReview()}; }
  void operator()(lease::ResidueAccepted& event) const { event = {AnyReview()}; }
  void operator()(lease::Approved& event) const { event.time = AnyTime(); }
  void operator()(lease::Opened& event) const { event.time = AnyTime(); }
};

RC_GTEST_PROP(LeaseEvents, WhatIsEncodedIsDecoded, ()) {
  for (lease::Event event : SampleEvents()) {
    std::visit(Shake{}, event);
    const auto encoded = Encode(event);
    RC_ASSERT(encoded.ok());
    const auto decoded = Decode(encoded->type, encoded->body);
    RC_ASSERT(decoded.ok());
    RC_ASSERT(*decoded == event);
  }
}

}  // namespace
}  // namespace jit::records

// jit-approve on guarded changes: what is shown, what is signed, what is not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "broker/credential/signature.h"
#include "broker/ledger/canonical_json.h"
#include "broker/ledger/merkle.h"
#include "client/approve/program.h"
#include "tests/client/changes.h"
#include "tests/credential/made_certificate.h"

namespace jit::testing {
namespace {

using console::ExitCode;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

Json Counts(int inserted, int updated, int deleted) {
  return {{"deleted", deleted}, {"inserted", inserted}, {"updated", updated}};
}

// As the broker's records write a report: durations in microseconds, words for enumerations.
Json SignedReport() {
  const Json table = {{"cascaded", Counts(0, 0, 3)},
                      {"direct", Counts(0, 1, 0)},
                      {"guarded", true},
                      {"has_key", true},
                      {"rows_estimate", 1204},
                      {"schema", "shop"},
                      {"table", "orders"},
                      {"triggered", Counts(0, 0, 0)}};
  const Json finding = {
      {"code", "no_where"}, {"line", 2}, {"severity", "danger"}, {"why", "Every row."}};
  const Json cell = {{"after", "paid"}, {"before", nullptr}, {"column", "status"}};
  return {{"conflicts", Json::array()},
          {"elapsed_us", 5000},
          {"locks", Json::array()},
          {"not_rehearsed", Json::array()},
          {"objects", Json::array()},
          {"samples",
           {{{"cells", Json::array({cell})},
             {"schema", "shop"},
             {"table", "orders"},
             {"verb", "updated"}}}},
          {"statements",
           {{{"elapsed_us", 3000},
             {"findings", Json::array({finding})},
             {"kept", ""},
             {"kind", "update"},
             {"line", 2},
             {"plan_cost", nullptr},
             {"rows", 1},
             {"tables", Json::array({table})},
             {"tag", "UPDATE"},
             {"text", "update shop.orders"}}}},
          {"tables", Json::array({table})},
          {"undo_cannot", Json::array({"The sequence stays."})}};
}

Json Fields(const std::string& decision) {
  const Json report = SignedReport();
  return {{"access", "writes"},
          {"change", kChangeId},
          {"decision", decision},
          {"expected",
           {{{"least", 1},
             {"most", 5},
             {"schema", "shop"},
             {"statement", 0},
             {"table", "orders"},
             {"verb", "updated"}}}},
          {"images_kept_seconds", 604800},
          {"masked", Json::array({"shop.people.email"})},
          {"member_of", {"shop_writers"}},
          {"owner", nullptr},
          {"plan_time", "2027-01-15T07:59:30.000000Z"},
          {"policy", std::string(64, 'a')},
          {"purpose", "script"},
          {"reason", "INC-4711: paid twice"},
          {"report", report},
          {"report_digest", ledger::Sha256Hex(*ledger::CanonicalBytes(report))},
          {"requester", "engineer"},
          {"reviewer", "reviewer"},
          {"role", "writer"},
          {"round", 1},
          {"rule", "writers"},
          {"script", kScript},
          {"script_digest", ledger::Sha256Hex(kScript)},
          {"seats", {{{"from", {{"group", "reviewers"}}}, {"name", "second"}}}},
          {"subject",
           {{"change", nullptr},
            {"lease", nullptr},
            {"on_conflict", "refuse"},
            {"since", nullptr},
            {"tables", Json::array()}}},
          {"target", "shop"},
          {"version", 1}};
}

// A broker with one submitted change and no lease of that id.
struct Scene {
  Scene() {
    fake.get_statement = [](const auto&, auto*) {
      return RefuseWith(v1::REFUSAL_REASON_UNKNOWN_LEASE);
    };
    fake.get_change_statement = [this](const v1::GetChangeStatementRequest& request,
                                       auto* response) {
      const char* words[] = {"", "approve", "deny"};
      fields = Fields(words[request.decision()]);
      fields.update(changes);
      response->set_statement(*ledger::CanonicalBytes(fields));
      response->set_digest(ledger::Sha256Hex(response->statement()));
      *response->mutable_change() = ChangeIn(state);
      return absl::OkStatus();
    };
    fake.review_change = [this](const v1::ReviewChangeRequest& request, auto* response) {
      reviewed = request;
      *response->mutable_change() = ChangeIn(v1::Change::STATE_APPROVED, 4);
      return absl::OkStatus();
    };
    fake.deny_change = AnsweringWith<v1::DenyChangeRequest, v1::DenyChangeResponse>(
        ChangeIn(v1::Change::STATE_DENIED, 5));
  }
  ExitCode Run(const Words& words) {
    const approve::ApproveProgram program(
        fake.connect(), [this](console::Console&) -> absl::StatusOr<credential::Secret> {
          ++keys_read;
          return credential::Secret(person.key_pem);
        });
    return console::RunProgram(program.program(), words, console.get());
  }
  bool Covers(const std::string& note) {
    return credential::Verify(person.certificate_pem, credential::kReviewContext,
                              credential::ReviewText(*ledger::CanonicalBytes(fields), note),
                              reviewed.signature())
        .ok();
  }

  FakeBroker fake;
  TestConsole console;
  credential::KeyAndCertificate person = credential::MakePerson("spiffe://example/reviewer");
  v1::Change::State state = v1::Change::STATE_SUBMITTED;
  Json changes = Json::object();
  Json fields;
  int keys_read = 0;
  v1::ReviewChangeRequest reviewed;
};

TEST(ApproveChange, ShowsEverythingAndSignsWhatWasShown) {
  Scene scene;
  scene.console.Type("yes\n");
  EXPECT_EQ(scene.Run({"approve", kChangeId, "--note", "seen"}), ExitCode::kOk);
  const std::string shown = scene.console.err();
  std::size_t at = 0;
  for (const std::string part :
       {"APPROVE", "engineer", "writer (MAY CHANGE DATA)", "shop", "| INC-4711: paid twice",
        "   2 | update shop.orders", "!! danger", "line 2, no_where: Every row.",
        "shop.orders  1 updated      3 deleted", "- status  NULL", "+ status  paid",
        "The sequence stays.", "shop.orders.updated=1..5", "taken back for 7d", "shop.people.email",
        "APPROVE: script by engineer", "digest "}) {
    const std::size_t found = shown.find(part, at);
    ASSERT_NE(found, std::string::npos) << part << " is not after the others in:\n" << shown;
    at = found;
  }
  EXPECT_EQ(scene.reviewed.decision(), v1::DECISION_APPROVE);
  EXPECT_TRUE(scene.Covers("seen"));
  EXPECT_EQ(scene.console.out(), std::string(kChangeId) + " is approved\n");
}

TEST(ApproveChange, SignsNothingThatDoesNotHold) {
  Json unknown_in_report = SignedReport();
  unknown_in_report["also"] = "drops the database";
  Json missing_in_report = SignedReport();
  missing_in_report.erase("tables");
  for (const Json& changes : std::vector<Json>{{{"change", kLeaseId}},
                                               {{"decision", "deny"}},
                                               {{"version", 2}},
                                               {{"script", "drop table shop.orders;"}},
                                               {{"report_digest", std::string(64, '0')}},
                                               {{"report", unknown_in_report}},
                                               {{"report", missing_in_report}},
                                               {{"expected", nullptr}}}) {
    Scene scene;
    scene.changes = changes;
    scene.console.Type("yes\n");
    EXPECT_EQ(scene.Run({"approve", kChangeId}), ExitCode::kFault) << changes;
    EXPECT_EQ(scene.keys_read, 0) << changes;
  }
}

TEST(ApproveChange, InAScriptSignsOnlyTheDigestThatWasLookedAt) {
  Scene scene;
  EXPECT_EQ(scene.Run({"show", kChangeId, "--output", "json"}), ExitCode::kOk);
  const std::string digest = Json::parse(scene.console.out())["digest"];
  EXPECT_EQ(scene.Run({"approve", kChangeId, "--yes", "--digest", digest}), ExitCode::kOk);
  scene.changes = {{"round", 2}};
  EXPECT_EQ(scene.Run({"approve", kChangeId, "--yes", "--digest", digest}), ExitCode::kRefused);
  EXPECT_EQ(scene.keys_read, 1);
}

TEST(DenyChange, IsSignedWhileItWaitsAndTakesAnApprovalBackAfterwards) {
  Scene scene;
  EXPECT_EQ(scene.Run({"deny", kChangeId, "--reason", "no"}), ExitCode::kOk);
  EXPECT_EQ(scene.reviewed.decision(), v1::DECISION_DENY);
  EXPECT_TRUE(scene.Covers("no"));
  scene.state = v1::Change::STATE_APPROVED;
  EXPECT_EQ(scene.Run({"deny", kChangeId, "--reason", "no"}), ExitCode::kOk);
  EXPECT_EQ(scene.fake.calls().back(), "DenyChange");
}

TEST(ShowChange, EscapesWhatOthersWrote) {
  Scene scene;
  const std::string script = "select 1; -- \x1b[2J\xe2\x80\xae\n";
  scene.changes = {{"script", script}, {"script_digest", ledger::Sha256Hex(script)}};
  EXPECT_EQ(scene.Run({"show", kChangeId}), ExitCode::kOk);
  EXPECT_THAT(scene.console.out(), HasSubstr("   1 | select 1; -- \\x1b[2J\\u{202e}\n"));
  EXPECT_THAT(scene.console.out(), HasSubstr("The change is submitted.\n"));
}

TEST(InboxOfChanges, ListsThemAfterTheLeases) {
  Scene scene;
  scene.fake.list_inbox = [](const auto&, auto* response) {
    *response->add_changes() = ChangeIn(v1::Change::STATE_SUBMITTED);
    return absl::OkStatus();
  };
  EXPECT_EQ(scene.Run({"inbox"}), ExitCode::kOk);
  EXPECT_THAT(scene.console.out(), HasSubstr("Guarded changes waiting for you\nCHANGE"));
  EXPECT_THAT(scene.console.out(), HasSubstr(kChangeId));
  EXPECT_THAT(scene.console.err(), Not(HasSubstr("Nothing waits")));
}

}  // namespace
}  // namespace jit::testing

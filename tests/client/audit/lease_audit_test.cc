#include "client/audit/lease_audit.h"

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "broker/credential/signature.h"
#include "broker/ledger/merkle.h"
#include "broker/records/change_events.h"
#include "broker/records/lease_events.h"
#include "client/audit/tell.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/audit/written_journal.h"
#include "tests/records/sample_change_events.h"
#include "tests/records/sample_events.h"

namespace jit::audit {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::Story;
using testing::WrittenJournal;

LeaseFindings AuditOf(const WrittenJournal& journal, const std::string& authorities = "") {
  LeaseAudit audit(authorities);
  for (const ledger::Record& record : journal.records()) {
    audit.Feed(record);
  }
  return audit.findings();
}

std::vector<Doubt> DoubtsOf(const WrittenJournal& journal, const std::string& authorities = "") {
  std::vector<Doubt> doubts;
  for (const Complaint& complaint : AuditOf(journal, authorities).complaints) {
    doubts.push_back(complaint.doubt);
    EXPECT_THAT(complaint.words, Not(IsEmpty()));
  }
  return doubts;
}

WrittenJournal JournalOf(const Story& story) {
  WrittenJournal journal;
  journal.Add(story);
  return journal;
}

// Signs what stands in the first review anew, so that only what it says is wrong.
void SignAgain(json& review, const std::string& person) {
  const credential::KeyAndCertificate& signer = testing::SignerOf(person);
  const std::string statement = review["statement"];
  const std::string note = review["note"];
  review["digest"] = ledger::Sha256Hex(statement);
  review["signature"] = credential::Sign(signer.key_pem, credential::kReviewContext,
                                         credential::ReviewText(statement, note))
                            .value();
  review["certificate_pem"] = signer.certificate_pem;
}

// An ordinary lease whose first review was changed.
WrittenJournal WithReview(const std::function<void(json&)>& edit) {
  WrittenJournal journal = JournalOf(testing::OrdinaryStory(1));
  journal.EditFirst("lease.reviewed.v1", [&](json& body) { edit(body["review"]); });
  return journal;
}

TEST(LeaseAudit, OfAnHonestJournalHasNoComplaints) {
  const LeaseFindings findings = AuditOf(WrittenJournal::OfAFewLeases());
  EXPECT_THAT(findings.complaints, IsEmpty());
  EXPECT_EQ(findings.leases, 4u);
  EXPECT_EQ(findings.reviews, 3u);
  EXPECT_EQ(findings.signers.size(), 2u);
  EXPECT_EQ(findings.signers.begin()->first.person, "manager");
  EXPECT_EQ(findings.signers.begin()->first.identity, "jit://test/manager");
  EXPECT_THAT(findings.unknown_types, IsEmpty());
}

TEST(LeaseAudit, HoldsAnAcceptanceAgainstTheResidueInTheJournal) {
  EXPECT_THAT(DoubtsOf(JournalOf(testing::AcceptedStory(1))), IsEmpty());
  WrittenJournal less = JournalOf(testing::AcceptedStory(1));
  less.EditFirst("lease.removed.v2", [](json& body) { body["residue"]["lines"] = json::array(); });
  EXPECT_THAT(DoubtsOf(less), ElementsAre(Doubt::kStatementDiffers));
  WrittenJournal later = JournalOf(testing::AcceptedStory(1));
  later.EditFirst("lease.turned_off.v1",
                  [](json& body) { body["time"] = "2027-01-15T08:00:00.000000Z"; });
  EXPECT_THAT(DoubtsOf(later), ElementsAre(Doubt::kStatementDiffers));
}

TEST(LeaseAudit, FindsAResidueThatTheHolderAcceptedThemselves) {
  WrittenJournal journal = JournalOf(testing::AcceptedStory(1));
  journal.EditFirst("lease.residue_accepted.v1",
                    [](json& body) { body["review"]["by"] = "engineer"; });
  EXPECT_THAT(DoubtsOf(journal), Contains(Doubt::kOwnReview));
}

TEST(LeaseAudit, FindsAnOwnerThatWentWithoutAResidueAndAnAcceptanceOfNothing) {
  WrittenJournal journal = JournalOf(testing::AcceptedStory(1));
  journal.EditFirst("lease.removed.v2", [](json& body) { body.erase("residue"); });
  journal.First("lease.removed.v2").type = "lease.removed.v1";
  EXPECT_THAT(DoubtsOf(journal), ElementsAre(Doubt::kMalformedBody, Doubt::kUnknownLease));
}

TEST(LeaseAudit, OfALeaseThatWasSentBackExpectsTheReviewsOfTheNewRound) {
  Story story;
  story.Then(testing::AskFor("engineer", "writer"));
  story.Then(testing::SignedYes(story, "reviewer"));
  testing::Shop(story.policy).roles.at(testing::Role("writer")).fingerprint = "changed";
  story.Then(testing::OpenBy("engineer"));
  ASSERT_EQ(story.lease.round, 2);
  story.Then(testing::SignedYes(story, "reviewer"));
  story.Then(testing::OpenBy("engineer"));
  EXPECT_THAT(DoubtsOf(JournalOf(story)), IsEmpty());
}

TEST(LeaseAudit, FindsASignatureThatDoesNotHold) {
  EXPECT_THAT(DoubtsOf(WithReview([](json& review) { review["note"] = "looked at it!"; })),
              Contains(Doubt::kSignatureInvalid));
  EXPECT_THAT(DoubtsOf(WithReview([](json& review) {
                review["certificate_pem"] = testing::SignerOf("manager").certificate_pem;
              })),
              Contains(Doubt::kSignatureInvalid));
  EXPECT_THAT(DoubtsOf(WithReview([](json& review) { review["signature"] = "AAAA"; })),
              Contains(Doubt::kSignatureInvalid));
}

TEST(LeaseAudit, DoesNotCountAReviewThatDoesNotHoldTowardsASeat) {
  EXPECT_THAT(DoubtsOf(WithReview([](json& review) { review["signature"] = "AAAA"; })),
              ElementsAre(Doubt::kSignatureInvalid, Doubt::kSeatsNotFilled));
}

TEST(LeaseAudit, FindsADigestOfSomethingElse) {
  EXPECT_THAT(DoubtsOf(WithReview([](json& review) { review["digest"] = std::string(64, '0'); })),
              Contains(Doubt::kDigestDiffers));
}

TEST(LeaseAudit, FindsAStatementThatSaysOtherwiseThanTheJournal) {
  const std::vector<std::pair<std::string, json>> changes = {
      {"lease", "another"},     {"requester", "peer"}, {"role", "ddl"},
      {"target", "another"},    {"ttl_seconds", 1},    {"reason", "another"},
      {"decision", "deny"},     {"reviewer", "peer"},  {"round", 2},
      {"rule", "another"},      {"version", 2},        {"seats", json::array()},
      {"member_of", {"admin"}}, {"policy", "another"}, {"path", "break_glass"},
      {"something_else", 1}};
  for (const auto& change : changes) {
    const WrittenJournal journal = WithReview([&](json& review) {
      json statement = json::parse(review["statement"].get<std::string>());
      statement[change.first] = change.second;
      review["statement"] = statement.dump();
      SignAgain(review, "reviewer");
    });
    EXPECT_THAT(DoubtsOf(journal), ElementsAre(Doubt::kStatementDiffers, Doubt::kSeatsNotFilled))
        << change.first;
  }
  EXPECT_THAT(DoubtsOf(WithReview([](json& review) {
                review["statement"] = "not JSON";
                SignAgain(review, "reviewer");
              })),
              Contains(Doubt::kStatementDiffers));
}

TEST(LeaseAudit, FindsThatTheTablesWithoutAKeyAreOthersThanThoseThatWereSigned) {
  testing::Story story;
  story.policy.targets.at(testing::Target("shop")).roles.at(testing::Role("writer")).guard =
      policy::GuardTerms();
  lease::Ask ask = testing::AskFor("engineer", "writer");
  ask.keyless = {"shop.audit_log"};
  story.Then(ask);
  story.Then(SignedYes(story, "reviewer"));
  WrittenJournal journal = JournalOf(story);
  EXPECT_THAT(DoubtsOf(journal), IsEmpty());
  journal.EditFirst("lease.asked.v3",
                    [](json& body) { body["keyless"] = json::array({"shop.orders"}); });
  EXPECT_THAT(DoubtsOf(journal), Contains(Doubt::kStatementDiffers));
}

TEST(LeaseAudit, FindsThatWhatWasAskedForIsNotWhatWasSigned) {
  WrittenJournal journal = JournalOf(testing::OrdinaryStory(1));
  journal.EditFirst("lease.asked.v1", [](json& body) { body["role"] = "ddl"; });
  EXPECT_THAT(DoubtsOf(journal), Contains(Doubt::kStatementDiffers));
}

TEST(LeaseAudit, FindsARequesterWhoDecidedAlone) {
  const WrittenJournal journal = WithReview([](json& review) {
    json statement = json::parse(review["statement"].get<std::string>());
    statement["reviewer"] = "engineer";
    review["statement"] = statement.dump();
    review["by"] = "engineer";
    SignAgain(review, "engineer");
  });
  EXPECT_THAT(DoubtsOf(journal), Contains(Doubt::kOwnReview));
}

TEST(LeaseAudit, FindsACertificateThatSpeaksForTwoPersons) {
  WrittenJournal journal = JournalOf(testing::OrdinaryStory(1));
  journal.Add(testing::DeniedStory(2));
  WrittenJournal forged;
  forged.Add(testing::OrdinaryStory(1));
  Story story = testing::OrdinaryStory(2);
  for (lease::Event& event : story.events) {
    if (auto* reviewed = std::get_if<lease::Reviewed>(&event)) {
      json statement = json::parse(reviewed->review.statement);
      statement["reviewer"] = "manager";
      reviewed->review.statement = statement.dump();
      reviewed->review.by = testing::Person("manager");
      json review = {{"statement", reviewed->review.statement}, {"note", reviewed->review.note}};
      SignAgain(review, "reviewer");
      reviewed->review.digest = review["digest"];
      reviewed->review.signature = review["signature"];
    }
  }
  forged.Add(story);
  EXPECT_THAT(DoubtsOf(journal), IsEmpty());
  EXPECT_THAT(DoubtsOf(forged), Contains(Doubt::kCertificateOfTwoPersons));
}

TEST(LeaseAudit, FindsACertificateThatWasNotValidThen) {
  EXPECT_THAT(
      DoubtsOf(WithReview([](json& review) { review["time"] = "2031-01-01T00:00:00.000000Z"; })),
      Contains(Doubt::kCertificateNotValid));
}

TEST(LeaseAudit, AsksTheAuthoritiesWhenTheyAreGiven) {
  credential::CertificateOrder order;
  order.authority = credential::CertificateOrder::Authority::kYes;
  order.common_name = "an authority that issued nothing";
  const auto stranger = credential::MakeCertificate(order);
  const WrittenJournal journal = JournalOf(testing::OrdinaryStory(1));
  EXPECT_THAT(DoubtsOf(journal, stranger.certificate_pem), Contains(Doubt::kCertificateNotValid));
  // Self-signed certificates are their own authority.
  EXPECT_THAT(DoubtsOf(journal, testing::SignerOf("reviewer").certificate_pem), IsEmpty());
}

TEST(LeaseAudit, FindsAnApprovalWithoutTheReviewsItNeeds) {
  WrittenJournal journal;
  Story story = testing::OrdinaryStory(1);
  std::erase_if(story.events, [](const lease::Event& event) {
    return std::holds_alternative<lease::Reviewed>(event);
  });
  journal.Add(story);
  EXPECT_THAT(DoubtsOf(journal), ElementsAre(Doubt::kSeatsNotFilled));
}

TEST(LeaseAudit, FindsALoginMadeWithoutApprovalOrTwiceForOne) {
  Story story = testing::OrdinaryStory(1);
  const auto approved = [](const lease::Event& event) {
    return std::holds_alternative<lease::Approved>(event);
  };
  std::erase_if(story.events, approved);
  EXPECT_THAT(DoubtsOf(JournalOf(story)), ElementsAre(Doubt::kOpenedWithoutApproval));

  Story twice = testing::OrdinaryStory(2);
  const auto opening =
      std::find_if(twice.events.begin(), twice.events.end(), [](const lease::Event& event) {
        return std::holds_alternative<lease::OpeningStarted>(event);
      });
  twice.events.insert(opening, *opening);
  EXPECT_THAT(DoubtsOf(JournalOf(twice)), ElementsAre(Doubt::kOpenedWithoutApproval));
}

TEST(LeaseAudit, FindsALoginThatLastsLongerThanDecided) {
  WrittenJournal journal = JournalOf(testing::OrdinaryStory(1));
  journal.EditFirst("lease.opening_started.v1",
                    [](json& body) { body["expire_time"] = "2028-01-01T00:00:00.000000Z"; });
  EXPECT_THAT(DoubtsOf(journal), ElementsAre(Doubt::kLongerThanDecided));
}

TEST(LeaseAudit, FindsThingsThatHappenToLeasesNobodyAskedFor) {
  Story story = testing::OrdinaryStory(1);
  story.events.erase(story.events.begin());
  EXPECT_THAT(DoubtsOf(JournalOf(story)), Each(Doubt::kUnknownLease));
  Story after = testing::OrdinaryStory(2);
  after.events.push_back(lease::Opened{after.now});
  EXPECT_THAT(DoubtsOf(JournalOf(after)), ElementsAre(Doubt::kUnknownLease));
  Story again = testing::OrdinaryStory(3);
  again.events.push_back(again.events.front());
  EXPECT_THAT(DoubtsOf(JournalOf(again)), ElementsAre(Doubt::kUnknownLease));
}

TEST(LeaseAudit, FindsBodiesThatAreNotWhatTheirTypePromises) {
  for (const char* type : {"lease.asked.v1", "lease.reviewed.v1", "lease.opening_started.v1"}) {
    WrittenJournal journal = JournalOf(testing::OrdinaryStory(1));
    journal.First(type).body = "{}";
    EXPECT_THAT(DoubtsOf(journal), Contains(Doubt::kMalformedBody)) << type;
  }
}

TEST(LeaseAudit, CountsTypesItDoesNotKnowAndGoesOn) {
  WrittenJournal journal;
  Story story = testing::OrdinaryStory(1);
  journal.Add(story);
  journal.First("lease.opened.v1").type = "lease.opened.v2";
  const LeaseFindings findings = AuditOf(journal);
  EXPECT_THAT(findings.complaints, IsEmpty());
  EXPECT_EQ(findings.unknown_types.at("lease.opened.v2"), 1u);
}

TEST(LeaseAudit, KnowsEveryTypeOfRecordThereIsAndSoDoesTheTimeline) {
  for (const lease::Event& event : records::SampleEvents()) {
    WrittenJournal journal = JournalOf(testing::OrdinaryStory(1));
    const records::EncodedEvent encoded = records::Encode(event).value();
    journal.First("lease.opened.v1").type = encoded.type;
    EXPECT_THAT(AuditOf(journal).unknown_types, IsEmpty()) << encoded.type;
    const ledger::Record record{0, "lease/x", 1, absl::UnixEpoch(), encoded.type, encoded.body};
    const Told told = Tell(record);
    EXPECT_THAT(told.what, Not(::testing::HasSubstr("recorded"))) << encoded.type;
    EXPECT_THAT(told.what, Not(::testing::HasSubstr("unknown"))) << encoded.type;
  }
}

WrittenJournal JournalOf(const testing::ChangeStory& story) {
  WrittenJournal journal;
  journal.Add(story);
  return journal;
}

WrittenJournal WithChangeReview(const std::function<void(json&)>& edit) {
  WrittenJournal journal = JournalOf(testing::AppliedChangeStory(1));
  journal.EditFirst("change.reviewed.v1", [&](json& body) { edit(body["review"]); });
  return journal;
}

TEST(LeaseAudit, OfHonestChangesHasNoComplaints) {
  WrittenJournal journal = JournalOf(testing::AppliedChangeStory(1));
  journal.Add(testing::DeniedChangeStory(2));
  testing::ChangeStory undone = testing::AppliedChangeStory(3);
  undone.Then(change::MarkUndone{testing::ChangeIdNumbered(4)});
  journal.Add(undone);
  const LeaseFindings findings = AuditOf(journal);
  EXPECT_THAT(findings.complaints, IsEmpty());
  EXPECT_THAT(findings.unknown_types, IsEmpty());
  EXPECT_EQ(findings.changes, 3u);
  EXPECT_EQ(findings.reviews, 3u);
  EXPECT_EQ(findings.leases, 0u);
}

TEST(LeaseAudit, OfAChangeThatWasSentBackExpectsTheReviewsOfTheNewRound) {
  testing::ChangeStory story;
  change::MakePlan plan = testing::PlanBy("engineer", policy::Purpose::kScript);
  plan.plan.script_digest = ledger::Sha256Hex(plan.plan.script);
  story.Then(plan)
      .Then(testing::RehearsedAs(testing::ReportOfOneOrder()))
      .Then(change::Submit{testing::Person("engineer")});
  story.Then(testing::SignedVerdict(story, "reviewer", lease::Verdict::kYes));
  testing::Shop(story.policy).changes[0].fingerprint = "changed";
  story.Then(testing::ApplyBy("engineer"));
  ASSERT_EQ(story.change.round, 2);
  story.Then(testing::SignedVerdict(story, "reviewer", lease::Verdict::kYes));
  story.Then(testing::ApplyBy("engineer"));
  EXPECT_THAT(DoubtsOf(JournalOf(story)), IsEmpty());
}

TEST(LeaseAudit, FindsAReviewOfAChangeThatDoesNotHold) {
  EXPECT_THAT(DoubtsOf(WithChangeReview([](json& review) { review["signature"] = "AAAA"; })),
              ElementsAre(Doubt::kSignatureInvalid, Doubt::kSeatsNotFilled));
}

TEST(LeaseAudit, FindsAStatementAboutAChangeThatSaysOtherwiseThanTheJournal) {
  for (const char* key : {"access",
                          "change",
                          "decision",
                          "expected",
                          "images_kept_seconds",
                          "masked",
                          "member_of",
                          "owner",
                          "plan_time",
                          "policy",
                          "purpose",
                          "reason",
                          "report",
                          "report_digest",
                          "requester",
                          "reviewer",
                          "role",
                          "role_fingerprint",
                          "round",
                          "rows_max",
                          "rule",
                          "rule_fingerprint",
                          "run_max_seconds",
                          "schema_fingerprint",
                          "script",
                          "script_digest",
                          "seats",
                          "subject",
                          "system_identifier",
                          "target",
                          "version",
                          "something_else"}) {
    const WrittenJournal journal = WithChangeReview([&](json& review) {
      json statement = json::parse(review["statement"].get<std::string>());
      statement[key] = "another";
      review["statement"] = statement.dump();
      SignAgain(review, "reviewer");
    });
    EXPECT_THAT(DoubtsOf(journal), ElementsAre(Doubt::kStatementDiffers, Doubt::kSeatsNotFilled))
        << key;
  }
}

TEST(LeaseAudit, FindsAScriptAReportOrTermsThatAreNotWhatWasSigned) {
  WrittenJournal script = JournalOf(testing::AppliedChangeStory(1));
  script.EditFirst("change.planned.v1", [](json& body) {
    body["plan"]["script"] = "drop table orders";
    body["plan"]["script_digest"] = ledger::Sha256Hex("drop table orders");
  });
  WrittenJournal report = JournalOf(testing::AppliedChangeStory(1));
  report.EditFirst("change.rehearsed.v1", [](json& body) {
    body["rehearsal"]["report"]["tables"][0]["direct"]["updated"] = 1000;
  });
  WrittenJournal terms = JournalOf(testing::AppliedChangeStory(1));
  terms.EditFirst("change.planned.v1", [](json& body) { body["terms"]["rows_max"] = 1; });
  for (const WrittenJournal& journal : {script, report, terms}) {
    EXPECT_THAT(DoubtsOf(journal), Contains(Doubt::kStatementDiffers));
  }
}

TEST(LeaseAudit, FindsAScriptOfAnotherDigest) {
  WrittenJournal journal = JournalOf(testing::AppliedChangeStory(1));
  journal.EditFirst("change.planned.v1",
                    [](json& body) { body["plan"]["script_digest"] = std::string(64, '0'); });
  EXPECT_THAT(DoubtsOf(journal), Contains(Doubt::kDigestDiffers));
}

TEST(LeaseAudit, FindsAChangeThatRanWithoutApprovalOrTwiceForOne) {
  testing::ChangeStory story = testing::AppliedChangeStory(1);
  std::erase_if(story.events, [](const change::Event& event) {
    return std::holds_alternative<change::Approved>(event);
  });
  EXPECT_THAT(DoubtsOf(JournalOf(story)), ElementsAre(Doubt::kAppliedWithoutApproval));
  testing::ChangeStory twice = testing::AppliedChangeStory(2);
  const auto started =
      std::find_if(twice.events.begin(), twice.events.end(), [](const change::Event& event) {
        return std::holds_alternative<change::ApplyStarted>(event);
      });
  twice.events.insert(started, *started);
  EXPECT_THAT(DoubtsOf(JournalOf(twice)), ElementsAre(Doubt::kAppliedWithoutApproval));
}

TEST(LeaseAudit, FindsThingsThatHappenToChangesNobodyPlanned) {
  testing::ChangeStory story = testing::AppliedChangeStory(1);
  story.events.erase(story.events.begin());
  EXPECT_THAT(DoubtsOf(JournalOf(story)), Each(Doubt::kUnknownChange));
  testing::ChangeStory again = testing::AppliedChangeStory(2);
  again.events.push_back(again.events.front());
  EXPECT_THAT(DoubtsOf(JournalOf(again)), ElementsAre(Doubt::kUnknownChange));
}

TEST(LeaseAudit, FindsBodiesOfChangesThatAreNotWhatTheirTypePromises) {
  for (const char* type : {"change.planned.v1", "change.rehearsed.v1", "change.reviewed.v1"}) {
    WrittenJournal journal = JournalOf(testing::AppliedChangeStory(1));
    journal.First(type).body = "{}";
    EXPECT_THAT(DoubtsOf(journal), Not(IsEmpty())) << type;
  }
}

TEST(LeaseAudit, KnowsEveryTypeOfRecordOfAChangeAndSoDoesTheTimeline) {
  for (const change::Event& event : records::SampleChangeEvents()) {
    WrittenJournal journal = JournalOf(testing::AppliedChangeStory(1));
    const records::EncodedEvent encoded = records::Encode(event).value();
    journal.First("change.applied.v1").type = encoded.type;
    EXPECT_THAT(AuditOf(journal).unknown_types, IsEmpty()) << encoded.type;
    const Told told = Tell({0, "change/x", 1, absl::UnixEpoch(), encoded.type, encoded.body});
    EXPECT_THAT(told.what, Not(::testing::HasSubstr("recorded"))) << encoded.type;
  }
}

TEST(LeaseAudit, KeepsABoundedNumberOfComplaints) {
  LeaseAudit audit;
  for (int i = 0; i < 1000; ++i) {
    audit.Feed(ledger::Record{i, "lease/x", 1, absl::UnixEpoch(), "lease.opened.v1", "{}"});
  }
  EXPECT_EQ(audit.findings().complaints.size(), LeaseAudit::kComplaintsMax);
  EXPECT_EQ(audit.findings().more_complaints, 900u);
}

}  // namespace
}  // namespace jit::audit

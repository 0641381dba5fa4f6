#include "tests/client/audit/written_journal.h"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/credential/signature.h"
#include "broker/ledger/canonical_json.h"
#include "broker/ledger/merkle.h"
#include "broker/records/change_events.h"
#include "broker/records/change_statement.h"
#include "broker/records/lease_events.h"
#include "broker/records/statement.h"
#include "tests/ledger/example_key.h"

namespace jit::testing {
namespace {

using lease::Verdict;

ledger::CheckpointSigner BrokerKey() {
  return ledger::CheckpointSigner::Create("jit-access/demo", ledger::ExampleKeyPem()).value();
}

records::Decision DecisionOf(const Story& story, Verdict verdict) {
  const bool yes = verdict == Verdict::kYes;
  if (lease::WaitsForAcceptance(story.lease)) {
    return records::Decision::kAcceptResidue;
  }
  if (story.lease.path == policy::Path::kBreakGlass) {
    return yes ? records::Decision::kAccept : records::Decision::kObject;
  }
  return yes ? records::Decision::kApprove : records::Decision::kDeny;
}

Story Begun(lease::Ask ask, std::uint8_t number) {
  Story story;
  OfferSchema(story.policy);
  ask.id = LeaseIdNumbered(number);
  story.After(absl::Minutes(number)).Then(ask);
  return story;
}

// From approved to nothing left behind.
void RunToTheEnd(Story& story, const std::string& holder) {
  story.After(absl::Seconds(5)).Then(OpenBy(holder)).Then(lease::RecordOpened{});
  story.After(absl::Seconds(60)).Then(lease::End{Person(holder)});
  story.Then(lease::RecordOff{"0 sessions"})
      .Then(lease::RecordRemoved{"role gone", OneTableMore()});
}

ChangeStory Planned(std::uint8_t number) {
  change::MakePlan plan = PlanBy("engineer", policy::Purpose::kScript);
  plan.id = ChangeIdNumbered(number);
  plan.plan.script_digest = ledger::Sha256Hex(plan.plan.script);
  ChangeStory story;
  story.After(absl::Minutes(number)).Then(plan).Then(RehearsedAs(ReportOfOneOrder()));
  return story.Then(change::Submit{Person("engineer")});
}

}  // namespace

const credential::KeyAndCertificate& SignerOf(const std::string& person) {
  static auto& signers = *new std::map<std::string, credential::KeyAndCertificate>();
  const auto found = signers.find(person);
  if (found != signers.end()) {
    return found->second;
  }
  return signers.emplace(person, credential::MakePerson(absl::StrCat("jit://test/", person)))
      .first->second;
}

lease::SignedReview SignedBy(const Story& story, const std::string& person, Verdict verdict,
                             const std::string& note) {
  const credential::KeyAndCertificate& signer = SignerOf(person);
  lease::SignedReview review = ReviewBy(person, verdict);
  review.note = note;
  review.statement =
      records::StatementFor(story.lease, DecisionOf(story, verdict), Person(person)).value();
  review.digest = records::DigestOf(review.statement);
  review.signature = credential::Sign(signer.key_pem, credential::kReviewContext,
                                      credential::ReviewText(review.statement, note))
                         .value();
  review.certificate_pem = signer.certificate_pem;
  review.time = story.now;
  return review;
}

lease::Command SignedYes(const Story& story, const std::string& person) {
  const lease::SignedReview review = SignedBy(story, person, Verdict::kYes);
  return lease::Review{review, review.digest};
}

lease::Command SignedNo(const Story& story, const std::string& person) {
  const lease::SignedReview review = SignedBy(story, person, Verdict::kNo);
  return lease::Review{review, review.digest};
}

lease::Command SignedAcceptance(const Story& story, const std::string& person) {
  const lease::SignedReview review = SignedBy(story, person, Verdict::kYes);
  return lease::AcceptResidue{review, review.digest};
}

lease::Command SignedFindings(const Story& story, const std::string& person, Verdict verdict) {
  const lease::SignedReview review = SignedBy(story, person, verdict);
  return lease::ReviewBreakGlass{review, review.digest};
}

Story OrdinaryStory(std::uint8_t number) {
  Story story = Begun(AskFor("engineer", "writer"), number);
  story.Then(SignedYes(story, "reviewer"));
  RunToTheEnd(story, "engineer");
  return story;
}

Story BreakGlassStory(std::uint8_t number) {
  Story story = Begun(BreakGlassFor("oncall", "writer"), number);
  RunToTheEnd(story, "oncall");
  story.After(absl::Hours(1)).Then(SignedFindings(story, "manager", Verdict::kYes));
  return story;
}

Story DeniedStory(std::uint8_t number) {
  Story story = Begun(AskFor("engineer", "writer"), number);
  story.Then(SignedNo(story, "reviewer"));
  return story;
}

Story AcceptedStory(std::uint8_t number) {
  Story story = Begun(AskFor("engineer", "schema"), number);
  story.Then(SignedYes(story, "reviewer"));
  RunToTheEnd(story, "engineer");
  story.After(absl::Hours(1)).Then(SignedAcceptance(story, "reviewer"));
  return story;
}

change::Command SignedVerdict(const ChangeStory& story, const std::string& person,
                              Verdict verdict) {
  const credential::KeyAndCertificate& signer = SignerOf(person);
  lease::SignedReview review = ReviewBy(person, verdict);
  const records::Decision decision =
      verdict == Verdict::kYes ? records::Decision::kApprove : records::Decision::kDeny;
  review.statement = records::StatementForChange(story.change, decision, Person(person)).value();
  review.digest = records::DigestOf(review.statement);
  review.signature = credential::Sign(signer.key_pem, credential::kReviewContext,
                                      credential::ReviewText(review.statement, review.note))
                         .value();
  review.certificate_pem = signer.certificate_pem;
  return change::Review{review, review.digest};
}

ChangeStory AppliedChangeStory(std::uint8_t number) {
  ChangeStory story = Planned(number);
  story.Then(SignedVerdict(story, "reviewer", Verdict::kYes));
  return story.Then(ApplyBy("engineer")).Then(change::RecordApplied{ReportOfOneOrder()});
}

ChangeStory DeniedChangeStory(std::uint8_t number) {
  ChangeStory story = Planned(number);
  return story.Then(SignedVerdict(story, "reviewer", Verdict::kNo));
}

WrittenJournal WrittenJournal::OfAFewLeases() {
  WrittenJournal journal;
  journal.Add("broker/policy", "broker.policy_loaded.v1", R"({"policy_fingerprint":"abc"})",
              absl::FromUnixSeconds(1'800'000'000));
  journal.Add(OrdinaryStory(1));
  journal.Add(BreakGlassStory(2));
  journal.Add(DeniedStory(3));
  journal.Add(Begun(AskFor("peer", "reader"), 4).Then(lease::Withdraw{Person("peer")}));
  return journal;
}

void WrittenJournal::Add(const Story& story) {
  const std::string stream = records::StreamOf(*story.lease.id);
  for (const lease::Event& event : story.events) {
    const records::EncodedEvent encoded = records::Encode(event).value();
    Add(stream, encoded.type, encoded.body, story.now);
  }
}

void WrittenJournal::Add(const ChangeStory& story) {
  const std::string stream = records::StreamOf(*story.change.id);
  for (const change::Event& event : story.events) {
    const records::EncodedEvent encoded = records::Encode(event).value();
    Add(stream, encoded.type, encoded.body, story.now);
  }
}

void WrittenJournal::Add(const std::string& stream, const std::string& type,
                         const std::string& body, absl::Time time) {
  records_.push_back(ledger::Record{static_cast<std::int64_t>(records_.size()), stream,
                                    ++versions_[stream], time, type, body});
}

ledger::Record& WrittenJournal::First(const std::string& type) {
  const auto found = std::find_if(records_.begin(), records_.end(),
                                  [&](const ledger::Record& each) { return each.type == type; });
  if (found == records_.end()) {
    std::abort();
  }
  return *found;
}

void WrittenJournal::EditFirst(const std::string& type,
                               const std::function<void(nlohmann::json&)>& edit) {
  ledger::Record& record = First(type);
  nlohmann::json body = nlohmann::json::parse(record.body);
  edit(body);
  record.body = ledger::CanonicalBytes(body).value();
}

std::vector<std::string> WrittenJournal::Lines() const {
  std::vector<std::string> lines;
  for (const ledger::Record& record : records_) {
    lines.push_back(ledger::Encode(record).value());
  }
  return lines;
}

std::string WrittenJournal::File() const {
  std::string file;
  for (const std::string& line : Lines()) {
    absl::StrAppend(&file, line, "\n");
  }
  return file;
}

ledger::SignedCheckpoint WrittenJournal::Checkpoint(std::size_t size) const {
  ledger::Frontier frontier;
  const std::vector<std::string> lines = Lines();
  for (std::size_t i = 0; i < size; ++i) {
    frontier.Append(ledger::LeafHash(lines.at(i)));
  }
  return BrokerKey().Sign(frontier.size(), frontier.Root()).value();
}

std::string WrittenJournal::VerifierKey() {
  return BrokerKey().Verifier().text();
}

}  // namespace jit::testing

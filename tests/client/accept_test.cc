// jit-approve on what an owner's lease left behind: what is shown, what is signed, what is not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/approve_scene.h"

namespace jit::testing {
namespace {

using Scene = ApproverScene;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Accept, ShowsEveryLineOfTheResidueAndTheDigestLastAndSignsIt) {
  Scene scene;
  scene.console.Type("yes\n");
  EXPECT_EQ(scene.Run({"accept", kLeaseId, "--note", "as in the ticket"}), ExitCode::kOk);
  const std::string digest = ledger::Sha256Hex(TextOf(ResidueFields()));
  const std::string& shown = scene.console.err();
  EXPECT_THAT(shown, HasSubstr("acted as  shop_owner\n"));
  EXPECT_THAT(shown, HasSubstr("WHAT     KIND      OBJECT\n"
                               "added    function  shop.note_of(bigint)\n"
                               "changed  relation  shop.\\x1b[2Jorders\n"
                               "and 3 more that did not fit\n"));
  EXPECT_THAT(shown, HasSubstr("ACCEPT: 5 differences left by engineer as schema on shop\n"
                               "digest " +
                               digest + "\n"));
  EXPECT_EQ(scene.accepted.digest(), digest);
  EXPECT_EQ(scene.accepted.note(), "as in the ticket");
  EXPECT_TRUE(
      credential::Verify(scene.person.certificate_pem, credential::kReviewContext,
                         credential::ReviewText(TextOf(ResidueFields()), "as in the ticket"),
                         scene.accepted.signature())
          .ok());
  EXPECT_EQ(scene.console.out(), std::string(kLeaseId) + " is closed\n");
}

TEST(Accept, SignsNothingWithoutAYesOrWithAnotherDigest) {
  Scene no;
  no.console.Type("no\n");
  EXPECT_EQ(no.Run({"accept", kLeaseId}), ExitCode::kNotConfirmed);
  EXPECT_EQ(no.keys_read, 0);
  Scene blind;
  EXPECT_EQ(blind.Run({"accept", kLeaseId, "--yes"}), ExitCode::kUsage);
  Scene other;
  EXPECT_NE(other.Run({"accept", kLeaseId, "--yes", "--digest", std::string(64, '0')}),
            ExitCode::kOk);
  EXPECT_EQ(other.keys_read, 0);
}

TEST(Accept, AResidueThatCannotBeShownWholeIsNotSigned) {
  for (const Json& residue : std::vector<Json>{
           nullptr, {{"lines", Json::array()}}, {{"lines", {{{"kind", "table"}}}}, {"more", 0}}}) {
    Scene scene;
    scene.changes["residue"] = residue;
    EXPECT_EQ(scene.Run({"accept", kLeaseId}), ExitCode::kFault);
    EXPECT_EQ(scene.keys_read, 0);
  }
}

TEST(Accept, ANameThatIsWiderThanTheScreenGoesOnInTheNextLine) {
  Scene scene;
  scene.changes["residue"] = {
      {"lines", {{{"kind", "function"}, {"object", std::string(100, 'x')}, {"what", "added"}}}},
      {"more", 0}};
  EXPECT_EQ(scene.Run({"show", kLeaseId, "--for", "accept"}), ExitCode::kOk);
  EXPECT_THAT(scene.console.out(), HasSubstr("added  function  " + std::string(63, 'x') +
                                             "\n                 " + std::string(37, 'x') + "\n"));
}

TEST(Show, OfALeaseWhoseResidueWaitsIsWhatThereIsToAccept) {
  Scene scene;
  v1::Lease off = LeaseIn(v1::Lease::STATE_OFF, 8);
  off.set_acceptance_owed(true);
  scene.fake.get_lease = Answering<v1::GetLeaseRequest, v1::GetLeaseResponse>(off);
  EXPECT_EQ(scene.Run({"show", kLeaseId}), ExitCode::kOk);
  EXPECT_THAT(scene.console.out(), StartsWith("The lease is off.\n"));
  EXPECT_THAT(scene.console.out(), HasSubstr("shop.note_of(bigint)"));
  Scene approve;
  approve.fake.get_lease = scene.fake.get_lease;
  EXPECT_EQ(approve.Run({"show", kLeaseId, "--for", "approve"}), ExitCode::kOk);
  EXPECT_THAT(approve.console.out(), Not(HasSubstr("shop.note_of(bigint)")));
}

TEST(Inbox, ListsResidueThatWaitsToBeAccepted) {
  Scene scene;
  scene.fake.list_inbox = [](const auto&, v1::ListInboxResponse* response) {
    *response->add_residue() = LeaseIn(v1::Lease::STATE_OFF, 8);
    return absl::OkStatus();
  };
  EXPECT_EQ(scene.Run({"inbox"}), ExitCode::kOk);
  EXPECT_THAT(scene.console.out(), StartsWith("Residue to accept\n"));
  EXPECT_THAT(scene.console.out(), HasSubstr(kLeaseId));
  EXPECT_THAT(scene.console.err(), HasSubstr("jit-approve show ID"));
}

}  // namespace
}  // namespace jit::testing

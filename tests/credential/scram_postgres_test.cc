// What PostgreSQL itself makes of our verifiers: it stores them as they are, lets the password in
// and nothing else.
#include <libpq-fe.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "broker/credential/scram_verifier.h"
#include "gtest/gtest.h"
#include "tests/testing/private_postgres.h"

namespace jit::credential {
namespace {

bool LetsIn(const testing::PrivatePostgres& server, absl::string_view password) {
  const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(
      PQconnectdb(server.ConninfoFor("someone", password, "postgres").c_str()), PQfinish);
  return PQstatus(connection.get()) == CONNECTION_OK;
}

TEST(ScramVerifierInPostgres, LetsThePasswordInAndNothingElse) {
  const auto server = testing::PrivatePostgres::Start();
  ASSERT_TRUE(server.ok()) << server.status();
  const std::string entropy(32, '\x5a');
  const std::string salt(16, '\x01');
  const Secret password =
      PasswordFrom({reinterpret_cast<const std::uint8_t*>(entropy.data()), entropy.size()});
  const auto verifier = ScramVerifier::Make(
      password, {reinterpret_cast<const std::uint8_t*>(salt.data()), salt.size()});
  ASSERT_TRUE(verifier.ok()) << verifier.status();
  const std::string text = verifier->RevealForTarget();
  const auto made =
      (*server)->Psql("postgres", absl::StrCat("create role someone login password '", text, "'"));
  ASSERT_TRUE(made.ok()) << made.status();
  const auto stored =
      (*server)->Psql("postgres", "select rolpassword from pg_authid where rolname = 'someone'");
  EXPECT_EQ(stored.value(), text);
  EXPECT_TRUE(LetsIn(**server, password.RevealForUse()));
  EXPECT_FALSE(LetsIn(**server, "wrong"));
  EXPECT_FALSE(LetsIn(**server, text));
}

}  // namespace
}  // namespace jit::credential

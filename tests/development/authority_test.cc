#include "broker/development/authority.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

#include "absl/time/civil_time.h"

namespace jit::development {
namespace {

const absl::Time kNow = absl::FromCivil(absl::CivilDay(2026, 11, 20), absl::UTCTimeZone());

struct FreeX509 {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using X509Ptr = std::unique_ptr<X509, FreeX509>;

X509Ptr Parse(absl::string_view pem) {
  std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free_all);
  return X509Ptr(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

// The verdict of OpenSSL's own chain builder, as a TLS peer would reach it.
bool Accepts(const Authority& authority, absl::string_view leaf_pem, int purpose, absl::Time at) {
  const X509Ptr root = Parse(authority.certificate_pem());
  const X509Ptr leaf = Parse(leaf_pem);
  std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(X509_STORE_new(), X509_STORE_free);
  X509_STORE_add_cert(store.get(), root.get());
  std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context(X509_STORE_CTX_new(),
                                                                          X509_STORE_CTX_free);
  X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), nullptr);
  X509_VERIFY_PARAM* how = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_purpose(how, purpose);
  X509_VERIFY_PARAM_set_flags(how, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
  X509_VERIFY_PARAM_set_time(how, absl::ToTimeT(at));
  return X509_verify_cert(context.get()) == 1;
}

Authority Made() {
  absl::StatusOr<Authority> authority =
      Authority::Make("a test authority", kNow, kNow + absl::Hours(24));
  EXPECT_TRUE(authority.ok()) << authority.status();
  return *std::move(authority);
}

CertificateOrder ForEngineer() {
  return {.common_name = "engineer",
          .uris = {"jit://dev/engineer"},
          .dns_names = {},
          .addresses = {},
          .use = Use::kClient,
          .not_before = kNow,
          .not_after = kNow + absl::Hours(1)};
}

TEST(Authority, IssuesAClientCertificateThatAStrictVerifierAccepts) {
  const Authority authority = Made();
  const absl::StatusOr<KeyPair> pair = authority.Issue(ForEngineer());
  ASSERT_TRUE(pair.ok()) << pair.status();
  EXPECT_TRUE(
      Accepts(authority, pair->certificate_pem, X509_PURPOSE_SSL_CLIENT, kNow + absl::Minutes(1)));
  EXPECT_FALSE(
      Accepts(authority, pair->certificate_pem, X509_PURPOSE_SSL_SERVER, kNow + absl::Minutes(1)))
      << "a client's certificate must not serve";
  EXPECT_FALSE(
      Accepts(authority, pair->certificate_pem, X509_PURPOSE_SSL_CLIENT, kNow + absl::Hours(2)))
      << "it has ended by then";
}

TEST(Authority, IssuesAServerCertificateForItsNamesAndNoOther) {
  const Authority authority = Made();
  CertificateOrder order = ForEngineer();
  order.uris.clear();
  order.dns_names = {"localhost"};
  order.addresses = {"127.0.0.1", "::1"};
  order.use = Use::kServer;
  const absl::StatusOr<KeyPair> pair = authority.Issue(order);
  ASSERT_TRUE(pair.ok()) << pair.status();
  const X509Ptr leaf = Parse(pair->certificate_pem);
  EXPECT_EQ(X509_check_host(leaf.get(), "localhost", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_ip_asc(leaf.get(), "127.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(leaf.get(), "::1", 0), 1);
  EXPECT_EQ(X509_check_host(leaf.get(), "example.org", 0, 0, nullptr), 0);
}

TEST(Authority, ACertificateOfAnotherAuthorityIsNotAccepted) {
  const Authority ours = Made();
  const Authority theirs = Made();
  const absl::StatusOr<KeyPair> pair = theirs.Issue(ForEngineer());
  ASSERT_TRUE(pair.ok());
  EXPECT_FALSE(
      Accepts(ours, pair->certificate_pem, X509_PURPOSE_SSL_CLIENT, kNow + absl::Minutes(1)));
}

TEST(Authority, ALeafCannotIssue) {
  const Authority authority = Made();
  absl::StatusOr<KeyPair> leaf = authority.Issue(ForEngineer());
  ASSERT_TRUE(leaf.ok());
  EXPECT_FALSE(Authority::Load(leaf->certificate_pem, leaf->key_pem).ok());
}

TEST(Authority, IsTheSameAfterItsFilesWereReadBack) {
  const Authority made = Made();
  const absl::StatusOr<Authority> loaded = Authority::Load(made.certificate_pem(), made.key_pem());
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  const absl::StatusOr<KeyPair> pair = loaded->Issue(ForEngineer());
  ASSERT_TRUE(pair.ok());
  EXPECT_TRUE(
      Accepts(made, pair->certificate_pem, X509_PURPOSE_SSL_CLIENT, kNow + absl::Minutes(1)));
}

TEST(Authority, DoesNotLoadAKeyThatBelongsToAnother) {
  const Authority one = Made();
  const Authority other = Made();
  EXPECT_FALSE(Authority::Load(one.certificate_pem(), other.key_pem()).ok());
  EXPECT_FALSE(Authority::Load("", one.key_pem()).ok());
  EXPECT_FALSE(Authority::Load(one.certificate_pem(), credential::Secret("no key")).ok());
}

TEST(Authority, AnAlternativeNameCannotSmuggleInASecondOne) {
  const Authority authority = Made();
  CertificateOrder order = ForEngineer();
  order.uris = {"jit://dev/engineer,URI:jit://dev/manager"};
  EXPECT_FALSE(authority.Issue(order).ok());
}

TEST(Authority, EachCertificateHasASerialOfItsOwn) {
  const Authority authority = Made();
  const absl::StatusOr<KeyPair> one = authority.Issue(ForEngineer());
  const absl::StatusOr<KeyPair> two = authority.Issue(ForEngineer());
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_NE(ASN1_INTEGER_cmp(X509_get0_serialNumber(Parse(one->certificate_pem).get()),
                             X509_get0_serialNumber(Parse(two->certificate_pem).get())),
            0);
}

TEST(SigningKey, IsAnEd25519PrivateKey) {
  const absl::StatusOr<credential::Secret> pem = MakeSigningKey();
  ASSERT_TRUE(pem.ok());
  const absl::string_view text = pem->RevealForUse();
  std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free_all);
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(EVP_PKEY_get_id(key.get()), EVP_PKEY_ED25519);
}

}  // namespace
}  // namespace jit::development

#include "broker/credential/scram_verifier.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

namespace jit::credential {
namespace {

std::string Bytes(absl::string_view base64) {
  std::string bytes;
  EXPECT_TRUE(absl::Base64Unescape(base64, &bytes));
  return bytes;
}

std::span<const std::uint8_t> SpanOf(const std::string& bytes) {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

std::string Hmac(const std::string& key, const std::string& text) {
  std::string result(32, '\0');
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), SpanOf(text).data(), text.size(),
       reinterpret_cast<unsigned char*>(result.data()), nullptr);
  return result;
}

std::string Hash(const std::string& text) {
  std::string result(32, '\0');
  EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(result.data()), nullptr,
             EVP_sha256(), nullptr);
  return result;
}

std::string WithParts(absl::string_view iterations, absl::string_view salt, absl::string_view key) {
  return absl::StrCat("SCRAM-SHA-256$", iterations, ":", salt, "$", key, ":", key);
}

std::string Base64OfSize(std::size_t size) {
  return absl::Base64Escape(std::string(size, 's'));
}

// RFC 7677 section 3: user `user`, password `pencil`. The exchange printed there is replayed with
// the keys in our verifier.
TEST(ScramVerifier, OfTheStandardsExampleAnswersTheExchangeOfTheStandard) {
  const std::string salt = Bytes("W22ZaJ0SNY7soEsUEjb6gQ==");
  const auto verifier = ScramVerifier::Make(Secret("pencil"), SpanOf(salt));
  ASSERT_TRUE(verifier.ok()) << verifier.status();
  const std::vector<std::string> parts =
      absl::StrSplit(verifier->RevealForTarget(), absl::ByAnyChar("$:"));
  ASSERT_EQ(parts.size(), 5u);
  const std::string stored_key = Bytes(parts[3]);
  const std::string server_key = Bytes(parts[4]);

  const std::string nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  const std::string exchange = absl::StrCat("n=user,r=rOprNGfwEbeRWgbNEkqO,r=", nonce,
                                            ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=", nonce);
  std::string client_key = Bytes("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  const std::string signature = Hmac(stored_key, exchange);
  for (std::size_t i = 0; i < client_key.size(); ++i) {
    client_key[i] = static_cast<char>(client_key[i] ^ signature[i]);
  }
  EXPECT_EQ(Hash(client_key), stored_key);
  EXPECT_EQ(Hmac(server_key, exchange), Bytes("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
}

TEST(ScramVerifier, ThatWasMadeIsParsed) {
  const std::string salt(16, 'x');
  const auto made = ScramVerifier::Make(Secret("a password"), SpanOf(salt));
  const auto parsed = ScramVerifier::Parse(made->RevealForTarget());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->RevealForTarget(), made->RevealForTarget());
  EXPECT_EQ(parsed->Digest(), made->Digest());
  EXPECT_EQ(parsed->Digest().size(), 64u);
}

TEST(ScramVerifier, WithinItsLimitsIsAccepted) {
  for (const std::string& text : {WithParts("4096", Base64OfSize(16), Base64OfSize(32)),
                                  WithParts("1000000", Base64OfSize(48), Base64OfSize(32))}) {
    EXPECT_TRUE(ScramVerifier::Parse(text).ok()) << text;
  }
}

TEST(ScramVerifier, OutsideItsLimitsOrFormIsRefused) {
  const std::string salt = Base64OfSize(16);
  const std::string key = Base64OfSize(32);
  const std::string good = WithParts("4096", salt, key);
  for (const std::string& text : {std::string(),
                                  std::string("hunter2"),
                                  std::string("md5") + std::string(32, 'a'),
                                  WithParts("4095", salt, key),
                                  WithParts("1000001", salt, key),
                                  WithParts("04096", salt, key),
                                  WithParts("+4096", salt, key),
                                  WithParts(" 4096", salt, key),
                                  WithParts("", salt, key),
                                  WithParts("99999999999999999999", salt, key),
                                  WithParts("4096", Base64OfSize(15), key),
                                  WithParts("4096", Base64OfSize(49), key),
                                  WithParts("4096", "", key),
                                  WithParts("4096", salt, Base64OfSize(31)),
                                  WithParts("4096", salt, Base64OfSize(33)),
                                  WithParts("4096", salt, key.substr(0, 43)),
                                  WithParts("4096", salt, key + "\n"),
                                  " " + good,
                                  good + " ",
                                  good + ":" + key,
                                  good + "$",
                                  good + std::string("\0", 1),
                                  "scram" + good.substr(5),
                                  "SCRAM-SHA-512" + good.substr(13)}) {
    const absl::Status status = ScramVerifier::Parse(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(status.message().find("hunter2"), absl::string_view::npos);
  }
}

TEST(ScramVerifier, IsMadeOnlyOfPrintableAsciiAndEnoughSalt) {
  const std::string salt(16, 'x');
  for (const char* password : {"", "p\xc3\xa4ss", "tab\t", "del\x7f"}) {
    EXPECT_FALSE(ScramVerifier::Make(Secret(password), SpanOf(salt)).ok());
  }
  EXPECT_FALSE(ScramVerifier::Make(Secret("pencil"), SpanOf(std::string(15, 'x'))).ok());
  EXPECT_FALSE(ScramVerifier::Make(Secret("pencil"), SpanOf(std::string(49, 'x'))).ok());
}

TEST(PasswordFrom, EntropyHasFortyThreeHarmlessCharacters) {
  std::string entropy;
  for (int i = 0; i < 32; ++i) {
    entropy.push_back(static_cast<char>(255 - i));
  }
  const Secret password = PasswordFrom(SpanOf(entropy));
  const std::string text(password.RevealForUse());
  EXPECT_EQ(text.size(), 43u);
  EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                   "0123456789_-"),
            std::string::npos);
  std::string back;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(text, &back));
  EXPECT_EQ(back, entropy);
}

TEST(PasswordFromDeathTest, LessEntropyThanPromisedIsABug) {
  EXPECT_DEATH(PasswordFrom(SpanOf(std::string(31, 'x'))), "");
}

}  // namespace
}  // namespace jit::credential

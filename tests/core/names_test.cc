#include "broker/core/names.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "broker/core/refusal.h"
#include "tests/testing/status_matchers.h"

namespace jit::core {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::RefusedSaying;
using testing::RefusedWith;

TEST(Names, LowerCaseLettersDigitsDotUnderscoreAndHyphenAreAccepted) {
  for (const std::string& text :
       std::vector<std::string>{"a", "0", "shop", "shop.eu-west_1", "7up", std::string(63, 'x')}) {
    const auto name = TargetName::Parse(text);
    ASSERT_THAT(name, IsOk()) << text;
    EXPECT_EQ(name->text(), text);
  }
}

TEST(Names, AnythingElseIsMalformedAndNotEchoed) {
  for (const std::string& text :
       std::vector<std::string>{"", ".shop", "-shop", "_shop", "sh op", "shop\n", "sh\xC3\xB6p",
                                "shop;drop", "\xF0\x9F\x94\xA5"}) {
    const auto name = TargetName::Parse(text);
    EXPECT_THAT(name, RefusedWith(Reason::kMalformedName)) << text;
    if (text.size() > 2) {
      EXPECT_EQ(std::string(name.status().message()).find(text), std::string::npos) << text;
    }
  }
  EXPECT_THAT(TargetName::Parse(std::string(64, 'x')), RefusedWith(Reason::kMalformedName));
  EXPECT_THAT(TargetName::Parse(absl::string_view("sh\0op", 5)),
              RefusedWith(Reason::kMalformedName));
}

TEST(Names, AnotherCaseIsMalformedAndTheRefusalSaysSo) {
  EXPECT_THAT(TargetName::Parse("Shop"),
              RefusedSaying(Reason::kMalformedName, HasSubstr("names are lower-case")));
}

TEST(PgGroups, PredefinedPowersAndOurOwnNamesAreNeverGivenOut) {
  EXPECT_THAT(PgGroup::Parse("shop_writer"), IsOk());
  for (const char* text :
       {"", "pg_read_all_data", "pg_", "jit_owner", "shop-writer", "Shop", "shop.w"}) {
    EXPECT_THAT(PgGroup::Parse(text), RefusedWith(Reason::kMalformedName)) << text;
  }
}

TEST(LeaseIds, TheFirstAndLastOfThemAreWrittenAsRfc4648Says) {
  LeaseId::Bytes bytes{};
  EXPECT_EQ(LeaseId::FromBytes(bytes).text(), "aaaaaaaaaaaaaaaaaaaaaaaaaa");
  bytes.fill(0xFF);
  EXPECT_EQ(LeaseId::FromBytes(bytes).text(), "77777777777777777777777774");
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(i);
  }
  // base64.b32encode(bytes(range(16))) of Python, lower case, without padding.
  EXPECT_EQ(LeaseId::FromBytes(bytes).text(), "aaaqeayeaudaocajbifqydiob4");
}

RC_GTEST_PROP(LeaseIds, WhatIsWrittenIsReadBack, (const std::vector<std::uint8_t>& random)) {
  LeaseId::Bytes bytes{};
  for (std::size_t i = 0; i < bytes.size() && i < random.size(); ++i) {
    bytes[i] = random[i];
  }
  const LeaseId id = LeaseId::FromBytes(bytes);
  RC_ASSERT(LeaseId::Parse(id.text()).value() == id);
  RC_ASSERT(LoginName::Parse(LoginName::Of(id).text()).value().lease() == id);
}

TEST(LeaseIds, AnythingButTheOneFormIsMalformed) {
  const std::string good(26, 'a');
  EXPECT_THAT(LeaseId::Parse(good), IsOk());
  EXPECT_THAT(LeaseId::Parse(good + "a"), RefusedWith(Reason::kMalformedName));
  EXPECT_THAT(LeaseId::Parse(good.substr(1)), RefusedWith(Reason::kMalformedName));
  EXPECT_THAT(LeaseId::Parse(std::string(26, 'A')), RefusedWith(Reason::kMalformedName));
  EXPECT_THAT(LeaseId::Parse(std::string(25, 'a') + "1"), RefusedWith(Reason::kMalformedName));
  EXPECT_THAT(LeaseId::Parse(std::string(25, 'a') + "="), RefusedWith(Reason::kMalformedName));
}

TEST(LeaseIds, TheLastCharacterCarriesThreeBitsSoOnlyEightOfThemEndAnId) {
  int accepted = 0;
  for (const char last : std::string("abcdefghijklmnopqrstuvwxyz234567")) {
    accepted += LeaseId::Parse(std::string(25, 'a') + last).ok() ? 1 : 0;
  }
  EXPECT_EQ(accepted, 8);
}

TEST(LoginNames, AreThirtyBytesAndNobodyElsesNamesAreTakenForOurs) {
  const LoginName login = LoginName::Of(LeaseId::FromBytes({}));
  EXPECT_EQ(login.text(), "jit_aaaaaaaaaaaaaaaaaaaaaaaaaa");
  EXPECT_EQ(login.text().size(), 30U);
  for (const char* text : {"", "jit_", "postgres", "jit_owner", "JIT_aaaaaaaaaaaaaaaaaaaaaaaaaa",
                           "jit_aaaaaaaaaaaaaaaaaaaaaaaaab", "jit_aaaaaaaaaaaaaaaaaaaaaaaaaa "}) {
    EXPECT_THAT(LoginName::Parse(text), RefusedWith(Reason::kMalformedName)) << text;
  }
}

TEST(IdempotencyIds, AreEightToSixtyFourLettersDigitsAndHyphens) {
  EXPECT_THAT(IdempotencyId::Parse("0123abCD-"), IsOk());
  EXPECT_THAT(IdempotencyId::Parse(std::string(64, 'z')), IsOk());
  for (const std::string& text : std::vector<std::string>{
           std::string("1234567"), std::string(65, 'z'), std::string("12345678_"),
           std::string("1234567 8"), std::string()}) {
    EXPECT_THAT(IdempotencyId::Parse(text), RefusedWith(Reason::kMalformedIdempotencyId)) << text;
  }
}

}  // namespace
}  // namespace jit::core

// docs/reference/policy.md and the parser's table of keys say the same.

#include "broker/policy_files/schema.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/policy_files/reference_page.h"

namespace jit::policy_files {
namespace {

using ::testing::HasSubstr;

constexpr char kReference[] = JIT_SOURCE_DIR "/docs/reference/policy.md";

TEST(PolicyReference, HoldsEveryKeyOfEverySection) {
  EXPECT_EQ(MissingIn(ReadPage(kReference), schema::All()), "");
}

TEST(PolicyReference, HoldsNoKeyThatTheParserDoesNotKnow) {
  EXPECT_EQ(KeysListedIn(ReadPage(kReference)), KeysOf(schema::All()));
}

TEST(PolicyLanguage, OnePageLeadsToTheReference) {
  EXPECT_THAT(ReadPage(JIT_SOURCE_DIR "/policies/README.md"),
              HasSubstr("../docs/reference/policy.md"));
}

}  // namespace
}  // namespace jit::policy_files

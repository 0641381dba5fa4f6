// docs/reference/configuration.md and the boot file's table of keys say the same.

#include "broker/daemon/config.h"
#include "gtest/gtest.h"
#include "tests/policy_files/reference_page.h"

namespace jit::daemon {
namespace {

constexpr char kReference[] = JIT_SOURCE_DIR "/docs/reference/configuration.md";

TEST(ConfigurationReference, HoldsEveryKeyOfEverySection) {
  EXPECT_EQ(policy_files::MissingIn(policy_files::ReadPage(kReference), ConfigSections()), "");
}

TEST(ConfigurationReference, HoldsNoKeyThatTheBrokerDoesNotKnow) {
  EXPECT_EQ(policy_files::KeysListedIn(policy_files::ReadPage(kReference)),
            policy_files::KeysOf(ConfigSections()));
}

}  // namespace
}  // namespace jit::daemon

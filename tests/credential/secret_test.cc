#include "broker/credential/secret.h"

#include <new>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "gtest/gtest.h"

namespace jit::credential {
namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) {
  out << value;
};
template <class T>
concept Comparable = requires(const T& a, const T& b) {
  a == b;
};

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!Streamable<Secret> && !Comparable<Secret>);

constexpr char kShort[] = "short";  // fits into the string itself
constexpr char kLong[] = "a secret that is too long to fit into the string itself";

// The bytes of the object, to see what is left behind in it.
bool Holds(const void* object, std::size_t size, const std::string& bytes) {
  return std::string(static_cast<const char*>(object), size).find(bytes) != std::string::npos;
}

TEST(Secret, IsRevealedOnlyByName) {
  EXPECT_EQ(Secret(kLong).RevealForUse(), kLong);
  EXPECT_TRUE(Secret("").empty());
  EXPECT_FALSE(Secret("x").empty());
}

TEST(Secret, IsMovedAndLeavesNothingBehind) {
  for (const char* text : {kShort, kLong}) {
    Secret first{text};
    Secret second(std::move(first));
    EXPECT_EQ(second.RevealForUse(), text);
    Secret third("other");
    third = std::move(second);
    EXPECT_EQ(third.RevealForUse(), text);
  }
}

TEST(Secret, ThatIsShortIsWipedFromWhereItWasMovedFromAndFromWhereItDied) {
  alignas(Secret) unsigned char first_place[sizeof(Secret)];
  alignas(Secret) unsigned char second_place[sizeof(Secret)];
  auto* first = new (first_place) Secret(kShort);
  ASSERT_TRUE(Holds(first_place, sizeof(first_place), kShort));
  auto* second = new (second_place) Secret(std::move(*first));
  EXPECT_FALSE(Holds(first_place, sizeof(first_place), "hort"));
  first->~Secret();
  second->~Secret();
  EXPECT_FALSE(Holds(second_place, sizeof(second_place), "hort"));
}

TEST(Secret, AssignedToItselfIsKept) {
  Secret secret(kLong);
  Secret& same = secret;
  secret = std::move(same);
  EXPECT_EQ(secret.RevealForUse(), kLong);
}

TEST(Secret, IsComparedByItsBytes) {
  EXPECT_TRUE(Secret(kLong).ConstantTimeEquals(Secret(kLong)));
  EXPECT_FALSE(Secret(kLong).ConstantTimeEquals(Secret(kShort)));
  EXPECT_FALSE(Secret("a").ConstantTimeEquals(Secret("b")));
  EXPECT_TRUE(Secret("").ConstantTimeEquals(Secret("")));
}

}  // namespace
}  // namespace jit::credential

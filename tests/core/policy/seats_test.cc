#include "broker/core/policy/seats.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/testing/policy_builder.h"

namespace jit::policy {
namespace {

using testing::Group;
using testing::Person;
using testing::SeatForManager;
using testing::SeatFromGroup;

using People = std::set<core::PersonId>;

core::Directory TwoReviewersOneManager() {
  return testing::ShopPolicy().people;
}

TEST(Seats, TheRequesterNeverSits) {
  const core::Directory people = TwoReviewersOneManager();
  EXPECT_EQ(WhoCanSit(people, SeatFromGroup("review", "reviewers"), Person("reviewer")),
            People{Person("second_reviewer")});
}

TEST(Seats, AManagerWhoIsTheRequesterOrGoneFillsNothing) {
  core::Directory people = TwoReviewersOneManager();
  EXPECT_EQ(WhoCanSit(people, SeatForManager("boss"), Person("engineer")),
            People{Person("manager")});
  EXPECT_EQ(WhoCanSit(people, SeatForManager("boss"), Person("manager")), People{});
  people.people.at(Person("manager")).manager = Person("manager");
  EXPECT_EQ(WhoCanSit(people, SeatForManager("boss"), Person("manager")), People{});
  people.people.erase(Person("manager"));
  EXPECT_EQ(WhoCanSit(people, SeatForManager("boss"), Person("engineer")), People{});
}

TEST(Seats, TwoSeatsOpenToOnePersonAreNotFilledByOneReview) {
  const core::Directory people = TwoReviewersOneManager();
  const std::vector<Seat> seats = {SeatFromGroup("first", "managers"), SeatForManager("second")};
  const Assignment assignment = AssignSeats(people, seats, Person("engineer"), {Person("manager")});
  EXPECT_EQ(assignment.size(), 1U);
  EXPECT_EQ(EmptySeat(people, seats, Person("engineer"))->name, seats[1].name);
}

TEST(Seats, SomebodyMovesOverWhenThatMakesRoom) {
  core::Directory people = TwoReviewersOneManager();
  people.people.at(Person("manager")).groups.insert(Group("reviewers"));
  const std::vector<Seat> seats = {SeatFromGroup("review", "reviewers"), SeatForManager("boss")};
  // Alone, the manager sits in the first seat; with a reviewer, each has a seat.
  EXPECT_EQ(AssignSeats(people, seats, Person("engineer"), {Person("manager")}),
            (Assignment{{seats[0].name, Person("manager")}}));
  EXPECT_EQ(AssignSeats(people, seats, Person("engineer"), {Person("manager"), Person("reviewer")}),
            (Assignment{{seats[0].name, Person("reviewer")}, {seats[1].name, Person("manager")}}));
}

TEST(Seats, ASecondYesForAFilledSeatHelpsNothing) {
  const core::Directory people = TwoReviewersOneManager();
  const std::vector<Seat> seats = {SeatFromGroup("review", "reviewers"), SeatForManager("boss")};
  EXPECT_FALSE(WouldHelp(people, seats, Person("engineer"), {Person("reviewer")},
                         Person("second_reviewer")));
  EXPECT_TRUE(
      WouldHelp(people, seats, Person("engineer"), {Person("reviewer")}, Person("manager")));
  EXPECT_FALSE(WouldHelp(people, seats, Person("engineer"), {}, Person("engineer")));
}

TEST(Seats, NoSeatsAreFilledByNobody) {
  const core::Directory people = TwoReviewersOneManager();
  EXPECT_TRUE(AssignSeats(people, {}, Person("engineer"), {}).empty());
  EXPECT_EQ(EmptySeat(people, {}, Person("engineer")), std::nullopt);
}

// The slow and obvious answer: tries every way to seat people, in order, and keeps the best. Better
// is: more seats; of as many, the earlier ones; of the same ones, the earlier persons.
struct Oracle {
  const std::vector<People>& candidates;

  using Seating = std::vector<std::optional<core::PersonId>>;

  static bool IsBetter(const Seating& left, const Seating& right) {
    const auto filled = [](const Seating& seating) {
      return std::count_if(seating.begin(), seating.end(),
                           [](const auto& seat) { return seat.has_value(); });
    };
    if (filled(left) != filled(right)) {
      return filled(left) > filled(right);
    }
    for (std::size_t i = 0; i < left.size(); ++i) {
      if (left[i].has_value() != right[i].has_value()) {
        return left[i].has_value();
      }
    }
    return left < right;
  }

  Seating Best(Seating so_far = {}) const {
    if (so_far.size() == candidates.size()) {
      return so_far;
    }
    Seating best = so_far;
    best.resize(candidates.size());
    for (const auto& person : candidates[so_far.size()]) {
      if (std::find(so_far.begin(), so_far.end(), person) == so_far.end()) {
        Seating next = so_far;
        next.emplace_back(person);
        best = std::min(best, Best(next), IsBetter);
      }
    }
    Seating next = so_far;
    next.emplace_back(std::nullopt);
    return std::min(best, Best(next), IsBetter);
  }
};

// Up to five people in random ones of four groups, up to four seats, the requester among them all.
struct World {
  core::Directory people;
  std::vector<Seat> seats;
  core::PersonId requester = Person("p0");
  People reviewers;
};

// Between low and high, every value as likely at the first try as at the hundredth.
int Between(int low, int high) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(low, high + 1));
}

World AnyWorld() {
  policy::Policy policy;
  World world;
  const int population = Between(1, 5);
  for (int i = 0; i < population; ++i) {
    const std::string name = absl::StrCat("p", i);
    testing::AddPerson(policy, name, {});
    core::Person& person = policy.people.people.at(Person(name));
    for (const char* group : {"a", "b", "c", "d"}) {
      if (*rc::gen::arbitrary<bool>()) {
        person.groups.insert(Group(group));
      }
    }
    person.manager = Person(absl::StrCat("p", Between(0, population - 1)));
    if (*rc::gen::arbitrary<bool>()) {
      world.reviewers.insert(person.id);
    }
  }
  world.people = policy.people;
  const int seat_count = Between(0, 4);
  for (int i = 0; i < seat_count; ++i) {
    const std::string from = *rc::gen::element<std::string>("a", "b", "c", "d", "manager");
    const std::string name = absl::StrCat("s", i);
    world.seats.push_back(from == "manager" ? SeatForManager(name) : SeatFromGroup(name, from));
  }
  return world;
}

Assignment AskTheOracle(const World& world, const People& reviewers) {
  std::vector<People> candidates;
  for (const Seat& seat : world.seats) {
    People those;
    for (const core::PersonId& person : WhoCanSit(world.people, seat, world.requester)) {
      if (reviewers.count(person) > 0) {
        those.insert(person);
      }
    }
    candidates.push_back(those);
  }
  const Oracle::Seating seating = Oracle{candidates}.Best();
  Assignment assignment;
  for (std::size_t i = 0; i < seating.size(); ++i) {
    if (seating[i].has_value()) {
      assignment.emplace(world.seats[i].name, *seating[i]);
    }
  }
  return assignment;
}

RC_GTEST_PROP(Seats, TheAssignmentIsTheOneThatTryingEverythingFinds, ()) {
  const World world = AnyWorld();
  RC_ASSERT(AssignSeats(world.people, world.seats, world.requester, world.reviewers) ==
            AskTheOracle(world, world.reviewers));
}

RC_GTEST_PROP(Seats, NobodySitsTwiceAndTheRequesterNever, ()) {
  const World world = AnyWorld();
  const Assignment assignment =
      AssignSeats(world.people, world.seats, world.requester, world.reviewers);
  People seated;
  for (const auto& [seat, person] : assignment) {
    RC_ASSERT(seated.insert(person).second);
    RC_ASSERT(person != world.requester);
    RC_ASSERT(world.reviewers.count(person) == 1U);
  }
}

RC_GTEST_PROP(Seats, AnotherYesHelpsExactlyWhenMoreSeatsAreFilled, ()) {
  const World world = AnyWorld();
  People with = world.reviewers;
  with.insert(Person("p1"));
  RC_ASSERT(WouldHelp(world.people, world.seats, world.requester, world.reviewers, Person("p1")) ==
            (AskTheOracle(world, with).size() > AskTheOracle(world, world.reviewers).size()));
}

RC_GTEST_PROP(Seats, ASeatIsEmptyExactlyWhenEverybodysYesWouldNotFillAll, ()) {
  const World world = AnyWorld();
  People everybody;
  for (const auto& [id, person] : world.people.people) {
    everybody.insert(id);
  }
  const Assignment most = AskTheOracle(world, everybody);
  const std::optional<Seat> empty = EmptySeat(world.people, world.seats, world.requester);
  RC_ASSERT(empty.has_value() == (most.size() < world.seats.size()));
  if (empty.has_value()) {
    RC_ASSERT(most.count(empty->name) == 0U);
  }
}

}  // namespace
}  // namespace jit::policy

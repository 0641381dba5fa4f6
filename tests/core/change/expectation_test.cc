#include "broker/core/change/expectation.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/testing/change_builder.h"
#include "tests/testing/status_matchers.h"

namespace jit::change {
namespace {

using core::Reason;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Not;
using testing::RefusedSaying;
using testing::RefusedWith;
using testing::TableTouched;

Expectation Expected(absl::string_view text) {
  return ParseExpectation(text).value();
}

Report ReportOn(std::vector<TableEffect> tables) {
  Report report;
  report.tables = std::move(tables);
  return report;
}

// What is written on the left is the same as what is written on the right.
TEST(Expectation, TheGrammar) {
  const std::map<std::string, std::string> spellings = {
      {"orders=1", "orders=1"},
      {"Orders=1", "orders=1"},
      {"Shop.Orders=2", "shop.orders=2"},
      {"\"orders\"=1", "orders=1"},
      {"\"Orders\"=1", "\"Orders\"=1"},
      {"orders.updated=3", "orders.updated=3"},
      {"ORDERS.UPDATED=3", "orders.updated=3"},
      {"shop.orders.inserted=1..5", "shop.orders.inserted=1..5"},
      {"shop.orders.deleted=7..7", "shop.orders.deleted=7"},
      {"orders=0", "orders=0"},
      {"orders=007", "orders=7"},
      {"#2=4", "#2=4"},
      {"#100000=0..1", "#100000=0..1"},
      {"orders=1000000000000000", "orders=1000000000000000"},
      {"orders=100+-5%", "orders=95..105"},
      {"orders=1+-1%", "orders=0..2"},
      {"orders=10+-0%", "orders=10"},
      {"orders=10+-100%", "orders=0..20"},
      {"orders=1000000000000000+-100%", "orders=0..1000000000000000"},
      {"inserted=1", "\"inserted\"=1"},
      {"updated.deleted=1", "\"updated\".deleted=1"},
      {"a.\"updated\"=4", "a.\"updated\"=4"},
      {"\"A b\".\"x\"\"y\".deleted=0..7", "\"A b\".\"x\"\"y\".deleted=0..7"},
      {"\"#1\"=1", "\"#1\"=1"},
      {"\"a=1, b\"=1", "\"a=1, b\"=1"},
      {"_t$1=1", "_t$1=1"},
      {"\xC3\xBC"
       "ber=1",
       "\xC3\xBC"
       "ber=1"},
      {absl::StrCat(std::string(63, 'a'), "=1"), absl::StrCat(std::string(63, 'a'), "=1")},
  };
  for (const auto& [written, meant] : spellings) {
    const auto expectation = ParseExpectation(written);
    ASSERT_THAT(expectation, IsOk()) << written;
    EXPECT_EQ(Text(*expectation), meant) << written;
  }
}

TEST(Expectation, WhatIsOutsideTheGrammarIsRefused) {
  for (const std::string& text :
       std::vector<std::string>{"",
                                " ",
                                "=1",
                                "a",
                                "a=",
                                "a=x",
                                "a=-1",
                                "a=1.5",
                                "a=5..3",
                                "a=1..",
                                "a=..1",
                                "a=1...2",
                                "a=1+-",
                                "a=1+-5",
                                "a=1+-101%",
                                "a=1+-5%%",
                                "a=1 ",
                                " a=1",
                                "a =1",
                                "a= 1",
                                "a=1,b=2",
                                "a..b=1",
                                "a.=1",
                                ".a=1",
                                "a.b.c=1",
                                "a.b.c.updated=1",
                                "a.b.\"updated\"=1",
                                "a.b.updated.updated=1",
                                "\"a=1",
                                "\"\"=1",
                                "1a=1",
                                "$a=1",
                                "a-b=1",
                                "#=1",
                                "#0=1",
                                "#100001=1",
                                "#1.updated=1",
                                "#a=1",
                                "#-1=1",
                                "a=1000000000000001",
                                "a=99999999999999999999",
                                "\"a\xFF\"=1",
                                std::string("\"a\0b\"=1", 7),
                                absl::StrCat(std::string(64, 'a'), "=1")}) {
    EXPECT_THAT(ParseExpectation(text), RefusedWith(Reason::kMalformedExpectation)) << text;
  }
}

TEST(Expectation, TheRefusalSaysWhereAndDoesNotEchoTheText) {
  const auto refused = ParseExpectation("secret=x");
  EXPECT_THAT(refused, RefusedSaying(Reason::kMalformedExpectation, HasSubstr("at byte 8")));
  EXPECT_THAT(std::string(refused.status().message()), Not(HasSubstr("secret")));
}

TEST(Expectation, SeveralAreSeparatedBySpacesOrCommas) {
  const auto several = ParseExpectations(" orders=1,  shop.items.deleted=0..5\t#2=100+-5% ,");
  ASSERT_THAT(several, IsOk());
  EXPECT_THAT(*several, ElementsAre(Expected("orders=1"), Expected("shop.items.deleted=0..5"),
                                    Expected("#2=95..105")));
  EXPECT_THAT(*ParseExpectations(""), IsEmpty());
  EXPECT_THAT(ParseExpectations("a=1b=2"), RefusedWith(Reason::kMalformedExpectation));
  EXPECT_THAT(ParseExpectations("a=1;b=2"), RefusedWith(Reason::kMalformedExpectation));
}

TEST(Expectation, ThereIsAnEndToHowManyMayBeWritten) {
  std::string many;
  for (int i = 0; i < kExpectationsMax; ++i) {
    absl::StrAppend(&many, "a=1 ");
  }
  EXPECT_THAT(ParseExpectations(many), IsOk());
  EXPECT_THAT(ParseExpectations(many + "a=1"), RefusedWith(Reason::kMalformedExpectation));
}

std::int64_t AnyCount() {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::int64_t>(0, kRowsMax + 1));
}

std::string AnyName() {
  static const auto& characters = *new std::vector<std::string>{
      "a", "Z", "0", "_", "$", "\"", ".", "=", "#", " ", ",", "%", "+", "-", "\n", "\xC3\xBC"};
  if (*rc::gen::inRange(0, 4) == 0) {
    return *rc::gen::element<std::string>("inserted", "updated", "deleted", "Deleted");
  }
  const auto parts = *rc::gen::resize(
      30, rc::gen::nonEmpty(
              rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(characters))));
  std::string name;
  for (const std::string& part : parts) {
    if (name.size() + part.size() <= 63) {
      name += part;
    }
  }
  return name;
}

Expectation AnyExpectation() {
  Expectation expectation;
  if (*rc::gen::inRange(0, 4) == 0) {
    expectation.statement = *rc::gen::inRange(1, kStatementMax + 1);
  } else {
    expectation.schema = *rc::gen::arbitrary<bool>() ? AnyName() : "";
    expectation.table = AnyName();
    expectation.verb =
        *rc::gen::element(Verb::kAny, Verb::kInserted, Verb::kUpdated, Verb::kDeleted);
  }
  const std::int64_t one = AnyCount();
  const std::int64_t other = *rc::gen::arbitrary<bool>() ? one : AnyCount();
  expectation.least = std::min(one, other);
  expectation.most = std::max(one, other);
  return expectation;
}

RC_GTEST_PROP(Expectation, WhatIsTextIsParsedToTheSame, ()) {
  const Expectation expectation = AnyExpectation();
  const auto again = ParseExpectation(Text(expectation));
  RC_ASSERT(again.ok());
  RC_ASSERT(*again == expectation);
}

RC_GTEST_PROP(Expectation, SeveralTextsAreParsedToTheSame, ()) {
  const Expectation one = AnyExpectation();
  const Expectation other = AnyExpectation();
  const std::string between = *rc::gen::element<std::string>(" ", ",", ", ", "\n");
  const auto again = ParseExpectations(absl::StrCat(Text(one), between, Text(other)));
  RC_ASSERT(again.ok());
  RC_ASSERT(*again == (std::vector<Expectation>{one, other}));
}

RC_GTEST_PROP(Expectation, AnyBytesAreParsedOrRefusedAndWhatIsParsedHasAText, ()) {
  const std::string text = *rc::gen::container<std::string>(
      rc::gen::element('a', 'B', '.', '"', '#', '=', '0', '9', '+', '-', '%', ' ', '\xFF'));
  const auto expectation = ParseExpectation(text);
  if (expectation.ok()) {
    RC_ASSERT(*ParseExpectation(Text(*expectation)) == *expectation);
  } else {
    RC_ASSERT(core::ReasonOf(expectation.status()) == Reason::kMalformedExpectation);
  }
}

TEST(ExpectationsFrom, CountsEveryTableAndVerbThatHasRows) {
  TableEffect items = TableTouched("items", {.inserted = 2, .updated = 0, .deleted = 1});
  items.cascaded.deleted = 3;
  items.triggered.updated = 10;
  const Report report = ReportOn({items, TableTouched("orders", {.updated = 1})});
  EXPECT_THAT(ExpectationsFrom(report, 0),
              ElementsAre(Expected("shop.items.inserted=2"), Expected("shop.items.updated=10"),
                          Expected("shop.items.deleted=4"), Expected("shop.orders.updated=1")));
}

TEST(ExpectationsFrom, TheToleranceIsRoundedOutwardsAndKeptWithinAHundredPercent) {
  const Report report = ReportOn({TableTouched("orders", {.updated = 10})});
  EXPECT_THAT(ExpectationsFrom(report, 5), ElementsAre(Expected("shop.orders.updated=9..11")));
  EXPECT_THAT(ExpectationsFrom(report, 100), ElementsAre(Expected("shop.orders.updated=0..20")));
  EXPECT_THAT(ExpectationsFrom(report, 900), ElementsAre(Expected("shop.orders.updated=0..20")));
  EXPECT_THAT(ExpectationsFrom(report, -5), ElementsAre(Expected("shop.orders.updated=10")));
}

TEST(ExpectationsFrom, ATableWithoutRowsHasNone) {
  EXPECT_THAT(ExpectationsFrom(ReportOn({TableTouched("orders", {})}), 0), IsEmpty());
}

TEST(Joined, AWrittenOneTakesThePlaceOfTheRehearsedOneAboutTheSame) {
  const std::vector<Expectation> rehearsed = {Expected("shop.orders.updated=1"),
                                              Expected("shop.orders.deleted=2"),
                                              Expected("shop.items.deleted=3")};
  EXPECT_THAT(Joined({Expected("orders.updated=0..9")}, rehearsed),
              ElementsAre(Expected("orders.updated=0..9"), Expected("shop.orders.deleted=2"),
                          Expected("shop.items.deleted=3")));
}

TEST(Joined, AWrittenTableTakesThePlaceOfAllThreeVerbs) {
  EXPECT_THAT(Joined({Expected("shop.orders=3")},
                     {Expected("shop.orders.updated=1"), Expected("shop.orders.deleted=2")}),
              ElementsAre(Expected("shop.orders=3")));
}

TEST(Joined, AnotherSchemaAStatementOrAnotherVerbTakesNothingAway) {
  const Expectation rehearsed = Expected("shop.orders.updated=1");
  for (const char* written : {"archive.orders=1", "#1=1", "orders.deleted=0", "items=1"}) {
    EXPECT_THAT(Joined({Expected(written)}, {rehearsed}),
                ElementsAre(Expected(written), rehearsed));
  }
}

TEST(Misses, NothingWhenEveryCountIsWithinWhatWasExpected) {
  const Report report = testing::ReportOfOneOrder();
  for (const char* written : {"orders=1", "shop.orders=0..1", "orders.updated=1..5"}) {
    EXPECT_THAT(Misses({Expected(written)}, report), IsEmpty()) << written;
  }
  EXPECT_THAT(Misses({Expected("orders=1"), Expected("#1=1")}, report), IsEmpty());
}

TEST(Misses, ACountOutsideIsNamedWithWhatWasFound) {
  EXPECT_THAT(Misses({Expected("shop.orders.updated=2..5")}, testing::ReportOfOneOrder()),
              ElementsAre(Miss{"shop.orders.updated", "2..5", 1}));
}

TEST(Misses, ACountThatNothingSpeaksOfIsExpectedToBeNone) {
  TableEffect orders = TableTouched("orders", {.updated = 1});
  orders.cascaded.deleted = 4;
  const Report report = ReportOn({orders, TableTouched("items", {.inserted = 1})});
  EXPECT_THAT(
      Misses({Expected("orders.updated=1")}, report),
      ElementsAre(Miss{"shop.orders.deleted", "0", 4}, Miss{"shop.items.inserted", "0", 1}));
}

TEST(Misses, ATableThatWasExpectedAndNotTouchedIsMissedUnlessNoneWasAllowed) {
  EXPECT_THAT(Misses({Expected("orders=1")}, Report()), ElementsAre(Miss{"orders", "1", 0}));
  EXPECT_THAT(Misses({Expected("orders=0..1")}, Report()), IsEmpty());
}

TEST(Misses, AStatementIsCountedByItsTagAndOneThatIsNotThereNeverHolds) {
  const Report report = testing::ReportOfOneOrder();
  EXPECT_THAT(Misses({Expected("orders=1"), Expected("#1=2")}, report),
              ElementsAre(Miss{"#1", "2", 1}));
  EXPECT_THAT(Misses({Expected("orders=1"), Expected("#2=0")}, report),
              ElementsAre(Miss{"#2", "0", 0}));
}

TEST(Misses, ATableWithoutASchemaIsCountedInEverySchema) {
  TableEffect archived = TableTouched("orders", {.updated = 2});
  archived.schema = "archive";
  const Report report = ReportOn({archived, TableTouched("orders", {.updated = 1})});
  EXPECT_THAT(Misses({Expected("orders=3")}, report), IsEmpty());
  EXPECT_THAT(Misses({Expected("shop.orders=1")}, report),
              ElementsAre(Miss{"archive.orders.updated", "0", 2}));
}

RC_GTEST_PROP(Misses, WhatWasRehearsedHoldsWhenItIsRepeated, ()) {
  Report report;
  for (const char* table : {"items", "orders"}) {
    const auto count = [] { return *rc::gen::inRange<std::int64_t>(0, 1000); };
    TableEffect effect = TableTouched(table, {count(), count(), count()});
    effect.cascaded = {count(), count(), count()};
    report.tables.push_back(effect);
  }
  const int percent = *rc::gen::inRange(0, 101);
  RC_ASSERT(Misses(ExpectationsFrom(report, percent), report).empty());
}

}  // namespace
}  // namespace jit::change

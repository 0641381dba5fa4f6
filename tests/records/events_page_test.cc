// docs/reference/events.md says which record types there are and which keys each has.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/ledger/canonical_json.h"
#include "broker/records/change_events.h"
#include "broker/records/lease_events.h"
#include "tests/records/sample_change_events.h"
#include "tests/records/sample_events.h"
#include "tests/testing/pages.h"

namespace jit::records {
namespace {

constexpr char kPage[] = "docs/reference/events.md";

std::string KeysOf(const ledger::Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) {
    keys.push_back(key);
  }
  return absl::StrJoin(keys, ", ");
}

TEST(EventsPage, ListsEveryTypeWithItsKeys) {
  std::map<std::string, std::string> of_the_code;
  for (const lease::Event& event : SampleEvents()) {
    const auto encoded = Encode(event).value();
    of_the_code[encoded.type] = KeysOf(ledger::ParseCanonical(encoded.body).value());
  }
  std::map<std::string, std::string> of_the_page;
  for (const auto& row : testing::TableIn(kPage, "| Type | Keys |")) {
    ASSERT_EQ(row.size(), 3U);
    of_the_page[row[0]] = row[1];
  }
  EXPECT_EQ(of_the_page, of_the_code);
}

// One shape per table: what the page says the keys of `terms`, `review` and a seat are.
TEST(EventsPage, ListsTheKeysOfTermsReviewsAndSeats) {
  std::map<std::string, ledger::Json> shapes;
  for (const lease::Event& event : SampleEvents()) {
    const ledger::Json body = ledger::ParseCanonical(Encode(event)->body).value();
    for (const char* shape : {"terms", "review"}) {
      if (body.contains(shape)) {
        shapes[shape] = body[shape];
      }
    }
    if (body.contains("terms") && !body["terms"]["seats"].empty()) {
      shapes["seat"] = body["terms"]["seats"][0];
    }
  }
  ASSERT_EQ(shapes.size(), 3U);
  for (const auto& [shape, json] : shapes) {
    std::vector<std::string> keys;
    for (const auto& row : testing::TableIn(kPage, absl::StrCat("| Key of `", shape, "` |"))) {
      keys.push_back(row.at(0));
    }
    EXPECT_EQ(absl::StrJoin(keys, ", "), KeysOf(json)) << shape;
  }
}

TEST(EventsPage, ListsEveryTypeOfAChangeWithItsKeys) {
  std::map<std::string, std::string> of_the_code;
  for (const change::Event& event : SampleChangeEvents()) {
    const auto encoded = Encode(event).value();
    of_the_code[encoded.type] = KeysOf(ledger::ParseCanonical(encoded.body).value());
  }
  std::map<std::string, std::string> of_the_page;
  for (const auto& row : testing::TableIn(kPage, "| Type of a change | Keys |")) {
    ASSERT_EQ(row.size(), 3U);
    of_the_page[row[0]] = row[1];
  }
  EXPECT_EQ(of_the_page, of_the_code);
}

TEST(EventsPage, ListsTheKeysOfWhatAChangeIsMadeOf) {
  std::map<std::string, ledger::Json> shapes;
  for (const change::Event& event : SampleChangeEvents()) {
    const ledger::Json body = ledger::ParseCanonical(Encode(event)->body).value();
    if (body.contains("plan")) {
      shapes["Key of `plan`"] = body["plan"];
      shapes["Key of a change's `terms`"] = body["terms"];
    }
    if (body.contains("rehearsal")) {
      shapes["Key of `rehearsal`"] = body["rehearsal"];
      shapes["Key of `report`"] = body["rehearsal"]["report"];
    }
  }
  ASSERT_EQ(shapes.size(), 4U);
  for (const auto& [heading, json] : shapes) {
    std::vector<std::string> keys;
    for (const auto& row : testing::TableIn(kPage, absl::StrCat("| ", heading, " |"))) {
      keys.push_back(row.at(0));
    }
    EXPECT_EQ(absl::StrJoin(keys, ", "), KeysOf(json)) << heading;
  }
}

}  // namespace
}  // namespace jit::records

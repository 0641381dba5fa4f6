#include "tests/journal_sqlite/witness.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "broker/ledger/merkle.h"
#include "broker/ledger/record.h"
#include "gtest/gtest.h"
#include "tests/testing/journal_samples.h"

namespace jit::testing {
namespace {

// Two records, an advanced stream, a summary and an answer: all of it or nothing of it.
ports::Append AppendNumber(int n) {
  ports::Append append = OneLease(n, "ada", lease::State::kRequested);
  append.records.push_back({"test.other.v1", absl::StrCat("{\"n\":", n, "}")});
  append.summary->version = 2;
  append.expectations = {{absl::StrCat("beside/", n), 0, ports::Expectation::Then::kAdvance}};
  append.answer = ports::Answer{absl::StrCat("key/", n), "f", "r"};
  return append;
}

enum class Found { kWhole, kNothing, kPart };

Found Find(ports::Journal& journal, int n) {
  const ports::Append append = AppendNumber(n);
  const auto records = journal.Load(append.stream);
  const auto version = journal.VersionOf(append.stream);
  const auto beside = journal.VersionOf(absl::StrCat("beside/", n));
  const auto summary = journal.Summary(LeaseNumber(n));
  const auto answer = journal.FindAnswer(absl::StrCat("key/", n));
  if (!records.ok() || !version.ok() || !beside.ok() || !summary.ok() || !answer.ok()) {
    return Found::kPart;
  }
  if (records->size() == 2 && *version == 2 && *beside == 1 && *summary == append.summary &&
      answer->has_value()) {
    return Found::kWhole;
  }
  const bool nothing = records->empty() && *version == 0 && *beside == 0 && !summary->has_value() &&
                       !answer->has_value();
  return nothing ? Found::kNothing : Found::kPart;
}

}  // namespace

void Witness::Append(ports::Journal& journal, int n) {
  const absl::Status answer = journal.Commit(AppendNumber(n)).status();
  const std::lock_guard<std::mutex> lock(mutex_);
  answers_.insert_or_assign(n, answer);
}

void Witness::Compare(ports::Journal& journal, const std::string& story) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::int64_t whole = 0;
  for (const auto& [n, answer] : answers_) {
    const Found found = Find(journal, n);
    whole += found == Found::kWhole ? 1 : 0;
    EXPECT_NE(found, Found::kPart) << story << ": append " << n;
    if (!absl::IsUnknown(answer)) {
      EXPECT_EQ(found, answer.ok() ? Found::kWhole : Found::kNothing)
          << story << ": append " << n << " was answered " << answer;
    }
  }
  EXPECT_EQ(journal.Size(), 2 * whole) << story;
  ledger::Frontier tree;
  const absl::Status told = journal.Export(0, [&](const ledger::Record& record) {
    tree.Append(ledger::LeafHash(*ledger::Encode(record)));
    return absl::OkStatus();
  });
  EXPECT_TRUE(told.ok()) << story << ": " << told;
  const auto checkpoint = journal.Checkpoint();
  ASSERT_TRUE(checkpoint.ok()) << story << ": " << checkpoint.status();
  EXPECT_EQ(checkpoint->body.root, tree.Root()) << story;
}

int Witness::acknowledged() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<int>(std::count_if(answers_.begin(), answers_.end(),
                                        [](const auto& entry) { return entry.second.ok(); }));
}

}  // namespace jit::testing

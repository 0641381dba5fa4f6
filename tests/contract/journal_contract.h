// What every journal promises, as one suite that each of them is put through.
//
// An implementation joins with INSTANTIATE_TEST_SUITE_P(Name, JournalContract, Values(maker)). Any
// difference between two implementations that this suite does not show is a hole in the suite.
#pragma once

#include <functional>
#include <memory>

#include "broker/ports/journal.h"
#include "gtest/gtest.h"
#include "tests/testing/journal_samples.h"

namespace jit::testing {

// Makes an empty journal that signs as SignerFromSeed("jit-access/test", 1). What it needs on disk
// lives as long as the journal.
using JournalMaker = std::function<std::unique_ptr<ports::Journal>()>;

class JournalContract : public ::testing::TestWithParam<JournalMaker> {
 protected:
  std::unique_ptr<ports::Journal> Make() const { return GetParam()(); }
};

}  // namespace jit::testing

// One record in words, for timelines and listings.
//
// Promises: a record of any type has words; free text of people is quoted in them as it is, and
// whoever prints them makes it visible. Verifies nothing. Pure; safe from any thread.
#pragma once

#include <string>

#include "broker/ledger/record.h"

namespace jit::audit {

struct Told {
  std::string who;   // a person, or empty where the broker acted by itself
  std::string what;  // "asked for writer on shop for 30m: reason"
};

Told Tell(const ledger::Record& record);

}  // namespace jit::audit

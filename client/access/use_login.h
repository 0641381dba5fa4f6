// A program run with an open login, which is given back when the program ends.
//
// Promises: the password is in a private file and in no argument or variable; the file is gone
// afterwards. Five minutes and one minute before the deadline, and at it, `err` says so.
#pragma once

#include <string>
#include <vector>

#include "client/access/obtain.h"
#include "client/channel/broker.h"
#include "client/console/console.h"

namespace jit::access {

enum class Afterwards { kGiveBack, kKeep };

// `login` is open. PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSFILE, PGAPPNAME ("jit-access <lease>")
// and JIT_LEASE are set; PGPASSWORD, PGSERVICE, PGSERVICEFILE and PGHOSTADDR are taken out, since
// they would win. The program's own exit status, or what went wrong before it ran.
console::ExitCode UseLogin(const Obtained& login, const std::vector<std::string>& program,
                           Afterwards afterwards, console::Console& console,
                           channel::Broker& broker);

}  // namespace jit::access

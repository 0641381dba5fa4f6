// The one outside action a lease owes right now. Derived from its state, never stored as truth.
#pragma once

namespace jit::lease {

enum class Effect {
  kNone,
  kOpenLogin,  // kOpening: the login must be on the target, or known not to be
  kTurnOff,    // kClosing: no login, no privilege, no session
  kRemove,     // kOff and not removed yet: the role and what it left behind must go
};

}  // namespace jit::lease

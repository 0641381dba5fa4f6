// The one outside action a change owes right now. Derived from its state, never stored as truth.
#pragma once

namespace jit::change {

enum class Effect {
  kNone,
  kRehearse,     // kPlanned: run and roll back; after a restart: give up, saying so
  kApply,        // kApplying: run once; after a restart: find out by looking
  kMarkSubject,  // kApplied undo or drop: tell the change it was about
};

}  // namespace jit::change

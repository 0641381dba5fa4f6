// Whether drafts make sense together: every name leads somewhere, every time fits, every role can
// be asked for and every seat can be filled.
//
// Pure; safe from any thread.
#pragma once

#include <vector>

#include "broker/policy_files/draft.h"
#include "broker/policy_files/mistake.h"

namespace jit::policy_files {

// Identities shared, persons and groups unknown, managers in a circle.
void CheckPeople(const PeopleDraft& people, Mistakes& mistakes);

// Groups and roles unknown, names given twice, times that do not fit, roles that nobody may ask
// for or that a rule cannot offer, rules that can never decide.
void CheckTarget(const PeopleDraft& people, const TargetDraft& target, Mistakes& mistakes);

// Seats that nobody could fill: in a rule or change rule, when that is so for everybody it lets
// ask; in a break-glass rule, when it is so for anybody, since their debt could never be settled.
// Takes drafts without mistakes.
void CheckSeats(const core::Directory& people, const TargetDraft& target, Mistakes& mistakes);

}  // namespace jit::policy_files

// Text that other people wrote, made safe to look at.
//
// Promises: what comes out is valid UTF-8 on one line, holds no character that moves the cursor,
// reorders, hides or disappears, and different inputs give different outputs. A backslash is
// doubled, so that nobody can type what looks like an escape. Knows no terminal. Pure; safe from
// any thread. Sources: Unicode 15 general categories Cc, Cf, Zl, Zp, Co and Default_Ignorable.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace jit::console {

// Escapes: \n \r \t \\; \x1b for one byte (control characters below 0x80, bytes that are no UTF-8);
// \u{202e} for a code point that would not be seen as what it is. Everything else stays.
std::string Visible(absl::string_view text);

// The same without doubling backslashes: for sentences that the broker made and in which it has
// escaped what people wrote already. Safe to look at, but an escape in it may have been typed.
std::string VisibleOnce(absl::string_view text);

// Whether every byte belongs to a well-formed sequence (RFC 3629).
bool IsUtf8(absl::string_view text);

// The columns that valid UTF-8 without control characters takes on a terminal: 2 for East Asian
// wide characters and emoji, 0 for combining marks, else 1.
int WidthOf(absl::string_view text);

// The bytes of the longest prefix of such text that fits into `columns`; at least one character
// unless the text is empty.
std::size_t PrefixWithin(absl::string_view text, int columns);

}  // namespace jit::console

// Certificates and identities that are turned away although the authority would vouch for them.
//
// One entry per line: `fingerprint <SHA-256 hex>`, `serial <hex>` or `identity <URI SAN>`; `#`
// begins a comment. Certificate revocation lists cannot do this job: a missing one accepts
// everyone, a new one is not seen while running, and an open connection survives it. This list is
// asked on every call.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "broker/credential/certificate.h"

namespace jit::rpc {

// Value; safe to share once built.
struct DenyList {
  std::set<std::string> fingerprints;  // lower-case hex
  std::set<std::string> serials;       // lower-case hex without leading zeros
  std::set<std::string> identities;

  bool Denies(const credential::Certificate& certificate) const;
  // Everything that either denies.
  void Add(const DenyList& other);
};

struct DenyListReading {
  DenyList list;                    // every line that could be read
  std::vector<std::string> errors;  // "line 3: …" for each that could not; never the line itself
};

// Hex is accepted in either case, with or without colons, as openssl prints it.
DenyListReading ReadDenyList(absl::string_view text);

}  // namespace jit::rpc

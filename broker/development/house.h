// What a development broker needs around it: keys, certificates, a policy, files to source.
//
// Promises: everything is made on the first run and used again by the next one with the same
// folder; certificates that are about to end, or that name somebody else by now, are made again.
// Nothing in here is for production: the authority's key lies beside the certificates. Not for two
// threads.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/core/names.h"
#include "broker/core/person.h"
#include "broker/credential/secret.h"
#include "broker/development/folder.h"
#include "broker/ports/entropy.h"

namespace jit::development {

// Certificates last this long, and are renewed when less than a third of it is left.
constexpr absl::Duration kCertificateLife = absl::Hours(24 * 30);

// Names of the files in the folder.
constexpr absl::string_view kAuthorityFile = "authority.pem";
constexpr absl::string_view kServerCertificateFile = "broker.pem";
constexpr absl::string_view kServerKeyFile = "broker.key";
constexpr absl::string_view kCheckpointKeyFile = "checkpoint.key";
constexpr absl::string_view kPolicyFolder = "policy";
constexpr absl::string_view kJournalFile = "journal.db";

// The target of a policy written by WritePolicy, and the groups its roles are members of.
constexpr absl::string_view kDefaultTarget = "dev";
constexpr absl::string_view kReaderGroup = "app_reader";
constexpr absl::string_view kWriterGroup = "app_writer";
constexpr absl::string_view kOwnerGroup = "app_owner";

// Writes people.toml and dev.toml for engineer, peer, reviewer, oncall and manager into the
// folder's `policy`, unless they are there: what somebody edited stays.
absl::Status WritePolicy(const Folder& folder);

// Makes the authority, the broker's certificate (localhost, 127.0.0.1, ::1), a client certificate
// for every person of the directory with their first identity, and the key that signs checkpoints.
absl::Status MakeKeys(const Folder& folder, const core::Directory& people, absl::Time now);

// Writes `<person>.env` for every person of the directory: what their programs read from the
// environment. `broker`: "localhost:7420".
absl::Status WriteEnvironments(const Folder& folder, const core::Directory& people,
                               absl::string_view broker);

// The secret kept in that file of the folder; made of 32 fresh bytes on the first call.
absl::StatusOr<credential::Secret> KeptPassword(const Folder& folder, absl::string_view name,
                                                ports::Entropy& entropy);

}  // namespace jit::development

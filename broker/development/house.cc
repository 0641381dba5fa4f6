#include "broker/development/house.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/credential/certificate.h"
#include "broker/credential/scram_verifier.h"
#include "broker/development/authority.h"

namespace jit::development {
namespace {

constexpr absl::string_view kAuthorityKeyFile = "authority.key";

// Clocks of machines differ: a certificate is valid a little before it was made.
constexpr absl::Duration kBackdated = absl::Minutes(5);

constexpr absl::string_view kPeople =
    R"(# Who people are. Certificates for all of them lie one folder up.

[people.engineer]
identities = ["jit://dev/engineer"]
manager = "manager"

[people.peer]
identities = ["jit://dev/peer"]
manager = "manager"

[people.reviewer]
identities = ["jit://dev/reviewer"]
manager = "manager"

[people.oncall]
identities = ["jit://dev/oncall"]
manager = "manager"

[people.manager]
identities = ["jit://dev/manager"]

[groups]
engineers = ["engineer", "peer"]
oncall = ["oncall"]
reviewers = ["reviewer", "peer"]
managers = ["manager"]
operators = ["oncall"]
auditors = ["manager"]

[offices]
operators = ["operators"]
auditors = ["auditors"]
)";

constexpr absl::string_view kTarget = R"(# What is on offer, and who may have it.

[roles.reader]
access = "reads"
member_of = ["app_reader"]
default = "30m"
longest = "4h"

# Its leases are guarded, and only tables of app_owner can be: make them after `set role app_owner`,
# or hand them over (`alter table t owner to app_owner`). To go without a guard, write
# `attached = "never"` in [roles.writer.guard].
[roles.writer]
access = "writes"
member_of = ["app_writer"]
default = "15m"
longest = "2h"

# Alters the tables that belong to app_owner: those made after `set role app_owner`, and by changes.
[roles.schema]
access = "defines"
member_of = ["app_owner"]
owner = "app_owner"
default = "10m"
longest = "1h"

[[rules]]
name = "read"
who = ["engineers", "oncall", "reviewers"]
roles = ["reader"]
longest = "4h"
seats = []

[[rules]]
name = "write"
who = ["engineers", "oncall"]
roles = ["writer"]
longest = "2h"
seats = [{ name = "reviewer", from = "reviewers" }]

[[break_glass]]
name = "emergency"
who = ["oncall"]
roles = ["writer"]
longest = "30m"
reviewer = { name = "manager", from = "managers" }
review_within = "24h"

[[changes]]
name = "repair"
who = ["engineers", "oncall"]
roles = ["writer"]
seats = [{ name = "reviewer", from = "reviewers" }]

[[changes]]
name = "migrate"
who = ["engineers"]
roles = ["schema"]
seats = [
  { name = "reviewer", from = "reviewers" },
  { name = "manager", manager_of = "requester" },
]
undo_seats = [{ name = "reviewer", from = "reviewers" }]
)";

absl::Status WriteUnlessThere(const Folder& folder, absl::string_view name,
                              absl::string_view text) {
  return folder.Has(name) ? absl::OkStatus() : folder.Write(name, text, Privacy::kReadable);
}

// Whether the broker's own pair was issued by this authority and serves for some time yet.
bool ServerStillGood(const Folder& folder, const Authority& authority, absl::Time now) {
  const absl::StatusOr<std::string> certificate = folder.Read(kServerCertificateFile);
  const absl::StatusOr<std::string> key = folder.Read(kServerKeyFile);
  return certificate.ok() && key.ok() &&
         credential::CheckServerPair(*certificate, *key, authority.certificate_pem(),
                                     now + kCertificateLife / 3)
             .ok();
}

// Whether a person's certificate names them as the directory does, for some time yet.
bool ClientStillGood(const Folder& folder, const std::string& stem, const std::string& uri,
                     absl::Time now) {
  const absl::StatusOr<std::string> pem = folder.Read(stem + ".pem");
  if (!pem.ok() || !folder.Has(stem + ".key")) {
    return false;
  }
  const absl::StatusOr<credential::Certificate> certificate = credential::ReadCertificate(*pem);
  return certificate.ok() && certificate->uri_san == uri &&
         certificate->not_after > now + kCertificateLife / 3;
}

absl::Status WritePair(const Folder& folder, const std::string& stem,
                       const absl::StatusOr<KeyPair>& pair) {
  if (!pair.ok()) {
    return pair.status();
  }
  if (absl::Status key =
          folder.Write(stem + ".key", pair->key_pem.RevealForUse(), Privacy::kPrivate);
      !key.ok()) {
    return key;
  }
  return folder.Write(stem + ".pem", pair->certificate_pem, Privacy::kReadable);
}

absl::StatusOr<Authority> KeptAuthority(const Folder& folder, absl::Time now) {
  absl::StatusOr<std::string> certificate = folder.Read(kAuthorityFile);
  absl::StatusOr<std::string> key = folder.Read(kAuthorityKeyFile);
  if (certificate.ok() && key.ok()) {
    return Authority::Load(*certificate, credential::Secret(*std::move(key)));
  }
  // Outlives what it issues by far: a new authority would turn every client away.
  absl::StatusOr<Authority> made =
      Authority::Make("jit-access development", now - kBackdated, now + 12 * kCertificateLife);
  if (!made.ok()) {
    return made.status();
  }
  if (absl::Status written =
          folder.Write(kAuthorityKeyFile, made->key_pem().RevealForUse(), Privacy::kPrivate);
      !written.ok()) {
    return written;
  }
  if (absl::Status written =
          folder.Write(kAuthorityFile, made->certificate_pem(), Privacy::kReadable);
      !written.ok()) {
    return written;
  }
  return made;
}

}  // namespace

absl::Status WritePolicy(const Folder& folder) {
  absl::StatusOr<Folder> policy = Folder::Open(folder.PathOf(kPolicyFolder));
  if (!policy.ok()) {
    return policy.status();
  }
  if (absl::Status people = WriteUnlessThere(*policy, "people.toml", kPeople); !people.ok()) {
    return people;
  }
  return WriteUnlessThere(*policy, absl::StrCat(kDefaultTarget, ".toml"), kTarget);
}

absl::Status MakeKeys(const Folder& folder, const core::Directory& people, absl::Time now) {
  const absl::StatusOr<Authority> authority = KeptAuthority(folder, now);
  if (!authority.ok()) {
    return authority.status();
  }
  if (!folder.Has(kCheckpointKeyFile)) {
    const absl::StatusOr<credential::Secret> key = MakeSigningKey();
    if (!key.ok()) {
      return key.status();
    }
    if (absl::Status written =
            folder.Write(kCheckpointKeyFile, key->RevealForUse(), Privacy::kPrivate);
        !written.ok()) {
      return written;
    }
  }
  const std::string server = "broker";
  if (!ServerStillGood(folder, *authority, now)) {
    absl::Status made = WritePair(folder, server,
                                  authority->Issue({.common_name = "jit-broker",
                                                    .uris = {},
                                                    .dns_names = {"localhost"},
                                                    .addresses = {"127.0.0.1", "::1"},
                                                    .use = Use::kServer,
                                                    .not_before = now - kBackdated,
                                                    .not_after = now + kCertificateLife}));
    if (!made.ok()) {
      return made;
    }
  }
  for (const auto& [id, person] : people.people) {
    if (person.identities.empty()) {
      continue;
    }
    const std::string& uri = *person.identities.begin();
    if (ClientStillGood(folder, id.text(), uri, now)) {
      continue;
    }
    absl::Status made = WritePair(folder, id.text(),
                                  authority->Issue({.common_name = id.text(),
                                                    .uris = {uri},
                                                    .dns_names = {},
                                                    .addresses = {},
                                                    .use = Use::kClient,
                                                    .not_before = now - kBackdated,
                                                    .not_after = now + kCertificateLife}));
    if (!made.ok()) {
      return made;
    }
  }
  return absl::OkStatus();
}

absl::Status WriteEnvironments(const Folder& folder, const core::Directory& people,
                               absl::string_view broker) {
  // Quoted for the shell; a folder with a single quote in its name would end the quotation.
  if (folder.path().find('\'') != std::string::npos) {
    return absl::InvalidArgumentError("the folder's name must not contain a single quote");
  }
  for (const auto& [id, person] : people.people) {
    const std::string text =
        absl::StrCat("export JIT_BROKER='", broker, "'\n",                      //
                     "export JIT_CA='", folder.PathOf(kAuthorityFile), "'\n",   //
                     "export JIT_CERT='", folder.PathOf(id.text()), ".pem'\n",  //
                     "export JIT_KEY='", folder.PathOf(id.text()), ".key'\n");
    if (absl::Status written =
            folder.Write(absl::StrCat(id.text(), ".env"), text, Privacy::kReadable);
        !written.ok()) {
      return written;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<credential::Secret> KeptPassword(const Folder& folder, absl::string_view name,
                                                ports::Entropy& entropy) {
  if (absl::StatusOr<std::string> kept = folder.Read(name); kept.ok()) {
    return credential::Secret(*std::move(kept));
  }
  std::array<std::uint8_t, 32> bytes{};
  entropy.Fill(bytes);
  credential::Secret password = credential::PasswordFrom(bytes);
  if (absl::Status written = folder.Write(name, password.RevealForUse(), Privacy::kPrivate);
      !written.ok()) {
    return written;
  }
  return password;
}

}  // namespace jit::development

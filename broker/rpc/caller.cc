#include "broker/rpc/caller.h"

#include "absl/strings/str_cat.h"
#include "broker/core/refusal.h"
#include "broker/credential/certificate.h"

namespace jit::rpc {

absl::StatusOr<Caller> Identify(absl::string_view certificate_pem, const core::Directory& people,
                                const DenyList& denied, absl::Time now) {
  if (certificate_pem.empty()) {
    return core::Refuse(core::Reason::kUnknownCaller,
                        "the connection shows no certificate; connect with the one you were given");
  }
  const absl::StatusOr<credential::Certificate> certificate =
      credential::ReadCertificate(certificate_pem);
  if (!certificate.ok()) {
    return core::Refuse(
        core::Reason::kUnknownCaller,
        absl::StrCat(certificate.status().message(), "; ask the operator for one that names you"));
  }
  if (now < certificate->not_before || now >= certificate->not_after) {
    return core::Refuse(
        core::Reason::kUnknownCaller,
        "your certificate is not valid at this time; ask the operator for a new one");
  }
  if (denied.Denies(*certificate)) {
    return core::Refuse(core::Reason::kRevokedCertificate,
                        "your certificate was withdrawn; ask the operator for a new one");
  }
  const core::Person* person = people.FindByIdentity(certificate->uri_san);
  if (person == nullptr) {
    return core::Refuse(
        core::Reason::kUnknownPerson,
        "the identity in your certificate belongs to nobody in the directory; ask an "
        "operator to add it to the people file");
  }
  if (person->groups.empty()) {
    return core::Refuse(
        core::Reason::kPersonInNoGroup,
        "you belong to no group, so no rule can name you; ask an operator to add you "
        "to one");
  }
  return Caller{person->id,     certificate->uri_san, std::string(certificate_pem),
                person->groups, person->manager,      certificate->not_after};
}

}  // namespace jit::rpc

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/core/lease/lifecycle.h"
#include "broker/ledger/canonical_json.h"
#include "broker/records/change_events.h"
#include "broker/records/lease_events.h"
#include "broker/records/shapes.h"

namespace jit::records {
namespace {

// `: text` when there is a text.
std::string After(absl::string_view text) {
  return text.empty() ? std::string() : absl::StrCat(": ", text);
}

std::string SeatsWords(const policy::Assignment& seats) {
  return absl::StrJoin(seats, ", ", [](std::string* out, const auto& filled) {
    absl::StrAppend(out, filled.first.text(), " by ", filled.second.text());
  });
}

std::string TablesWords(const std::vector<std::string>& keyless) {
  return keyless.empty()
             ? std::string()
             : absl::StrCat(" (tables without a key: ", absl::StrJoin(keyless, ", "), ")");
}

// One overload per event; an event without a sentence does not build.
struct Sentence {
  std::string operator()(const lease::Asked& event) const {
    const bool emergency = event.path == policy::Path::kBreakGlass;
    const std::string incident =
        event.incident.empty() ? std::string() : absl::StrCat(" (incident ", event.incident, ")");
    return absl::StrCat(event.requester.text(), emergency ? " broke the glass for " : " asked for ",
                        event.role.text(), " on ", event.target.text(), " for ",
                        absl::FormatDuration(event.terms.ttl), incident, TablesWords(event.keyless),
                        ": ", event.reason);
  }
  std::string operator()(const lease::Reviewed& event) const {
    if (event.review.verdict == lease::Verdict::kNo) {
      return absl::StrCat(event.review.by.text(), " said no", After(event.review.note));
    }
    return absl::StrCat(event.review.by.text(),
                        " said yes, seats filled: ", SeatsWords(event.seats),
                        After(event.review.note));
  }
  std::string operator()(const lease::Approved&) const {
    return "approved: every seat that the rule demands is filled";
  }
  std::string operator()(const lease::SentBack& event) const {
    return absl::StrCat("sent back to review: ", event.why);
  }
  std::string operator()(const lease::Denied& event) const {
    return absl::StrCat("denied by ", event.by.text(), After(event.note));
  }
  std::string operator()(const lease::Withdrawn& event) const {
    return absl::StrCat("withdrawn by ", event.by.text());
  }
  std::string operator()(const lease::Lapsed& event) const {
    return absl::StrCat("lapsed: ", event.why);
  }
  std::string operator()(const lease::OpeningStarted& event) const {
    return absl::StrCat("the login is being made; its deadline is ",
                        ledger::FormatTime(event.expire_time));
  }
  std::string operator()(const lease::Opened&) const { return "the login works"; }
  std::string operator()(const lease::VerifierReplaced&) const {
    return "the holder set a new password; the deadline stays";
  }
  std::string operator()(const lease::ClosingStarted& event) const {
    const std::string by =
        event.by.has_value() ? absl::StrCat(" by ", event.by->text()) : std::string();
    return absl::StrCat("the login is being taken away, ", CauseSentence(event.cause), by,
                        After(event.note));
  }
  std::string operator()(const lease::TurnedOff&) const {
    return "off: no login, no privilege, no session";
  }
  std::string operator()(const lease::Removed& event) const {
    if (!event.residue.has_value()) {
      return "closed: the role is gone and nothing is left behind";
    }
    const std::size_t differences =
        event.residue->lines.size() + static_cast<std::size_t>(event.residue->more);
    return absl::StrCat("the role is gone; ",
                        differences == 0 ? "nothing is different in the schema"
                        : differences == 1
                            ? "1 thing is different in the schema"
                            : absl::StrCat(differences, " things are different in the schema"),
                        ", which somebody else has to accept");
  }
  std::string operator()(const lease::DebtIncurred& event) const {
    return absl::StrCat("a review of this break-glass is owed by ", ledger::FormatTime(event.due));
  }
  std::string operator()(const lease::DebtReviewed& event) const {
    const bool accepted = event.review.verdict == lease::Verdict::kYes;
    return absl::StrCat(
        "the break-glass was reviewed by ", event.review.by.text(),
        accepted ? ", who accepts it: " : ", who objects to it: ", event.review.note);
  }
  std::string operator()(const lease::ResidueAccepted& event) const {
    return absl::StrCat("closed: ", event.review.by.text(), " accepted what it left in the schema",
                        After(event.review.note));
  }

  static std::string CauseSentence(lease::CloseCause cause) {
    switch (cause) {
      case lease::CloseCause::kDeadline:
        return "its deadline has come";
      case lease::CloseCause::kEnded:
        return "given back";
      case lease::CloseCause::kRevoked:
        return "revoked";
      case lease::CloseCause::kDenied:
        return "denied after all";
      case lease::CloseCause::kFault:
        return "it could not be made";
      case lease::CloseCause::kDrift:
        return "it was altered on the target";
    }
    return "";
  }
};

// The one record that is about neither a lease nor a change: which policy was put in force.
std::optional<std::string> TellPolicy(const ledger::Record& record) {
  if (record.type != "broker.policy_loaded.v1") {
    return std::nullopt;
  }
  const absl::StatusOr<ledger::Json> body = ledger::ParseCanonical(record.body);
  if (!body.ok() || !body->is_object() || !body->contains("policy_fingerprint")) {
    return std::nullopt;
  }
  const auto* fingerprint = (*body)["policy_fingerprint"].get_ptr<const std::string*>();
  if (fingerprint == nullptr) {
    return std::nullopt;
  }
  return absl::StrCat("a policy was put in force: ", *fingerprint);
}

}  // namespace

std::string Tell(const ledger::Record& record) {
  const absl::StatusOr<lease::Event> event = Decode(record.type, record.body);
  if (event.ok()) {
    return std::visit(Sentence{}, *event);
  }
  if (std::optional<std::string> change = TellChange(record)) {
    return *std::move(change);
  }
  if (std::optional<std::string> policy = TellPolicy(record)) {
    return *std::move(policy);
  }
  // Other streams, newer brokers, damaged bodies: the type is a word of ours and says enough.
  return absl::StrCat("recorded ", record.type, " in ", record.stream);
}

}  // namespace jit::records

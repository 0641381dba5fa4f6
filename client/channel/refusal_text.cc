#include "client/channel/refusal_text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/console/printer.h"
#include "client/console/visible.h"

namespace jit::channel {
namespace {

constexpr char kRefusalPayload[] = "jit.v1.Refusal";
constexpr char kUnreachablePayload[] = "jit.unreachable";

struct Words {
  const char* sentence;
  const char* next;
};

// Who you are, and what was sent.
Words WordsForCaller(v1::RefusalReason reason) {
  switch (static_cast<int>(reason)) {
    case v1::REFUSAL_REASON_UNKNOWN_CALLER:
      return {"The broker does not accept this certificate as anybody's.",
              "Check JIT_CERT and JIT_KEY; a certificate of this broker's authority with exactly "
              "one URI SAN is needed."};
    case v1::REFUSAL_REASON_REVOKED_CERTIFICATE:
      return {"This certificate has been revoked.", "Get a new one from whoever issues them."};
    case v1::REFUSAL_REASON_UNKNOWN_PERSON:
      return {"The identity in this certificate belongs to nobody in the directory.",
              "Ask the operator to add it to people.toml."};
    case v1::REFUSAL_REASON_PERSON_IN_NO_GROUP:
      return {"You are known, but you belong to no group, so no rule can name you.",
              "Ask the operator to put you into a group in people.toml."};
    case v1::REFUSAL_REASON_MALFORMED_NAME:
      return {
          "That is neither a name nor an id: names are 1 to 63 of a-z, 0-9, dot, dash and "
          "underscore, ids are 26 of a-z and 2-7, and case matters.",
          "`jit-access roles` lists targets and roles as they are written; `jit-access list` "
          "and `jit-access change list` list ids."};
    case v1::REFUSAL_REASON_MALFORMED_IDEMPOTENCY_ID:
      return {"The id of this command is malformed.", "This is a bug of the client: update it."};
    case v1::REFUSAL_REASON_REASON_EMPTY:
      return {"A reason is needed.", "Say why in a sentence that a reviewer can judge."};
    case v1::REFUSAL_REASON_REASON_TOO_LONG:
      return {"The text is longer than 1,024 bytes.", "Shorten it, and link to the rest."};
    case v1::REFUSAL_REASON_REASON_NOT_UTF8:
      return {"The text is not UTF-8, or holds a NUL.", "Type it again in a UTF-8 terminal."};
    case v1::REFUSAL_REASON_TTL_MALFORMED:
      return {"The time is malformed.", "Write one number and one unit: --ttl 30m."};
    case v1::REFUSAL_REASON_TTL_TOO_SHORT:
      return {"The time is below the minimum.", "Ask for more: --ttl 5m."};
    case v1::REFUSAL_REASON_VERIFIER_MALFORMED:
      return {"The password verifier is malformed.", "This is a bug of the client: update it."};
    case v1::REFUSAL_REASON_MESSAGE_TOO_LARGE:
      return {"The message is too large.", "Shorten the texts in it."};
    case v1::REFUSAL_REASON_MALFORMED_SCRIPT:
      return {"The script cannot be read.",
              "Save it as UTF-8 and correct what the line above names; then plan it again."};
    case v1::REFUSAL_REASON_SCRIPT_TOO_LARGE:
      return {"The script is larger than 1 MiB.", "Split it into several changes."};
    case v1::REFUSAL_REASON_MALFORMED_EXPECTATION:
      return {"An expectation is malformed.",
              "Write --expect orders=1, orders.deleted=0..5 or #2=100+-5%."};
    case v1::REFUSAL_REASON_UNKNOWN_TARGET:
      return {"There is no such target.", "`jit-access roles` lists what there is; case matters."};
    case v1::REFUSAL_REASON_UNKNOWN_ROLE:
      return {"There is no such role on that target.",
              "`jit-access roles` lists what there is; case matters."};
    case v1::REFUSAL_REASON_UNKNOWN_LEASE:
      return {"There is no such lease, or it is not yours to see.",
              "`jit-access list` and `jit-approve inbox` show the ones you may see."};
    case v1::REFUSAL_REASON_UNKNOWN_CHANGE:
      return {"There is no such change, or it is not yours to see.",
              "`jit-access change list` and `jit-approve inbox` show the ones you may see."};
    case v1::REFUSAL_REASON_UNKNOWN_METHOD:
      return {"The broker does not know this call.",
              "Client and broker are of different versions: `jit-access whoami` shows both."};
    default:
      return {nullptr, nullptr};
  }
}

// What a rule says.
Words WordsForRule(v1::RefusalReason reason) {
  switch (static_cast<int>(reason)) {
    case v1::REFUSAL_REASON_METHOD_NOT_FOR_CALLER:
      return {"This is not for people with your groups.", "`jit-access whoami` shows your groups."};
    case v1::REFUSAL_REASON_NO_RULE_ALLOWS:
      return {"No rule allows it.", "`jit-access roles` lists what you may ask for."};
    case v1::REFUSAL_REASON_TTL_TOO_LONG:
      return {"That is longer than any rule that would let you.",
              "`jit-access roles` shows the longest time; ask for less with --ttl."};
    case v1::REFUSAL_REASON_BREAK_GLASS_NOT_ALLOWED:
      return {"Break-glass is not for you, or not for this role.",
              "`jit-access request` is the ordinary way; `jit-access roles` shows where the glass "
              "can be broken."};
    case v1::REFUSAL_REASON_CHANGE_ONLY:
      return {"This role is offered for guarded changes only.",
              "Put the statements in a script and run `jit-access change plan`."};
    case v1::REFUSAL_REASON_UNREHEARSED_NOT_ALLOWED:
      return {"Nothing may run here that was not rehearsed.",
              "Take out what cannot run in a transaction, or ask for a rule that allows it."};
    case v1::REFUSAL_REASON_SCRIPT_REFUSED:
      return {"The script does something that may never run.",
              "Correct what its findings name, then plan it again."};
    case v1::REFUSAL_REASON_REVIEW_DEBT:
      return {"An earlier break-glass of yours has not been reviewed yet.",
              "Ask an approver to run `jit-approve review`; `jit-access whoami` names the lease."};
    case v1::REFUSAL_REASON_TOO_MANY_WAITING:
      return {"Too many leases of yours are waiting.",
              "Withdraw some: `jit-access list --mine`, then `jit-access withdraw ID`."};
    case v1::REFUSAL_REASON_NOBODY_CAN_APPROVE:
      return {
          "A seat that nobody could ever fill stands in the way.",
          "`jit-access who-can-approve` shows the seats; tell the operator about the empty one."};
    case v1::REFUSAL_REASON_OWN_LEASE:
      return {"Nobody decides on their own lease.",
              "Ask somebody else: `jit-access status ID` shows who could."};
    case v1::REFUSAL_REASON_NO_SEAT_FOR_YOU:
      return {"You could fill none of the seats that are still open.",
              "`jit-approve inbox` shows what waits for you."};
    case v1::REFUSAL_REASON_NOT_HOLDER:
      return {"Only the person who asked for the lease may do this.",
              "`jit-access list --mine` shows yours."};
    default:
      return {nullptr, nullptr};
  }
}

// The moment is wrong.
Words WordsForMoment(v1::RefusalReason reason) {
  switch (static_cast<int>(reason)) {
    case v1::REFUSAL_REASON_ALREADY_REVIEWED:
      return {"You have given your review already.", "`jit-approve show ID` shows what stands."};
    case v1::REFUSAL_REASON_WRONG_STATE:
      return {"It is in a state where this cannot happen.",
              "`jit-access status ID` shows the state of a lease, `jit-access change show ID` that "
              "of a change."};
    case v1::REFUSAL_REASON_ALREADY_ENDED:
      return {"The lease has ended.", "`jit-access request` asks for a new one."};
    case v1::REFUSAL_REASON_DIGEST_MISMATCH:
      return {"What you decided on is not what stands there now.",
              "Look again: `jit-approve show ID`."};
    case v1::REFUSAL_REASON_SIGNATURE_INVALID:
      return {"The signature does not verify with your certificate.",
              "Check that JIT_KEY is the key of JIT_CERT."};
    case v1::REFUSAL_REASON_POLICY_CHANGED:
      return {"The rule or role that decided has changed, so the lease is back in review.",
              "`jit-access connect ID` waits for the new reviews."};
    case v1::REFUSAL_REASON_CLOCK_SKEW:
      return {"The clocks of target and broker differ too much to trust a deadline.",
              "Tell the operator; `jit-broker target doctor` shows the difference."};
    case v1::REFUSAL_REASON_TARGET_NOT_READY:
      return {"The target is not ready.",
              "Tell the operator; `jit-broker target doctor` says what is missing."};
    case v1::REFUSAL_REASON_NOTHING_TO_REVIEW:
      return {"No review, and no acceptance, is owed on this lease.",
              "`jit-approve inbox` shows the ones that are owed."};
    case v1::REFUSAL_REASON_IDEMPOTENCY_ID_REUSED:
      return {"The id of this command came with other content before.", "Type the command again."};
    case v1::REFUSAL_REASON_EXPECTATION_MISSED:
      return {"The counts are not the expected ones.",
              "Correct the script or what you expect of it, then plan it again."};
    case v1::REFUSAL_REASON_SCHEMA_CHANGED:
      return {"The schema has changed since the rehearsal.",
              "Plan the change again, so that it is rehearsed on what stands there now."};
    case v1::REFUSAL_REASON_WAITING_PERIOD:
      return {"What the change kept may not be destroyed yet.",
              "Wait until the time that is named."};
    case v1::REFUSAL_REASON_NOTHING_TO_UNDO:
      return {"There is nothing to take back.",
              "`jit-access change show ID` says what became of it."};
    case v1::REFUSAL_REASON_UNDO_CONFLICTS:
      return {"Rows stand in the way of taking it back, so nothing would be.",
              "Look at them with `jit-access change show ID`, which says why of each. Rows that "
              "were changed since: plan the undo again with `--on-conflict skip` or `--on-conflict "
              "overwrite`. Rows that refer elsewhere: let them, then plan it again."};
    case v1::REFUSAL_REASON_ALREADY_EXECUTED:
      return {"The change has been executed already; each runs once.",
              "`jit-access change show ID` says how it ended; plan it anew to run it again."};
    case v1::REFUSAL_REASON_SOMEONE_WAS_FASTER:
      return {"Somebody was faster.", "Look at what stands there now, then try again."};
    default:
      return {nullptr, nullptr};
  }
}

// A sentence of the broker's: a capital at the front, a full stop at the end.
std::string Sentence(absl::string_view text) {
  std::string sentence = console::VisibleOnce(text);
  if (sentence.empty()) return sentence;
  sentence[0] = absl::ascii_toupper(static_cast<unsigned char>(sentence[0]));
  if (absl::string_view(".!?").find(sentence.back()) == absl::string_view::npos) sentence += '.';
  return sentence;
}

}  // namespace

RefusalText TextOf(v1::RefusalReason reason) {
  Words words = WordsForCaller(reason);
  if (words.sentence == nullptr) words = WordsForRule(reason);
  if (words.sentence == nullptr) words = WordsForMoment(reason);
  if (words.sentence == nullptr) {
    return {"unknown", "The broker refused, for a reason that this client does not know.",
            "Update the client."};
  }
  const std::string name = v1::RefusalReason_Name(reason);
  const absl::string_view word = absl::StripPrefix(name, "REFUSAL_REASON_");
  return {absl::AsciiStrToLower(word), words.sentence, words.next};
}

absl::Status Refused(absl::StatusCode code, const v1::Refusal& refusal) {
  absl::Status status(code, refusal.detail());
  status.SetPayload(kRefusalPayload, absl::Cord(refusal.SerializeAsString()));
  return status;
}

absl::Status Unreachable(absl::string_view what_to_do) {
  absl::Status status = absl::UnavailableError(what_to_do);
  status.SetPayload(kUnreachablePayload, absl::Cord("1"));
  return status;
}

std::optional<v1::Refusal> RefusalOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kRefusalPayload);
  v1::Refusal refusal;
  if (!payload.has_value() || !refusal.ParseFromString(std::string(*payload))) return std::nullopt;
  return refusal;
}

bool IsRefused(const absl::Status& status, v1::RefusalReason reason) {
  const std::optional<v1::Refusal> refusal = RefusalOf(status);
  return refusal.has_value() && refusal->reason() == reason;
}

bool IsUnreachable(const absl::Status& status) {
  return status.GetPayload(kUnreachablePayload).has_value();
}

console::ExitCode Explain(const absl::Status& status, console::Console& console) {
  using console::Style;
  std::ostream& err = *console.err.stream;
  if (const std::optional<v1::Refusal> refusal = RefusalOf(status)) {
    const RefusalText text = TextOf(refusal->reason());
    err << console::Styled(console.err, Style::kRed, "Refused") << " (" << text.word
        << "): " << text.sentence << '\n';
    if (!refusal->detail().empty()) err << "Why: " << Sentence(refusal->detail()) << '\n';
    err << "Next: " << text.next << '\n';
    return refusal->reason() == v1::REFUSAL_REASON_ALREADY_ENDED ? console::ExitCode::kEnded
                                                                 : console::ExitCode::kRefused;
  }
  if (IsUnreachable(status)) {
    err << console::Styled(console.err, Style::kRed, "Unreachable") << ": "
        << std::string(status.message()) << '\n';
    return console::ExitCode::kUnreachable;
  }
  const std::string said = Sentence(status.message());
  err << console::Styled(console.err, Style::kRed, "Failed") << ": "
      << (said.empty()
              ? absl::StrCat("The broker answered ", absl::StatusCodeToString(status.code()),
                             " without saying why.")
              : said)
      << '\n';
  return console::ExitCode::kFault;
}

}  // namespace jit::channel

#include "client/channel/unreachable_text.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/console/visible.h"

namespace jit::channel {
namespace {

struct Cause {
  const char* part;  // of gRPC's message
  const char* text;  // what to do; the address stands before it
};

// In this order: the first part found decides. Wording of gRPC 1.51 and OpenSSL 3.
constexpr std::array kCauses = {
    Cause{"timeout",
          "did not answer within 5 seconds. Check the address and the way there (JIT_BROKER)."},
    Cause{"CERTIFICATE_VERIFY_FAILED",
          "answered with a certificate that your authority (JIT_CA) did not sign, or for another "
          "name. Do not work around this: ask the operator which authority is right."},
    Cause{"certificate verify failed",
          "answered with a certificate that your authority (JIT_CA) did not sign, or for another "
          "name. Do not work around this: ask the operator which authority is right."},
    Cause{"is not in peer certificate",
          "answered with a certificate for another name. Write the name in JIT_BROKER that the "
          "certificate carries, or ask the operator."},
    Cause{"Invalid cert chain",
          "cannot be called: your certificate or its chain (JIT_CERT) is broken."},
    Cause{"DNS resolution failed",
          "is a name that cannot be resolved. Check its spelling (JIT_BROKER)."},
    Cause{"Name or service not known",
          "is a name that cannot be resolved. Check its spelling (JIT_BROKER)."},
    Cause{"Connection refused",
          "refused the connection: no broker listens there. Check the address (JIT_BROKER), or "
          "ask the operator whether the broker runs."},
    Cause{"No such file",
          "does not exist: no broker listens there. Check the address (JIT_BROKER)."},
    Cause{"WRONG_VERSION_NUMBER", "does not speak TLS. Check the address (JIT_BROKER)."},
    Cause{"Socket closed",
          "closed the connection. Most often it does not accept your certificate: issued by "
          "another authority, ended, or for something else (JIT_CERT, JIT_KEY)."},
    Cause{"Connection reset",
          "closed the connection. Most often it does not accept your certificate: issued by "
          "another authority, ended, or for something else (JIT_CERT, JIT_KEY)."},
    Cause{"andshake failed",
          "could not agree with us on a TLS connection. Check JIT_CERT, JIT_KEY and JIT_CA."},
    Cause{"Deadline Exceeded",
          "did not answer in time. Whether it did what was asked is not known: look, then try "
          "again."},
};

}  // namespace

std::string UnreachableText(absl::string_view address, absl::string_view cause) {
  const auto found = std::ranges::find_if(
      kCauses, [&](const Cause& known) { return absl::StrContains(cause, known.part); });
  const std::string broker = console::Visible(address);
  if (found != kCauses.end()) return absl::StrCat("The broker at ", broker, " ", found->text);
  return absl::StrCat("The broker at ", broker, " cannot be reached: ", console::Visible(cause),
                      ".");
}

}  // namespace jit::channel

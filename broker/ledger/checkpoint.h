// The signed head of the journal: a C2SP tlog-checkpoint in a C2SP signed note, Ed25519.
//
// Promises: a note that Open accepts was signed by the key given. Does not know whether what was
// signed is the truth; verify.h compares it with the records. Pure; safe from any thread.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/ledger/merkle.h"

namespace jit::ledger {

struct CheckpointBody {
  std::string origin;  // also the name of the signing key: "jit-access/<broker>"
  std::uint64_t size = 0;
  Hash root{};
  friend bool operator==(const CheckpointBody&, const CheckpointBody&) = default;
};

struct SignedCheckpoint {
  CheckpointBody body;
  std::string note;  // the whole signed note, as a witness or a stranger reads it
  friend bool operator==(const SignedCheckpoint&, const SignedCheckpoint&) = default;
};

// The public key in C2SP verifier form: "<name>+<key id, 8 hex>+<base64 of 0x01 and the key>".
class CheckpointVerifier {
 public:
  // kInvalidArgument unless it is exactly that form, with the id that belongs to name and key.
  static absl::StatusOr<CheckpointVerifier> Parse(absl::string_view text);
  const std::string& text() const { return text_; }
  const std::string& name() const { return name_; }
  // kDataLoss when the note is malformed, not signed by this key, or not a checkpoint of its name;
  // says which. Signature lines of other keys are passed over.
  absl::StatusOr<SignedCheckpoint> Open(absl::string_view note) const;

 private:
  CheckpointVerifier() = default;
  std::string text_, name_, public_key_;
  std::uint32_t key_id_ = 0;
};

// The private key. Made from PKCS#8 PEM; wiped when it goes. Movable, not copyable.
class CheckpointSigner {
 public:
  // kInvalidArgument unless the PEM holds an Ed25519 private key and the name is 1 to 120 bytes of
  // [A-Za-z0-9./_-].
  static absl::StatusOr<CheckpointSigner> Create(absl::string_view name, absl::string_view pem);
  CheckpointSigner(CheckpointSigner&&) noexcept;
  CheckpointSigner& operator=(CheckpointSigner&&) noexcept;
  ~CheckpointSigner();

  absl::StatusOr<SignedCheckpoint> Sign(std::uint64_t size, const Hash& root) const;
  CheckpointVerifier Verifier() const;

 private:
  CheckpointSigner() = default;
  std::string name_;
  void* key_ = nullptr;  // EVP_PKEY, owned
};

}  // namespace jit::ledger

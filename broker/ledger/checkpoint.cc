#include "broker/ledger/checkpoint.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace jit::ledger {
namespace {

constexpr char kEd25519 = 0x01;  // the signature type of C2SP signed-note
constexpr std::size_t kPublicKeyBytes = 32;
constexpr std::size_t kSignatureBytes = 64;
constexpr std::size_t kKeyIdBytes = 4;
constexpr std::size_t kNameBytesMax = 120;
constexpr std::size_t kNoteBytesMax = std::size_t{64} * 1024;
constexpr absl::string_view kSignatureMark = "\xe2\x80\x94 ";  // em dash and a space

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct ContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyDeleter>;
using Context = std::unique_ptr<EVP_MD_CTX, ContextDeleter>;

bool IsKeyName(absl::string_view name) {
  const auto allowed = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '/' || c == '_' ||
           c == '-';
  };
  return !name.empty() && name.size() <= kNameBytesMax &&
         std::all_of(name.begin(), name.end(), allowed);
}

// Standard base64 in its one spelling: padded, no white space, unused bits zero.
std::optional<std::string> StrictBase64(absl::string_view text) {
  std::string bytes;
  if (!absl::Base64Unescape(text, &bytes) || absl::Base64Escape(bytes) != text) {
    return std::nullopt;
  }
  return bytes;
}

// C2SP signed-note: the first four bytes of SHA-256(name, newline, type, public key).
std::uint32_t KeyIdOf(absl::string_view name, absl::string_view public_key) {
  const Hash hash = Sha256(absl::StrCat(name, "\n", absl::string_view(&kEd25519, 1), public_key));
  return (std::uint32_t{hash[0]} << 24) | (std::uint32_t{hash[1]} << 16) |
         (std::uint32_t{hash[2]} << 8) | std::uint32_t{hash[3]};
}

std::string KeyIdBytes(std::uint32_t key_id) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(static_cast<std::uint8_t>(key_id >> shift)));
  }
  return bytes;
}

const unsigned char* Unsigned(absl::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

bool SignatureHolds(absl::string_view public_key, absl::string_view text,
                    absl::string_view signature) {
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Unsigned(public_key),
                                            public_key.size()));
  const Context context(EVP_MD_CTX_new());
  const bool holds =
      key != nullptr && context != nullptr &&
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
      EVP_DigestVerify(context.get(), Unsigned(signature), signature.size(), Unsigned(text),
                       text.size()) == 1;
  // Whoever uses OpenSSL next on this thread must not find our errors in its queue.
  ERR_clear_error();
  return holds;
}

std::string TextOf(const CheckpointBody& body) {
  const absl::string_view root(reinterpret_cast<const char*>(body.root.data()), body.root.size());
  return absl::StrCat(body.origin, "\n", body.size, "\n", absl::Base64Escape(root), "\n");
}

// The body whose text this is, to the byte; nothing when there is none. Extension lines, which the
// C2SP format allows, are not written by a jit-broker and not accepted.
std::optional<CheckpointBody> BodyOf(absl::string_view text) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  CheckpointBody body;
  if (lines.size() != 4 || !absl::SimpleAtoi(lines[1], &body.size)) {
    return std::nullopt;
  }
  const std::optional<std::string> root = StrictBase64(lines[2]);
  if (!root.has_value() || root->size() != body.root.size()) {
    return std::nullopt;
  }
  std::copy(root->begin(), root->end(), body.root.begin());
  body.origin = std::string(lines[0]);
  if (TextOf(body) != text) {
    return std::nullopt;
  }
  return body;
}

// PEM_read would otherwise ask on the terminal.
int NoPassword(char*, int, int, void*) {
  return -1;
}

std::string PublicKeyOf(const EVP_PKEY* key) {
  std::string bytes(kPublicKeyBytes, '\0');
  std::size_t size = bytes.size();
  if (EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(bytes.data()), &size) !=
          1 ||
      size != bytes.size()) {
    std::abort();  // cannot fail for the Ed25519 key that Create made sure of
  }
  return bytes;
}

std::string VerifierText(absl::string_view name, absl::string_view public_key) {
  const std::string typed = absl::StrCat(absl::string_view(&kEd25519, 1), public_key);
  return absl::StrFormat("%s+%08x+%s", name, KeyIdOf(name, public_key), absl::Base64Escape(typed));
}

}  // namespace

absl::StatusOr<CheckpointVerifier> CheckpointVerifier::Parse(absl::string_view text) {
  // Base64 may hold plus signs too, so only the first two separate.
  const std::vector<absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits('+', 2));
  if (parts.size() != 3 || !IsKeyName(parts[0])) {
    return absl::InvalidArgumentError("a verifier key has the form name+id+key");
  }
  const std::optional<std::string> typed = StrictBase64(parts[2]);
  if (!typed.has_value() || typed->size() != 1 + kPublicKeyBytes || typed->front() != kEd25519) {
    return absl::InvalidArgumentError("the verifier key is not an Ed25519 public key");
  }
  const std::string public_key = typed->substr(1);
  if (VerifierText(parts[0], public_key) != text) {
    return absl::InvalidArgumentError(
        "the id in the verifier key is not the one of this name and public key");
  }
  CheckpointVerifier verifier;
  verifier.text_ = std::string(text);
  verifier.name_ = std::string(parts[0]);
  verifier.public_key_ = public_key;
  verifier.key_id_ = KeyIdOf(parts[0], public_key);
  return verifier;
}

absl::StatusOr<SignedCheckpoint> CheckpointVerifier::Open(absl::string_view note) const {
  const std::size_t blank = note.rfind("\n\n");
  if (note.size() > kNoteBytesMax || blank == absl::string_view::npos ||
      !absl::EndsWith(note, "\n")) {
    return absl::DataLossError("the note is not a signed note");
  }
  const absl::string_view text = note.substr(0, blank + 1);
  absl::string_view signatures = note.substr(blank + 2);
  if (signatures.empty()) {
    return absl::DataLossError("the note carries no signature");
  }
  signatures.remove_suffix(1);
  bool signed_by_us = false;
  for (const absl::string_view line : absl::StrSplit(signatures, '\n')) {
    const std::vector<absl::string_view> parts =
        absl::StrSplit(absl::StripPrefix(line, kSignatureMark), ' ');
    const std::optional<std::string> bytes =
        parts.size() == 2 ? StrictBase64(parts[1]) : std::nullopt;
    if (!absl::StartsWith(line, kSignatureMark) || parts[0].empty() || !bytes.has_value() ||
        bytes->size() <= kKeyIdBytes) {
      return absl::DataLossError("a signature line of the note is malformed");
    }
    // Lines of other keys are witnesses' or a later key's: theirs to check, not ours.
    if (parts[0] != name_ || bytes->substr(0, kKeyIdBytes) != KeyIdBytes(key_id_)) {
      continue;
    }
    if (bytes->size() != kKeyIdBytes + kSignatureBytes ||
        !SignatureHolds(public_key_, text, absl::string_view(*bytes).substr(kKeyIdBytes))) {
      return absl::DataLossError("the note's signature does not hold");
    }
    signed_by_us = true;
  }
  if (!signed_by_us) {
    return absl::DataLossError("the note is not signed by this key");
  }
  std::optional<CheckpointBody> body = BodyOf(text);
  if (!body.has_value()) {
    return absl::DataLossError("the note's text is not a checkpoint");
  }
  if (body->origin != name_) {
    return absl::DataLossError("the checkpoint is of another journal than the key");
  }
  return SignedCheckpoint{*std::move(body), std::string(note)};
}

absl::StatusOr<CheckpointSigner> CheckpointSigner::Create(absl::string_view name,
                                                          absl::string_view pem) {
  if (!IsKeyName(name)) {
    return absl::InvalidArgumentError(
        "the name of a checkpoint key is 1 to 120 bytes of [A-Za-z0-9./_-]");
  }
  const std::unique_ptr<BIO, BioDeleter> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Key key(bio == nullptr ? nullptr
                         : PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassword, nullptr));
  ERR_clear_error();
  if (key == nullptr) {
    return absl::InvalidArgumentError("the checkpoint key is not a private key in PEM");
  }
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519) {
    return absl::InvalidArgumentError("the checkpoint key is not an Ed25519 key");
  }
  CheckpointSigner signer;
  signer.name_ = std::string(name);
  signer.key_ = key.release();
  return signer;
}

CheckpointSigner::CheckpointSigner(CheckpointSigner&& other) noexcept
    : name_(std::move(other.name_)), key_(std::exchange(other.key_, nullptr)) {}

CheckpointSigner& CheckpointSigner::operator=(CheckpointSigner&& other) noexcept {
  std::swap(name_, other.name_);
  std::swap(key_, other.key_);
  return *this;
}

// OpenSSL wipes the private bytes when it frees the key.
CheckpointSigner::~CheckpointSigner() {
  EVP_PKEY_free(static_cast<EVP_PKEY*>(key_));
}

absl::StatusOr<SignedCheckpoint> CheckpointSigner::Sign(std::uint64_t size,
                                                        const Hash& root) const {
  SignedCheckpoint checkpoint{{name_, size, root}, ""};
  const std::string text = TextOf(checkpoint.body);
  std::string signature(kSignatureBytes, '\0');
  std::size_t length = signature.size();
  const Context context(EVP_MD_CTX_new());
  const bool made =
      context != nullptr &&
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, static_cast<EVP_PKEY*>(key_)) ==
          1 &&
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                     Unsigned(text), text.size()) == 1 &&
      length == signature.size();
  ERR_clear_error();
  if (!made) {
    return absl::InternalError("the checkpoint could not be signed");
  }
  const std::uint32_t key_id = KeyIdOf(name_, PublicKeyOf(static_cast<EVP_PKEY*>(key_)));
  checkpoint.note =
      absl::StrCat(text, "\n", kSignatureMark, name_, " ",
                   absl::Base64Escape(absl::StrCat(KeyIdBytes(key_id), signature)), "\n");
  return checkpoint;
}

CheckpointVerifier CheckpointSigner::Verifier() const {
  const std::string public_key = PublicKeyOf(static_cast<EVP_PKEY*>(key_));
  absl::StatusOr<CheckpointVerifier> verifier =
      CheckpointVerifier::Parse(VerifierText(name_, public_key));
  if (!verifier.ok()) {
    std::abort();  // what VerifierText writes, Parse reads
  }
  return *std::move(verifier);
}

}  // namespace jit::ledger

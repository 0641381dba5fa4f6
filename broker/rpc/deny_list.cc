#include "broker/rpc/deny_list.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace jit::rpc {
namespace {

constexpr std::size_t kFingerprintDigits = 64;  // SHA-256
constexpr std::size_t kSerialDigitsMax = 40;    // RFC 5280, 4.1.2.2: at most 20 octets

// The digits in lower case without colons; empty when there is anything else in it.
std::string HexDigits(absl::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c == ':') {
      continue;
    }
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) {
      return "";
    }
    digits.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
  }
  return digits;
}

std::string WithoutLeadingZeros(std::string digits) {
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return digits;
}

// What is wrong with the line, or nothing.
std::string ReadLine(absl::string_view line, DenyList& list) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (words.empty()) {
    return "";
  }
  if (words.size() != 2) {
    return "write one word for the kind and one for the value";
  }
  if (words[0] == "identity") {
    list.identities.emplace(words[1]);
    return "";
  }
  const std::string digits = HexDigits(words[1]);
  if (words[0] == "fingerprint") {
    if (digits.size() != kFingerprintDigits) {
      return "a fingerprint is the SHA-256 of the certificate, 64 hexadecimal digits";
    }
    list.fingerprints.insert(digits);
    return "";
  }
  if (words[0] == "serial") {
    if (digits.empty() || digits.size() > kSerialDigitsMax) {
      return "a serial number is 1 to 40 hexadecimal digits";
    }
    list.serials.insert(WithoutLeadingZeros(digits));
    return "";
  }
  return "the kind is one of fingerprint, serial, identity";
}

}  // namespace

bool DenyList::Denies(const credential::Certificate& certificate) const {
  return fingerprints.contains(certificate.fingerprint) ||
         identities.contains(certificate.uri_san) ||
         (!certificate.serial.empty() && serials.contains(WithoutLeadingZeros(certificate.serial)));
}

void DenyList::Add(const DenyList& other) {
  fingerprints.insert(other.fingerprints.begin(), other.fingerprints.end());
  serials.insert(other.serials.begin(), other.serials.end());
  identities.insert(other.identities.begin(), other.identities.end());
}

DenyListReading ReadDenyList(absl::string_view text) {
  DenyListReading reading;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line.substr(0, line.find('#')));
    const std::string wrong = ReadLine(line, reading.list);
    if (!wrong.empty()) {
      reading.errors.push_back(absl::StrCat("line ", number, ": ", wrong));
    }
  }
  return reading;
}

}  // namespace jit::rpc

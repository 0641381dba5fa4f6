#include "broker/ledger/record.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "broker/ledger/canonical_scan.h"

namespace jit::ledger {
namespace {

constexpr absl::string_view kBodyKey = "{\"body\":";
constexpr int kBodyDepth = 1;  // the record around it is one object
constexpr std::size_t kNameBytesMax = 200;

bool IsName(absl::string_view text) {
  const auto allowed = [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\'; };
  return !text.empty() && text.size() <= kNameBytesMax &&
         std::all_of(text.begin(), text.end(), allowed);
}

// The civil second and the microseconds of an instant, or nothing outside the years 0001 to 9999.
std::optional<std::pair<absl::CivilSecond, std::int64_t>> CivilOf(absl::Time time) {
  const std::int64_t micros = absl::ToUnixMicros(time);  // rounds down
  const std::int64_t fraction = ((micros % 1'000'000) + 1'000'000) % 1'000'000;
  const absl::CivilSecond civil =
      absl::ToCivilSecond(absl::FromUnixMicros(micros), absl::UTCTimeZone());
  if (time == absl::InfiniteFuture() || time == absl::InfinitePast() || civil.year() < 1 ||
      civil.year() > 9999) {
    return std::nullopt;
  }
  return std::make_pair(civil, fraction);
}

// Everything after the body. The names are plain enough to need no escapes.
std::string TailOf(const Record& record) {
  return absl::StrCat(",\"sequence\":", record.sequence, ",\"stream\":\"", record.stream,
                      "\",\"time\":\"", ledger::FormatTime(record.time), "\",\"type\":\"",
                      record.type, "\",\"version\":", record.version, "}");
}

absl::Status CheckFields(const Record& record) {
  if (record.sequence < 0) {
    return absl::InvalidArgumentError("the sequence is negative");
  }
  if (record.version < 1) {
    return absl::InvalidArgumentError("the version is below 1");
  }
  if (!IsName(record.stream)) {
    return absl::InvalidArgumentError("the stream is not a name");
  }
  if (!IsName(record.type)) {
    return absl::InvalidArgumentError("the type is not a name");
  }
  if (!CivilOf(record.time).has_value()) {
    return absl::InvalidArgumentError("the time is outside the years 0001 to 9999");
  }
  return absl::OkStatus();
}

// Steps over `"key":` and a string of the alphabet of names, and answers it.
std::optional<absl::string_view> NameAt(CanonicalScan& scan, absl::string_view key) {
  if (!scan.Literal(key)) {
    return std::nullopt;
  }
  const std::optional<absl::string_view> text = scan.String();
  return text.has_value() && IsName(*text) ? text : std::nullopt;
}

std::optional<std::int64_t> IntegerAt(CanonicalScan& scan, absl::string_view key) {
  return scan.Literal(key) ? scan.Integer() : std::nullopt;
}

// The number written in `text`, all of it digits; -1 otherwise.
int DigitsOf(absl::string_view text) {
  int number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') {
      return -1;
    }
    number = number * 10 + (c - '0');
  }
  return number;
}

}  // namespace

absl::StatusOr<std::string> Encode(const Record& record) {
  if (absl::Status status = CheckFields(record); !status.ok()) {
    return status;
  }
  std::string line = absl::StrCat(kBodyKey, record.body, TailOf(record));
  if (line.size() > kRecordBytesMax) {
    return absl::InvalidArgumentError("the record is too large");
  }
  CanonicalScan scan(record.body);
  if (!scan.Object(kBodyDepth) || !scan.rest().empty()) {
    return absl::InvalidArgumentError(scan.too_deep() ? "the body is nested too deeply"
                                                      : "the body is not a canonical object");
  }
  return line;
}

absl::StatusOr<Record> Decode(absl::string_view line) {
  if (line.size() > kRecordBytesMax) {
    return absl::DataLossError("the record is too large");
  }
  // Canonical form leaves no freedom outside the body: sorted keys mean this order of fields.
  CanonicalScan scan(line);
  if (!scan.Literal(kBodyKey)) {
    return absl::DataLossError("the record does not begin like a record");
  }
  const absl::string_view from_body = scan.rest();
  if (!scan.Object(kBodyDepth)) {
    return absl::DataLossError(scan.too_deep() ? "the record's body is nested too deeply"
                                               : "the record's body is not a canonical object");
  }
  const absl::string_view body = from_body.substr(0, from_body.size() - scan.rest().size());
  const std::optional<std::int64_t> sequence = IntegerAt(scan, ",\"sequence\":");
  if (!sequence.has_value()) {
    return absl::DataLossError("the record's sequence is missing or malformed");
  }
  const std::optional<absl::string_view> stream = NameAt(scan, ",\"stream\":");
  if (!stream.has_value()) {
    return absl::DataLossError("the record's stream is missing or malformed");
  }
  const std::optional<absl::string_view> time_text = NameAt(scan, ",\"time\":");
  const absl::StatusOr<absl::Time> time = ledger::ParseTime(time_text.value_or(""));
  if (!time.ok()) {
    return absl::DataLossError("the record's time is missing or malformed");
  }
  const std::optional<absl::string_view> type = NameAt(scan, ",\"type\":");
  if (!type.has_value()) {
    return absl::DataLossError("the record's type is missing or malformed");
  }
  const std::optional<std::int64_t> version = IntegerAt(scan, ",\"version\":");
  if (!version.has_value()) {
    return absl::DataLossError("the record's version is missing or malformed");
  }
  if (scan.rest() != "}") {
    return absl::DataLossError("the record does not end like a record");
  }
  Record record{*sequence, std::string(*stream), *version,
                *time,     std::string(*type),   std::string(body)};
  if (absl::Status status = CheckFields(record); !status.ok()) {
    return absl::DataLossError(absl::StrCat("in the record, ", status.message()));
  }
  return record;
}

std::string FormatTime(absl::Time time) {
  const auto civil = CivilOf(time);
  if (!civil.has_value()) {
    std::abort();
  }
  const auto& [second, micros] = *civil;
  return absl::StrFormat("%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", second.year(), second.month(),
                         second.day(), second.hour(), second.minute(), second.second(), micros);
}

absl::StatusOr<absl::Time> ParseTime(absl::string_view text) {
  constexpr absl::string_view kShape = "0000-00-00T00:00:00.000000Z";
  const absl::Status malformed = absl::InvalidArgumentError("the time is malformed");
  if (text.size() != kShape.size()) {
    return malformed;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == '0' ? !digit : text[i] != kShape[i]) {
      return malformed;
    }
  }
  const int year = DigitsOf(text.substr(0, 4));
  const int month = DigitsOf(text.substr(5, 2));
  const int day = DigitsOf(text.substr(8, 2));
  const int hour = DigitsOf(text.substr(11, 2));
  const int minute = DigitsOf(text.substr(14, 2));
  const int second = DigitsOf(text.substr(17, 2));
  const int micros = DigitsOf(text.substr(20, 6));
  const absl::CivilSecond civil(year, month, day, hour, minute, second);
  // CivilSecond carries over what does not exist (30 February, second 60); such a time is no time.
  if (year < 1 || civil.month() != month || civil.day() != day || civil.hour() != hour ||
      civil.minute() != minute || civil.second() != second) {
    return malformed;
  }
  return absl::FromCivil(civil, absl::UTCTimeZone()) + absl::Microseconds(micros);
}

}  // namespace jit::ledger

#include "tests/testing/journal_samples.h"

#include "absl/strings/str_cat.h"

namespace jit::testing {

namespace {

template <class Id>
Id Numbered(int n) {
  typename Id::Bytes bytes{};
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[i] = static_cast<std::uint8_t>(static_cast<unsigned>(n) >> (24 - 8 * i));
  }
  return Id::FromBytes(bytes);
}

}  // namespace

core::LeaseId LeaseNumber(int n) {
  return Numbered<core::LeaseId>(n);
}

core::ChangeId ChangeNumber(int n) {
  return Numbered<core::ChangeId>(n);
}

absl::Time SecondNumber(int n) {
  return absl::FromUnixSeconds(1'700'000'000 + n);
}

ports::Append OneRecord(const std::string& stream, std::int64_t expected_version, int n) {
  return {.stream = stream,
          .expected_version = expected_version,
          .time = SecondNumber(n),
          .records = {{"test.happened.v1", absl::StrCat("{\"n\":", n, "}")}},
          .expectations = {},
          .summary = std::nullopt,
          .change_summary = std::nullopt,
          .answer = std::nullopt};
}

ports::Append OneLease(int n, const std::string& requester, lease::State state,
                       std::int64_t expected_version) {
  ports::Append append = OneRecord("lease/" + LeaseNumber(n).text(), expected_version, n);
  append.summary = ports::LeaseSummary{.id = LeaseNumber(n),
                                       .version = expected_version + 1,
                                       .state = state,
                                       .effect = lease::Effect::kNone,
                                       .path = policy::Path::kOrdinary,
                                       .requester = *core::PersonId::Parse(requester),
                                       .target = *core::TargetName::Parse("shop"),
                                       .role = *core::RoleName::Parse("reader"),
                                       .request_time = SecondNumber(n),
                                       .next_deadline = std::nullopt,
                                       .expire_time = std::nullopt,
                                       .debt_open = false};
  return append;
}

ports::Append OneChange(int n, const std::string& requester, change::State state,
                        std::int64_t expected_version) {
  ports::Append append = OneRecord("change/" + ChangeNumber(n).text(), expected_version, n);
  append.change_summary = ports::ChangeSummary{.id = ChangeNumber(n),
                                               .version = expected_version + 1,
                                               .state = state,
                                               .effect = change::Effect::kNone,
                                               .purpose = policy::Purpose::kScript,
                                               .requester = *core::PersonId::Parse(requester),
                                               .target = *core::TargetName::Parse("shop"),
                                               .role = *core::RoleName::Parse("writer"),
                                               .plan_time = SecondNumber(n),
                                               .next_deadline = std::nullopt};
  return append;
}

}  // namespace jit::testing

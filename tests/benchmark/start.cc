#include <filesystem>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "broker/core/lease/lifecycle.h"
#include "broker/journal_sqlite/journal.h"
#include "broker/records/lease_events.h"
#include "broker/use_cases/shell.h"
#include "tests/benchmark/measures.h"
#include "tests/benchmark/rounds.h"
#include "tests/testing/signer_from_seed.h"

namespace jit::benchmark {
namespace {

constexpr int kLeases = 125'000;
constexpr int kEventsPerLease = 8;

// A lease's whole life, as it would have been recorded.
std::vector<lease::Event> LifeOf(const core::LeaseId& id, absl::Time begin) {
  policy::Terms terms{.rule = *core::RuleName::Parse("read"),
                      .rule_fingerprint = std::string(64, 'a'),
                      .role_fingerprint = std::string(64, 'b'),
                      .policy_fingerprint = std::string(64, 'c'),
                      .member_of = {*core::PgGroup::Parse("app_reader")},
                      .ttl = absl::Minutes(30),
                      .review_window = absl::Hours(24),
                      .approved_window = absl::Hours(8)};
  return {lease::Asked{.id = id,
                       .requester = *core::PersonId::Parse("engineer"),
                       .target = *core::TargetName::Parse("dev"),
                       .role = *core::RoleName::Parse("reader"),
                       .reason = "an entry of a long journal",
                       .terms = terms,
                       .time = begin},
          lease::Approved{begin},
          lease::OpeningStarted{std::string(64, 'd'), "7000000000000000000",
                                begin + absl::Minutes(30), begin},
          lease::Opened{begin},
          lease::VerifierReplaced{std::string(64, 'e'), begin + absl::Minutes(1)},
          lease::ClosingStarted{lease::CloseCause::kDeadline, "", std::nullopt,
                                begin + absl::Minutes(30)},
          lease::TurnedOff{"ended 1 session", begin + absl::Minutes(30)},
          lease::Removed{"nothing was left behind", begin + absl::Minutes(30)}};
}

absl::Status AppendLife(ports::Journal& journal, int n) {
  core::LeaseId::Bytes bytes{};
  for (std::size_t i = 0; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(n >> (8 * i));
  const core::LeaseId id = core::LeaseId::FromBytes(bytes);
  const absl::Time begin =
      absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now())) - absl::Hours(48);
  lease::Lease lease;
  std::vector<ports::NewRecord> records;
  for (const lease::Event& event : LifeOf(id, begin)) {
    auto encoded = records::Encode(event);
    if (!encoded.ok()) return encoded.status();
    records.push_back({encoded->type, encoded->body});
    lease = lease::Evolve(std::move(lease), event);
  }
  return journal
      .Commit(ports::Append{.stream = records::StreamOf(id),
                            .expected_version = 0,
                            .time = begin,
                            .records = std::move(records),
                            .summary = use_cases::SummaryOf(lease, kEventsPerLease)})
      .status();
}

absl::Status WriteLongJournal(const std::string& path) {
  auto journal = journal_sqlite::SqliteJournal::Open({.path = path, .vfs = ""},
                                                     testing::SignerFromSeed("jit-access/test", 1));
  if (!journal.ok()) return journal.status();
  std::atomic<int> next = 0;
  const Round round = RunRound(16, absl::Minutes(10), [&](int) {
    const int n = next.fetch_add(1);
    if (n >= kLeases) return absl::CancelledError("enough");
    if (n % 25'000 == 0) std::cerr << "  " << n * kEventsPerLease << " events written\n";
    return AppendLife(**journal, n);
  });
  if (round.done < kLeases) return round.first_error;
  return absl::OkStatus();
}

}  // namespace

Figures MeasureStart(Stand& stand) {
  stand.KillBroker();
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::error_code ignored;
    std::filesystem::remove(stand.journal_path() + suffix, ignored);
  }
  if (absl::Status written = WriteLongJournal(stand.journal_path()); !written.ok()) return written;
  std::vector<double> seconds;
  for (int n = 0; n < 5; ++n) {
    const absl::Time begin = absl::Now();
    if (absl::Status started = stand.StartBroker(); !started.ok()) return started;
    seconds.push_back(absl::ToDoubleSeconds(absl::Now() - begin));
    stand.KillBroker();
  }
  const double median = Quantile(seconds, 0.5);
  return std::vector<Figure>{
      {"start to first answer with 1,000,000 events in the journal (median of 5, after kill -9)",
       absl::StrFormat("%.2f s", median), "≤ 1 s",
       median <= 1 ? Figure::Verdict::kMet : Figure::Verdict::kMissed}};
}

}  // namespace jit::benchmark

#include "broker/commands/remote.h"

#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/credential/certificate.h"
#include "broker/daemon/adapters.h"
#include "broker/daemon/config.h"
#include "broker/host/files.h"
#include "broker/host/system_clock.h"
#include "broker/ledger/record.h"
#include "broker/rpc/visit.h"

namespace jit::commands {
namespace {

constexpr std::size_t kFileBytesMax = 1024 * 1024;
constexpr absl::Duration kAskPatience = absl::Seconds(35);
constexpr absl::Duration kExportPatience = absl::Minutes(30);

void Say(absl::string_view text) {
  std::fprintf(stderr, "%s\n", std::string(text).c_str());
}

ExitCode Fail(const absl::Status& status) {
  Say(status.message());
  return absl::IsPermissionDenied(status) || absl::IsUnauthenticated(status) ? ExitCode::kRefused
                                                                             : ExitCode::kFailed;
}

absl::StatusOr<std::unique_ptr<rpc::Visit>> Prepare(const RemoteOptions& options) {
  const absl::StatusOr<std::string> certificate =
      host::ReadFile(options.certificate, kFileBytesMax);
  if (!certificate.ok()) {
    return certificate.status();
  }
  const absl::StatusOr<std::string> authorities =
      host::ReadFile(options.authorities, kFileBytesMax);
  if (!authorities.ok()) {
    return authorities.status();
  }
  absl::StatusOr<credential::Secret> key = host::ReadSecretFile(options.key, kFileBytesMax);
  if (!key.ok()) {
    return key.status();
  }
  return std::make_unique<rpc::Visit>(rpc::VisitorPapers{.broker = options.broker,
                                                         .certificate_pem = *certificate,
                                                         .key_pem = *std::move(key),
                                                         .authorities_pem = *authorities});
}

bool IsWhole(const RemoteOptions& options) {
  return !options.broker.empty() && !options.certificate.empty() && !options.key.empty() &&
         !options.authorities.empty();
}

ExitCode SayWhatIsMissing() {
  Say("to ask a running broker, give --broker, --cert, --key and --ca, or set JIT_BROKER, "
      "JIT_CERT, "
      "JIT_KEY and JIT_CA");
  return ExitCode::kUsage;
}

// Where the records go: a file that appears whole, or stdout.
class Sink {
 public:
  static absl::StatusOr<Sink> Open(const std::string& out) {
    if (out.empty()) {
      return Sink(stdout, "");
    }
    std::FILE* file = std::fopen((out + ".new").c_str(), "wxe");
    if (file == nullptr) {
      return absl::UnavailableError(
          absl::StrCat("cannot write ", out, ".new: ", std::strerror(errno)));
    }
    return Sink(file, out);
  }
  Sink(Sink&& other) noexcept : file_(std::exchange(other.file_, nullptr)), out_(other.out_) {}
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  Sink& operator=(Sink&&) = delete;
  ~Sink() {
    if (file_ != nullptr && !out_.empty()) {
      std::fclose(file_);
      std::remove((out_ + ".new").c_str());
    }
  }

  absl::Status Write(absl::string_view line) {
    ++lines_;
    if (std::fwrite(line.data(), 1, line.size(), file_) != line.size() ||
        std::fputc('\n', file_) == EOF) {
      return absl::UnavailableError("the disk does not take the journal's copy");
    }
    return absl::OkStatus();
  }

  absl::Status Finish() {
    std::FILE* file = std::exchange(file_, nullptr);
    if (out_.empty()) {
      return std::fflush(file) == 0 ? absl::OkStatus()
                                    : absl::UnavailableError("stdout does not take any more");
    }
    if (std::fclose(file) != 0 || std::rename((out_ + ".new").c_str(), out_.c_str()) != 0) {
      return absl::UnavailableError(absl::StrCat("cannot write ", out_));
    }
    return absl::OkStatus();
  }

  std::int64_t lines() const { return lines_; }

 private:
  Sink(std::FILE* file, std::string out) : file_(file), out_(std::move(out)) {}
  std::FILE* file_;
  std::string out_;
  std::int64_t lines_ = 0;
};

absl::StatusOr<std::string> ExportFromBroker(const RemoteOptions& remote, Sink& sink) {
  absl::StatusOr<std::unique_ptr<rpc::Visit>> visit = Prepare(remote);
  if (!visit.ok()) {
    return visit.status();
  }
  host::SystemClock clock;
  const absl::Time now = clock.Now().wall;
  // The head first: the export that follows is at least as long, and holds what was signed.
  absl::StatusOr<rpc::Visit::Head> head = (*visit)->Checkpoint(now + kAskPatience);
  if (!head.ok()) {
    return head.status();
  }
  const absl::Status exported = (*visit)->ExportJournal(
      now + kExportPatience, [&](absl::string_view line) { return sink.Write(line); });
  if (!exported.ok()) {
    return exported;
  }
  return head->note;
}

absl::StatusOr<std::string> ExportFromFile(const std::string& boot_file, Sink& sink) {
  const absl::StatusOr<daemon::Config> config = daemon::ReadConfig(boot_file);
  if (!config.ok()) {
    return config.status();
  }
  const absl::StatusOr<std::unique_ptr<ports::Journal>> journal = daemon::OpenJournal(*config);
  if (!journal.ok()) {
    return journal.status();
  }
  absl::StatusOr<ledger::SignedCheckpoint> head = (*journal)->Checkpoint();
  if (!head.ok()) {
    return head.status();
  }
  const absl::Status exported =
      (*journal)->Export(0, [&](const ledger::Record& record) -> absl::Status {
        const absl::StatusOr<std::string> line = ledger::Encode(record);
        return line.ok() ? sink.Write(*line) : line.status();
      });
  if (!exported.ok()) {
    return exported;
  }
  return head->note;
}

}  // namespace

ExitCode ReloadPolicy(const RemoteOptions& options) {
  if (!IsWhole(options)) {
    return SayWhatIsMissing();
  }
  absl::StatusOr<std::unique_ptr<rpc::Visit>> visit = Prepare(options);
  if (!visit.ok()) {
    return Fail(visit.status());
  }
  host::SystemClock clock;
  const absl::StatusOr<rpc::Visit::Reloaded> reloaded =
      (*visit)->ReloadPolicy(clock.Now().wall + kAskPatience);
  if (!reloaded.ok()) {
    return Fail(reloaded.status());
  }
  for (const std::string& mistake : reloaded->mistakes) {
    Say(mistake);
  }
  const bool taken = reloaded->answer == rpc::Visit::Reloaded::Answer::kTaken;
  std::printf("%s\nin force: %s\n",
              taken ? "The policy was taken." : "The old policy stays in force.",
              reloaded->fingerprint.c_str());
  return taken ? ExitCode::kOk : ExitCode::kRefused;
}

ExitCode ExportJournal(const ExportOptions& options) {
  const bool from_file = !options.config.empty();
  if (!from_file && !IsWhole(options.remote)) {
    return SayWhatIsMissing();
  }
  absl::StatusOr<Sink> sink = Sink::Open(options.out);
  if (!sink.ok()) {
    return Fail(sink.status());
  }
  const absl::StatusOr<std::string> note =
      from_file ? ExportFromFile(options.config, *sink) : ExportFromBroker(options.remote, *sink);
  if (!note.ok()) {
    return Fail(note.status());
  }
  if (const absl::Status finished = sink->Finish(); !finished.ok()) {
    return Fail(finished);
  }
  if (options.out.empty()) {
    return ExitCode::kOk;
  }
  const std::string beside = options.out + ".checkpoint";
  if (const absl::Status written = host::WriteFile(beside, *note, 0644); !written.ok()) {
    return Fail(written);
  }
  Say(absl::StrCat(sink->lines(), " records in ", options.out, ", their signed head in ", beside));
  return ExitCode::kOk;
}

}  // namespace jit::commands

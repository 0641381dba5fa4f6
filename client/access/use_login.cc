#include "client/access/use_login.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "client/access/child.h"
#include "client/access/pass_file.h"
#include "client/channel/proto_time.h"
#include "client/channel/refusal_text.h"
#include "client/console/duration.h"
#include "client/console/visible.h"

namespace jit::access {
namespace {

using console::ExitCode;
using console::Visible;

// Says each of its sentences once, when its moment has come.
class DeadlineWarnings {
 public:
  DeadlineWarnings(const v1::Lease& lease, console::Console& console)
      : id_(Visible(lease.id())),
        deadline_(channel::ToTime(lease.expire_time())),
        console_(console) {
    const absl::Duration left = deadline_ - console_.now();
    while (next_ < kMoments.size() && left <= kMoments[next_]) ++next_;
  }

  // The time until there is something to say again.
  absl::Duration Look() {
    const absl::Duration left = deadline_ - console_.now();
    bool due = false;
    while (next_ < kMoments.size() && left <= kMoments[next_]) {
      ++next_;
      due = true;
    }
    if (due) Say(left);
    return next_ < kMoments.size() ? left - kMoments[next_] : absl::InfiniteDuration();
  }

 private:
  static constexpr std::array kMoments = {absl::Minutes(5), absl::Minutes(1), absl::ZeroDuration()};

  void Say(absl::Duration left) const {
    // A prompt of the program may stand on the line.
    *console_.err.stream << (console_.err.terminal == console::Terminal::kYes ? "\r\n" : "");
    if (left <= absl::ZeroDuration()) {
      *console_.err.stream << "Lease " << id_
                           << " has reached its deadline: its sessions are cut.\n";
    } else {
      *console_.err.stream << "Lease " << id_ << " ends in "
                           << console::RoughDuration(absl::Ceil(left, absl::Seconds(1)))
                           << ": finish or commit what you are doing.\n";
    }
    console_.err.stream->flush();
  }

  const std::string id_;
  const absl::Time deadline_;
  console::Console& console_;
  std::size_t next_ = 0;
};

void GiveBack(const v1::Lease& lease, console::Console& console, channel::Broker& broker) {
  v1::EndLeaseRequest request;
  request.set_idempotency_id(broker.NewIdempotencyId());
  request.set_lease_id(lease.id());
  const auto answer = broker.Call(request);
  if (answer.ok()) {
    *console.err.stream << "Lease " << Visible(lease.id()) << " is given back.\n";
    return;
  }
  if (channel::IsRefused(answer.status(), v1::REFUSAL_REASON_ALREADY_ENDED)) return;
  channel::Explain(answer.status(), console);
  *console.err.stream << "The lease could not be given back; it ends at its deadline, "
                      << console::FormatInstant(channel::ToTime(lease.expire_time()))
                      << ". To try again: `jit-access end " << Visible(lease.id()) << "`.\n";
}

}  // namespace

ExitCode UseLogin(const Obtained& login, const std::vector<std::string>& program,
                  Afterwards afterwards, console::Console& console, channel::Broker& broker) {
  const v1::Lease& lease = login.lease;
  const v1::Connection& at = lease.connection();
  DeadlineWarnings warnings(lease, console);
  *console.err.stream << "Lease " << Visible(lease.id()) << " is open for "
                      << console::RoughDuration(channel::ToTime(lease.expire_time()) -
                                                console.now())
                      << ".\n";
  ExitCode code = ExitCode::kFault;
  {
    const absl::StatusOr<PassFile> pass_file = PassFile::Create(at, *login.password, console);
    absl::Status failed = pass_file.status();
    if (failed.ok()) {
      const ChildSpec spec = {
          .arguments = program,
          .environment = {{"PGHOST", at.host()},
                          {"PGPORT", absl::StrCat(at.port())},
                          {"PGDATABASE", at.database()},
                          {"PGUSER", at.login()},
                          {"PGPASSFILE", pass_file->path()},
                          {"PGAPPNAME", absl::StrCat("jit-access ", lease.id())},
                          {"JIT_LEASE", lease.id()}},
          .without = {"PGPASSWORD", "PGSERVICE", "PGSERVICEFILE", "PGHOSTADDR"},
      };
      const absl::StatusOr<int> status = RunChild(spec, console, [&] { return warnings.Look(); });
      if (status.ok()) code = static_cast<ExitCode>(*status);
      failed = status.status();
    }
    if (!failed.ok()) code = channel::Explain(failed, console);
  }
  if (afterwards == Afterwards::kGiveBack) {
    GiveBack(lease, console, broker);
  } else {
    *console.err.stream << "Lease " << Visible(lease.id()) << " stays open until "
                        << console::FormatInstant(channel::ToTime(lease.expire_time()))
                        << ": `jit-access end " << Visible(lease.id()) << "` gives it back.\n";
  }
  return code;
}

}  // namespace jit::access

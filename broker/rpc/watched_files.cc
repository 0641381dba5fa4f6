#include "broker/rpc/watched_files.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/host/files.h"

namespace jit::rpc {
namespace {

constexpr std::size_t kDenyListBytesMax = std::size_t{4} * 1024 * 1024;

}  // namespace

WatchedFiles::WatchedFiles(TlsFiles tls, std::optional<std::string> deny_list_file,
                           absl::Duration every, Reception& reception)
    : deny_list_file_(std::move(deny_list_file)),
      every_(every),
      reception_(reception),
      tls_(std::move(tls)) {}

absl::StatusOr<std::unique_ptr<WatchedFiles>> WatchedFiles::Start(
    TlsFiles tls, std::optional<std::string> deny_list_file, absl::Duration every,
    Reception& reception) {
  std::unique_ptr<WatchedFiles> files(
      new WatchedFiles(std::move(tls), std::move(deny_list_file), every, reception));
  {
    const sync::Lock lock(files->looking_);
    if (absl::Status looked = files->LookAtDenyList(); !looked.ok()) {
      return looked;
    }
  }
  files->thread_ = std::thread([raw = files.get()] { raw->Run(); });
  return files;
}

WatchedFiles::~WatchedFiles() {
  Stop();
}

absl::Status WatchedFiles::LookNow() {
  const sync::Lock lock(looking_);
  const absl::Status tls = LookAtTls();
  const absl::Status denied = LookAtDenyList();
  return tls.ok() ? denied : tls;
}

void WatchedFiles::Stop() {
  {
    const sync::Lock lock(stopping_);
    stopped_ = true;
  }
  stop_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void WatchedFiles::Run() {
  while (!StoppedWhileWaiting()) {
    LookNow().IgnoreError();  // told to the log
  }
}

bool WatchedFiles::StoppedWhileWaiting() {
  const sync::Lock lock(stopping_);
  if (!stopped_) {
    stop_.wait_for(stopping_, absl::ToChronoMilliseconds(every_));
  }
  return stopped_;
}

absl::Status WatchedFiles::LookAtTls() {
  const int before = tls_.generation();
  absl::Status looked = tls_.Look(reception_.ports().time.Now());
  const std::string trouble(looked.message());
  if (tls_.generation() != before) {
    reception_.hooks().tell(
        "the certificate, key and authorities were read again and are in force");
  } else if (!looked.ok() && trouble != tls_trouble_) {
    reception_.hooks().tell(
        absl::StrCat("the certificates in force stay in force, the new ones are bad: ", trouble));
  }
  tls_trouble_ = trouble;
  return looked;
}

// A list with a line that cannot be read still turns away everybody it names, and everybody the
// list before it named: whoever mistypes one line has not let anyone in.
absl::Status WatchedFiles::LookAtDenyList() {
  if (!deny_list_file_.has_value()) {
    return absl::OkStatus();
  }
  absl::StatusOr<std::string> text = host::ReadFile(*deny_list_file_, kDenyListBytesMax);
  if (text.ok() && deny_text_ != *text) {
    DenyListReading reading = ReadDenyList(*text);
    deny_errors_ = absl::StrJoin(reading.errors, "; ");
    if (!reading.errors.empty()) {
      reading.list.Add(denied_);
    }
    denied_ = std::move(reading.list);
    reception_.Deny(denied_);
    deny_text_ = *text;
    reception_.hooks().tell("the deny list was read and is in force");
  }
  const std::string trouble = text.ok() ? deny_errors_ : std::string(text.status().message());
  if (!trouble.empty() && trouble != deny_trouble_) {
    reception_.hooks().tell(
        absl::StrCat("the deny list ", *deny_list_file_,
                     " is bad, so everybody denied before stays denied: ", trouble));
  }
  deny_trouble_ = trouble;
  return trouble.empty() ? absl::OkStatus() : absl::InvalidArgumentError(trouble);
}

}  // namespace jit::rpc

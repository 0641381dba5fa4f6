#include <atomic>

#include "broker/ledger/record.h"
#include "broker/rpc/convert_answers.h"
#include "broker/rpc/convert_requests.h"
#include "broker/rpc/serve.h"
#include "broker/rpc/services.h"
#include "jit/v1/audit_service.grpc.pb.h"

namespace jit::rpc {
namespace {

using grpc::CallbackServerContext;

constexpr Method kExport = {"jit.v1.AuditService.ExportJournal", Lane::kDeciding};

absl::StatusOr<v1::GetCheckpointResponse> Checkpoint(Reception& reception) {
  ports::Journal& journal = reception.ports().journal;
  absl::StatusOr<std::optional<ledger::SignedCheckpoint>> last = journal.LastCheckpoint();
  if (!last.ok()) {
    return last.status();
  }
  const auto size = static_cast<std::uint64_t>(journal.Size());
  if (!last->has_value() || (*last)->body.size < size) {
    absl::StatusOr<ledger::SignedCheckpoint> fresh = journal.Checkpoint();
    if (!fresh.ok()) {
      return fresh.status();
    }
    *last = *std::move(fresh);
  }
  v1::GetCheckpointResponse response;
  response.set_note((*last)->note);
  response.set_verifier_key(reception.hooks().journal_verifier_key);
  return response;
}

// The journal on its way out, one message at a time: the next is read when the one before has left,
// so a slow reader holds no thread and no more than one message. It ends at the size the journal
// had when it began. Before each message the caller is identified anew.
class Exporting final : public grpc::ServerWriteReactor<v1::ExportJournalResponse> {
 public:
  Exporting(Reception& reception, CallbackServerContext* context, v1::ExportJournalRequest request)
      : reception_(reception),
        context_(context),
        certificate_pem_(PeerCertificate(*context)),
        request_(std::move(request)) {
    HandOver();
  }

  void OnWriteDone(bool ok) override {
    if (!ok) {
      End({absl::StatusCode::kCancelled, "the caller has gone", ""});
      return;
    }
    HandOver();
  }
  void OnCancel() override { cancelled_ = true; }
  void OnDone() override { delete this; }

 private:
  // Identified at the door before any work is queued for the call.
  void HandOver() {
    const absl::StatusOr<Caller> caller = reception_.Admit(certificate_pem_, kExport.name);
    if (!caller.ok()) {
      End(reception_.Word(caller.status(), kExport.name, ""));
      return;
    }
    if (!reception_.For(kExport.lane).Submit([this] { SendNext(); }).ok()) {
      End({absl::StatusCode::kUnavailable, "the broker is busy; try again in a moment", ""});
    }
  }

  void SendNext() {
    if (cancelled_) {
      End({absl::StatusCode::kCancelled, "the caller has gone", ""});
      return;
    }
    if (const absl::Status read = Read(); !read.ok()) {
      End(reception_.Word(read, kExport.name, ""));
      return;
    }
    if (message_.records_size() == 0) {
      End({});
      return;
    }
    StartWrite(&message_);
  }

  // Fills the message with what comes next; with nothing at the end.
  absl::Status Read() {
    message_.Clear();
    if (!next_.has_value()) {
      const absl::StatusOr<std::int64_t> from = ToSequence(request_);
      if (!from.ok()) {
        return from.status();
      }
      next_ = *from;
      end_ = reception_.ports().journal.Size();
    }
    std::size_t bytes = 0;
    absl::Status wrong = absl::OkStatus();
    absl::Status stopped = reception_.ports().journal.Export(
        *next_, [&](const ledger::Record& record) -> absl::Status {
          if (record.sequence >= end_ || bytes > kAnswerBytesMax) {
            return absl::CancelledError("enough for one message");
          }
          absl::StatusOr<std::string> line = ledger::Encode(record);
          if (!line.ok()) {
            wrong = line.status();
            return wrong;
          }
          bytes += line->size();
          message_.add_records(*std::move(line));
          next_ = record.sequence + 1;
          return absl::OkStatus();
        });
    if (!wrong.ok() || stopped.ok() || absl::IsCancelled(stopped)) {
      return wrong;
    }
    return stopped;
  }

  void End(const WireStatus& status) { Finish(Finished(*context_, status, "")); }

  Reception& reception_;
  CallbackServerContext* const context_;
  const std::string certificate_pem_;
  const v1::ExportJournalRequest request_;
  std::atomic<bool> cancelled_ = false;
  // One step at a time touches these.
  std::optional<std::int64_t> next_;
  std::int64_t end_ = 0;
  v1::ExportJournalResponse message_;
};

class AuditService final : public v1::AuditService::CallbackService {
 public:
  explicit AuditService(Reception& reception) : reception_(reception) {}

  grpc::ServerWriteReactor<v1::ExportJournalResponse>* ExportJournal(
      CallbackServerContext* context, const v1::ExportJournalRequest* request) override {
    return new Exporting(reception_, context, *request);
  }

  grpc::ServerUnaryReactor* GetCheckpoint(CallbackServerContext* context,
                                          const v1::GetCheckpointRequest* request,
                                          v1::GetCheckpointResponse* response) override {
    return Serve(reception_, context, request, response, {"jit.v1.AuditService.GetCheckpoint"},
                 [this](const Caller&, const auto&) { return Checkpoint(reception_); });
  }

 private:
  Reception& reception_;
};

}  // namespace

ServiceOwner MakeAuditService(Reception& reception) {
  return {new AuditService(reception), [](grpc::Service* service) { delete service; }};
}

}  // namespace jit::rpc

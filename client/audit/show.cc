#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "broker/ledger/canonical_json.h"
#include "broker/ledger/merkle.h"
#include "client/audit/answers.h"
#include "client/audit/commands.h"
#include "client/audit/reading.h"
#include "client/audit/tell.h"
#include "client/console/printer.h"
#include "client/console/visible.h"

namespace jit::audit {
namespace {

using console::Output;
using console::Visible;
using ledger::Json;
using ledger::Record;

// A record in full, as text.
void PrintRecord(const console::Sink& out, const Record& record, absl::string_view line) {
  const Told told = Tell(record);
  console::PrintFields(out, {{"record", absl::StrCat(record.sequence)},
                             {"stream", Visible(record.stream)},
                             {"version", absl::StrCat(record.version)},
                             {"time", ledger::FormatTime(record.time)},
                             {"type", Visible(record.type)},
                             {"who", Visible(told.who)},
                             {"what", Visible(told.what)},
                             {"leaf", ledger::HexOf(ledger::LeafHash(line))}});
  *out.stream << "body\n";
  const absl::StatusOr<Json> body = ledger::ParseCanonical(record.body);
  console::PrintJson(out, body.ok() ? *body : Json());
}

// Elements of one JSON array, printed as they come so that a journal need not fit into memory.
class ArrayPrinter {
 public:
  explicit ArrayPrinter(const console::Sink& out) : out_(out) {}
  void Add(absl::string_view line) {
    const absl::StatusOr<Json> value = ledger::ParseCanonical(line);
    *out_.stream << (empty_ ? "[\n" : ",\n")
                 << (value.ok() ? value->dump(-1, ' ', /*ensure_ascii=*/true) : "null");
    empty_ = false;
  }
  void Finish() { *out_.stream << (empty_ ? "[]\n" : "\n]\n"); }

 private:
  const console::Sink& out_;
  bool empty_ = true;
};

void PrintRow(const console::Sink& out, const Record& record) {
  *out.stream << absl::StrFormat("%8d  %s  %-32s  %s\n", record.sequence,
                                 ledger::FormatTime(record.time), Visible(record.stream),
                                 Visible(record.type));
}

}  // namespace

console::ExitCode RunShow(const Typed& typed, console::Console& console) {
  std::int64_t wanted = -1;
  if (typed.record.has_value() && (!absl::SimpleAtoi(*typed.record, &wanted) || wanted < 0)) {
    *console.err.stream << "jit-audit: N is the sequence of a record, a number from 0 on\n";
    return kUsage;
  }
  const bool all =
      !typed.record.has_value() && !typed.lease.has_value() && !typed.change.has_value();
  std::uint64_t shown = 0;
  ArrayPrinter array(console.out);
  const absl::Status status =
      ReadRecords(typed, console, [&](const Record& record, absl::string_view line) {
        if (typed.record.has_value() && record.sequence != wanted) {
          return absl::OkStatus();
        }
        if (typed.output == Output::kJson) {
          array.Add(line);
        } else if (all) {
          PrintRow(console.out, record);
        } else {
          *console.out.stream << (shown == 0 ? "" : "\n");
          PrintRecord(console.out, record, line);
        }
        ++shown;
        return absl::OkStatus();
      });
  if (!status.ok()) {
    return SayUnreadable(status, console);
  }
  if (typed.output == Output::kJson) {
    array.Finish();
  }
  if (shown == 0) {
    *console.err.stream << "jit-audit: there is no such record in this journal\n";
    return kDoesNotVerify;
  }
  return kVerified;
}

}  // namespace jit::audit

#include "broker/rpc/convert_reports.h"

#include <string>
#include <utility>

#include "broker/rpc/convert_answers.h"

namespace jit::rpc {
namespace {

using rpc::ToProto;  // beside the ones below, which would hide them

v1::Finding::Severity ToProto(change::Severity severity) {
  switch (severity) {
    case change::Severity::kNote:
      return v1::Finding::SEVERITY_NOTE;
    case change::Severity::kWarning:
      return v1::Finding::SEVERITY_WARNING;
    case change::Severity::kDanger:
      return v1::Finding::SEVERITY_DANGER;
    case change::Severity::kRefused:
      return v1::Finding::SEVERITY_REFUSED;
  }
  return v1::Finding::SEVERITY_UNSPECIFIED;
}

v1::ObjectEffect::What ToProto(change::ObjectEffect::What what) {
  switch (what) {
    case change::ObjectEffect::What::kCreated:
      return v1::ObjectEffect::WHAT_CREATED;
    case change::ObjectEffect::What::kAltered:
      return v1::ObjectEffect::WHAT_ALTERED;
    case change::ObjectEffect::What::kDestroyed:
      return v1::ObjectEffect::WHAT_DESTROYED;
  }
  return v1::ObjectEffect::WHAT_UNSPECIFIED;
}

v1::RowSample::Verb ToProto(change::Sample::Verb verb) {
  switch (verb) {
    case change::Sample::Verb::kInserted:
      return v1::RowSample::VERB_INSERTED;
    case change::Sample::Verb::kUpdated:
      return v1::RowSample::VERB_UPDATED;
    case change::Sample::Verb::kDeleted:
      return v1::RowSample::VERB_DELETED;
  }
  return v1::RowSample::VERB_UNSPECIFIED;
}

void Show(const change::RowCounts& counts, v1::RowCounts& shown) {
  shown.set_inserted(counts.inserted);
  shown.set_updated(counts.updated);
  shown.set_deleted(counts.deleted);
}

v1::TableEffect ToProto(const change::TableEffect& effect) {
  v1::TableEffect shown;
  shown.set_schema(effect.schema);
  shown.set_table(effect.table);
  Show(effect.direct, *shown.mutable_direct());
  Show(effect.cascaded, *shown.mutable_cascaded());
  Show(effect.triggered, *shown.mutable_triggered());
  shown.set_guarded(effect.guarded);
  shown.set_has_key(effect.has_key);
  shown.set_rows_estimate(effect.rows_estimate);
  return shown;
}

v1::StatementReport ToProto(const change::StatementReport& statement) {
  v1::StatementReport shown;
  shown.set_line(statement.line);
  shown.set_kind(statement.kind);
  shown.set_tag(statement.tag);
  shown.set_text(Beginning(statement.text, kStatementBytesMax));
  shown.set_rows(statement.rows);
  SetDuration(statement.elapsed, shown.mutable_elapsed());
  if (statement.plan_cost.has_value()) {
    shown.set_plan_cost(*statement.plan_cost);
  }
  for (const change::TableEffect& effect : statement.tables) {
    *shown.add_tables() = ToProto(effect);
  }
  for (const change::Finding& finding : statement.findings) {
    *shown.add_findings() = ToProto(finding);
  }
  shown.set_kept(statement.kept);
  return shown;
}

v1::LockTaken ToProto(const change::LockTaken& lock) {
  v1::LockTaken shown;
  shown.set_object(lock.object);
  shown.set_mode(lock.mode);
  SetDuration(lock.held, shown.mutable_held());
  return shown;
}

v1::ObjectEffect ToProto(const change::ObjectEffect& object) {
  v1::ObjectEffect shown;
  shown.set_what(ToProto(object.what));
  shown.set_kind(object.kind);
  shown.set_name(object.name);
  return shown;
}

v1::UndoConflict ToProto(const change::Conflict& conflict) {
  v1::UndoConflict shown;
  shown.set_table(conflict.table);
  shown.set_key(conflict.key);
  shown.set_what(conflict.what);
  return shown;
}

std::size_t BytesOf(const google::protobuf::Message& message) {
  return message.ByteSizeLong();
}
std::size_t BytesOf(const std::string& text) {
  return text.size();
}
std::string ToProto(const std::string& text) {
  return text;
}

// Fills a message up to what it may hold.
class Filling {
 public:
  explicit Filling(std::size_t bytes_max) : left_(bytes_max) {}

  template <class From, class To>
  void Add(const std::vector<From>& from, To* to) {
    for (const From& each : from) {
      auto shown = ToProto(each);
      const std::size_t bytes = BytesOf(shown);
      if (bytes > left_) {
        cut_ = true;
        return;
      }
      left_ -= bytes;
      *to->Add() = std::move(shown);
    }
  }
  bool cut() const { return cut_; }

 private:
  std::size_t left_;
  bool cut_ = false;
};

}  // namespace

v1::Finding ToProto(const change::Finding& finding) {
  v1::Finding shown;
  shown.set_code(finding.code);
  shown.set_severity(ToProto(finding.severity));
  shown.set_line(finding.line);
  shown.set_why(finding.why);
  return shown;
}

v1::RowSample ToProto(const change::Sample& sample) {
  v1::RowSample shown;
  shown.set_schema(sample.schema);
  shown.set_table(sample.table);
  shown.set_verb(ToProto(sample.verb));
  for (const change::Cell& cell : sample.cells) {
    v1::RowCell* column = shown.add_cells();
    column->set_column(cell.column);
    if (cell.before.has_value()) {
      column->set_before(*cell.before);
    }
    if (cell.after.has_value()) {
      column->set_after(*cell.after);
    }
  }
  return shown;
}

v1::ChangeReport ToProto(const change::Report& report) {
  v1::ChangeReport shown;
  SetDuration(report.elapsed, shown.mutable_elapsed());
  // What a decision hangs on comes first, rows that merely show it come last.
  Filling filling(kReportBytesMax);
  filling.Add(report.tables, shown.mutable_tables());
  filling.Add(report.not_rehearsed, shown.mutable_not_rehearsed());
  filling.Add(report.undo_cannot, shown.mutable_undo_cannot());
  filling.Add(report.objects, shown.mutable_objects());
  filling.Add(report.conflicts, shown.mutable_conflicts());
  filling.Add(report.statements, shown.mutable_statements());
  filling.Add(report.locks, shown.mutable_locks());
  filling.Add(report.samples, shown.mutable_samples());
  shown.set_cut(filling.cut());
  return shown;
}

v1::ListRowChangesResponse ToProto(const std::vector<ports::RowChange>& steps, int asked_for) {
  v1::ListRowChangesResponse response;
  std::size_t bytes = 0;
  for (const ports::RowChange& step : steps) {
    v1::RowChange shown;
    shown.set_sequence(step.sequence);
    SetTime(step.time, shown.mutable_time());
    shown.set_schema(step.schema);
    shown.set_table(step.table);
    shown.set_verb(ToProto(step.verb));
    shown.set_rows(step.rows);
    shown.set_cause(step.cause);
    shown.set_query(Beginning(step.query, kStatementBytesMax));
    bytes += shown.ByteSizeLong();
    if (bytes > kReportBytesMax) {
      break;
    }
    *response.add_steps() = std::move(shown);
  }
  const int shown = response.steps_size();
  if (shown > 0 && (shown == asked_for || shown < static_cast<int>(steps.size()))) {
    response.set_next_after_sequence(response.steps().rbegin()->sequence());
  }
  return response;
}

v1::ListRowsResponse ToProto(const std::vector<change::Sample>& rows) {
  v1::ListRowsResponse response;
  Filling(kReportBytesMax).Add(rows, response.mutable_rows());
  return response;
}

v1::ListKeptResponse ToProto(const std::vector<ports::Kept>& kept) {
  v1::ListKeptResponse response;
  for (const ports::Kept& each : kept) {
    v1::KeptThing* shown = response.add_kept();
    shown->set_what(each.what);
    SetTime(each.time, shown->mutable_time());
    shown->set_bytes(each.bytes);
    shown->set_touched(each.touched);
  }
  return response;
}

}  // namespace jit::rpc

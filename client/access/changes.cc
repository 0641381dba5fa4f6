#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/numbers.h"
#include "client/access/change_commands.h"
#include "client/channel/change_json.h"
#include "client/channel/options.h"
#include "client/channel/proto_time.h"
#include "client/channel/refusal_text.h"
#include "client/channel/show_report.h"
#include "client/channel/with_broker.h"
#include "client/console/duration.h"
#include "client/console/printer.h"
#include "client/console/visible.h"

namespace jit::access {

namespace {

console::ExitCode ShowSteps(const ChangesOptions& options, console::Console& console,
                            channel::Broker& broker) {
  v1::ListRowChangesRequest request;
  request.set_lease_id(options.lease);
  google::protobuf::RepeatedPtrField<v1::RowChange> steps;
  bool more = false;
  do {
    const auto page = broker.Call(request);
    if (!page.ok()) return channel::Explain(page.status(), console);
    steps.MergeFrom(page->steps());
    // A page that leads nowhere would be asked for for ever.
    more =
        page->has_next_after_sequence() && page->next_after_sequence() > request.after_sequence();
    request.set_after_sequence(page->next_after_sequence());
  } while (more);
  if (options.output == console::Output::kJson) {
    nlohmann::json list = nlohmann::json::array();
    for (const v1::RowChange& step : steps) list.push_back(channel::MessageJson(step));
    console::PrintJson(console.out, {{"lease", options.lease}, {"steps", std::move(list)}});
    return console::ExitCode::kOk;
  }
  console::Table table({"STEP", "TIME", "TABLE", "WHAT", "ROWS", "BY", "STATEMENT"});
  for (const v1::RowChange& step : steps) {
    table.Add({std::to_string(step.sequence()),
               console::FormatInstant(channel::ToTime(step.time())),
               console::Visible(step.schema()) + "." + console::Visible(step.table()),
               channel::EnumWord(*v1::RowSample::Verb_descriptor(), step.verb()),
               channel::CountText(step.rows()), console::Visible(step.cause()),
               console::Visible(step.query())});
  }
  table.Print(console.out);
  if (steps.empty()) {
    *console.err.stream << "It changed no rows.\n";
  } else {
    *console.err.stream << "Next: `jit-access changes " << console::Visible(options.lease)
                        << " --rows STEP` shows the rows of one; `jit-access undo "
                        << console::Visible(options.lease)
                        << " --plan --reason TEXT` shows what taking it back would do.\n";
  }
  return console::ExitCode::kOk;
}

console::ExitCode ShowRows(const ChangesOptions& options, console::Console& console,
                           channel::Broker& broker) {
  std::int64_t sequence = 0;
  if (!absl::SimpleAtoi(options.rows, &sequence) || sequence < 0) {
    *console.err.stream << "jit-access: --rows takes the number of a step.\n";
    return console::ExitCode::kUsage;
  }
  v1::ListRowsRequest request;
  request.set_lease_id(options.lease);
  request.set_sequence(sequence);
  request.set_limit(1000);
  const auto answer = broker.Call(request);
  if (!answer.ok()) return channel::Explain(answer.status(), console);
  if (options.output == console::Output::kJson) {
    console::PrintJson(console.out, channel::MessageJson(*answer));
    return console::ExitCode::kOk;
  }
  for (const v1::RowSample& row : answer->rows()) channel::PrintRow(console.out, row);
  if (answer->rows().empty()) *console.err.stream << "No rows.\n";
  return console::ExitCode::kOk;
}

console::ExitCode Run(const ChangesOptions& options, console::Console& console,
                      channel::Broker& broker) {
  return options.rows.empty() ? ShowSteps(options, console, broker)
                              : ShowRows(options, console, broker);
}

}  // namespace

console::Command ChangesCommand(ChangesOptions& options, const channel::Connect& connect) {
  return {
      .name = "changes",
      .summary = "list what the holder of a lease did to rows",
      .description =
          "Lists each step on a write lease: when, which table, how many rows, and the statement "
          "behind it; those by cascade and trigger apart. With --rows one step is shown row by "
          "row, before and after.",
      .options =
          {
              channel::LeaseOption(&options.lease),
              {.name = "--rows",
               .value = "STEP",
               .help = "The rows of this step, before and after; at most 1,000.",
               .into = &options.rows},
              console::OutputOption(&options.output),
          },
      .examples = {"jit-access changes aw5nvrvrrlxijqfntz3gzfwx4e",
                   "jit-access changes aw5nvrvrrlxijqfntz3gzfwx4e --rows 17"},
      .run = [&options, &connect](console::Console& console) {
        return channel::WithBroker(connect, console, [&](channel::Broker& broker) {
          return Run(options, console, broker);
        });
      }};
}

}  // namespace jit::access

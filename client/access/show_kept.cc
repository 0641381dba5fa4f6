#include "client/access/show_kept.h"

#include <array>
#include <string>

#include "absl/strings/str_format.h"
#include "client/channel/proto_time.h"
#include "client/console/duration.h"
#include "client/console/printer.h"
#include "client/console/visible.h"

namespace jit::access {

namespace {

std::string BytesText(std::int64_t bytes) {
  constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  double size = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (size >= 1024 && unit + 1 < kUnits.size()) {
    size /= 1024;
    ++unit;
  }
  return absl::StrFormat("%.*f %s", unit == 0 ? 0 : 1, size, kUnits[unit]);
}

}  // namespace

void PrintKept(const console::Sink& sink,
               const google::protobuf::RepeatedPtrField<v1::KeptThing>& kept) {
  console::Table table({"KEPT SINCE", "SIZE", "WHAT", "TOUCHED SINCE"});
  for (const v1::KeptThing& thing : kept) {
    table.Add({console::FormatInstant(channel::ToTime(thing.time())), BytesText(thing.bytes()),
               console::VisibleOnce(thing.what()), console::VisibleOnce(thing.touched())});
  }
  table.Print(sink);
}

}  // namespace jit::access

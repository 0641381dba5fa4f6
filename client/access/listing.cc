#include "client/access/listing.h"

namespace jit::access {

std::vector<console::Option> ListingOptions(ListOptions& options,
                                            const std::vector<NamedState>& states) {
  std::vector<std::string> words;
  for (const NamedState& state : states) words.push_back(state.word);
  return {
      {.name = "--mine", .help = "Only your own.", .into = &options.mine},
      {.name = "--state",
       .value = "STATE",
       .help = "Only those in this state.",
       .into = &options.state,
       .choices = std::move(words)},
      {.name = "--target",
       .value = "NAME",
       .help = "Only those on this database.",
       .into = &options.target},
      {.name = "--all", .help = "Everything, not only the newest 50.", .into = &options.all},
      console::OutputOption(&options.output),
  };
}

}  // namespace jit::access

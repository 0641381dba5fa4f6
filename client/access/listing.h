// What `list` and `change list` have in common: which ones are wanted, and reading page by page.
//
// Promises: the newest first, in the broker's order; one page unless all are wanted.
// Thread-compatible.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "client/channel/broker.h"
#include "client/console/command_line.h"
#include "client/console/console.h"

namespace jit::access {

struct ListOptions {
  bool mine = false;
  bool all = false;
  std::string state;   // empty: any
  std::string target;  // empty: any
  console::Output output = console::Output::kText;
};

// A state of the protocol and its word; "unspecified", with which each enumeration begins, has
// none.
struct NamedState {
  int value;
  std::string word;
};

// The options of both commands. `options` must outlive the entry of the command table.
std::vector<console::Option> ListingOptions(ListOptions& options,
                                            const std::vector<NamedState>& states);

// What to ask for the first page of them.
template <typename Request>
Request ListingRequest(const ListOptions& options, const std::vector<NamedState>& states) {
  Request request;
  request.set_mine(options.mine);
  request.set_target(options.target);
  // The most that the broker gives at once.
  if (options.all) request.set_page_size(200);
  for (const NamedState& state : states) {
    if (state.word != options.state) continue;
    request.mutable_states()->Add(state.value);
  }
  return request;
}

// Gives every page that is wanted to `take`. Whether there are more that were not. On an error of
// the call, what was read until then has been given.
template <typename Request, typename Take>
absl::StatusOr<bool> ReadPages(Request request, const ListOptions& options, channel::Broker& broker,
                               const Take& take) {
  while (true) {
    const auto page = broker.Call(request);
    if (!page.ok()) return page.status();
    take(*page);
    const bool more = !page->next_page_token().empty();
    if (!more || !options.all) return more;
    request.set_page_token(page->next_page_token());
  }
}

}  // namespace jit::access

// A page of a list of which somebody may see a part.
//
// Promises: newest first, nothing that may not be seen, and a page however little of the list that
// is: after kScanMax rows without enough of it the page ends early, and the next one goes on
// there. Safe from any thread.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace jit::use_cases {

constexpr int kScanPage = 200;
constexpr int kScanMax = 10'000;  // rows looked at for one page of somebody who sees few of them

template <class Id, class Seen>
struct Page {
  std::vector<Seen> rows;
  std::optional<Id> next_after;  // nothing on the last page
};

// `read` gives the rows that match a filter, at most `filter.limit` after `filter.after`; `load`
// what stands behind a row; `may_see` whether it is shown. Their first error is the answer.
template <class Id, class Seen, class Filter, class Read, class Load, class MaySee>
absl::StatusOr<Page<Id, Seen>> ReadPage(Filter filter, int limit, const Read& read,
                                        const Load& load, const MaySee& may_see) {
  Page<Id, Seen> page;
  std::optional<Id> last_shown;
  filter.limit = kScanPage;
  for (int scanned = 0; scanned < kScanMax; scanned += kScanPage) {
    const auto rows = read(filter);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      filter.after = row.id;
      absl::StatusOr<Seen> seen = load(row.id);
      if (!seen.ok()) return seen.status();
      if (!may_see(row, *seen)) continue;
      if (static_cast<int>(page.rows.size()) == limit) {
        page.next_after = last_shown;
        return page;
      }
      last_shown = row.id;
      page.rows.push_back(*std::move(seen));
    }
    if (static_cast<int>(rows->size()) < kScanPage) return page;
  }
  page.next_after = filter.after;
  return page;
}

}  // namespace jit::use_cases

#include "broker/target_postgres/object_list.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "broker/ledger/merkle.h"

namespace jit::target_postgres {

ObjectList ObjectList::Read(const pq::Result& answer) {
  ObjectList list;
  for (int row = 0; row < answer.rows(); ++row) {
    list.objects_[{std::string(answer.Text(row, 0)), std::string(answer.Text(row, 1))}]
        .emplace_back(answer.Text(row, 2));
  }
  for (auto& [name, hashes] : list.objects_) std::sort(hashes.begin(), hashes.end());
  return list;
}

std::string ObjectList::Digest() const {
  std::string lines;
  for (const auto& [name, hashes] : objects_) {
    for (const std::string& hash : hashes) {
      absl::StrAppend(&lines, name.first, "\t", name.second, "\t", hash, "\n");
    }
  }
  return ledger::Sha256Hex(lines);
}

std::vector<change::ObjectEffect> ObjectList::Since(const ObjectList& before) const {
  using What = change::ObjectEffect::What;
  std::vector<change::ObjectEffect> effects;
  for (const auto& [name, hashes] : before.objects_) {
    const auto now = objects_.find(name);
    if (now == objects_.end()) {
      effects.push_back({What::kDestroyed, name.first, name.second});
    } else if (now->second != hashes) {
      effects.push_back({What::kAltered, name.first, name.second});
    }
  }
  for (const auto& [name, hashes] : objects_) {
    if (!before.objects_.contains(name)) {
      effects.push_back({What::kCreated, name.first, name.second});
    }
  }
  return effects;
}

}  // namespace jit::target_postgres

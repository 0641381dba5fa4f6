// Tables nobody would think of, and what people do to them: SQL from a seed.
//
// Promises: the same seed gives the same tables and the same statements, whatever happens to them.
// Every kind of key, generated and identity columns, partitions, foreign keys with every action,
// the owner's own triggers. Statements may fail; what they hit is often much, sometimes nothing.
// Thread-compatible.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/testing/seeded_entropy.h"

namespace jit::testing {

class RandomTables {
 public:
  explicit RandomTables(std::uint64_t seed) : chance_(seed) {}

  // The schema with its tables and their rows; to be run by their owner. Called first, and once.
  std::string Make(const std::string& schema);
  // One statement of a writer.
  std::string Statement();

 private:
  // A type of keys: how the number {} becomes a value, and how a key becomes another one.
  struct KeyType {
    std::string type;
    std::string value;
    std::string moved;
  };
  struct Table {
    std::string name;
    std::string key;  // of the column k; empty when there is none
    KeyType type;
    std::string second_key;  // a further column of the key
    std::string parent;      // what column r refers to
    std::string value;       // how the number {} becomes the column v
    enum class Identity { kNone, kAlways, kByDefault } identity = Identity::kNone;
    bool key_refers = false;  // the key itself refers to the parent's
    std::vector<std::string> parts;
    int rows = 0;
  };

  static const std::vector<KeyType>& KeyTypes();
  static std::string With(const std::string& pattern, const std::string& number);

  template <typename T>
  const T& AnyOf(const std::vector<T>& list) {
    return list[chance_.Below(list.size())];
  }
  const Table& AnyTable() { return AnyOf(tables_); }
  const Table* AnyParent();

  void ChooseKey(Table& table);
  std::string Columns(Table& table);
  std::string Reference(const Table& from, const Table& parent);
  std::string Partitions(Table& table);
  std::string Triggers(const Table& table);
  std::string Rows(const Table& table, const std::string& series, const std::string& conflict);
  // Columns that INSERT names, and what they get.
  std::string ColumnList(const Table& table) const;
  std::string Name(const Table& table) const { return schema_ + "." + table.name; }
  std::string Where();
  std::string Change(const Table& table);
  std::string Upsert(const Table& table);
  std::string Merge(const Table& table);
  std::string Delete(const Table& table);

  SeededEntropy chance_;
  std::string schema_;
  std::vector<Table> tables_;
  int next_ = 1000;  // what new rows are made from
};

}  // namespace jit::testing

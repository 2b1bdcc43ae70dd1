#include "indicators/publication/amount_sums.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "base/ids.h"
#include "indicators/publication/tables_model.h"

namespace kpr::publication {
namespace {

constexpr int kRowsOfSum = 5;  // with two parts or more that are not zero: fewer may be chance

struct Column {
  int table = 0, amount = 0;
  std::map<std::string, int64_t> values;  // by period, area, sex and age
  uint64_t layout = 0;                    // of the rows of all, by period and area, and of what is counted
  uint64_t print = 0;                     // of their values; that of a sum is the sum of those of its parts
  std::set<int> tables;                   // those that have a column which is the same
};

Column ColumnOf(const std::vector<v1::ReleaseTable>& tables, int t, int a) {
  const v1::ReleaseAmount& amount = tables[t].amounts(a);
  Column column{t, a, {}, amount.divisor() * 2 + amount.persons(), 0, {t}};
  for (const v1::ReleaseRow& row : tables[t].rows()) {
    if (Outside(row)) continue;
    const std::string place = row.period() + "|" + row.area();
    column.values[place + "|" + row.sex() + "|" + row.age()] = row.amounts(a);
    if (row.sex() != "all" || row.age() != "all") continue;
    const uint64_t hash = Fnv1a(place) | 1;
    column.layout += hash;
    column.print += hash * static_cast<uint64_t>(row.amounts(a));
  }
  return column;
}

// In every row that all have, and not by chance.
bool IsSum(const Column& whole, const std::vector<const Column*>& parts) {
  int rows = 0;
  for (const auto& [key, value] : whole.values) {
    int64_t sum = 0, not_zero = 0;
    bool all = true;
    for (const Column* part : parts) {
      const auto of = part->values.find(key);
      all = all && of != part->values.end();
      if (!all) break;
      sum += of->second;
      not_zero += of->second != 0;
    }
    if (!all) continue;
    if (sum != value) return false;
    rows += not_zero >= std::min<int64_t>(2, static_cast<int64_t>(parts.size()));
  }
  return rows >= (parts.size() == 1 ? 1 : kRowsOfSum);
}

class SumFinder {
 public:
  explicit SumFinder(std::vector<v1::ReleaseTable>& tables) : tables_(tables) {}

  void Find() {
    for (int t = 0; t < static_cast<int>(tables_.size()); ++t) {
      for (int a = 0; a < tables_[t].amounts_size(); ++a) {
        tables_[t].mutable_amounts(a)->clear_sums();
        if (!tables_[t].amounts(a).public_()) AddColumn(ColumnOf(tables_, t, a));
      }
    }
    for (size_t i = 0; i < different_.size(); ++i) {
      if (different_[i].print != 0) by_print_.emplace(different_[i].print, i);
    }
    FindPairs();
    for (const auto& [table, classes] : classes_) FindOfClasses(classes);
  }

 private:
  // Beside those that it is the same as; alone it can be a part or a whole.
  void AddColumn(Column column) {
    std::optional<size_t> same;
    const v1::ReleaseAmount& amount = tables_[column.table].amounts(column.amount);
    for (size_t i = 0; i < different_.size(); ++i) {
      Column& other = different_[i];
      const v1::ReleaseAmount& its = tables_[other.table].amounts(other.amount);
      if (its.divisor() != amount.divisor() || its.persons() != amount.persons() || !IsSum(column, {&other}))
        continue;
      Add(column, {&other});
      if (other.layout != column.layout || same) continue;
      same = i;
      other.tables.insert(column.table);
    }
    if (!amount.whole()) classes_[column.table].push_back(same.value_or(different_.size()));
    if (!same) different_.push_back(std::move(column));
  }

  void FindPairs() {
    for (size_t i = 0; i < different_.size(); ++i) {
      for (size_t j = i + 1; j < different_.size(); ++j) FindWhole({i, j});
    }
  }

  void FindOfClasses(const std::vector<size_t>& classes) {
    for (size_t i = 0; i < classes.size(); ++i) {
      for (size_t j = i + 1; j < classes.size(); ++j) {
        for (size_t k = j + 1; k < classes.size(); ++k) FindWhole({classes[i], classes[j], classes[k]});
      }
      for (size_t end = i + 4; end <= classes.size(); ++end) {
        FindWhole({classes.begin() + static_cast<std::ptrdiff_t>(i),
                   classes.begin() + static_cast<std::ptrdiff_t>(end)});
      }
    }
  }

  void FindWhole(const std::vector<size_t>& of) {
    uint64_t print = 0;
    for (const size_t i : of) {
      if (different_[i].print == 0 || different_[i].layout != different_[of[0]].layout) return;
      print += different_[i].print;
    }
    const auto [begin, end] = by_print_.equal_range(print);
    if (begin == end) return;
    std::vector<const Column*> parts;
    for (const size_t i : of) parts.push_back(&different_[i]);
    for (auto whole = begin; whole != end; ++whole) {
      const Column& column = different_[whole->second];
      if (column.layout == parts[0]->layout && !InOneTable(column, parts) && IsSum(column, parts))
        Add(column, parts);
    }
  }

  // The table's own sums are known without this.
  static bool InOneTable(const Column& whole, const std::vector<const Column*>& parts) {
    return std::any_of(whole.tables.begin(), whole.tables.end(), [&](int table) {
      return std::all_of(parts.begin(), parts.end(),
                         [&](const Column* part) { return part->tables.contains(table); });
    });
  }

  void Add(const Column& whole, const std::vector<const Column*>& parts) {
    v1::AmountSum& sum = *tables_[whole.table].mutable_amounts(whole.amount)->add_sums();
    for (const Column* part : parts) sum.add_parts(AmountName(tables_[part->table], part->amount));
  }

  std::vector<v1::ReleaseTable>& tables_;
  std::vector<Column> different_;
  std::map<int, std::vector<size_t>> classes_;  // by table: places in different_
  std::unordered_multimap<uint64_t, size_t> by_print_;
};

}  // namespace

std::string AmountName(const v1::ReleaseTable& table, int amount) {
  return table.indicator() + "/" + table.amounts(amount).id();
}

void FindSums(std::vector<v1::ReleaseTable>& tables) {
  SumFinder(tables).Find();
}

}  // namespace kpr::publication

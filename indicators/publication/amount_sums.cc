#include "indicators/publication/amount_sums.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <numeric>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/ids.h"
#include "indicators/publication/tables_model.h"

namespace kpr::publication {
namespace {

constexpr int kPlacesOfSum = 5;  // with two parts or more that are not zero: fewer may be chance

// Rows of one period and level are searched by themselves: tables need not have the same of them.
using Block = std::pair<std::string, size_t>;
struct Print {
  uint64_t rows = 0;    // which they are
  uint64_t values = 0;  // that of a sum is the sum of those of its parts
};

struct Column {
  int table = 0, amount = 0;
  uint32_t kind = 0;                      // of what is counted
  std::map<std::string, int64_t> values;  // by period, area, sex and age
  std::map<Block, Print> prints;          // of the rows of all sexes and ages
  size_t same = 0;  // the first column that has the same rows and figures; may be itself
};

Column ColumnOf(const std::vector<v1::ReleaseTable>& tables, int t, int a) {
  const v1::ReleaseAmount& amount = tables[t].amounts(a);
  Column column{t, a, amount.divisor() * 2 + amount.persons(), {}, {}, 0};
  for (const v1::ReleaseRow& row : tables[t].rows()) {
    if (Outside(row)) continue;
    const std::string place = row.period() + "|" + row.area();
    column.values[place + "|" + row.sex() + "|" + row.age()] = row.amounts(a);
    if (row.sex() != "all" || row.age() != "all") continue;
    const uint64_t hash = Fnv1a(place) | 1;
    Print& print = column.prints[{row.period(), row.area().size()}];
    print.rows += hash;
    print.values += hash * static_cast<uint64_t>(row.amounts(a));
  }
  return column;
}

// In how many places, of the finest that all have, two parts are not zero; of one part, in how many rows it
// is not. None: the sum does not hold in every row that all have.
int PlacesOfSum(const Column& whole, const std::vector<const Column*>& parts) {
  std::array<int, 5> places{};  // by digits of the area
  size_t finest = 1;
  for (const auto& [key, value] : whole.values) {
    int64_t sum = 0;
    int not_zero = 0;
    bool all = true;
    for (const Column* part : parts) {
      const auto of = part->values.find(key);
      all = all && of != part->values.end();
      if (!all) break;
      sum += of->second;
      not_zero += of->second != 0;
    }
    if (!all) continue;
    if (sum != value) return 0;
    const size_t begin = key.find('|') + 1, digits = key.find('|', begin) - begin;
    finest = std::max(finest, digits);
    if (not_zero >= std::min<int>(2, static_cast<int>(parts.size())) && key.ends_with("|all|all"))
      ++places.at(digits);
  }
  return parts.size() == 1 ? std::accumulate(places.begin(), places.end(), 0) : places.at(finest);
}

bool AreEqual(const Column& one, const Column& other) {
  return one.kind == other.kind && PlacesOfSum(one, {&other}) > 0;
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
      KnowOwnSum(t);
    }
    std::set<Block> blocks;
    for (const Column& column : columns_) {
      for (const auto& [block, print] : column.prints) blocks.insert(block);
    }
    for (const Block& block : blocks) FindIn(block);
  }

 private:
  void AddColumn(Column column) {
    const size_t place = columns_.size();
    column.same = place;
    for (size_t i = 0; i < place; ++i) {
      if (!AreEqual(column, columns_[i])) continue;
      Add(column, {&columns_[i]});
      const bool same_rows = std::equal(column.values.begin(), column.values.end(),
                                        columns_[i].values.begin(), columns_[i].values.end());
      if (same_rows && column.same == place) column.same = i;
    }
    if (!tables_[column.table].amounts(column.amount).whole()) classes_[column.table].push_back(place);
    columns_.push_back(std::move(column));
  }

  // What a table says by itself: that its classes are all of its first amount.
  void KnowOwnSum(int t) {
    const auto classes = classes_.find(t);
    if (classes == classes_.end() || !tables_[t].amounts(0).additive_parts()) return;
    for (const Column& column : columns_) {
      if (column.table == t && column.amount == 0) known_.insert(Names(column, classes->second));
    }
  }

  void FindIn(const Block& block) {
    by_print_.clear();
    std::vector<size_t> different;
    for (size_t i = 0; i < columns_.size(); ++i) {
      const auto print = columns_[i].prints.find(block);
      if (print == columns_[i].prints.end() || print->second.values == 0 || columns_[i].same != i) continue;
      by_print_.emplace(print->second.values, i);
      different.push_back(i);
    }
    for (size_t i = 0; i < different.size(); ++i) {
      for (size_t j = i + 1; j < different.size(); ++j) FindWhole(block, {different[i], different[j]});
    }
    for (const auto& [table, classes] : classes_) FindOfClasses(block, classes);
  }

  void FindOfClasses(const Block& block, const std::vector<size_t>& classes) {
    for (size_t i = 0; i < classes.size(); ++i) {
      for (size_t j = i + 1; j < classes.size(); ++j) {
        if (columns_[classes[i]].same == columns_[classes[j]].same)
          FindWhole(block, {classes[i], classes[j]});
        for (size_t k = j + 1; k < classes.size(); ++k)
          FindWhole(block, {classes[i], classes[j], classes[k]});
      }
      for (size_t end = i + 4; end <= classes.size(); ++end) {
        FindWhole(block, {classes.begin() + static_cast<std::ptrdiff_t>(i),
                          classes.begin() + static_cast<std::ptrdiff_t>(end)});
      }
    }
  }

  void FindWhole(const Block& block, const std::vector<size_t>& of) {
    Print sum;
    for (const size_t i : of) {
      const auto print = columns_[i].prints.find(block);
      if (print == columns_[i].prints.end() || print->second.values == 0) return;
      if (sum.rows != 0 && (print->second.rows != sum.rows || columns_[i].kind != columns_[of[0]].kind))
        return;
      sum.rows = print->second.rows;
      sum.values += print->second.values;
    }
    const auto [begin, end] = by_print_.equal_range(sum.values);
    for (auto found = begin; found != end; ++found) {
      const Column& whole = columns_[found->second];
      if (whole.kind == columns_[of[0]].kind && whole.prints.at(block).rows == sum.rows) Check(whole, of);
    }
  }

  void Check(const Column& whole, const std::vector<size_t>& of) {
    if (!known_.insert(Names(whole, of)).second) return;
    std::vector<const Column*> parts;
    for (const size_t i : of) parts.push_back(&columns_[i]);
    if (PlacesOfSum(whole, parts) >= kPlacesOfSum) Add(whole, parts);
  }

  // The same for sums of columns that are the same.
  std::vector<size_t> Names(const Column& whole, const std::vector<size_t>& of) const {
    std::vector<size_t> names;
    for (const size_t i : of) names.push_back(columns_[i].same);
    std::sort(names.begin(), names.end());
    names.push_back(whole.same);
    return names;
  }

  void Add(const Column& whole, const std::vector<const Column*>& parts) {
    v1::AmountSum& sum = *tables_[whole.table].mutable_amounts(whole.amount)->add_sums();
    for (const Column* part : parts) sum.add_parts(AmountName(tables_[part->table], part->amount));
  }

  std::vector<v1::ReleaseTable>& tables_;
  std::vector<Column> columns_;
  std::map<int, std::vector<size_t>> classes_;  // by table: places in columns_
  std::set<std::vector<size_t>> known_;         // sums that were looked at
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

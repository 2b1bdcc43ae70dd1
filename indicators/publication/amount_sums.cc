#include "indicators/publication/amount_sums.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>

#include "base/ids.h"
#include "indicators/publication/pools.h"
#include "indicators/publication/tables_model.h"
#include "indicators/query/area.h"

namespace kpr::publication {
namespace {

constexpr int kRowsOfSum = 5;  // with two parts or more that are not zero: fewer may be chance
constexpr v1::Level kFinestFirst[] = {v1::LEVEL_MUNICIPALITY, v1::LEVEL_COUNTY, v1::LEVEL_COUNTRY};

// Rows of one period and level, of municipalities those of one county, are searched by themselves: tables
// need not have the same of them.
using Block = std::pair<std::string, std::string>;  // period; country, counties or the county's number
struct Print {
  uint64_t rows = 0;    // which they are
  uint64_t values = 0;  // that of a sum is the sum of those of its parts
};

struct Figure {
  int64_t value = 0;
  uint64_t missing = 0;  // which municipalities a sum is without
  bool operator==(const Figure&) const = default;
};
using Figures = std::map<std::string, Figure>;  // by period, area, sex and age

struct Column {
  int table = 0, amount = 0;
  uint32_t kind = 0;  // of what is counted
  std::map<v1::Level, Figures> figures;
  std::map<Block, Print> prints;  // of the rows of all sexes and ages
  size_t same = 0;                // the first column that has the same rows and figures; may be itself
};

std::string PlaceOf(const v1::ReleaseRow& row) {
  return row.period() + "|" + row.area();
}

Column ColumnOf(const v1::ReleaseTable& table, int t, int a, const std::map<std::string, uint64_t>& missing) {
  const v1::ReleaseAmount& amount = table.amounts(a);
  Column column{t, a, amount.divisor() * 2 + amount.persons(), {}, {}, 0};
  for (const v1::ReleaseRow& row : table.rows()) {
    if (Outside(row) || OfPooled(row)) continue;
    const std::string place = PlaceOf(row);
    const auto without = missing.find(place);
    column.figures[LevelOfArea(row.area())][place + "|" + row.sex() + "|" + row.age()] = {
        row.amounts(a), without == missing.end() ? 0 : without->second};
    if (row.sex() != "all" || row.age() != "all") continue;
    const uint64_t hash = Fnv1a(place) | 1;
    const v1::Level level = LevelOfArea(row.area());
    Print& print = column.prints[{row.period(), level == v1::LEVEL_MUNICIPALITY ? row.area().substr(0, 2)
                                                : level == v1::LEVEL_COUNTY     ? "counties"
                                                                                : "country"}];
    print.rows += hash;
    print.values += hash * static_cast<uint64_t>(row.amounts(a));
  }
  return column;
}

struct Tried {
  bool holds = true;
  int shared = 0;  // rows that all have
  int rows = 0;    // of them, of all sexes and ages, in which two parts are not zero, or the only one
};

// `same`: of sums only those without the same municipalities.
Tried Try(const Column& whole, const std::vector<const Column*>& parts, v1::Level level, bool same) {
  Tried tried;
  const auto of_whole = whole.figures.find(level);
  if (of_whole == whole.figures.end()) return tried;
  std::vector<const Figures*> of_parts;
  for (const Column* part : parts) {
    const auto of_part = part->figures.find(level);
    if (of_part == part->figures.end()) return tried;
    of_parts.push_back(&of_part->second);
  }
  for (const auto& [key, figure] : of_whole->second) {
    int64_t sum = 0;
    int not_zero = 0;
    bool all = true;
    for (const Figures* part : of_parts) {
      const auto of = part->find(key);
      all = all && of != part->end() && (!same || of->second.missing == figure.missing);
      if (!all) break;
      sum += of->second.value;
      not_zero += of->second.value != 0;
    }
    if (!all) continue;
    ++tried.shared;
    tried.rows += not_zero >= std::min<int>(2, static_cast<int>(parts.size())) && key.ends_with("|all|all");
    tried.holds = sum == figure.value;
    if (!tried.holds) return tried;
  }
  return tried;
}

class SumFinder {
 public:
  explicit SumFinder(std::vector<v1::ReleaseTable>& tables) : tables_(tables) {}

  void Find() {
    for (int t = 0; t < static_cast<int>(tables_.size()); ++t) {
      const std::map<std::string, uint64_t> missing = MissingOf(tables_[t]);
      for (int a = 0; a < tables_[t].amounts_size(); ++a) {
        tables_[t].mutable_amounts(a)->clear_sums();
        if (!tables_[t].amounts(a).public_()) AddColumn(ColumnOf(tables_[t], t, a, missing));
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
      // What is equal to one that has the same rows as another is equal to that.
      if (columns_[i].same != i || columns_[i].kind != column.kind) continue;
      if (Add(column, {&columns_[i]}, 1) && columns_[i].figures == column.figures && column.same == place)
        column.same = i;
    }
    const bool zero = std::all_of(column.prints.begin(), column.prints.end(),
                                  [](const auto& print) { return print.second.values == 0; });
    if (!zero && !tables_[column.table].amounts(column.amount).whole())
      classes_[column.table].push_back(place);
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
    prints_.assign(columns_.size(), {});
    std::vector<size_t> different;
    for (size_t i = 0; i < columns_.size(); ++i) {
      const auto print = columns_[i].prints.find(block);
      if (print == columns_[i].prints.end()) continue;
      prints_[i] = print->second;
      if (print->second.values == 0 || columns_[i].same != i) continue;
      by_print_.emplace(print->second.values, i);
      different.push_back(i);
    }
    for (size_t i = 0; i < different.size(); ++i) {
      for (size_t j = i + 1; j < different.size(); ++j) FindWhole(std::array{different[i], different[j]});
    }
    for (const auto& [table, classes] : classes_) FindOfClasses(classes);
  }

  void FindOfClasses(const std::vector<size_t>& classes) {
    for (size_t i = 0; i < classes.size(); ++i) {
      for (size_t j = i + 1; j < classes.size(); ++j) {
        if (columns_[classes[i]].same == columns_[classes[j]].same)
          FindWhole(std::array{classes[i], classes[j]});
        for (size_t k = j + 1; k < classes.size(); ++k)
          FindWhole(std::array{classes[i], classes[j], classes[k]});
      }
      for (size_t end = i + 4; end <= classes.size(); ++end)
        FindWhole(std::span(classes).subspan(i, end - i));
    }
  }

  // In the block; a class may be zero there.
  void FindWhole(std::span<const size_t> of) {
    const uint64_t rows = prints_[of[0]].rows;
    const uint32_t kind = columns_[of[0]].kind;
    uint64_t values = 0;
    for (const size_t i : of) {
      if (rows == 0 || prints_[i].rows != rows || columns_[i].kind != kind) return;
      values += prints_[i].values;
    }
    const auto [begin, end] = by_print_.equal_range(values);
    for (auto whole = begin; whole != end; ++whole) {
      const bool part = std::find(of.begin(), of.end(), whole->second) != of.end();
      if (!part && columns_[whole->second].kind == kind && prints_[whole->second].rows == rows)
        Check(columns_[whole->second], of);
    }
  }

  void Check(const Column& whole, std::span<const size_t> of) {
    if (!known_.insert(Names(whole, of)).second) return;
    std::vector<const Column*> parts;
    for (const size_t i : of) parts.push_back(&columns_[i]);
    Add(whole, parts, kRowsOfSum);
  }

  // Equal for sums of columns that are the same.
  std::vector<size_t> Names(const Column& whole, std::span<const size_t> of) const {
    std::vector<size_t> names;
    for (const size_t i : of) names.push_back(columns_[i].same);
    std::sort(names.begin(), names.end());
    names.push_back(whole.same);
    return names;
  }

  // At the finest level that all have, if it holds there in so many rows, and at those above up to one where
  // it does not, as where somebody is in two places. False: not even there.
  bool Add(const Column& whole, const std::vector<const Column*>& parts, int rows) {
    v1::AmountSum sum;
    bool first = true;
    for (const v1::Level level : kFinestFirst) {
      const Tried of_all = Try(whole, parts, level, false);
      if (of_all.shared == 0) continue;
      if (first && (!of_all.holds || of_all.rows < rows)) return false;
      first = false;
      if (of_all.holds) {
        sum.add_levels(level);
      } else if (Try(whole, parts, level, true).holds) {
        sum.add_levels_of_same(level);
      } else {
        break;
      }
    }
    if (first) return false;
    for (const Column* part : parts) sum.add_parts(AmountName(tables_[part->table], part->amount));
    *tables_[whole.table].mutable_amounts(whole.amount)->add_sums() = std::move(sum);
    return true;
  }

  std::vector<v1::ReleaseTable>& tables_;
  std::vector<Column> columns_;
  std::map<int, std::vector<size_t>> classes_;  // by table: places in columns_
  std::set<std::vector<size_t>> known_;         // sums that were looked at
  std::vector<Print> prints_;                   // of each column, in the block
  std::unordered_multimap<uint64_t, size_t> by_print_;
};

}  // namespace

std::map<std::string, uint64_t> MissingOf(const v1::ReleaseTable& table) {
  std::map<std::string, uint64_t> missing;
  for (const v1::ReleaseRow& row : table.rows()) {
    if (row.area().size() != 4 || !Outside(row) || row.sex() != "all" || row.age() != "all") continue;
    if (row.missing_reason() == v1::MISSING_REASON_POOLED) continue;  // in all sums
    const uint64_t hash = Fnv1a(row.area()) | 1;
    if (!row.pool().empty()) missing[row.period() + "|" + row.pool()] += hash;
    missing[row.period() + "|0"] += hash;
    missing[row.period() + "|" + row.area().substr(0, 2)] += hash;
  }
  return missing;
}

std::string AmountName(const v1::ReleaseTable& table, int amount) {
  return table.indicator() + "/" + table.amounts(amount).id();
}

void FindSums(std::vector<v1::ReleaseTable>& tables) {
  SumFinder(tables).Find();
}

}  // namespace kpr::publication

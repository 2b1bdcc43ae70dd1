#include "indicators/publication/small_differences.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "indicators/publication/amount_sums.h"

namespace kpr::publication {
namespace {

constexpr int kRowsShared = 5;  // both shown: of fewer it may be chance that one is nowhere less

struct Column {
  int table;
  std::string name;
  std::map<std::string, int64_t> shown;  // by period, area, sex and age
};

Column ColumnOf(const std::vector<v1::ReleaseTable>& tables, int t, int a) {
  Column column{t, AmountName(tables[t], a), {}};
  for (const v1::ReleaseRow& row : tables[t].rows()) {
    const bool shown = row.states(a) == v1::FIGURE_STATE_SHOWN || row.states(a) == v1::FIGURE_STATE_FORMER;
    if (!shown || row.carried_forward()) continue;
    column.shown[row.period() + "|" + row.area() + "|" + row.sex() + "|" + row.age()] = row.amounts(a);
  }
  return column;
}

// In how many rows they differ by few; zero too where the second is not in the first, or far less than it.
uint32_t RowsOfFew(const Column& larger, const Column& smaller, int64_t few) {
  uint32_t rows = 0;
  int shared = 0;
  int64_t of_larger = 0, of_smaller = 0;
  auto a = larger.shown.begin(), b = smaller.shown.begin();
  while (a != larger.shown.end() && b != smaller.shown.end()) {
    const int order = a->first.compare(b->first);
    if (order == 0) {
      const int64_t difference = a->second - b->second;
      if (difference < 0) return 0;
      ++shared;
      rows += difference > 0 && difference <= few;
      of_larger += a->second;
      of_smaller += b->second;
    }
    if (order <= 0) ++a;
    if (order >= 0) ++b;
  }
  return shared >= kRowsShared && 10 * of_smaller >= 9 * of_larger ? rows : 0;
}

}  // namespace

std::vector<v1::SmallDifference> SmallDifferences(const std::vector<v1::ReleaseTable>& shown,
                                                  const v1::DisclosurePolicy& policy) {
  std::vector<Column> columns;
  for (int t = 0; t < static_cast<int>(shown.size()); ++t) {
    for (int a = 0; a < shown[t].amounts_size(); ++a) {
      const v1::ReleaseAmount& amount = shown[t].amounts(a);
      if (amount.persons() && !amount.public_()) columns.push_back(ColumnOf(shown, t, a));
    }
  }
  std::vector<v1::SmallDifference> differences;
  for (const Column& larger : columns) {
    for (const Column& smaller : columns) {
      if (larger.table == smaller.table) continue;
      const uint32_t rows = RowsOfFew(larger, smaller, policy.hide_up_to());
      if (rows == 0) continue;
      v1::SmallDifference& difference = differences.emplace_back();
      difference.set_larger(larger.name);
      difference.set_smaller(smaller.name);
      difference.set_figures(rows);
    }
  }
  std::stable_sort(differences.begin(), differences.end(),
                   [](const auto& a, const auto& b) { return a.figures() > b.figures(); });
  return differences;
}

}  // namespace kpr::publication

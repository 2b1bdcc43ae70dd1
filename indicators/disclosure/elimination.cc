#include "indicators/disclosure/elimination.h"

#include <algorithm>
#include <set>

namespace kpr::disclosure {

Elimination::Elimination(const Model& model, const std::vector<CellIndex>& cells) : cells_(cells.size()) {
  Eliminate(RowsOf(model, cells));
}

std::vector<Elimination::Row> Elimination::RowsOf(const Model& model,
                                                  const std::vector<CellIndex>& cells) const {
  std::vector<Row> rows;
  for (const uint32_t index : RelationsOf(model, cells)) {
    const Relation relation = model.relation(index);
    if (!relation.equal) continue;
    Row row;
    for (const Term& term : relation.terms) {
      const auto at = std::lower_bound(cells.begin(), cells.end(), term.cell);
      if (at == cells.end() || *at != term.cell) continue;
      row.push_back({static_cast<uint32_t>(at - cells.begin()), Field::Of(term.factor)});
    }
    std::sort(row.begin(), row.end(), [](const Entry& a, const Entry& b) { return a.column < b.column; });
    rows.push_back(std::move(row));
  }
  return rows;
}

namespace {

// into += factor * added, both sorted by column. `on_new` is called for each column that `into` did not have.
template <typename Row, typename OnNew>
void AddMultiple(Row& into, const Row& added, Field factor, Row& scratch, OnNew on_new) {
  scratch.clear();
  scratch.reserve(into.size() + added.size());
  auto a = into.begin();
  auto b = added.begin();
  while (a != into.end() || b != added.end()) {
    if (b == added.end() || (a != into.end() && a->column < b->column)) {
      scratch.push_back(*a++);
    } else if (a == into.end() || b->column < a->column) {
      scratch.push_back({b->column, factor * b->factor});
      on_new(b->column);
      ++b;
    } else {
      const Field sum = a->factor + factor * b->factor;
      if (!sum.zero()) scratch.push_back({a->column, sum});
      ++a;
      ++b;
    }
  }
  into.swap(scratch);
}

}  // namespace

// The shortest row first, by its rarest column: little is filled in.
void Elimination::Eliminate(std::vector<Row> rows) {
  std::vector<std::vector<uint32_t>> rows_of(cells_);  // may name rows that have lost the column
  std::set<std::pair<size_t, uint32_t>> shortest;
  for (uint32_t r = 0; r < rows.size(); ++r) {
    for (const Entry& entry : rows[r]) rows_of[entry.column].push_back(r);
    if (!rows[r].empty()) shortest.emplace(rows[r].size(), r);
  }
  Row scratch;
  while (!shortest.empty()) {
    const uint32_t chosen = shortest.begin()->second;
    shortest.erase(shortest.begin());
    Row row = std::move(rows[chosen]);
    rows[chosen].clear();
    const auto pivot = std::min_element(row.begin(), row.end(), [&](const Entry& a, const Entry& b) {
      return rows_of[a.column].size() < rows_of[b.column].size();
    });
    const uint32_t column = pivot->column;
    const Field scale = Field() - pivot->factor.Inverse();
    for (Entry& entry : row) entry.factor = entry.factor * scale;
    for (const uint32_t other : rows_of[column]) {
      Row& into = rows[other];
      const auto at =
          std::lower_bound(into.begin(), into.end(), column,
                           [](const Entry& entry, uint32_t wanted) { return entry.column < wanted; });
      if (at == into.end() || at->column != column) continue;
      shortest.erase({into.size(), other});
      AddMultiple(into, row, at->factor, scratch, [&](uint32_t added) { rows_of[added].push_back(other); });
      if (!into.empty()) shortest.emplace(into.size(), other);
    }
    rows_of[column].clear();
    std::erase_if(row, [&](const Entry& entry) { return entry.column == column; });
    pivots_.push_back({std::move(row), column});
  }
}

std::vector<Field> Elimination::Sample(size_t count, Random& random) const {
  std::vector<Field> changes(cells_ * count);
  std::vector<bool> follows(cells_);
  for (const Pivot& pivot : pivots_) follows[pivot.column] = true;
  for (size_t i = 0; i < cells_; ++i) {
    if (follows[i]) continue;
    for (size_t k = 0; k < count; ++k) changes[i * count + k] = random.NextField();
  }
  for (auto pivot = pivots_.rbegin(); pivot != pivots_.rend(); ++pivot) {
    Field* result = &changes[pivot->column * count];
    for (const Entry& entry : pivot->row) {
      const Field* from = &changes[entry.column * count];
      for (size_t k = 0; k < count; ++k) result[k] = result[k] + entry.factor * from[k];
    }
  }
  return changes;
}

}  // namespace kpr::disclosure

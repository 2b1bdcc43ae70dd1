#include "indicators/disclosure/piece.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

namespace kpr::disclosure {

PieceCutter::PieceCutter(const Model& model, const Hidden& hidden, const std::vector<CellIndex>& cells)
    : model_(model), hidden_(hidden), cells_(cells), taken_(cells.size()) {
  for (const uint32_t index : RelationsOf(model, cells)) {
    double shown = 0;
    for (const Term& term : model.relation(index).terms) {
      if (!hidden[term.cell])
        shown += static_cast<double>(term.factor) * static_cast<double>(model.cell(term.cell).value);
    }
    most_ += std::abs(shown);
  }
}

uint32_t PieceCutter::PlaceOf(CellIndex cell) const {
  return static_cast<uint32_t>(std::lower_bound(cells_.begin(), cells_.end(), cell) - cells_.begin());
}

Piece PieceCutter::Whole() const {
  Piece piece{std::vector<uint32_t>(cells_.size()), RelationsOf(model_, cells_)};
  std::iota(piece.places.begin(), piece.places.end(), 0);
  return piece;
}

Piece PieceCutter::CellsAround(uint32_t place, size_t size) {
  Piece piece{{place}, {}};
  taken_[place] = true;
  for (size_t next = 0; next < piece.places.size() && piece.places.size() < size; ++next) {
    for (const uint32_t relation : model_.relations_of(cells_[piece.places[next]])) {
      for (const Term& term : model_.relation(relation).terms) {
        if (!hidden_[term.cell] || piece.places.size() == size) continue;
        const uint32_t beside = PlaceOf(term.cell);
        if (!taken_[beside]) piece.places.push_back(beside);
        taken_[beside] = true;
      }
    }
  }
  std::vector<CellIndex> cells;
  for (const uint32_t taken : piece.places) {
    taken_[taken] = false;
    cells.push_back(cells_[taken]);
  }
  std::sort(piece.places.begin(), piece.places.end());
  piece.relations = RelationsOf(model_, cells);
  return piece;
}

Piece PieceCutter::RelationsAround(uint32_t place, size_t size) {
  Piece piece{{place}, {}};
  taken_[place] = true;
  std::set<uint32_t> relations;
  for (size_t next = 0; next < piece.places.size(); ++next) {
    for (const uint32_t relation : model_.relations_of(cells_[piece.places[next]])) {
      if (relations.contains(relation)) continue;
      std::vector<uint32_t> added;
      for (const Term& term : model_.relation(relation).terms) {
        if (!hidden_[term.cell]) continue;
        const uint32_t beside = PlaceOf(term.cell);
        if (!taken_[beside]) added.push_back(beside);
      }
      if (piece.places.size() + added.size() > size) continue;
      relations.insert(relation);
      for (const uint32_t beside : added) taken_[beside] = true;
      piece.places.insert(piece.places.end(), added.begin(), added.end());
    }
  }
  for (const uint32_t taken : piece.places) taken_[taken] = false;
  std::sort(piece.places.begin(), piece.places.end());
  piece.relations.assign(relations.begin(), relations.end());
  return piece;
}

LinearProgram PieceCutter::Programme(const Piece& piece, const std::vector<double>& solution) const {
  std::vector<LinearProgram::Row> rows;
  for (const uint32_t index : piece.relations) {
    const Relation relation = model_.relation(index);
    LinearProgram::Row row;
    double known = 0;
    for (const Term& term : relation.terms) {
      if (!hidden_[term.cell]) {
        known += static_cast<double>(term.factor) * static_cast<double>(model_.cell(term.cell).value);
        continue;
      }
      const uint32_t place = PlaceOf(term.cell);
      const auto at = std::lower_bound(piece.places.begin(), piece.places.end(), place);
      if (at == piece.places.end() || *at != place) {
        known += term.factor * solution[place];
        continue;
      }
      row.variables.push_back(static_cast<int>(at - piece.places.begin()));
      row.factors.push_back(term.factor);
    }
    row.upper = -known;
    row.lower = relation.equal ? -known : -std::numeric_limits<double>::max();
    rows.push_back(std::move(row));
  }
  std::vector<double> lower;
  for (const uint32_t place : piece.places)
    lower.push_back(static_cast<double>(model_.cell(cells_[place]).at_least));
  return {lower, std::vector<double>(lower.size(), most_), rows};
}

}  // namespace kpr::disclosure

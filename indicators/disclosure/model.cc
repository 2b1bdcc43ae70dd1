#include "indicators/disclosure/model.h"

#include <numeric>

namespace kpr::disclosure {

std::string NameOf(const CellNamer& namer, CellIndex cell) {
  return namer ? namer(cell) : "cell " + std::to_string(cell);
}

CellIndex Model::AddCell(const Cell& cell) {
  cells_.push_back(cell);
  return static_cast<CellIndex>(cells_.size() - 1);
}

void Model::AddRelation(std::span<const Term> terms, bool equal) {
  terms_.insert(terms_.end(), terms.begin(), terms.end());
  begins_.push_back(terms_.size());
  equal_.push_back(equal);
}

void Model::Finish() {
  of_cell_begins_.assign(cells_.size() + 1, 0);
  for (const Term& term : terms_) ++of_cell_begins_[term.cell + 1];
  std::partial_sum(of_cell_begins_.begin(), of_cell_begins_.end(), of_cell_begins_.begin());
  of_cell_.resize(terms_.size());
  std::vector<size_t> next(of_cell_begins_.begin(), of_cell_begins_.end() - 1);
  for (size_t r = 0; r < relations(); ++r) {
    for (const Term& term : relation(r).terms) of_cell_[next[term.cell]++] = static_cast<uint32_t>(r);
  }
}

namespace {

CellIndex Root(std::vector<CellIndex>& parent, CellIndex cell) {
  while (parent[cell] != cell) cell = parent[cell] = parent[parent[cell]];
  return cell;
}

}  // namespace

std::vector<std::vector<CellIndex>> Components(const Model& model, const Hidden& hidden) {
  constexpr CellIndex kNone = ~CellIndex{0};
  std::vector<CellIndex> parent(model.cells());
  std::iota(parent.begin(), parent.end(), 0);
  for (size_t r = 0; r < model.relations(); ++r) {
    CellIndex first = kNone;
    for (const Term& term : model.relation(r).terms) {
      if (!hidden[term.cell]) continue;
      if (first == kNone) first = Root(parent, term.cell);
      const CellIndex other = Root(parent, term.cell);
      parent[std::max(first, other)] = std::min(first, other);
      first = std::min(first, other);
    }
  }
  std::vector<std::vector<CellIndex>> parts;
  std::vector<CellIndex> part_of(model.cells(), kNone);
  for (CellIndex cell = 0; cell < model.cells(); ++cell) {
    if (!hidden[cell]) continue;
    CellIndex& part = part_of[Root(parent, cell)];
    if (part == kNone) {
      part = static_cast<CellIndex>(parts.size());
      parts.emplace_back();
    }
    parts[part].push_back(cell);
  }
  return parts;
}

}  // namespace kpr::disclosure

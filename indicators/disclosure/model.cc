#include "indicators/disclosure/model.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

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

std::vector<uint32_t> RelationsOf(const Model& model, const std::vector<CellIndex>& cells) {
  std::vector<uint32_t> relations;
  for (const CellIndex cell : cells) {
    const auto of_cell = model.relations_of(cell);
    relations.insert(relations.end(), of_cell.begin(), of_cell.end());
  }
  std::sort(relations.begin(), relations.end());
  relations.erase(std::unique(relations.begin(), relations.end()), relations.end());
  return relations;
}

namespace {

uint32_t Root(std::vector<uint32_t>& parent, uint32_t at) {
  while (parent[at] != at) at = parent[at] = parent[parent[at]];
  return at;
}

}  // namespace

std::vector<std::vector<CellIndex>> Components(const Model& model, const std::vector<CellIndex>& cells,
                                               Joined joined) {
  constexpr uint32_t kNoPart = ~uint32_t{0};
  std::vector<uint32_t> parent(cells.size());
  std::iota(parent.begin(), parent.end(), 0);
  std::unordered_map<uint32_t, uint32_t> first_of;  // by relation: where a cell of it is
  for (uint32_t at = 0; at < cells.size(); ++at) {
    for (const uint32_t relation : model.relations_of(cells[at])) {
      if (joined == Joined::kByEqual && !model.relation(relation).equal) continue;
      const auto [first, added] = first_of.emplace(relation, at);
      if (added) continue;
      const uint32_t a = Root(parent, first->second), b = Root(parent, at);
      parent[std::max(a, b)] = std::min(a, b);
    }
  }
  std::vector<std::vector<CellIndex>> parts;
  std::vector<uint32_t> part_of(cells.size(), kNoPart);
  for (uint32_t at = 0; at < cells.size(); ++at) {
    uint32_t& part = part_of[Root(parent, at)];
    if (part == kNoPart) {
      part = static_cast<uint32_t>(parts.size());
      parts.emplace_back();
    }
    parts[part].push_back(cells[at]);
  }
  return parts;
}

std::vector<std::vector<CellIndex>> Components(const Model& model, const Hidden& hidden, Joined joined) {
  std::vector<CellIndex> cells;
  for (CellIndex cell = 0; cell < model.cells(); ++cell) {
    if (hidden[cell]) cells.push_back(cell);
  }
  return Components(model, cells, joined);
}

}  // namespace kpr::disclosure

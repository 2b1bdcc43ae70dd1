#include "indicators/disclosure/table.h"

#include <algorithm>

namespace kpr::disclosure {

NodeIndex Dimension::AddLeaf(std::string code) {
  codes_.push_back(std::move(code));
  decompositions_.emplace_back();
  leaves_of_.push_back({static_cast<NodeIndex>(leaves_)});
  return static_cast<NodeIndex>(leaves_++);
}

NodeIndex Dimension::AddSum(std::string code, const std::vector<NodeIndex>& parts) {
  std::vector<NodeIndex> leaves;
  for (const NodeIndex part : parts) {
    leaves.insert(leaves.end(), leaves_of_[part].begin(), leaves_of_[part].end());
  }
  std::sort(leaves.begin(), leaves.end());
  codes_.push_back(std::move(code));
  decompositions_.push_back({parts});
  leaves_of_.push_back(std::move(leaves));
  return static_cast<NodeIndex>(codes_.size() - 1);
}

void Dimension::AddDecomposition(NodeIndex sum, std::vector<NodeIndex> parts) {
  decompositions_[sum].push_back(std::move(parts));
}

Table::Table(std::vector<const Dimension*> dimensions)
    : dimensions_(std::move(dimensions)), strides_(dimensions_.size()) {
  for (size_t d = dimensions_.size(); d-- > 0;) {
    strides_[d] = cells_;
    cells_ *= dimensions_[d]->nodes();
  }
}

size_t Table::At(std::span<const NodeIndex> nodes) const {
  size_t at = 0;
  for (size_t d = 0; d < nodes.size(); ++d) at += nodes[d] * strides_[d];
  return at;
}

std::vector<NodeIndex> Table::NodesOf(size_t at) const {
  std::vector<NodeIndex> nodes(dimensions_.size());
  for (size_t d = 0; d < nodes.size(); ++d) {
    nodes[d] = static_cast<NodeIndex>(at / strides_[d]);
    at %= strides_[d];
  }
  return nodes;
}

namespace {

// Langsrud's order for readers: what counts most first; of equal counts the one with the larger tables behind
// it; what is zero before all else, since an unexpected gap among zeros tells most.
std::vector<double> Priorities(const Table& table, const std::vector<int64_t>& counts) {
  const size_t dimensions = table.dimensions().size();
  std::vector<double> weight(counts.size());
  for (size_t i = 0; i < counts.size(); ++i) weight[i] = static_cast<double>(counts[i] + 1);
  // What is in a leaf: the weights of all combinations that contain it, dimension by dimension.
  for (size_t d = 0; d < dimensions; ++d) {
    const Dimension& dimension = *table.dimensions()[d];
    table.ForEachBeside(d, [&](size_t base) {
      std::vector<double> of_leaf(dimension.leaves());
      for (NodeIndex node = 0; node < dimension.nodes(); ++node) {
        for (const NodeIndex leaf : dimension.leaves_of(node))
          of_leaf[leaf] += weight[base + node * table.stride(d)];
      }
      for (NodeIndex leaf = 0; leaf < dimension.leaves(); ++leaf)
        weight[base + leaf * table.stride(d)] = of_leaf[leaf];
    });
  }
  table.SumUp(weight);
  const double most = *std::max_element(weight.begin(), weight.end());
  std::vector<double> priority(counts.size());
  for (size_t i = 0; i < counts.size(); ++i) {
    priority[i] = static_cast<double>(counts[i] + 1) + 0.99 * weight[i] / most;
  }
  const double highest = *std::max_element(priority.begin(), priority.end());
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) priority[i] += highest + 0.01;
  }
  return priority;
}

}  // namespace

CellIndex ModelBuilder::CellOf(const std::string& population, const Table& table,
                               std::span<const NodeIndex> nodes, const Cell& cell) {
  std::vector<std::string> parts;
  for (size_t d = 0; d < nodes.size(); ++d) {
    const Dimension& dimension = *table.dimensions()[d];
    if (!dimension.total(nodes[d])) parts.push_back(dimension.name() + '\x1f' + dimension.code(nodes[d]));
  }
  std::sort(parts.begin(), parts.end());
  std::string key = population;
  for (const std::string& part : parts) key += '\x1e' + part;
  const auto [entry, added] = known_.emplace(std::move(key), 0);
  if (added) {
    entry->second = model_.AddCell(cell);
  } else {
    Cell& before = model_.cell(entry->second);
    before.priority = std::max(before.priority, cell.priority);
    if (before.showing == Showing::kUnknown) before.showing = cell.showing;
  }
  return entry->second;
}

Result<std::vector<CellIndex>> ModelBuilder::AddTable(
    const std::string& population, const Table& table, std::vector<int64_t> counts,
    const std::function<Showing(std::span<const NodeIndex>)>& showing) {
  table.SumUp(counts);
  const std::vector<double> priorities = Priorities(table, counts);
  std::vector<CellIndex> cells(table.cells());
  for (size_t at = 0; at < cells.size(); ++at) {
    const std::vector<NodeIndex> nodes = table.NodesOf(at);
    Cell cell{counts[at], priorities[at]};
    if (showing) cell.showing = showing(nodes);
    cells[at] = CellOf(population, table, nodes, cell);
    if (model_.cell(cells[at]).value != counts[at]) {
      return Invalid("two tables of population \"" + population + "\" differ in a figure that both have");
    }
  }
  std::vector<Term> terms;
  for (size_t d = 0; d < table.dimensions().size(); ++d) {
    const Dimension& dimension = *table.dimensions()[d];
    for (NodeIndex sum = 0; sum < dimension.nodes(); ++sum) {
      for (const std::vector<NodeIndex>& parts : dimension.decompositions(sum)) {
        table.ForEachBeside(d, [&](size_t base) {
          terms.assign({{cells[base + sum * table.stride(d)], -1}});
          for (const NodeIndex part : parts) terms.push_back({cells[base + part * table.stride(d)], 1});
          // A sum of one part that is everything is the cell itself.
          if (std::none_of(terms.begin() + 1, terms.end(),
                           [&](const Term& t) { return t.cell == terms[0].cell; })) {
            model_.AddRelation(terms);
          }
        });
      }
    }
  }
  return cells;
}

Model ModelBuilder::Take() {
  model_.Finish();
  return std::move(model_);
}

}  // namespace kpr::disclosure

// Builds the model of tables: dimensions with their hierarchies, crossed. Cells that two tables share are one
// cell, so that linked tables are protected together. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "indicators/disclosure/model.h"

namespace kpr::disclosure {

using NodeIndex = uint32_t;

// The values of one variable, leaves first, then sums of them. A sum may have several decompositions (a
// county by the municipalities of this year, and by those of an earlier one).
class Dimension {
 public:
  explicit Dimension(std::string name) : name_(std::move(name)) {}
  // Before the first sum.
  NodeIndex AddLeaf(std::string code);
  // Of nodes added before, no leaf twice.
  NodeIndex AddSum(std::string code, const std::vector<NodeIndex>& parts);
  // Another way to the same sum.
  void AddDecomposition(NodeIndex sum, std::vector<NodeIndex> parts);

  const std::string& name() const { return name_; }
  size_t nodes() const { return codes_.size(); }
  size_t leaves() const { return leaves_; }
  const std::string& code(NodeIndex node) const { return codes_[node]; }
  std::span<const std::vector<NodeIndex>> decompositions(NodeIndex node) const {
    return decompositions_[node];
  }
  const std::vector<NodeIndex>& leaves_of(NodeIndex node) const { return leaves_of_[node]; }
  // Whether the node is everything: what a table without this dimension shows.
  bool total(NodeIndex node) const { return leaves_of_[node].size() == leaves_; }

 private:
  std::string name_;
  size_t leaves_ = 0;
  std::vector<std::string> codes_;
  std::vector<std::vector<std::vector<NodeIndex>>> decompositions_;
  std::vector<std::vector<NodeIndex>> leaves_of_;  // sorted
};

// All combinations of the nodes of some dimensions, the last dimension fastest.
class Table {
 public:
  explicit Table(std::vector<const Dimension*> dimensions);
  size_t cells() const { return cells_; }
  const std::vector<const Dimension*>& dimensions() const { return dimensions_; }
  size_t At(std::span<const NodeIndex> nodes) const;
  std::vector<NodeIndex> NodesOf(size_t at) const;
  size_t stride(size_t dimension) const { return strides_[dimension]; }

  // Adds up along every dimension: from counts of leaf combinations to counts of all combinations (other
  // entries of `counts` are overwritten).
  template <typename Number>
  void SumUp(std::vector<Number>& counts) const {
    for (size_t d = 0; d < dimensions_.size(); ++d) {
      const Dimension& dimension = *dimensions_[d];
      for (NodeIndex node = static_cast<NodeIndex>(dimension.leaves()); node < dimension.nodes(); ++node) {
        ForEachBeside(d, [&](size_t base) {
          Number sum{};
          for (const NodeIndex leaf : dimension.leaves_of(node)) sum += counts[base + leaf * strides_[d]];
          counts[base + node * strides_[d]] = sum;
        });
      }
    }
  }
  // For each combination of the other dimensions, where it has node 0 of dimension d.
  template <typename Visit>
  void ForEachBeside(size_t d, Visit visit) const {
    const size_t block = strides_[d] * dimensions_[d]->nodes();
    for (size_t high = 0; high < cells_; high += block) {
      for (size_t low = 0; low < strides_[d]; ++low) visit(high + low);
    }
  }

 private:
  std::vector<const Dimension*> dimensions_;
  std::vector<size_t> strides_;
  size_t cells_ = 1;
};

class ModelBuilder {
 public:
  // Adds a table of counts of persons of one population. `counts` has an entry for each combination of nodes;
  // those of leaves are read. `showing` says what a combination is to the publication (candidate if empty).
  // Returns the cells of the combinations. Fails where a cell is known with another value from another table.
  Result<std::vector<CellIndex>> AddTable(
      const std::string& population, const Table& table, std::vector<int64_t> counts,
      const std::function<Showing(std::span<const NodeIndex>)>& showing = {});
  // The model of all tables added.
  Model Take();

 private:
  CellIndex CellOf(const std::string& population, const Table& table, std::span<const NodeIndex> nodes,
                   const Cell& cell);

  Model model_;
  std::map<std::string, CellIndex> known_;
};

}  // namespace kpr::disclosure

// Random linked tables for tests, and what naive linear algebra says of them: every published cell as a
// vector over the finest combinations, with floating-point orthogonal bases instead of relations and exact
// elimination.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "indicators/disclosure/field.h"
#include "indicators/disclosure/table.h"

namespace kpr::disclosure {

// Persons by place, service and age; two tables of them that share a dimension, or one of all three.
struct RandomTables {
  std::vector<std::unique_ptr<Dimension>> dimensions;
  Model model;
  std::vector<std::vector<double>> vectors;  // of each cell, over the finest combinations
  int64_t threshold = 0;                     // counts of 1 to this are hidden

  explicit RandomTables(uint64_t seed) {
    Random random(seed);
    const auto below = [&](uint64_t bound) { return random.Next() % bound; };
    for (const char* name : {"place", "service", "age"}) dimensions.push_back(RandomDimension(name, below));
    threshold = static_cast<int64_t>(1 + below(4));
    std::vector<const Dimension*> all;
    for (const auto& dimension : dimensions) all.push_back(dimension.get());
    const Table finest(all);
    std::vector<int64_t> persons(finest.cells());
    const double mean = 0.5 + static_cast<double>(below(60)) / 10;
    for (size_t at = 0; at < persons.size(); ++at) {
      double product = random.NextDouble();
      while (product > std::exp(-mean)) {
        ++persons[at];
        product *= random.NextDouble();
      }
    }
    ModelBuilder builder;
    switch (below(3)) {
      case 0:
        Add(builder, finest, persons, all);
        break;
      case 1:
        Add(builder, finest, persons, {all[0], all[1]});
        break;
      default:
        Add(builder, finest, persons, {all[0], all[1]});
        Add(builder, finest, persons, {all[0], all[2]});
    }
    model = builder.Take();
    for (CellIndex i = 0; i < model.cells(); ++i) {
      Cell& cell = model.cell(i);
      if (cell.value < 1 || cell.value > threshold) continue;
      cell.showing = Showing::kHidden;
      const auto finest_behind =
          std::count_if(vectors[i].begin(), vectors[i].end(), [](double f) { return f != 0; });
      cell.single = finest_behind == 1 && cell.value == 1;
    }
  }

 private:
  template <typename Below>
  static std::unique_ptr<Dimension> RandomDimension(const char* name, Below below) {
    auto dimension = std::make_unique<Dimension>(name);
    const auto leaves = static_cast<NodeIndex>(2 + below(4));
    std::vector<NodeIndex> first, second, every;
    for (NodeIndex leaf = 0; leaf < leaves; ++leaf) {
      dimension->AddLeaf(std::to_string(leaf));
      (leaf < leaves / 2 ? first : second).push_back(leaf);
      every.push_back(leaf);
    }
    if (below(2) == 0 || leaves < 4) {
      dimension->AddSum("all", every);
      return dimension;
    }
    std::vector<NodeIndex> groups{dimension->AddSum("first", first), dimension->AddSum("second", second)};
    // Another way to part the same leaves, as municipalities of another year.
    const NodeIndex edge = dimension->AddSum("edge", {0, static_cast<NodeIndex>(leaves - 1)});
    std::vector<NodeIndex> others{edge};
    for (NodeIndex leaf = 1; leaf + 1 < leaves; ++leaf) others.push_back(leaf);
    dimension->AddDecomposition(dimension->AddSum("all", groups), others);
    return dimension;
  }

  void Add(ModelBuilder& builder, const Table& finest, const std::vector<int64_t>& persons,
           const std::vector<const Dimension*>& chosen) {
    const Table table(chosen);
    std::vector<int64_t> counts(table.cells());
    std::vector<std::vector<double>> over(table.cells(), std::vector<double>(persons.size()));
    for (size_t at = 0; at < persons.size(); ++at) {
      const auto nodes = finest.NodesOf(at);
      bool leaf = true;
      for (size_t d = 0; d < nodes.size(); ++d) leaf = leaf && nodes[d] < dimensions[d]->leaves();
      if (!leaf) continue;
      for (size_t cell = 0; cell < table.cells(); ++cell) {
        const auto of = table.NodesOf(cell);
        bool inside = true, same = true;
        for (size_t c = 0; c < chosen.size(); ++c) {
          const size_t d = chosen[c] == dimensions[0].get() ? 0 : chosen[c] == dimensions[1].get() ? 1 : 2;
          const auto& leaves = chosen[c]->leaves_of(of[c]);
          inside = inside && std::count(leaves.begin(), leaves.end(), nodes[d]) > 0;
          same = same && of[c] == nodes[d];
        }
        if (inside) over[cell][at] = 1;
        if (same) counts[cell] += persons[at];
      }
    }
    const auto cells = builder.AddTable("persons", table, counts);
    for (size_t at = 0; at < cells->size(); ++at) {
      if (vectors.size() <= (*cells)[at]) vectors.resize((*cells)[at] + 1);
      vectors[(*cells)[at]] = over[at];
    }
  }
};

// A space of vectors, by an orthonormal basis.
class NaiveSpace {
 public:
  bool Contains(const std::vector<double>& vector) const { return Length(Rest(vector)) < 1e-7; }
  void Add(const std::vector<double>& vector) {
    std::vector<double> rest = Rest(Rest(vector));
    const double length = Length(rest);
    if (length < 1e-7) return;
    for (double& x : rest) x /= length;
    basis_.push_back(std::move(rest));
  }

 private:
  static double Length(const std::vector<double>& vector) {
    double sum = 0;
    for (const double x : vector) sum += x * x;
    return std::sqrt(sum);
  }
  std::vector<double> Rest(std::vector<double> vector) const {
    for (const auto& base : basis_) {
      double product = 0;
      for (size_t i = 0; i < base.size(); ++i) product += base[i] * vector[i];
      for (size_t i = 0; i < base.size(); ++i) vector[i] -= product * base[i];
    }
    return vector;
  }
  std::vector<std::vector<double>> basis_;
};

}  // namespace kpr::disclosure

// Suppression and attack on a national table: municipalities in counties, services, ages, and all their sums.
//   disclosure_bench [municipalities services ages threshold [singles [FILE]]]
// 357 20 6 4 0: hides counts of 1 to 4 without regard to who is alone in a cell. FILE gets the counts as CSV,
// to give them to another program.
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "indicators/disclosure/field.h"
#include "indicators/disclosure/protection.h"
#include "indicators/disclosure/table.h"

namespace {

using namespace kpr::disclosure;  // NOLINT

double Seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) + static_cast<double>(usage.ru_utime.tv_usec) / 1e6;
}

Dimension Places(uint32_t municipalities, uint32_t counties) {
  Dimension places("place");
  for (uint32_t m = 0; m < municipalities; ++m) places.AddLeaf("m" + std::to_string(m));
  std::vector<NodeIndex> sums;
  for (uint32_t c = 0; c < counties; ++c) {
    std::vector<NodeIndex> parts;
    for (uint32_t m = c * municipalities / counties; m < (c + 1) * municipalities / counties; ++m)
      parts.push_back(m);
    sums.push_back(places.AddSum("c" + std::to_string(c), parts));
  }
  places.AddSum("country", sums);
  return places;
}

Dimension Flat(const std::string& name, uint32_t leaves) {
  Dimension dimension(name);
  std::vector<NodeIndex> parts;
  for (uint32_t i = 0; i < leaves; ++i) parts.push_back(dimension.AddLeaf(name + std::to_string(i)));
  dimension.AddSum("all", parts);
  return dimension;
}

// Small and large places, rare and common services, as in the real register.
std::vector<int64_t> Counts(const Table& table, Random& random) {
  std::vector<std::vector<double>> weights;
  for (size_t d = 0; d < 3; ++d) {
    weights.emplace_back();
    for (uint32_t leaf = 0; leaf < table.dimensions()[d]->leaves(); ++leaf) {
      weights[d].push_back(std::exp(
          (d == 0 ? 1.0 : 0.7) *
          (random.NextDouble() + random.NextDouble() + random.NextDouble() + random.NextDouble() - 2) * 1.7));
    }
  }
  std::vector<int64_t> counts(table.cells());
  for (size_t at = 0; at < counts.size(); ++at) {
    const auto nodes = table.NodesOf(at);
    double expected = 7;
    bool leaf = true;
    for (size_t d = 0; d < 3 && leaf; ++d) {
      leaf = nodes[d] < table.dimensions()[d]->leaves();
      if (leaf) expected *= weights[d][nodes[d]];
    }
    if (!leaf) continue;
    // Poisson by counting; normal where that is long.
    if (expected > 60) {
      counts[at] = std::llround(expected);
      continue;
    }
    double product = random.NextDouble();
    while (product > std::exp(-expected)) {
      ++counts[at];
      product *= random.NextDouble();
    }
  }
  return counts;
}

void Write(const char* path, const Table& table, const std::vector<int64_t>& counts) {
  std::FILE* file = std::fopen(path, "w");
  if (file == nullptr) return;
  std::fputs("place,county,service,age,count\n", file);
  const Dimension& places = *table.dimensions()[0];
  for (size_t at = 0; at < counts.size(); ++at) {
    const auto nodes = table.NodesOf(at);
    bool leaf = true;
    for (size_t d = 0; d < 3; ++d) leaf = leaf && nodes[d] < table.dimensions()[d]->leaves();
    if (!leaf) continue;
    auto county = static_cast<NodeIndex>(places.leaves());
    while (!std::binary_search(places.leaves_of(county).begin(), places.leaves_of(county).end(), nodes[0]))
      ++county;
    std::fprintf(file, "%s,%s,%u,%u,%ld\n", places.code(nodes[0]).c_str(), places.code(county).c_str(),
                 nodes[1], nodes[2], static_cast<long>(counts[at]));
  }
  std::fclose(file);
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int i, uint32_t otherwise) {
    return argc > i ? static_cast<uint32_t>(std::strtoul(argv[i], nullptr, 10)) : otherwise;
  };
  const Dimension places = Places(argument(1, 357), 15), services = Flat("service", argument(2, 20)),
                  ages = Flat("age", argument(3, 6));
  const int64_t threshold = argument(4, 4);
  Random random(1);
  const Table table({&places, &services, &ages});
  const std::vector<int64_t> counts = Counts(table, random);
  if (argc > 6) Write(argv[6], table, counts);
  ModelBuilder builder;
  double begin = Seconds();
  const auto cells = builder.AddTable("persons", table, counts);
  if (!cells.ok()) return 1;
  Model model = builder.Take();
  const bool singles = argument(5, 0) != 0;
  for (size_t at = 0; at < cells->size(); ++at) {
    const auto nodes = table.NodesOf(at);
    bool leaf = true;
    for (size_t d = 0; d < 3; ++d) leaf = leaf && nodes[d] < table.dimensions()[d]->leaves();
    if (leaf) model.cell((*cells)[at]).single = model.cell((*cells)[at]).value == 1;
  }
  size_t primary = 0;
  for (CellIndex i = 0; i < model.cells(); ++i) {
    Cell& cell = model.cell(i);
    if (cell.value < 1 || cell.value > threshold) continue;
    cell.showing = Showing::kHidden;
    ++primary;
  }
  std::printf("%zu cells, %zu relations, %zu primary; model %.2f s\n", model.cells(), model.relations(),
              primary, Seconds() - begin);
  begin = Seconds();
  const auto hidden = Suppress(model, {.protect_singles = singles});
  if (!hidden.ok()) return std::fputs(hidden.status().message().c_str(), stderr), 1;
  const double suppressed = Seconds();
  std::printf("suppression %.2f s, %ld hidden\n", suppressed - begin,
              static_cast<long>(std::count(hidden->begin(), hidden->end(), true)));
  const auto attack = Attack(model, *hidden, {});
  if (!attack.ok()) return std::fputs(attack.status().message().c_str(), stderr), 1;
  std::printf("attack %.2f s: %zu programmes, %zu components, %zu exact, %zu narrow\n",
              Seconds() - suppressed, attack->programmes, attack->components.size(), attack->Exact(),
              attack->Narrow());
  begin = Seconds();
  const auto protection = Protect(model, {.suppression = {.protect_singles = singles}});
  if (!protection.ok()) return std::fputs(protection.status().message().c_str(), stderr), 1;
  std::printf("both, with widening %.2f s: %zu primary, %zu secondary, %zu for width\n", Seconds() - begin,
              protection->primary, protection->secondary, protection->widened);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("memory %ld MB\n", usage.ru_maxrss / 1024);
  return 0;
}
